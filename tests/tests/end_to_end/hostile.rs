//! Components that misbehave: each costs its caller one error, and in the end its place.

mod leaving;
mod memory;
mod site;

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, connect, hostile_rules};

use site::{Site, fails};

#[tokio::test]
async fn each_misdeed_costs_one_error_and_is_counted() -> Result<()> {
    let limits = "deadline = '300ms'\nmemory = '64MB'\ndistrust_after = 0";
    let site = Site::serve(&hostile_rules()?, limits)?;
    let (client, other) = (site.client().await?, site.client().await?);
    let misdeeds = [
        "trap", "loop", "eat", "recurse", "nothing", "state", "wide", "pieces", "exit", "random",
        "handles",
    ];
    for misdeed in misdeeds {
        let state = fails(&client, &format!("SELECT 1 -- hostile: {misdeed}")).await?;
        ensure!(state == "XX000", "{misdeed}: {state}");
        // Its session goes on, and so do others.
        for client in [&client, &other] {
            client.simple_query("SELECT 1").await.context(misdeed)?;
        }
    }
    ensure!(site.shown("failures").await? == misdeeds.len().to_string());
    ensure!(site.broker.output().contains("the rules failed"));
    // What it ate is given back.
    ensure!(site.broker.resident_memory()? < 400 * 1024);
    Ok(())
}

#[tokio::test]
async fn one_that_loops_holds_up_nobody_else() -> Result<()> {
    let site = Site::serve(&hostile_rules()?, "deadline = '2s'\ndistrust_after = 0")?;
    let (stuck, other) = (site.client().await?, site.client().await?);
    let looping = tokio::spawn(async move { fails(&stuck, "hostile: loop").await });
    let mut served = 0;
    while !looping.is_finished() {
        other.simple_query("SELECT 1").await?;
        served += 1;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    ensure!(looping.await?? == "XX000");
    ensure!(served > 10, "{served}");
    Ok(())
}

/// What a component learns that tries everything WASI could grant, twice in the same instance.
#[tokio::test]
async fn wasi_grants_nothing() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("pgiris.toml");
    fs::write(&file, "[log]\nlevel = 'debug'\n")?;
    let arguments = [
        "--config".into(),
        file.into(),
        "--rules".into(),
        hostile_rules()?.into(),
    ];
    let broker = Broker::in_environment(arguments, &[("SECRET", "of the broker")])?;
    let client = connect(broker.port(), "USER").await?;
    for number in 0..2 {
        let pry = format!("SELECT {number} -- hostile: pry");
        let messages = client.simple_query(&pry).await?;
        let lines: Vec<_> = messages
            .iter()
            .filter_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
                _ => None,
            })
            .collect();
        let expected = [
            "0 variables",
            "0 arguments",
            "directory None",
            "0 directories",
            "input closed",
            "address: access-denied",
            "socket: access-denied",
            "written true",
            "0 seconds since 1970",
            "86400 seconds passed, 2 ready",
        ];
        ensure!(lines[..expected.len()] == expected, "{lines:?}");
        // SplitMix64 from 0 gives no others, whoever asks and however often.
        ensure!(
            lines[expected.len()..] == ["random f88bb8a8724c81ec [175, 244, 79]"],
            "{lines:?}"
        );
    }
    ensure!(
        broker
            .output()
            .contains("the rules write \"seen by its author\\n\"")
    );
    Ok(())
}

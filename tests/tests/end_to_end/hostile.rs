//! Components that misbehave: each costs its caller one error, and in the end its place.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, DEADLINE, connect, hostile_rules, rules_file};
use tempfile::TempDir;
use tokio::time::timeout;
use tokio_postgres::Client;

/// A broker with rules of its own.
struct Site {
    broker: Broker,
    rules: TempDir,
}

const NAME: &str = "iris-2025.1.wasm";

impl Site {
    /// Under these keys of `[translation]`.
    fn serve(rules: &Path, translation: &str) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        fs::create_dir(directory.path().join("rules"))?;
        fs::copy(rules, directory.path().join("rules").join(NAME))?;
        let file = directory.path().join("pgiris.toml");
        fs::write(&file, format!("[translation]\n{translation}\n"))?;
        let arguments = [
            "--config".into(),
            file.into(),
            "--rules".into(),
            directory.path().join("rules").into(),
        ];
        Ok(Self {
            broker: Broker::with(arguments)?,
            rules: directory,
        })
    }

    /// Puts another file in the place of the rules.
    fn exchange(&self, rules: &Path) -> Result<()> {
        let directory = self.rules.path().join("rules");
        let draft = directory.join("draft");
        fs::copy(rules, &draft)?;
        Ok(fs::rename(&draft, directory.join(NAME))?)
    }

    async fn client(&self) -> Result<Client> {
        connect(self.broker.port(), "USER").await
    }
}

/// The SQLSTATE that a statement fails with.
async fn fails(client: &Client, statement: &str) -> Result<String> {
    let outcome = timeout(DEADLINE, client.simple_query(statement)).await?;
    let error = outcome
        .err()
        .with_context(|| format!("{statement} worked"))?;
    let code = error.code().with_context(|| format!("{error:?}"))?;
    Ok(code.code().to_owned())
}

/// The row of SHOW RULES, column by column.
async fn shown(site: &Site, column: &str) -> Result<String> {
    let console = connect(site.broker.port(), "pgiris").await?;
    let messages = console.simple_query("SHOW RULES").await?;
    let row = messages.iter().find_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let value = row.context("rules are shown")?.try_get(column)?;
    Ok(value.context("a value")?.to_owned())
}

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
    ensure!(shown(&site, "failures").await? == misdeeds.len().to_string());
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

#[tokio::test]
async fn after_failures_on_several_statements_the_rules_before_are_back() -> Result<()> {
    let site = Site::serve(&rules_file("iris-2025.1")?, "distrust_after = 3")?;
    let client = site.client().await?;
    let stock = shown(&site, "digest").await?;
    // What only the stock rules make of it.
    let mark = "SELECT version()";
    client.query_one(mark, &[]).await?;
    site.exchange(&hostile_rules()?)?;
    let published = timeout(DEADLINE, async {
        while shown(&site, "version").await? != "6.6.6" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok::<_, anyhow::Error>(())
    });
    published.await??;
    // The same one again and again says no more than once.
    for _ in 0..5 {
        ensure!(fails(&client, "SELECT 1 -- hostile: trap").await? == "XX000");
    }
    ensure!(shown(&site, "version").await? == "6.6.6");
    for number in 2..4 {
        fails(&client, &format!("SELECT {number} -- hostile: trap")).await?;
    }
    let back = timeout(DEADLINE, async {
        while shown(&site, "digest").await? != stock {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok::<_, anyhow::Error>(())
    });
    back.await??;
    client.query_one(mark, &[]).await?;
    ensure!(site.broker.output().contains("fail too often"));
    // The file is not taken up again by itself, but when it is another one.
    let other = site.rules.path().join("other.wasm");
    let mut bytes = fs::read(hostile_rules()?)?;
    // A custom section without content: another file that does the same.
    bytes.extend_from_slice(&[0, 2, 1, b'x']);
    fs::write(&other, bytes)?;
    site.exchange(&other)?;
    let again = timeout(DEADLINE, async {
        while shown(&site, "version").await? != "6.6.6" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok::<_, anyhow::Error>(())
    });
    again.await?
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

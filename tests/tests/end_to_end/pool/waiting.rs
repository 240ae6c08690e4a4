//! Clients that wait for a connection.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use pgiris::{Config, PoolMode};

use super::site::{Site, run, same, value, watched};
use crate::embedding::embed_with;

#[tokio::test]
async fn who_waits_in_vain_is_told_why_and_goes_on() -> Result<()> {
    let site = Site::serve("mode = 'transaction'\nsize = 1\nwait_timeout = '200ms'")?;
    let (first, second) = (site.client().await?, site.client().await?);
    run(&first, "CREATE TABLE t (a int); BEGIN").await?;
    let error = second.batch_execute("SELECT a FROM t").await;
    let error = error.err().context("an error")?;
    let error = error.as_db_error().context("of the broker")?;
    same(&error.code().code(), &"53300")?;
    same(&error.severity(), &"ERROR")?;
    let detail = error.detail().context("a detail")?;
    ensure!(
        detail.starts_with("Pool postgres@USER: all of its 1 connections are in use"),
        "{detail}"
    );
    let hint = error.hint().context("a hint")?;
    ensure!(hint.contains("pool.size"), "{hint}");
    run(&first, "COMMIT").await?;
    run(&second, "SELECT a FROM t").await
}

#[tokio::test]
async fn first_come_first_served() -> Result<()> {
    const WAITING: usize = 8;
    let broker = watched(PoolMode::Transaction, 1).await?;
    let holder = broker.client().await?;
    run(
        &holder,
        "CREATE TABLE t (id int IDENTITY, a int); BEGIN; INSERT INTO t (a) VALUES (-1)",
    )
    .await?;
    let mut tasks = Vec::new();
    for number in 0..WAITING {
        let client = broker.client().await?;
        tasks.push(tokio::spawn(async move {
            run(&client, &format!("INSERT INTO t (a) VALUES ({number})")).await?;
            Ok::<_, anyhow::Error>(client)
        }));
        broker
            .eventually(|figures| figures.waiting > number)
            .await?;
    }
    run(&holder, "COMMIT").await?;
    let mut clients = Vec::new();
    for task in tasks {
        clients.push(task.await??);
    }
    let rows = holder.query("SELECT a FROM t ORDER BY id", &[]).await?;
    let order: Vec<i32> = rows.iter().map(|row| row.get(0)).collect();
    let wanted: Vec<i32> = (-1..WAITING as i32).collect();
    same(&order, &wanted)?;
    let figures = broker.figures()?;
    ensure!(figures.waits >= WAITING as u64, "{figures:?}");
    ensure!(
        figures.wait_time > Duration::ZERO && figures.connects == 1,
        "{figures:?}"
    );
    broker.end().await
}

#[tokio::test]
async fn who_leaves_the_queue_holds_up_nobody() -> Result<()> {
    let broker = watched(PoolMode::Transaction, 1).await?;
    let (holder, patient) = (broker.client().await?, broker.client().await?);
    run(&holder, "CREATE TABLE t (a int); BEGIN").await?;
    let impatient = broker.client().await?;
    run(&impatient, "SET statement_timeout = '50ms'").await?;
    let waiting = tokio::spawn(async move {
        let outcome = impatient.batch_execute("SELECT a FROM t").await;
        (impatient, outcome)
    });
    broker.eventually(|figures| figures.waiting > 0).await?;
    let behind = tokio::spawn(async move {
        run(&patient, "INSERT INTO t VALUES (1)").await?;
        Ok::<_, anyhow::Error>(patient)
    });
    let (impatient, outcome) = waiting.await?;
    let error = outcome.err().context("an error")?;
    let error = error.as_db_error().context("of the broker")?;
    same(
        &error.message(),
        &"canceling statement due to statement timeout",
    )?;
    run(&holder, "COMMIT").await?;
    let _patient = behind.await??;
    run(&impatient, "RESET statement_timeout").await?;
    same(
        &value(&impatient, "SELECT a FROM t").await?,
        &"1".to_owned(),
    )?;
    broker.end().await
}

#[tokio::test]
async fn the_reserve_is_for_those_who_have_waited() -> Result<()> {
    let mut config = Config::default();
    config.pool.mode = PoolMode::Transaction;
    config.pool.size = 1;
    config.pool.reserve = 1;
    config.pool.reserve_timeout = Duration::from_millis(30);
    let broker = embed_with("2025.1", config).await?;
    let (holder, other) = (broker.client().await?, broker.client().await?);
    run(&holder, "CREATE TABLE t (a int); BEGIN").await?;
    run(&other, "BEGIN; INSERT INTO t VALUES (1); COMMIT").await?;
    let figures = broker.figures()?;
    ensure!(figures.connects == 2 && figures.waits == 1, "{figures:?}");
    run(&holder, "COMMIT").await?;
    broker.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn shutting_down_waits_for_nobody_who_waits() -> Result<()> {
    let mut config = Config::default();
    config.pool.mode = PoolMode::Transaction;
    config.pool.size = 1;
    config.client.drain_timeout = Duration::from_millis(50);
    let broker = embed_with("2025.1", config).await?;
    let (holder, other) = (broker.client().await?, broker.client().await?);
    run(&holder, "CREATE TABLE t (a int); BEGIN").await?;
    let waiting = tokio::spawn(async move {
        // Told to go, or served before it had to, when the holder went.
        let _ = other.batch_execute("SELECT a FROM t").await;
        other
    });
    broker.eventually(|figures| figures.waiting > 0).await?;
    broker.end().await?;
    let other = waiting.await?;
    ensure!(other.batch_execute("SHOW server_encoding").await.is_err());
    Ok(())
}

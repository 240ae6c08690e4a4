//! CancelRequests where connections are shared: each reaches its own session's statement only.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use pgiris::PoolMode;
use tokio_postgres::NoTls;

use super::site::{run, same, sqlstate, value, watched};

/// A query that takes some time, and a table for it.
const TABLE: &str = "CREATE TABLE many (id int PRIMARY KEY)";
const LONG: &str =
    "SELECT count(*) FROM many a CROSS JOIN many b CROSS JOIN many c WHERE a.id + b.id + c.id < 0";

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_can_be_cancelled_and_disturbs_nobody() -> Result<()> {
    let broker = watched(PoolMode::Transaction, 1).await?;
    let (running, waiting) = (broker.client().await?, broker.client().await?);
    fill(&running, 200).await?;
    let cancel = waiting.cancel_token();
    run(&running, "BEGIN").await?;
    let long = tokio::spawn(async move {
        let outcome = value(&running, LONG).await;
        (running, outcome)
    });
    let behind = tokio::spawn(async move {
        let outcome = waiting.batch_execute("SELECT id FROM many").await;
        (waiting, outcome)
    });
    broker.eventually(|figures| figures.waiting > 0).await?;
    cancel.cancel_query(NoTls).await?;
    let (waiting, outcome) = behind.await?;
    same(&sqlstate(outcome)?, &"57014".to_owned())?;
    let (running, outcome) = long.await?;
    same(&outcome?, &"0".to_owned())?;
    run(&running, "COMMIT").await?;
    run(&waiting, "SELECT id FROM many WHERE id = 1").await?;
    broker.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_does_not_follow_the_connection_to_the_next_session() -> Result<()> {
    let broker = watched(PoolMode::Transaction, 1).await?;
    let (before, after) = (broker.client().await?, broker.client().await?);
    fill(&before, 200).await?;
    run(&before, "SELECT id FROM many WHERE id = 1").await?;
    let (stale, own) = (before.cancel_token(), after.cancel_token());
    run(&after, "BEGIN").await?;
    let long = tokio::spawn(async move {
        let outcome = after.batch_execute(LONG).await;
        (after, outcome)
    });
    while !long.is_finished() {
        stale.cancel_query(NoTls).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (after, outcome) = long.await?;
    outcome?;
    // The same connection, and the right key.
    let long = tokio::spawn(async move {
        let outcome = after.batch_execute(LONG).await;
        (after, outcome)
    });
    while !long.is_finished() {
        own.cancel_query(NoTls).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (after, outcome) = long.await?;
    same(&sqlstate(outcome)?, &"57014".to_owned())?;
    run(&after, "ROLLBACK; SELECT id FROM many WHERE id = 1").await?;
    ensure!(broker.figures()?.connects == 1);
    broker.end().await
}

async fn fill(client: &tokio_postgres::Client, rows: i32) -> Result<()> {
    run(client, TABLE).await?;
    let rows: Vec<String> = (1..=rows).map(|id| format!("({id})")).collect();
    let insert = format!("INSERT INTO many VALUES {}", rows.join(", "));
    run(client, &insert).await.context("the rows")
}

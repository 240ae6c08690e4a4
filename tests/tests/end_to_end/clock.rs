//! PostgreSQL's clocks: which stand still, and for how long.

use std::time::{Duration, SystemTime};

use anyhow::{Result, ensure};
use pgiris_tests::{Broker, connect, rules_directory};
use tokio_postgres::Client;

const CLOCKS: &str = "SELECT now(), statement_timestamp(), clock_timestamp()";

/// What the clocks show.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Shown {
    transaction: SystemTime,
    statement: SystemTime,
    moving: SystemTime,
}

async fn clocks(client: &Client) -> Result<Shown> {
    let row = client.query_one(CLOCKS, &[]).await?;
    Ok(Shown {
        transaction: row.get(0),
        statement: row.get(1),
        moving: row.get(2),
    })
}

fn broker() -> Result<Broker> {
    Broker::with([
        "--upstream".into(),
        "sandbox:".into(),
        "--rules".into(),
        rules_directory()?.into(),
    ])
}

#[tokio::test]
async fn a_transaction_has_one_now() -> Result<()> {
    let broker = broker()?;
    let client = connect(broker.port(), "USER").await?;
    let before = clocks(&client).await?;
    let again = clocks(&client).await?;
    ensure!(before.transaction < again.transaction, "outside of a block");

    client.batch_execute("BEGIN").await?;
    let first = clocks(&client).await?;
    let second = clocks(&client).await?;
    ensure!(first.transaction > again.transaction, "{first:?}");
    ensure!(first.transaction == second.transaction, "{second:?}");
    ensure!(first.statement > first.transaction, "{first:?}");
    ensure!(second.statement > first.statement, "{second:?}");
    ensure!(second.moving >= second.statement, "{second:?}");

    client.batch_execute("COMMIT AND CHAIN").await?;
    let chained = clocks(&client).await?;
    ensure!(chained.transaction > second.statement, "{chained:?}");
    client.batch_execute("ROLLBACK").await?;
    let after = clocks(&client).await?;
    ensure!(after.transaction > chained.statement, "{after:?}");
    let age = SystemTime::now().duration_since(after.transaction)?;
    ensure!(age < Duration::from_secs(60), "{age:?} ago");
    Ok(())
}

#[tokio::test]
async fn rows_of_one_transaction_have_one_moment() -> Result<()> {
    let broker = broker()?;
    let client = connect(broker.port(), "USER").await?;
    client
        .batch_execute("CREATE TABLE log (id int, at timestamptz)")
        .await?;
    let insert = client
        .prepare("INSERT INTO log (id, at) VALUES ($1, now())")
        .await?;
    client.batch_execute("BEGIN").await?;
    for id in 0..3 {
        client.execute(&insert, &[&id]).await?;
    }
    client.batch_execute("COMMIT").await?;
    client.execute(&insert, &[&3]).await?;
    let row = client
        .query_one("SELECT count(DISTINCT at) FROM log", &[])
        .await?;
    let moments: i64 = row.get(0);
    ensure!(moments == 2, "{moments}");
    Ok(())
}

#[tokio::test]
async fn what_is_no_part_of_a_transaction_is_refused_in_one() -> Result<()> {
    let broker = broker()?;
    let client = connect(broker.port(), "USER").await?;
    client.batch_execute("CREATE TABLE t (a int)").await?;
    for command in [
        "VACUUM",
        "VACUUM t",
        "CREATE INDEX CONCURRENTLY i ON t (a)",
        "DROP INDEX CONCURRENTLY IF EXISTS j",
        "REINDEX TABLE CONCURRENTLY t",
        "CLUSTER",
        "DISCARD ALL",
    ] {
        client.batch_execute("BEGIN").await?;
        let refused = client.batch_execute(command).await;
        let code = refused.err().and_then(|error| error.code().cloned());
        let code = code.map_or(String::new(), |code| code.code().to_owned());
        ensure!(code == "25001", "{command}: {code}");
        client.batch_execute("ROLLBACK").await?;
        client.batch_execute(command).await?;
    }
    Ok(())
}

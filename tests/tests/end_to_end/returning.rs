//! RETURNING while others write: each session is told of its own rows.

use std::collections::HashSet;

use anyhow::{Result, ensure};
use pgiris_tests::{Broker, connect, rules_directory};
use tokio_postgres::Client;

/// Statements of each writer.
const ROUNDS: i32 = 25;

fn broker() -> Result<Broker> {
    Broker::with([
        "--upstream".into(),
        "sandbox:?iris=2025.1".into(),
        "--rules".into(),
        rules_directory()?.into(),
    ])
}

/// What one writer was told: the keys of its rows, and the counter as it left it.
async fn write(client: &Client, writer: i32) -> Result<(Vec<i32>, Vec<i32>)> {
    let (mut keys, mut counts) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let rows = client
            .query(
                "INSERT INTO items (writer) VALUES ($1), ($1) RETURNING id, writer",
                &[&writer],
            )
            .await?;
        ensure!(rows.len() == 2, "{rows:?}");
        for row in rows {
            ensure!(row.get::<_, i32>(1) == writer, "another's row: {row:?}");
            keys.push(row.get(0));
        }
        let row = client
            .query_one("UPDATE counter SET n = n + 1 WHERE k = 1 RETURNING n", &[])
            .await?;
        counts.push(row.get(0));
    }
    Ok((keys, counts))
}

#[tokio::test]
async fn two_writers_are_each_told_of_their_own_rows() -> Result<()> {
    let broker = broker()?;
    let first = connect(broker.port(), "USER").await?;
    let second = connect(broker.port(), "USER").await?;
    for statement in [
        "CREATE TABLE items (id serial PRIMARY KEY, writer int)",
        "CREATE TABLE counter (k int PRIMARY KEY, n int)",
        "INSERT INTO counter (k, n) VALUES (1, 0)",
    ] {
        first.batch_execute(statement).await?;
    }
    let (one, two) = tokio::join!(write(&first, 1), write(&second, 2));
    let ((keys, counts), (more_keys, more_counts)) = (one?, two?);
    let keys: HashSet<i32> = keys.into_iter().chain(more_keys).collect();
    ensure!(keys.len() == 4 * ROUNDS as usize, "{keys:?}");
    let counts: HashSet<i32> = counts.into_iter().chain(more_counts).collect();
    ensure!(counts == (1..=2 * ROUNDS).collect(), "{counts:?}");
    Ok(())
}

#[tokio::test]
async fn two_writers_do_not_delete_a_row_twice() -> Result<()> {
    let broker = broker()?;
    let first = connect(broker.port(), "USER").await?;
    let second = connect(broker.port(), "USER").await?;
    first
        .batch_execute("CREATE TABLE jobs (id int PRIMARY KEY, note varchar(10))")
        .await?;
    for id in 0..ROUNDS {
        first
            .execute("INSERT INTO jobs (id, note) VALUES ($1, 'x')", &[&id])
            .await?;
    }
    let delete = "DELETE FROM jobs WHERE note = 'x' RETURNING id";
    let (one, two) = tokio::join!(first.query(delete, &[]), second.query(delete, &[]));
    let (one, two) = (one?, two?);
    let ids: HashSet<i32> = one.iter().chain(&two).map(|row| row.get(0)).collect();
    ensure!(one.len() + two.len() == ROUNDS as usize, "{one:?} {two:?}");
    ensure!(ids == (0..ROUNDS).collect(), "{ids:?}");
    Ok(())
}

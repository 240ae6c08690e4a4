//! Columns of `timestamp with time zone`: what clients are told of them, and the moments in them.

use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, connect, rules_directory};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, SimpleQueryMessage};

fn broker() -> Result<Broker> {
    Broker::with([
        "--upstream".into(),
        "sandbox:".into(),
        "--rules".into(),
        rules_directory()?.into(),
    ])
}

/// The first value of the first row, as a client that asks for text sees it.
async fn text(client: &Client, query: &str) -> Result<String> {
    let messages = client.simple_query(query).await?;
    let row = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let value = row.and_then(|row| row.get(0));
    Ok(value.context("no value")?.to_owned())
}

#[tokio::test]
async fn parameters_and_columns_have_the_type_that_the_column_was_made_with() -> Result<()> {
    let broker = broker()?;
    let client = connect(broker.port(), "USER").await?;
    client
        .batch_execute("CREATE TABLE z (id int PRIMARY KEY, at timestamptz, plain timestamp)")
        .await?;
    let insert = client
        .prepare("INSERT INTO z (id, at) VALUES ($1, $2)")
        .await?;
    ensure!(
        insert.params() == [Type::INT4, Type::TIMESTAMPTZ],
        "{:?}",
        insert.params()
    );
    let moment = SystemTime::UNIX_EPOCH + Duration::new(1_704_103_200, 250_000_000);
    client.execute(&insert, &[&1, &moment]).await?;
    let read = client.prepare("SELECT at, plain FROM z").await?;
    let types: Vec<&Type> = read.columns().iter().map(|column| column.type_()).collect();
    ensure!(types == [&Type::TIMESTAMPTZ, &Type::TIMESTAMP], "{types:?}");
    let found = client
        .query_one("SELECT at FROM z WHERE at = $1", &[&moment])
        .await?;
    ensure!(found.get::<_, SystemTime>(0) == moment);
    Ok(())
}

#[tokio::test]
async fn a_moment_is_shown_and_read_in_the_zone_of_the_session() -> Result<()> {
    let broker = broker()?;
    let client = connect(broker.port(), "USER").await?;
    client
        .batch_execute("CREATE TABLE z (id int PRIMARY KEY, at timestamptz)")
        .await?;
    client
        .batch_execute("INSERT INTO z VALUES (1, '2024-07-01 12:00+00')")
        .await?;
    ensure!(text(&client, "SELECT at FROM z").await? == "2024-07-01 12:00:00+00");
    client
        .batch_execute("SET TimeZone TO 'America/New_York'")
        .await?;
    ensure!(text(&client, "SELECT at FROM z").await? == "2024-07-01 08:00:00-04");
    client
        .batch_execute("UPDATE z SET at = '2024-12-01 00:30' WHERE at = '2024-07-01 08:00'")
        .await?;
    ensure!(text(&client, "SELECT at FROM z").await? == "2024-12-01 00:30:00-05");
    client.batch_execute("RESET TimeZone").await?;
    ensure!(text(&client, "SELECT at FROM z").await? == "2024-12-01 05:30:00+00");
    Ok(())
}

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

/// Around changes of clocks, from then on and in another year; the rows are PostgreSQL's.
const MOMENTS: &str = "INSERT INTO m VALUES (1, '2024-03-30 23:30+00', '2024-03-30 23:30'), \
    (2, '2024-03-31 00:59:59+00', '2024-03-31 00:59:59'), \
    (3, '2024-03-31 01:00+00', '2024-03-31 02:30'), (4, '2024-10-27 00:30+00', '2024-10-27 02:30'), \
    (5, '2024-10-27 01:30+00', '2024-10-27 03:30'), (6, '1945-05-24 00:30+00', '1945-05-24 02:30'), \
    (7, '2099-12-31 22:59:59+00', '2099-12-31 22:59:59'), (8, NULL, NULL)";

const IN_BERLIN: &str = "\
1|2024-03-31 00:30:00|2024-03-31 00:00:00+01|2024-04-01 00:30:00+02|0|2024-03-30 22:30:00
2|2024-03-31 01:59:59|2024-03-31 00:00:00+01|2024-04-01 01:59:59+02|1|2024-03-30 23:59:59
3|2024-03-31 03:00:00|2024-03-31 00:00:00+01|2024-04-01 03:00:00+02|3|2024-03-31 01:30:00
4|2024-10-27 02:30:00|2024-10-27 00:00:00+02|2024-10-28 02:30:00+01|2|2024-10-27 01:30:00
5|2024-10-27 02:30:00|2024-10-27 00:00:00+02|2024-10-28 02:30:00+01|2|2024-10-27 02:30:00
6|1945-05-24 03:30:00|1945-05-24 00:00:00+02|1945-05-25 03:30:00+03|3|1945-05-24 00:30:00
7|2099-12-31 23:59:59|2099-12-31 00:00:00+01|2100-01-01 23:59:59+01|23|2099-12-31 21:59:59
8|||||
";

const ON_LORD_HOWE: &str = "\
1|2024-03-31 10:30:00|2024-03-01 00:00:00+11|2024-02-28 10:30:00+11|2024-03-31
2|2024-03-31 11:59:59|2024-03-01 00:00:00+11|2024-02-28 11:59:59+11|2024-03-31
3|2024-03-31 12:00:00|2024-03-01 00:00:00+11|2024-02-28 12:00:00+11|2024-03-31
4|2024-10-27 11:30:00|2024-10-01 00:00:00+10:30|2024-09-26 11:30:00+10:30|2024-10-27
5|2024-10-27 12:30:00|2024-10-01 00:00:00+10:30|2024-09-26 12:30:00+10:30|2024-10-27
6|1945-05-24 10:30:00|1945-05-01 00:00:00+10|1945-04-23 10:30:00+10|1945-05-24
7|2100-01-01 09:59:59|2100-01-01 00:00:00+11|2099-11-30 09:59:59+11|2100-01-01
8||||
";

/// All rows as `psql -A -t` prints them.
async fn rows(client: &Client, query: &str) -> Result<String> {
    let messages = client.simple_query(query).await?;
    let rows = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let shown = rows.map(|row| {
        let values = (0..row.len()).map(|index| row.get(index).unwrap_or_default());
        values.collect::<Vec<_>>().join("|") + "\n"
    });
    Ok(shown.collect())
}

#[tokio::test]
async fn clocks_that_are_changed_are_read_as_postgresql_reads_them() -> Result<()> {
    let broker = broker()?;
    let client = connect(broker.port(), "USER").await?;
    client
        .batch_execute("CREATE TABLE m (id int PRIMARY KEY, z timestamptz, p timestamp)")
        .await?;
    client.batch_execute(MOMENTS).await?;
    client
        .batch_execute("SET TimeZone TO 'Europe/Berlin'")
        .await?;
    let found = rows(
        &client,
        "SELECT id, z::timestamp, date_trunc('day', z), z + interval '1 day', extract(hour FROM z), \
         p::timestamptz AT TIME ZONE 'UTC' FROM m ORDER BY id",
    )
    .await?;
    ensure!(found == IN_BERLIN, "{found}");
    client
        .batch_execute("SET TimeZone TO 'Australia/Lord_Howe'")
        .await?;
    let found = rows(
        &client,
        "SELECT id, z::timestamp, date_trunc('month', z), z - interval '1 mon 1 day', z::date \
         FROM m ORDER BY id",
    )
    .await?;
    ensure!(found == ON_LORD_HOWE, "{found}");
    Ok(())
}

#[tokio::test]
async fn moments_behind_the_offsets_that_are_known_are_refused() -> Result<()> {
    let broker = broker()?;
    let client = connect(broker.port(), "USER").await?;
    client
        .batch_execute("CREATE TABLE m (z timestamptz)")
        .await?;
    client
        .batch_execute("INSERT INTO m VALUES ('2100-01-01 00:00+00')")
        .await?;
    let refused = client
        .simple_query("SELECT z AT TIME ZONE 'Europe/Berlin' FROM m")
        .await;
    let error = refused.err().context("it is not refused")?;
    let state = error.code().map(|code| code.code().to_owned());
    ensure!(state.as_deref() == Some("0A000"), "{error:?}");
    // Clocks that nobody changes go on.
    let shown = text(&client, "SELECT z AT TIME ZONE 'Asia/Tokyo' FROM m").await?;
    ensure!(shown == "2100-01-01 09:00:00", "{shown}");
    Ok(())
}

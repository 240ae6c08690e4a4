//! Values of every type go in and come back, in text and in binary, as PostgreSQL itself has them.
//!
//! The oracle is a real PostgreSQL with the same table: types, formats and bytes must agree.

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, Postgres, Raw, connect};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, SimpleQueryMessage};

const TABLE: &str = "CREATE TABLE every_type (id int PRIMARY KEY, big bigint, name text, flag boolean, \
     price numeric(12,4), factor double precision, day date, moment timestamp)";
const COLUMNS: &str = "id, big, name, flag, price, factor, day, moment";

/// A row of the table: each value as a client sends it, of the type that the client declares.
type Row = Vec<(Type, Option<Box<dyn ToSql + Sync>>)>;

#[tokio::test]
async fn binary_values_come_back_unchanged() -> Result<()> {
    let broker = Broker::start()?;
    let client = filled(broker.port(), "USER").await?;
    for row in rows() {
        let statement = format!("SELECT {COLUMNS} FROM every_type WHERE id = $1");
        let id = row[0].1.as_deref().context("every row has an id")?;
        let came = client.query_one(&statement, &[id]).await?;
        for (index, (column, (declared, sent))) in came.columns().iter().zip(&row).enumerate() {
            ensure!(
                column.type_() == declared,
                "{} is {}",
                column.name(),
                column.type_()
            );
            let got: Option<Raw> = came.try_get(index)?;
            let sent = sent
                .as_deref()
                .map(|value| encoded(value, declared))
                .transpose()?;
            ensure!(
                got.as_ref().map(|raw| &raw.0) == sent.as_ref(),
                "{}: {got:?}",
                column.name()
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn values_are_those_of_postgres() -> Result<()> {
    let broker = Broker::start()?;
    let postgres = Postgres::start()?;
    let ours = filled(broker.port(), "USER").await?;
    let theirs = filled(postgres.port(), "postgres").await?;
    let statement = format!("SELECT {COLUMNS} FROM every_type ORDER BY id");
    ensure!(text(&ours, &statement).await? == text(&theirs, &statement).await?);
    ensure!(binary(&ours, &statement).await? == binary(&theirs, &statement).await?);
    Ok(())
}

#[tokio::test]
async fn parameters_may_be_compared_with_columns_of_every_type() -> Result<()> {
    let broker = Broker::start()?;
    let client = filled(broker.port(), "USER").await?;
    let row = rows().swap_remove(1);
    for (name, (declared, value)) in COLUMNS.split(", ").zip(&row) {
        let statement = format!("SELECT id FROM every_type WHERE {name} = $1");
        // The type is the server's to infer, from the column.
        let prepared = client
            .prepare(&statement)
            .await
            .with_context(|| name.to_owned())?;
        ensure!(
            prepared.params() == [declared.clone()],
            "{name}: {:?}",
            prepared.params()
        );
        let value = value.as_deref().context("the second row has no NULL")?;
        let found = client
            .query(&prepared, &[value])
            .await
            .with_context(|| name.to_owned())?;
        ensure!(
            found.iter().any(|row| row.get::<_, i32>(0) == 2),
            "{name} finds nothing"
        );
    }
    Ok(())
}

/// A client of a server that has the table, filled through binary parameters.
async fn filled(port: u16, database: &str) -> Result<Client> {
    let client = connect(port, database).await?;
    client.batch_execute(TABLE).await?;
    let insert = format!("INSERT INTO every_type ({COLUMNS}) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)");
    let types: Vec<Type> = rows()[0]
        .iter()
        .map(|(declared, _)| declared.clone())
        .collect();
    let insert = client.prepare_typed(&insert, &types).await?;
    for row in rows() {
        let null = None::<Raw>;
        let values = row.iter().map(|(_, value)| match value {
            Some(value) => &**value,
            None => &null as &(dyn ToSql + Sync),
        });
        ensure!(client.execute(&insert, &values.collect::<Vec<_>>()).await? == 1);
    }
    Ok(client)
}

fn rows() -> Vec<Row> {
    vec![
        row(
            1,
            i64::MAX,
            "Grüße, 世界",
            true,
            numeric(&[1234, 5678, 1234], 1),
            0.1,
            8825,
            762_525_296_000_000,
        ),
        row(
            2,
            -1,
            "it's",
            false,
            numeric(&[1, 5000], 0),
            -1.5e-300,
            -1,
            -1_000_000,
        ),
        row(
            3,
            i64::MIN,
            "",
            true,
            numeric(&[1], -1),
            f64::MAX,
            0,
            123_456,
        ),
        std::iter::once((Type::INT4, Some(Box::new(4) as Box<dyn ToSql + Sync>)))
            .chain(
                row(0, 0, "", false, Raw(Vec::new()), 0.0, 0, 0)
                    .into_iter()
                    .skip(1)
                    .map(|(declared, _)| (declared, None)),
            )
            .collect(),
    ]
}

/// Days and microseconds count from 2000-01-01.
#[allow(
    clippy::too_many_arguments,
    reason = "the columns of the table, in order"
)]
fn row(
    id: i32,
    big: i64,
    name: &str,
    flag: bool,
    price: Raw,
    factor: f64,
    day: i32,
    moment: i64,
) -> Row {
    fn some(value: impl ToSql + Sync + 'static) -> Option<Box<dyn ToSql + Sync>> {
        Some(Box::new(value))
    }
    vec![
        (Type::INT4, some(id)),
        (Type::INT8, some(big)),
        (Type::TEXT, some(name.to_owned())),
        (Type::BOOL, some(flag)),
        (Type::NUMERIC, some(price)),
        (Type::FLOAT8, some(factor)),
        (Type::DATE, some(Raw(day.to_be_bytes().to_vec()))),
        (Type::TIMESTAMP, some(Raw(moment.to_be_bytes().to_vec()))),
    ]
}

/// A positive NUMERIC with four digits behind the point: its digits in base 10,000, and the power of
/// 10,000 of the first.
fn numeric(digits: &[i16], weight: i16) -> Raw {
    let count = i16::try_from(digits.len()).unwrap_or_default();
    let words = [count, weight, 0, 4]
        .into_iter()
        .chain(digits.iter().copied());
    Raw(words.flat_map(i16::to_be_bytes).collect())
}

fn encoded(value: &(dyn ToSql + Sync), declared: &Type) -> Result<Vec<u8>> {
    let mut bytes = bytes::BytesMut::new();
    value
        .to_sql_checked(declared, &mut bytes)
        .map_err(|error| anyhow::anyhow!(error))?;
    Ok(bytes.to_vec())
}

/// The rows as the simple protocol gives them.
async fn text(client: &Client, statement: &str) -> Result<Vec<Vec<Option<String>>>> {
    let messages = client.simple_query(statement).await?;
    let rows = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    Ok(rows
        .map(|row| {
            (0..row.len())
                .map(|index| row.get(index).map(str::to_owned))
                .collect()
        })
        .collect())
}

/// The rows as the extended protocol gives them, with the type of each value.
async fn binary(client: &Client, statement: &str) -> Result<Vec<Vec<(u32, Option<Raw>)>>> {
    let rows = client.query(statement, &[]).await?;
    let values = rows.iter().map(|row| {
        let columns = row.columns().iter().enumerate();
        columns
            .map(|(index, column)| Ok((column.type_().oid(), row.try_get(index)?)))
            .collect()
    });
    values.collect()
}

//! The fields of errors that clients read: the same as a real PostgreSQL's.

use std::pin::pin;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use futures_util::SinkExt;
use pgiris_tests::{Broker, Postgres, connect};
use tokio_postgres::Client;
use tokio_postgres::error::ErrorPosition;

const TABLES: &str = "CREATE TABLE parents (id int PRIMARY KEY, name varchar(5) NOT NULL, \
                      code int CONSTRAINT one_code UNIQUE); \
                      CREATE TABLE children (id int PRIMARY KEY, parent int REFERENCES parents (id), \
                      a int, b varchar(20), CONSTRAINT two_columns UNIQUE (a, b)); \
                      INSERT INTO parents VALUES (1, 'a', 1), (2, 'b', 2); \
                      INSERT INTO children VALUES (1, 1, 1, 'x, y=1')";

/// Whether the detail is compared.
#[derive(Clone, Copy, PartialEq)]
enum Detail {
    Same,
    /// IRIS tells neither the row that failed nor the key of a reference.
    Unknown,
}

const STATEMENTS: &[(&str, Detail)] = &[
    ("INSERT INTO parents VALUES (1, 'c', 3)", Detail::Same),
    ("INSERT INTO parents VALUES (3, 'c', 2)", Detail::Same),
    (
        "INSERT INTO parents VALUES (3, 'c', 2) RETURNING id",
        Detail::Same,
    ),
    ("UPDATE parents SET id = 2 WHERE name = 'a'", Detail::Same),
    (
        "INSERT INTO children VALUES (2, 1, 1, 'x, y=1')",
        Detail::Same,
    ),
    ("INSERT INTO parents (id) VALUES (9)", Detail::Unknown),
    (
        "UPDATE parents SET name = NULL WHERE id = 1",
        Detail::Unknown,
    ),
    ("INSERT INTO parents VALUES (9, 'toolong', 9)", Detail::Same),
    ("UPDATE parents SET name = 'toolong'", Detail::Same),
    (
        "INSERT INTO parents VALUES (99999999999, 'c', 9)",
        Detail::Same,
    ),
    (
        "INSERT INTO parents VALUES ('99999999999', 'c', 9)",
        Detail::Same,
    ),
    ("INSERT INTO parents VALUES ('x', 'c', 9)", Detail::Same),
    (
        "INSERT INTO children VALUES (5, 77, 5, 'e')",
        Detail::Unknown,
    ),
    ("DELETE FROM parents WHERE id = 1", Detail::Unknown),
    (
        "ALTER TABLE parents ADD COLUMN k int NOT NULL",
        Detail::Same,
    ),
];

/// Field by field, as text.
async fn fields(port: u16, database: &str) -> Result<Vec<String>> {
    let client = connect(port, database).await?;
    client.batch_execute(TABLES).await?;
    let mut told = Vec::new();
    for (statement, compared) in STATEMENTS {
        let simple = client.simple_query(statement).await.map(|_| ());
        let extended = client.query(*statement, &[]).await.map(|_| ());
        for (protocol, outcome) in [("simple", simple), ("extended", extended)] {
            let failed = outcome.err();
            let failed = failed.with_context(|| format!("{statement} succeeds"))?;
            told.push(format!(
                "{protocol}: {statement}\n  {}",
                shown(&failed, *compared)?
            ));
        }
    }
    told.push(format!(
        "COPY: {}",
        shown(&refused_row(&client).await?, Detail::Unknown)?
    ));
    Ok(told)
}

/// What a COPY says of a row without a value that its table demands.
async fn refused_row(client: &Client) -> Result<tokio_postgres::Error> {
    let sink = client
        .copy_in::<_, Bytes>("COPY parents (id) FROM STDIN")
        .await?;
    let mut sink = pin!(sink);
    sink.send(Bytes::from_static(b"9\n")).await?;
    let outcome = sink.finish().await;
    outcome.err().context("the row is taken")
}

fn shown(failed: &tokio_postgres::Error, compared: Detail) -> Result<String> {
    let error = failed.as_db_error().with_context(|| failed.to_string())?;
    let position = error.position().map(|position| match position {
        ErrorPosition::Original(place) => *place,
        ErrorPosition::Internal { position, .. } => *position,
    });
    let detail = error.detail().filter(|_| compared == Detail::Same);
    Ok(format!(
        "{} {} | detail {detail:?} | table {:?}.{:?} | column {:?} | constraint {:?} \
         | position {position:?}",
        error.code().code(),
        error.message(),
        error.schema(),
        error.table(),
        error.column(),
        error.constraint(),
    ))
}

#[tokio::test]
async fn errors_tell_what_they_are_about() -> Result<()> {
    let postgres = Postgres::start()?;
    let expected = fields(postgres.port(), "postgres").await?;
    drop(postgres);
    let broker = Broker::start()?;
    let told = fields(broker.port(), "USER").await?;
    let differ: Vec<_> = told.iter().zip(&expected).filter(|(a, b)| a != b).collect();
    ensure!(differ.is_empty(), "{differ:#?}");
    Ok(())
}

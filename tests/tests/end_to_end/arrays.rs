//! Values are looked up in arrays that are parameters as PostgreSQL looks them up.

use anyhow::{Result, ensure};
use pgiris_tests::{Broker, Postgres, connect};
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;

const SETUP: [&str; 4] = [
    "CREATE TABLE looked_up (id int PRIMARY KEY, s text)",
    "INSERT INTO looked_up VALUES (1, 'x')",
    "INSERT INTO looked_up VALUES (2, '')",
    "INSERT INTO looked_up VALUES (3, NULL)",
];

async fn filled(port: u16, database: &str) -> Result<Client> {
    let client = connect(port, database).await?;
    for statement in SETUP {
        client.batch_execute(statement).await?;
    }
    Ok(client)
}

/// The ids, and what the test was for each of them.
async fn answer<T: ToSql + Sync>(
    client: &Client,
    test: &str,
    array: Option<Vec<Option<T>>>,
) -> Result<Vec<(i32, Option<bool>)>> {
    let found = format!("SELECT id FROM looked_up WHERE {test} ORDER BY id");
    let shown = format!("SELECT id, {test} FROM looked_up ORDER BY id");
    let mut answer = Vec::new();
    for row in client.query(&found, &[&array]).await? {
        answer.push((row.get(0), None));
    }
    for row in client.query(&shown, &[&array]).await? {
        answer.push((row.get(0), row.get(1)));
    }
    Ok(answer)
}

#[tokio::test]
async fn arrays_are_searched_as_postgresql_searches_them() -> Result<()> {
    let broker = Broker::start()?;
    let postgres = Postgres::start()?;
    let ours = filled(broker.port(), "USER").await?;
    let theirs = filled(postgres.port(), "postgres").await?;
    let numbers: [Option<Vec<Option<i32>>>; 5] = [
        None,
        Some(vec![]),
        Some(vec![Some(1), Some(3), Some(99)]),
        Some(vec![Some(2), None]),
        Some(vec![None]),
    ];
    for test in [
        "id = ANY($1)",
        "NOT (id = ANY($1))",
        "id <> ALL($1)",
        "NOT (id <> ALL($1::int[]))",
        "id IN (SELECT unnest($1::int[]))",
    ] {
        for array in &numbers {
            let expected = answer(&theirs, test, array.clone()).await?;
            let found = answer(&ours, test, array.clone()).await?;
            ensure!(found == expected, "{test} of {array:?}: {found:?}");
        }
    }
    let texts: [Option<Vec<Option<&str>>>; 6] = [
        None,
        Some(vec![]),
        Some(vec![Some("x"), Some("")]),
        Some(vec![Some("x,y"), Some("\"x\"")]),
        Some(vec![Some("X"), None]),
        Some(vec![Some("NULL")]),
    ];
    for test in ["s = ANY($1)", "s <> ALL($1)", "NOT (s = ANY($1::text[]))"] {
        for array in &texts {
            let expected = answer(&theirs, test, array.clone()).await?;
            let found = answer(&ours, test, array.clone()).await?;
            ensure!(found == expected, "{test} of {array:?}: {found:?}");
        }
    }
    Ok(())
}

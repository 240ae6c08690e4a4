//! The examples of how to embed the library (host/examples): each is started, and a client talks to it.

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, connect, psql, rules_file};
use tokio_postgres::error::SqlState;

#[tokio::test]
async fn a_broker_within_another_program() -> Result<()> {
    let rules = rules_file("iris-2025.1")?;
    let mut embedded = Broker::example("embedded_broker", [rules.into()])?;
    let client = connect(embedded.port(), "USER").await?;
    client
        .batch_execute(
            "CREATE TABLE city (id INT, name VARCHAR(20)); INSERT INTO city VALUES (7, 'Berlin')",
        )
        .await?;
    let row = client
        .query_one("SELECT name FROM city WHERE id = $1::int LIMIT 1", &[&7])
        .await?;
    ensure!(row.get::<_, &str>(0) == "Berlin");
    drop(client);
    embedded.signal("INT")?;
    ensure!(embedded.ended()?.success());
    Ok(())
}

#[tokio::test]
async fn an_upstream_of_ones_own() -> Result<()> {
    let rules = rules_file("iris-2025.1")?;
    let embedded = Broker::example("custom_upstream", [rules.into()])?;
    let mut client = connect(embedded.port(), "USER").await?;
    client
        .batch_execute("CREATE TABLE reading (n INT, celsius NUMERIC(5, 1), at TIMESTAMP)")
        .await?;
    let insert = client
        .prepare("INSERT INTO reading VALUES ($1, 21.5, TIMESTAMP '2024-05-06 07:08:09')")
        .await?;
    for number in 1..=5 {
        ensure!(client.execute(&insert, &[&number]).await? == 1);
    }
    // Several rows in one statement, and what they were given.
    let rows = client
        .query(
            "INSERT INTO reading (n) VALUES (6), (7) RETURNING n, celsius",
            &[],
        )
        .await?;
    ensure!(rows.len() == 2 && rows[1].get::<_, i32>(0) == 7, "{rows:?}");
    // A portal that is read in pieces, within a transaction that is undone.
    let transaction = client.transaction().await?;
    transaction
        .execute("DELETE FROM reading WHERE n > 5", &[])
        .await?;
    let portal = transaction
        .bind("SELECT n, celsius::text FROM reading ORDER BY n DESC", &[])
        .await?;
    let mut seen = Vec::new();
    loop {
        let rows = transaction.query_portal(&portal, 2).await?;
        if rows.is_empty() {
            break;
        }
        ensure!(rows.len() <= 2);
        seen.extend(rows.iter().map(|row| row.get::<_, i32>(0)));
    }
    ensure!(seen == [5, 4, 3, 2, 1], "{seen:?}");
    transaction.rollback().await?;
    let count: i64 = client
        .query_one("SELECT count(*) FROM reading", &[])
        .await?
        .get(0);
    ensure!(count == 7);
    // The rules know its errors by their SQLCODE.
    let error = client.query("SELECT 1 FROM nowhere", &[]).await.err();
    let error = error.context("there is no such table")?;
    ensure!(
        error.code() == Some(&SqlState::UNDEFINED_TABLE),
        "{error:?}"
    );
    Ok(())
}

#[test]
fn a_translator_within_a_proxy() -> Result<()> {
    // In the place of IRIS: it takes IRIS's own SQL, too.
    let behind = Broker::start()?;
    let server = format!("127.0.0.1:{}", behind.port());
    // For a version that has no LIMIT.
    let rules = rules_file("iris-2024.1")?;
    let proxy = Broker::example("translating_proxy", [rules.into(), server.into()])?;
    let script = "CREATE TABLE city (id INT, name VARCHAR(20));\n\
                  INSERT INTO city VALUES (1, 'Rome');\n\
                  INSERT INTO city VALUES (2, 'Oslo');\n\
                  SELECT id::text || name AS \"What\" FROM city ORDER BY id DESC LIMIT 1;\n\
                  SELECT name FROM nowhere;\n\
                  LISTEN x;\n\
                  SELECT name FROM city WHERE id = 1;\n";
    let printed = psql(proxy.port(), "USER", script)?;
    // In a line of its own each: tags, the label and its value, an error of the server, one of the rules, the rest.
    for expected in [
        "INSERT 0 1",
        " What",
        " 2Oslo",
        "ERROR:  42P01",
        "ERROR:  0A000",
        " Rome",
    ] {
        ensure!(
            printed.lines().any(|line| line.starts_with(expected)),
            "{expected}: {printed}"
        );
    }
    Ok(())
}

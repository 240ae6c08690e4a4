//! Plans that depend on the schema: asked for once, kept, and made again when it changes.

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, StatementLog, connect, rules_directory};
use tokio_postgres::{Client, SimpleQueryMessage};

/// A broker whose sandbox writes a log.
fn logged() -> Result<(Broker, StatementLog)> {
    let log = StatementLog::new()?;
    let upstream = log.sandbox("2025.1");
    let broker = Broker::with([
        "--upstream".into(),
        upstream.into(),
        "--rules".into(),
        rules_directory()?.into(),
    ])?;
    Ok((broker, log))
}

async fn with_table(broker: &Broker) -> Result<Client> {
    let client = connect(broker.port(), "USER").await?;
    client
        .batch_execute(
            "CREATE TABLE t (id int PRIMARY KEY, a int); \
             INSERT INTO t (id, a) VALUES (1, 5); INSERT INTO t (id) VALUES (2); INSERT INTO t (id, a) VALUES (3, 4)",
        )
        .await?;
    Ok(client)
}

async fn ids(client: &Client, query: &str) -> Result<Vec<String>> {
    let messages = client.simple_query(query).await?;
    let id = |message: &SimpleQueryMessage| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    };
    Ok(messages.iter().filter_map(id).collect())
}

/// How often the table was asked about.
fn questions(log: &StatementLog) -> Result<usize> {
    let asked = |line: &&String| line.contains("FROM INFORMATION_SCHEMA.COLUMNS");
    Ok(log.statements()?.iter().filter(asked).count())
}

#[tokio::test]
async fn a_table_is_asked_about_once_until_a_definition_goes_through() -> Result<()> {
    let (broker, log) = logged()?;
    let client = with_table(&broker).await?;
    let other = connect(broker.port(), "USER").await?;
    for client in [&client, &other] {
        ensure!(ids(client, "SELECT id FROM t ORDER BY a").await? == ["3", "1", "2"]);
        ensure!(ids(client, "SELECT id FROM t ORDER BY a DESC").await? == ["2", "1", "3"]);
    }
    ensure!(questions(&log)? == 1, "{:?}", log.statements()?);
    other
        .batch_execute("DELETE FROM t WHERE a IS NULL; ALTER TABLE t ALTER COLUMN a NOT NULL")
        .await?;
    ensure!(ids(&client, "SELECT id FROM t ORDER BY a").await? == ["3", "1"]);
    ensure!(questions(&log)? == 2, "{:?}", log.statements()?);
    let last = log.statements()?.pop().context("a statement came")?;
    ensure!(last == "SELECT id FROM t ORDER BY a", "{last}");
    Ok(())
}

#[tokio::test]
async fn a_prepared_statement_is_planned_again_after_a_definition() -> Result<()> {
    let (broker, log) = logged()?;
    let client = with_table(&broker).await?;
    let statement = client
        .prepare("SELECT id FROM t WHERE id < $1 ORDER BY a")
        .await?;
    let run = async || -> Result<Vec<i32>> {
        let rows = client.query(&statement, &[&9_i32]).await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    };
    ensure!(run().await? == [3, 1, 2]);
    let other = connect(broker.port(), "USER").await?;
    other
        .batch_execute("DELETE FROM t WHERE a IS NULL; ALTER TABLE t ALTER COLUMN a NOT NULL")
        .await?;
    ensure!(run().await? == [3, 1]);
    let last = log.statements()?.pop().context("a statement came")?;
    ensure!(!last.contains("CASE"), "{last}");
    // A result of another shape is an error, as in PostgreSQL.
    let star = client.prepare("SELECT * FROM t ORDER BY a").await?;
    other
        .batch_execute("ALTER TABLE t ADD COLUMN b int")
        .await?;
    let error = client.query(&star, &[]).await.err().context("an error")?;
    let error = error.as_db_error().context("of the server")?;
    ensure!(error.code().code() == "0A000", "{error:?}");
    // By which drivers know that they are to prepare it again.
    ensure!(
        error.routine() == Some("RevalidateCachedQuery"),
        "{error:?}"
    );
    ensure!(run().await? == [3, 1]);
    Ok(())
}

/// "If the value of search_path changes from one use to the next, the statement will be
/// re-parsed using the new search_path" (manual, PREPARE).
#[tokio::test]
async fn a_prepared_statement_follows_the_search_path() -> Result<()> {
    let broker = Broker::start()?;
    let client = connect(broker.port(), "USER").await?;
    client
        .batch_execute("CREATE SCHEMA other; CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
        .await?;
    client
        .batch_execute("CREATE TABLE other.t (a int); INSERT INTO other.t VALUES (2)")
        .await?;
    let schema = client.prepare("SELECT current_schema()").await?;
    let value = client.prepare("SELECT a FROM t").await?;
    let seen = async || -> Result<(String, i32)> {
        let (schema, value) = (
            client.query_one(&schema, &[]).await?,
            client.query_one(&value, &[]).await?,
        );
        Ok((schema.get(0), value.get(0)))
    };
    ensure!(seen().await? == ("public".into(), 1));
    client
        .batch_execute("SET search_path TO other, public")
        .await?;
    ensure!(seen().await? == ("other".into(), 2));
    client.batch_execute("RESET search_path").await?;
    ensure!(seen().await? == ("public".into(), 1));
    Ok(())
}

#[tokio::test]
async fn nothing_is_asked_in_a_failed_transaction() -> Result<()> {
    let (broker, log) = logged()?;
    let client = with_table(&broker).await?;
    client.batch_execute("BEGIN").await?;
    ensure!(client.batch_execute("SELECT nothing").await.is_err());
    let before = questions(&log)?;
    for refused in [
        client.prepare("SELECT id FROM t ORDER BY a").await.err(),
        client
            .batch_execute("SELECT id FROM t ORDER BY a")
            .await
            .err(),
    ] {
        let error = refused.context("an error")?;
        let code = error.code().context("of the server")?.code().to_owned();
        ensure!(code == "25P02", "{code}");
    }
    ensure!(questions(&log)? == before, "{:?}", log.statements()?);
    client.batch_execute("ROLLBACK").await?;
    ensure!(ids(&client, "SELECT id FROM t ORDER BY a").await?.len() == 3);
    Ok(())
}

#[tokio::test]
async fn positions_count_from_the_beginning_of_the_text() -> Result<()> {
    let (broker, _log) = logged()?;
    let client = with_table(&broker).await?;
    let text = "SELECT 'ü'; SELECT id FROM t ORDER BY a, id <+> '[1]'";
    let error = client.batch_execute(text).await.err().context("an error")?;
    let error = error.as_db_error().context("of the server")?.clone();
    ensure!(error.code().code() == "0A000", "{error:?}");
    let wanted = text.chars().position(|c| c == '<').context("it is there")? + 1;
    let found = format!("{:?}", error.position());
    ensure!(found.contains(&format!("Original({wanted})")), "{found}");
    Ok(())
}

//! Connections that die.

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Postgres, eventually};
use tokio_postgres::Client;
use tokio_postgres::error::Severity;

use super::site::{Site, run, same, sqlstate, value};

/// A statement with this text loses its connection, once.
const MARK: &str = "fatal_mark";

fn site(pool: &str) -> Result<Site> {
    Site::before(&format!("sandbox:?fault=drop@{MARK}"), pool)
}

const MODES: [&str; 2] = ["mode = 'session'", "mode = 'transaction'\nsize = 2"];

#[tokio::test]
async fn outside_a_transaction_the_session_goes_on() -> Result<()> {
    for mode in MODES {
        let site = site(mode)?;
        let client = site.client().await?;
        run(&client, "CREATE TABLE t (a int); SET DateStyle = 'German'").await?;
        let prepared = client.prepare("SELECT count(*) FROM t").await?;
        loses_its_connection(&client, 1, Severity::Error).await?;
        // Nothing is done twice.
        same(
            &client.query_one(&prepared, &[]).await?.get::<_, i64>(0),
            &0,
        )?;
        same(
            &value(&client, "SHOW DateStyle").await?,
            &"German, DMY".to_owned(),
        )?;
    }
    Ok(())
}

/// Inserts a value by a statement that the connection does not survive.
async fn loses_its_connection(client: &Client, value: i32, severity: Severity) -> Result<()> {
    let lost = client
        .batch_execute(&format!("INSERT INTO t (a) SELECT {value} AS {MARK}"))
        .await;
    let lost = lost.err().context("an error")?;
    let error = lost.as_db_error().context("of the broker")?;
    same(&error.code().code(), &"08006")?;
    same(&error.parsed_severity(), &Some(severity))
}

#[tokio::test]
async fn a_transaction_block_ends_with_its_connection() -> Result<()> {
    for mode in MODES {
        let site = site(mode)?;
        let (client, other) = (site.client().await?, site.client().await?);
        run(
            &client,
            "CREATE TABLE t (a int); BEGIN; INSERT INTO t VALUES (1)",
        )
        .await?;
        loses_its_connection(&client, 2, Severity::Fatal).await?;
        ensure!(client.batch_execute("SELECT 1").await.is_err());
        same(
            &value(&other, "SELECT count(*) FROM t").await?,
            &"0".to_owned(),
        )?;
    }
    Ok(())
}

#[tokio::test]
async fn several_statements_of_one_message_are_undone_together() -> Result<()> {
    let site = site("mode = 'transaction'\nsize = 1")?;
    let client = site.client().await?;
    run(&client, "CREATE TABLE t (a int)").await?;
    let several = format!("INSERT INTO t VALUES (1); INSERT INTO t (a) SELECT 2 AS {MARK}");
    same(
        &sqlstate(client.batch_execute(&several).await)?,
        &"08006".to_owned(),
    )?;
    same(
        &value(&client, "SELECT count(*) FROM t").await?,
        &"0".to_owned(),
    )?;
    run(&client, "BEGIN; INSERT INTO t VALUES (1); COMMIT").await
}

/// IRIS restarts while clients are silent: none of them notices.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_died_while_nobody_used_it_is_not_missed() -> Result<()> {
    for mode in MODES {
        let postgres = Postgres::start()?;
        let site = Site::before(&postgres.url(), mode)?;
        let direct = pgiris_tests::connect(postgres.port(), "postgres").await?;
        let client = site.client().await?;
        run(&client, "CREATE TABLE t (a int); INSERT INTO t VALUES (1)").await?;
        let prepared = client.prepare("SELECT a FROM t").await?;
        let others = "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
        for _ in 0..3 {
            let ended = value(
                &direct,
                &format!("SELECT count(pg_terminate_backend(pid)) {others}"),
            )
            .await?;
            same(&ended, &"1".to_owned())?;
            let mut is_gone = false;
            while !is_gone {
                is_gone = value(&direct, &format!("SELECT count(*) {others}")).await? == "0";
            }
            // Its goodbye has come.
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            same(
                &client.query_one(&prepared, &[]).await?.get::<_, i32>(0),
                &1,
            )?;
            run(&client, "BEGIN; COMMIT").await?;
        }
    }
    Ok(())
}

#[test]
fn while_the_database_is_away_clients_are_told_so_and_stay() -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let postgres = Postgres::start()?;
    let url = postgres.url();
    let site = Site::before(
        &url,
        "mode = 'transaction'\nsize = 2\nconnect_retry = '200ms'",
    )?;
    runtime.block_on(async {
        let client = site.client().await?;
        run(&client, "CREATE TABLE t (a int)").await?;
        drop(postgres);
        let gone = eventually(|| {
            let outcome = futures(&client, "SELECT a FROM t");
            (outcome.as_deref() == Some("08001")).then_some(())
        });
        gone.context("the database is still there")?;
        // Who comes now can enter, as the user was let in before; or is told the same.
        ensure!(!client.is_closed());
        same(
            &value(&client, "SHOW server_encoding").await?,
            &"UTF8".to_owned(),
        )
    })
}

/// The SQLSTATE of a statement, asked from a thread that is none of the runtime's.
fn futures(client: &tokio_postgres::Client, statement: &str) -> Option<String> {
    let handle = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        let outcome = handle.block_on(client.batch_execute(statement));
        Some(outcome.err()?.code()?.code().to_owned())
    })
}

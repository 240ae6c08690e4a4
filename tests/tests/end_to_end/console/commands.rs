//! What an operator does.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use pgiris_tests::DEADLINE;
use tokio::time::timeout;
use tokio_postgres::Client;

use super::site::{Site, process, row, shown, sqlstate};

/// Long enough for something to happen that must not.
const A_MOMENT: Duration = Duration::from_millis(200);

const SHARED: &str = "[pool]\nmode = 'transaction'\nsize = 2\nwait_timeout = '1s'\n";

/// PAUSE waits for a transaction, and whoever comes then waits for RESUME.
async fn pauses(site: &Site) -> Result<()> {
    let (busy, console) = (site.client().await?, site.console().await?);
    busy.batch_execute("CREATE TABLE paused (a int); BEGIN; INSERT INTO paused VALUES (1)")
        .await?;
    let pausing = tokio::spawn(async move {
        let outcome = console.batch_execute("PAUSE user").await;
        (outcome, console)
    });
    tokio::time::sleep(A_MOMENT).await;
    ensure!(!pausing.is_finished(), "a transaction is open");
    busy.batch_execute("INSERT INTO paused VALUES (2); COMMIT")
        .await?;
    let (paused, console) = timeout(DEADLINE, pausing).await??;
    paused?;
    ensure!(
        shown(&console, "SHOW SERVERS").await?.is_empty(),
        "connections are open"
    );
    let pool = row(&console, "SHOW DATABASES", "name", "USER").await?;
    ensure!(pool.number("paused")? == 1);
    let waiting =
        tokio::spawn(async move { busy.query_one("SELECT count(*) FROM paused", &[]).await });
    // Longer than anybody waits whose pool is full.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    ensure!(!waiting.is_finished(), "the pool is paused");
    ensure!(
        row(&console, "SHOW CLIENTS", "state", "waiting")
            .await
            .is_ok()
    );
    console.batch_execute("RESUME USER").await?;
    let counted = timeout(DEADLINE, waiting).await???;
    ensure!(counted.get::<_, i64>(0) == 2);
    ensure!(sqlstate(console.batch_execute("RESUME").await)? == "55000");
    Ok(())
}

#[tokio::test]
async fn a_pause_waits_for_transactions_and_holds_up_who_comes_then() -> Result<()> {
    pauses(&Site::serve(SHARED)?).await
}

#[tokio::test]
async fn sessions_with_connections_of_their_own_can_be_paused_as_well() -> Result<()> {
    pauses(&Site::serve("[pool]\nwait_timeout = '1s'\nsize = 5\n")?).await
}

#[tokio::test]
async fn a_pause_that_is_cancelled_stays() -> Result<()> {
    let site = Site::serve(SHARED)?;
    let (busy, console) = (site.client().await?, site.console().await?);
    busy.batch_execute("BEGIN; SELECT count(*) FROM INFORMATION_SCHEMA.TABLES")
        .await?;
    let cancel = console.cancel_token();
    let (outcome, cancelled) = tokio::join!(console.batch_execute("PAUSE"), async {
        tokio::time::sleep(A_MOMENT).await;
        cancel.cancel_query(tokio_postgres::NoTls).await
    });
    cancelled?;
    ensure!(sqlstate(outcome)? == "57014");
    let state = row(&console, "SHOW STATE", "key", "paused").await?;
    ensure!(state.text("value")? == "true");
    console.batch_execute("RESUME").await?;
    busy.batch_execute("COMMIT").await?;
    Ok(())
}

/// Whatever else is paused.
#[tokio::test]
async fn a_pause_that_is_resumed_before_its_end_says_so() -> Result<()> {
    let site = Site::serve(&format!(
        "upstream = 'sandbox:'\n{SHARED}[databases.a]\nnamespace = 'USER'\n\
         [databases.b]\nnamespace = 'USER'\n"
    ))?;
    let (pausing, console) = (site.console().await?, site.console().await?);
    let busy = pgiris_tests::connect(site.broker.port(), "a").await?;
    busy.batch_execute("BEGIN; SELECT count(*) FROM INFORMATION_SCHEMA.TABLES")
        .await?;
    console.batch_execute("PAUSE b").await?;
    let pause = tokio::spawn(async move { pausing.batch_execute("PAUSE a").await });
    tokio::time::sleep(A_MOMENT).await;
    ensure!(!pause.is_finished(), "a transaction is open");
    console.batch_execute("RESUME a").await?;
    ensure!(sqlstate(timeout(DEADLINE, pause).await??)? == "57014");
    let state = row(&console, "SHOW DATABASES", "name", "b").await?;
    ensure!(state.number("paused")? == 1);
    busy.batch_execute("COMMIT").await?;
    Ok(())
}

/// The numbers of the connections to the database.
async fn servers(console: &Client) -> Result<Vec<u64>> {
    let rows = shown(console, "SHOW SERVERS").await?;
    rows.iter().map(|row| row.number("server")).collect()
}

#[tokio::test]
async fn connections_are_opened_anew_once_they_are_free() -> Result<()> {
    for configuration in [SHARED, ""] {
        let site = Site::serve(configuration)?;
        let (client, console) = (site.client().await?, site.console().await?);
        client
            .batch_execute(
                "SET application_name = 'x'; BEGIN; SELECT count(*) FROM INFORMATION_SCHEMA.TABLES",
            )
            .await?;
        let before = servers(&console).await?;
        console.batch_execute("RECONNECT").await?;
        ensure!(
            servers(&console).await? == before,
            "a transaction is open on it"
        );
        client.batch_execute("COMMIT").await?;
        client
            .simple_query("SELECT count(*) FROM INFORMATION_SCHEMA.TABLES")
            .await?;
        let after = servers(&console).await?;
        ensure!(
            after.iter().all(|server| !before.contains(server)),
            "{after:?}"
        );
        let name = client.query_one("SHOW application_name", &[]).await?;
        ensure!(name.get::<_, String>(0) == "x");
    }
    Ok(())
}

/// Waits until a session answers its client.
async fn is_active(console: &Client, process: u32) -> Result<()> {
    loop {
        let client = row(console, "SHOW CLIENTS", "process", &process.to_string()).await?;
        if client.text("state")? == "active" {
            return Ok(());
        }
    }
}

#[tokio::test]
async fn a_client_is_ended_whatever_it_does() -> Result<()> {
    let site = Site::serve("")?;
    let (idle, busy, console) = (
        site.client().await?,
        site.client().await?,
        site.console().await?,
    );
    for client in [&idle, &busy] {
        client.batch_execute("BEGIN").await?;
    }
    let numbers = (process(&idle).await?, process(&busy).await?);
    let sleeping = tokio::spawn(async move { busy.batch_execute("SELECT pg_sleep(60)").await });
    timeout(DEADLINE, is_active(&console, numbers.1)).await??;
    for number in [numbers.0, numbers.1] {
        console
            .batch_execute(&format!("KILL_CLIENT {number}"))
            .await?;
    }
    let ended = timeout(DEADLINE, sleeping).await??;
    ensure!(ended.is_err(), "it went on");
    let told = timeout(DEADLINE, async {
        loop {
            if let Err(error) = idle.simple_query("SELECT 1").await {
                return error;
            }
        }
    });
    let error = told.await?;
    ensure!(
        error.is_closed() || error.code().is_some_and(|code| code.code() == "57P01"),
        "{error:?}"
    );
    let state = sqlstate(console.batch_execute("KILL_CLIENT 1").await)?;
    ensure!(state == "42704", "{state}");
    Ok(())
}

#[tokio::test]
async fn a_killed_database_is_empty_and_paused() -> Result<()> {
    let site = Site::serve(SHARED)?;
    let (client, console) = (site.client().await?, site.console().await?);
    client.simple_query("SELECT 1").await?;
    console.batch_execute("KILL USER").await?;
    let gone = timeout(DEADLINE, async {
        while !client.is_closed() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    gone.await.context("the session goes on")?;
    ensure!(shown(&console, "SHOW SERVERS").await?.is_empty());
    console.batch_execute("RESUME USER").await?;
    site.client().await?.simple_query("SELECT 1").await?;
    Ok(())
}

#[tokio::test]
async fn rules_are_read_again_and_rolled_back() -> Result<()> {
    let site = Site::serve("")?;
    let console = site.console().await?;
    console.batch_execute("RULES RELOAD").await?;
    let state = sqlstate(console.batch_execute("RULES ROLLBACK").await)?;
    ensure!(state == "55000", "there were none before: {state}");
    Ok(())
}

#[tokio::test]
async fn a_configuration_is_read_again_or_its_mistakes_told() -> Result<()> {
    let site = Site::serve("[pool]\nsize = 3\n")?;
    let console = site.console().await?;
    console.batch_execute("RELOAD").await?;
    fs::write(&site.file, "[pool]\nsise = 3\n")?;
    let error = console
        .batch_execute("RELOAD")
        .await
        .err()
        .context("a mistake")?;
    let detail = error.as_db_error().and_then(|error| error.detail());
    ensure!(
        detail.is_some_and(|detail| detail.contains("pool.sise")),
        "{error:?}"
    );
    Ok(())
}

#[tokio::test]
async fn the_broker_is_shut_down() -> Result<()> {
    for command in ["SHUTDOWN", "SHUTDOWN IMMEDIATE"] {
        let mut site = Site::serve("")?;
        let (client, console) = (site.client().await?, site.console().await?);
        client.batch_execute("BEGIN").await?;
        console.batch_execute(command).await?;
        if command == "SHUTDOWN" {
            // A transaction may end.
            client.batch_execute("SELECT 1; COMMIT").await?;
        }
        ensure!(site.broker.ended()?.success(), "{command}");
    }
    Ok(())
}

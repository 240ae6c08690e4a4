//! Databases that are closed to others, connections that are waited for, and who is there.

use anyhow::{Context, Result, ensure};
use tokio_postgres::SimpleQueryMessage;

use super::site::{Site, row, shown, sqlstate};

const SHARED: &str = "[pool]\nmode = 'transaction'\nsize = 2\n";

#[tokio::test]
async fn a_disabled_database_lets_nobody_else_in() -> Result<()> {
    let site = Site::serve(SHARED)?;
    let (client, console) = (site.client().await?, site.console().await?);
    ensure!(sqlstate(console.batch_execute("ENABLE user").await)? == "55000");
    console.batch_execute("DISABLE user").await?;
    let error = site.client().await.err().context("it is let in")?;
    let error = error.downcast::<tokio_postgres::Error>()?;
    ensure!(
        error.code().is_some_and(|code| code.code() == "55000"),
        "{error:?}"
    );
    // Who is there stays, and so does the console.
    client.batch_execute("SELECT 1").await?;
    let state = row(&site.console().await?, "SHOW DATABASES", "name", "USER").await?;
    ensure!(state.number("disabled")? == 1);
    console.batch_execute("ENABLE user").await?;
    site.client().await?.batch_execute("SELECT 1").await?;
    ensure!(sqlstate(console.batch_execute("DISABLE nowhere").await)? == "3D000");
    Ok(())
}

#[tokio::test]
async fn connections_that_are_to_be_closed_are_waited_for() -> Result<()> {
    let site = Site::serve(SHARED)?;
    let (busy, console) = (site.client().await?, site.console().await?);
    console.batch_execute("WAIT_CLOSE").await?;
    busy.batch_execute("BEGIN; SELECT count(*) FROM INFORMATION_SCHEMA.TABLES")
        .await?;
    console.batch_execute("RECONNECT").await?;
    let cancel = console.cancel_token();
    let (waited, cancelled) = tokio::join!(console.batch_execute("WAIT_CLOSE user"), async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        cancel.cancel_query(tokio_postgres::NoTls).await
    });
    cancelled?;
    ensure!(sqlstate(waited)? == "57014", "its transaction is open");
    let (waited, ended) = tokio::join!(
        console.batch_execute("WAIT_CLOSE"),
        busy.batch_execute("COMMIT")
    );
    waited?;
    ended?;
    ensure!(shown(&console, "SHOW SERVERS").await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn sockets_users_and_averages_are_shown() -> Result<()> {
    let site = Site::serve(SHARED)?;
    let (client, console) = (site.client().await?, site.console().await?);
    client
        .batch_execute("BEGIN; SELECT count(*) FROM INFORMATION_SCHEMA.TABLES")
        .await?;
    let sockets = shown(&console, "SHOW SOCKETS").await?;
    let of = |kind: &str, database: &str| {
        sockets.iter().find(|row| {
            row.text("type").is_ok_and(|found| found == kind)
                && row.text("database").is_ok_and(|found| found == database)
        })
    };
    let server = of("S", "USER").context("a connection")?;
    let holder = of("C", "USER").context("a client")?;
    ensure!(holder.number("server")? == server.number("server")?);
    ensure!(holder.number("process")? == server.number("process")?);
    ensure!(
        of("C", "pgiris")
            .context("the console")?
            .is_null("server")?
    );
    let user = row(&console, "SHOW USERS", "name", "postgres").await?;
    ensure!(user.number("clients")? == 2 && user.number("servers")? == 1);
    ensure!(user.number("pools")? == 1);
    let averages = row(&console, "SHOW STATS_AVERAGES", "database", "USER").await?;
    ensure!(averages.number("avg_query_time")? > 0);
    client.batch_execute("COMMIT").await?;
    for command in ["SHOW MEM", "SHOW FDS", "SUSPEND"] {
        ensure!(
            sqlstate(console.batch_execute(command).await)? == "0A000",
            "{command}"
        );
    }
    let help = console.simple_query("SHOW HELP").await?;
    let is_there = |message: &SimpleQueryMessage| match message {
        SimpleQueryMessage::Row(row) => row.get(0).is_some_and(|text| text.contains("WAIT_CLOSE")),
        _ => false,
    };
    ensure!(help.iter().any(is_there));
    Ok(())
}

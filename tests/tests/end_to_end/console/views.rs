//! What SHOW shows.

use anyhow::{Context, Result, ensure};
use tokio_postgres::types::Type;

use super::site::{Site, process, row, shown, sqlstate};

#[tokio::test]
async fn clients_and_servers_are_listed() -> Result<()> {
    let site = Site::serve("")?;
    let client = site.client().await?;
    client
        .batch_execute("SET application_name = 'loader'; BEGIN; SELECT 1")
        .await?;
    let number = process(&client).await?.to_string();
    let console = site.console().await?;
    let seen = row(&console, "SHOW CLIENTS", "process", &number).await?;
    ensure!(seen.text("state")? == "idle in transaction");
    ensure!(seen.text("application_name")? == "loader");
    ensure!(seen.text("database")? == "USER" && seen.text("addr")? == "127.0.0.1");
    ensure!(seen.number("query_count")? >= 2);
    let server = row(&console, "SHOW SERVERS", "client", &number).await?;
    ensure!(server.text("server")? == seen.text("server")?);
    ensure!(server.text("state")? == "active");
    // The console itself has none.
    let own = row(&console, "SHOW CLIENTS", "database", "pgiris").await?;
    ensure!(own.text("state")? == "active" && own.is_null("server")?);
    Ok(())
}

#[tokio::test]
async fn traffic_and_errors_are_counted() -> Result<()> {
    let site = Site::serve("")?;
    let (client, console) = (site.client().await?, site.console().await?);
    client.batch_execute("CREATE TABLE t (a int)").await?;
    let before = row(&console, "SHOW STATS", "database", "USER").await?;
    for _ in 0..3 {
        client.simple_query("SELECT 1").await?;
    }
    client.batch_execute("BEGIN; SELECT 2; COMMIT").await?;
    ensure!(client.simple_query("SELECT * FROM missing").await.is_err());
    ensure!(client.simple_query("LISTEN x").await.is_err());
    let after = row(&console, "SHOW STATS", "database", "USER").await?;
    let grown =
        |column: &str| -> Result<u64> { Ok(after.number(column)? - before.number(column)?) };
    ensure!(
        grown("total_query_count")? == 6,
        "{}",
        grown("total_query_count")?
    );
    ensure!(
        grown("total_xact_count")? == 6,
        "{}",
        grown("total_xact_count")?
    );
    ensure!(grown("total_statement_count")? >= 6);
    ensure!(grown("total_errors")? == 2);
    // The last answer is counted once it has been sent, which may be later than it is here.
    ensure!(grown("total_received")? > 80 && grown("total_sent")? > 80);
    let found = row(&console, "SHOW ERRORS", "sqlstate", "42P01").await?;
    ensure!(found.text("source")? == "server" && found.number("count")? == 1);
    let refused = row(&console, "SHOW ERRORS", "sqlstate", "0A000").await?;
    ensure!(
        refused.text("source")? == "rules",
        "{}",
        refused.text("source")?
    );
    Ok(())
}

#[tokio::test]
async fn pools_rules_and_settings_are_shown() -> Result<()> {
    let site =
        Site::serve("[pool]\nmode = 'transaction'\nsize = 2\n[clients]\nconnections = 77\n")?;
    let (client, console) = (site.client().await?, site.console().await?);
    client.simple_query("SELECT 1").await?;
    let pool = row(&console, "SHOW POOLS", "database", "USER").await?;
    ensure!(pool.text("pool_mode")? == "transaction" && pool.number("pool_size")? == 2);
    ensure!(pool.number("sv_idle")? == 1 && pool.number("sv_active")? == 0);
    let rules = row(&console, "SHOW RULES", "in_use", "1").await?;
    ensure!(rules.text("name")? == "iris-2025.1" && rules.number("translations")? >= 1);
    let setting = row(&console, "SHOW CONFIG", "key", "clients.connections").await?;
    ensure!(setting.text("value")? == "77" && setting.text("default")? == "10000");
    for command in [
        "SHOW HELP",
        "SHOW LISTS",
        "SHOW DATABASES",
        "SHOW VERSION",
        "SHOW STATE",
    ] {
        ensure!(!shown(&console, command).await?.is_empty(), "{command}");
    }
    Ok(())
}

#[tokio::test]
async fn passwords_are_not_shown() -> Result<()> {
    let rules = pgiris_tests::rules_directory()?;
    let arguments = [
        "--upstream",
        "postgres://nobody:secret@127.0.0.1:1/USER",
        "--auth",
        "trust",
    ];
    let arguments = arguments.map(Into::into).into_iter();
    let broker = pgiris_tests::Broker::with(arguments.chain(["--rules".into(), rules.into()]))?;
    let console = pgiris_tests::connect(broker.port(), "pgiris").await?;
    let upstream = row(&console, "SHOW CONFIG", "key", "upstream").await?;
    ensure!(upstream.text("value")? == "\"postgres://nobody:***@127.0.0.1:1/USER\"");
    Ok(())
}

#[tokio::test]
async fn the_extended_protocol_works_with_types() -> Result<()> {
    let site = Site::serve("")?;
    let console = site.console().await?;
    let statement = console.prepare("SHOW LISTS").await?;
    ensure!(
        statement
            .columns()
            .iter()
            .all(|column| *column.type_() == Type::TEXT)
    );
    let statement = console.prepare("SHOW CLIENTS").await?;
    let rows = console.query(&statement, &[]).await?;
    let process: i64 = rows.first().context("a row")?.get("process");
    ensure!(process > 0 && rows.len() == 1, "{rows:?}");
    // What is prepared is shown as it is when it is executed.
    let _other = site.client().await?;
    ensure!(console.query(&statement, &[]).await?.len() == 2);
    Ok(())
}

#[tokio::test]
async fn what_is_no_command_is_an_error_with_a_hint() -> Result<()> {
    let site = Site::serve("")?;
    let console = site.console().await?;
    for command in ["SELECT 1", "SHOW EVERYTHING", "PAUSE a b", "?"] {
        let state = sqlstate(console.simple_query(command).await)?;
        ensure!(state == "42601", "{command}: {state}");
    }
    let state = sqlstate(console.simple_query("PAUSE NOWHERE").await)?;
    ensure!(state == "3D000", "{state}");
    // What drivers say around commands is taken.
    console
        .batch_execute("BEGIN; SHOW STATE; COMMIT; SET x = 1;")
        .await?;
    Ok(())
}

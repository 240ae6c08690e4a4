//! Who may enter, and do what.

use anyhow::{Context, Result, ensure};
use pgiris_tests::Broker;

use super::site::{Site, shown, sqlstate};

const RULES: &str = "\
    [console]\nadministrators = ['root']\nviewers = ['guest']\n\
    [[access]]\naddresses = ['127.0.0.1']\nmethod = 'trust'\n";

async fn entered(
    broker: &Broker,
    user: &str,
) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
    let mut config = tokio_postgres::Config::new();
    config
        .host("127.0.0.1")
        .port(broker.port())
        .user(user)
        .dbname("pgiris");
    let (client, connection) = config.connect(tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

#[tokio::test]
async fn access_rules_leave_it_to_those_who_are_named() -> Result<()> {
    let site = Site::serve(RULES)?;
    let root = entered(&site.broker, "root").await?;
    root.batch_execute("RECONNECT").await?;
    let guest = entered(&site.broker, "guest").await?;
    ensure!(shown(&guest, "SHOW CLIENTS").await?.len() == 2);
    for command in [
        "PAUSE",
        "RELOAD",
        "SHUTDOWN",
        "RULES ROLLBACK",
        "KILL_CLIENT 1",
    ] {
        let state = sqlstate(guest.batch_execute(command).await)?;
        ensure!(state == "42501", "{command}: {state}");
    }
    ensure!(sqlstate(entered(&site.broker, "other").await)? == "42501");
    Ok(())
}

#[tokio::test]
async fn who_may_not_enter_any_more_is_told_so_at_the_next_command() -> Result<()> {
    let site = Site::serve(RULES)?;
    let (root, guest) = (
        entered(&site.broker, "root").await?,
        entered(&site.broker, "guest").await?,
    );
    let changed = RULES
        .replace("'root'", "'guest'")
        .replace("viewers = ['guest']", "viewers = ['other']");
    std::fs::write(&site.file, changed)?;
    root.batch_execute("RELOAD").await?;
    for command in ["SHOW POOLS", "PAUSE", "RELOAD"] {
        let state = sqlstate(root.batch_execute(command).await)?;
        ensure!(state == "42501", "{command}: {state}");
    }
    ensure!(sqlstate(entered(&site.broker, "root").await)? == "42501");
    guest.batch_execute("RECONNECT").await?;
    let other = entered(&site.broker, "other").await?;
    ensure!(shown(&other, "SHOW CLIENTS").await?.len() == 3);
    ensure!(sqlstate(other.batch_execute("PAUSE").await)? == "42501");
    Ok(())
}

#[tokio::test]
async fn where_everybody_may_enter_everybody_may_operate() -> Result<()> {
    let site = Site::serve("")?;
    site.console().await?.batch_execute("RECONNECT").await?;
    Ok(())
}

#[tokio::test]
async fn without_a_name_there_is_none() -> Result<()> {
    let site = Site::serve("[console]\ndatabase = ''\n")?;
    // It is a namespace as any other, and the sandbox has none of that name.
    ensure!(sqlstate(entered(&site.broker, "root").await)? == "3D000");
    Ok(())
}

#[tokio::test]
async fn it_needs_no_connection_to_the_database() -> Result<()> {
    let arguments = [
        "--upstream",
        "postgres://nobody@127.0.0.1:1/USER",
        "--auth",
        "trust",
    ];
    let rules = pgiris_tests::rules_directory()?;
    let arguments = arguments.map(Into::into).into_iter();
    let broker = Broker::with(arguments.chain(["--rules".into(), rules.into()]))?;
    let console = entered(&broker, "root").await?;
    let state = shown(&console, "SHOW STATE").await?;
    ensure!(state.first().context("a row")?.text("value")? == "true");
    Ok(())
}

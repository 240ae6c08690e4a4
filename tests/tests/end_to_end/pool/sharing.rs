//! Who has a connection, and for how long.

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, eventually};

use super::site::{Site, run, sqlstate, value};

#[tokio::test(flavor = "multi_thread")]
async fn fifty_clients_share_three_connections() -> Result<()> {
    const CLIENTS: i32 = 50;
    const ROUNDS: i32 = 6;
    let site = Site::serve("mode = 'transaction'\nsize = 3")?;
    let client = site.client().await?;
    run(&client, "CREATE TABLE shared (owner int, round int)").await?;
    let mut tasks = Vec::new();
    for owner in 0..CLIENTS {
        let mut client = site.client().await?;
        tasks.push(tokio::spawn(async move {
            let insert = client
                .prepare("INSERT INTO shared (owner, round) VALUES ($1, $2)")
                .await?;
            let select = client
                .prepare("SELECT round FROM shared WHERE owner = $1 ORDER BY round")
                .await?;
            for round in 0..ROUNDS {
                let transaction = client.transaction().await?;
                transaction.execute(&insert, &[&owner, &round]).await?;
                let rows = transaction.query(&select, &[&owner]).await?;
                let rounds: Vec<i32> = rows.iter().map(|row| row.get(0)).collect();
                ensure!(rounds == (0..=round).collect::<Vec<_>>(), "{rounds:?}");
                match round % 2 {
                    0 => transaction.commit().await?,
                    _ => {
                        transaction.rollback().await?;
                        client.execute(&insert, &[&owner, &round]).await?;
                    }
                }
            }
            Ok(client)
        }));
    }
    let mut clients = Vec::new();
    for task in tasks {
        clients.push(task.await??);
    }
    let count = value(&client, "SELECT count(*) FROM shared").await?;
    ensure!(count == (CLIENTS * ROUNDS).to_string(), "{count}");
    let connections = site.connections()?;
    ensure!((1..=3).contains(&connections), "{connections} connections");
    Ok(())
}

#[tokio::test]
async fn a_connection_comes_back_with_the_end_of_the_transaction() -> Result<()> {
    let site = Site::serve("mode = 'transaction'\nsize = 1\nwait_timeout = '300ms'")?;
    let (first, second) = (site.client().await?, site.client().await?);
    run(&first, "CREATE TABLE t (a int)").await?;
    run(&first, "BEGIN; INSERT INTO t VALUES (1)").await?;
    ensure!(sqlstate(second.batch_execute("SELECT a FROM t").await)? == "53300");
    run(&first, "COMMIT").await?;
    ensure!(value(&second, "SELECT a FROM t").await? == "1");
    // Statements that need no database need no connection either.
    run(&first, "BEGIN").await?;
    ensure!(value(&second, "SHOW server_encoding").await? == "UTF8");
    run(&second, "SET DateStyle = 'German'").await?;
    run(&first, "ROLLBACK").await
}

#[tokio::test]
async fn in_session_mode_a_session_keeps_its_connection_and_leaves_it_clean() -> Result<()> {
    let site = Site::serve("size = 1\nwait_timeout = '300ms'")?;
    let client = site.client().await?;
    run(
        &client,
        "CREATE TABLE t (a int); SET lock_timeout = '1s'; BEGIN; INSERT INTO t VALUES (1)",
    )
    .await?;
    let refused = site.client().await.err().context("the pool is full")?;
    let refused: &tokio_postgres::Error = refused.downcast_ref().context("of the broker")?;
    ensure!(
        refused.code().is_some_and(|code| code.code() == "53300"),
        "{refused:?}"
    );
    drop(client);
    // Its transaction is undone, and the connection serves the next.
    let next = until_entered(&site).await?;
    ensure!(value(&next, "SELECT count(*) FROM t").await? == "0");
    ensure!(value(&next, "SHOW lock_timeout").await? == "0");
    ensure!(site.connections()? == 1);
    Ok(())
}

async fn until_entered(site: &Site) -> Result<tokio_postgres::Client> {
    for _ in 0..100 {
        if let Ok(client) = site.client().await {
            return Ok(client);
        }
    }
    anyhow::bail!("the connection does not come back")
}

#[tokio::test]
async fn in_statement_mode_transaction_blocks_are_refused() -> Result<()> {
    let site = Site::serve("mode = 'statement'\nsize = 1")?;
    let (first, second) = (site.client().await?, site.client().await?);
    run(&first, "CREATE TABLE t (a int)").await?;
    for begin in [
        "BEGIN",
        "START TRANSACTION",
        "BEGIN; INSERT INTO t VALUES (1)",
    ] {
        ensure!(
            sqlstate(first.batch_execute(begin).await)? == "0A000",
            "{begin}"
        );
    }
    // The statements of one message are a transaction all the same.
    run(&first, "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)").await?;
    ensure!(value(&second, "SELECT count(*) FROM t").await? == "2");
    Ok(())
}

#[test]
fn unused_and_old_connections_are_closed_but_for_the_minimum() -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let site = Site::serve(
        "mode = 'transaction'\nsize = 4\nminimum = 1\nidle_timeout = '100ms'\nlifetime = '1h'",
    )?;
    let clients = runtime.block_on(async {
        let mut clients = Vec::new();
        for _ in 0..4 {
            let client = site.client().await?;
            run(&client, "BEGIN").await?;
            clients.push(client);
        }
        ensure!(site.connections()? == 4);
        for client in &clients {
            run(client, "COMMIT").await?;
        }
        Ok(clients)
    })?;
    let closed = |wanted| eventually(|| (site.connections().ok()? == wanted).then_some(()));
    closed(1).context("one stays while there are clients")?;
    drop(clients);
    drop(runtime);
    closed(0).context("none without")?;
    Ok(())
}

#[tokio::test]
async fn connections_do_not_grow_old() -> Result<()> {
    let site = Site::serve("mode = 'transaction'\nsize = 2\nminimum = 1\nlifetime = '50ms'")?;
    let client = site.client().await?;
    run(&client, "CREATE TABLE t (a int)").await?;
    for _ in 0..20 {
        run(&client, "INSERT INTO t VALUES (1)").await?;
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    ensure!(value(&client, "SELECT count(*) FROM t").await? == "20");
    Ok(())
}

#[test]
fn unknown_modes_are_refused() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("pgiris.toml");
    std::fs::write(&file, "[pool]\nmode = 'tansaction'\n")?;
    let refused = Broker::refuses(["--config".into(), file.into()])?;
    ensure!(
        refused.output.contains("\"transaction\""),
        "{}",
        refused.output
    );
    Ok(())
}

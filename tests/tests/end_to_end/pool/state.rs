//! What belongs to a session, whatever connection it has.

use anyhow::{Context, Result, ensure};
use pgiris::PoolMode;
use pgiris_tests::StatementLog;
use tokio_postgres::Client;

use super::site::{Site, run, same, sqlstate, value, watched};
use crate::embedding::Embedded;

/// Gives clients other connections: holds all but one of them for a while.
async fn held(broker: &Embedded) -> Result<Client> {
    let client = broker.client().await?;
    run(&client, "BEGIN").await?;
    Ok(client)
}

#[tokio::test]
async fn settings_follow_the_session() -> Result<()> {
    let log = StatementLog::new()?;
    let site = Site::before(&log.sandbox("2025.1"), "mode = 'transaction'\nsize = 1")?;
    let (first, second) = (site.client().await?, site.client().await?);
    run(&first, "CREATE SCHEMA s; CREATE TABLE s.t (d date)").await?;
    run(&first, "INSERT INTO s.t VALUES ('2024-02-03')").await?;
    run(
        &first,
        "SET search_path = s; SET DateStyle = 'German'; SET lock_timeout = '3s'",
    )
    .await?;
    for _ in 0..3 {
        same(
            &value(&first, "SELECT d FROM t").await?,
            &"03.02.2024".to_owned(),
        )?;
        ensure!(sqlstate(second.batch_execute("SELECT d FROM t").await)? == "42P01");
        same(
            &value(&second, "SELECT d FROM s.t").await?,
            &"2024-02-03".to_owned(),
        )?;
        same(&value(&second, "SHOW lock_timeout").await?, &"0".to_owned())?;
    }
    // IRIS hears of a setting when a connection was told otherwise.
    let told: Vec<String> = log
        .statements()?
        .into_iter()
        .filter(|statement| statement.contains("LOCK_TIMEOUT"))
        .collect();
    let [three, ten] = [3, 10].map(|seconds| format!("SET OPTION LOCK_TIMEOUT = {seconds}"));
    same(&told[..3].to_vec(), &vec![three.clone(), ten, three])?;
    Ok(())
}

#[tokio::test]
async fn prepared_statements_work_on_every_connection() -> Result<()> {
    let broker = watched(PoolMode::Transaction, 3).await?;
    let client = broker.client().await?;
    run(&client, "CREATE TABLE t (a int); INSERT INTO t VALUES (1)").await?;
    let select = client.prepare("SELECT * FROM t WHERE a = $1").await?;
    run(&client, "PREPARE named (int) AS SELECT a + $1 FROM t").await?;
    let mut others = Vec::new();
    for connections in 1..=3 {
        let rows = client.query(&select, &[&1_i32]).await?;
        ensure!(rows.len() == 1 && rows[0].len() == 1);
        same(&value(&client, "EXECUTE named (1)").await?, &"2".to_owned())?;
        same(&broker.figures()?.connects, &connections)?;
        // The connection that was used last is somebody else's now.
        if connections < 3 {
            others.push(held(&broker).await?);
        }
    }
    for other in &others {
        run(other, "COMMIT").await?;
    }
    // A definition on one connection is known on all of them.
    run(&client, "ALTER TABLE t ADD COLUMN b int").await?;
    for _ in 0..2 {
        let blocker = held(&broker).await?;
        ensure!(sqlstate(client.query(&select, &[&1_i32]).await)? == "0A000");
        let rows = client
            .query("SELECT * FROM t WHERE a = $1", &[&1_i32])
            .await?;
        ensure!(rows[0].len() == 2);
        run(&blocker, "COMMIT").await?;
    }
    broker.end().await
}

#[tokio::test]
async fn temporary_tables_need_no_connection_of_their_own() -> Result<()> {
    let broker = watched(PoolMode::Transaction, 2).await?;
    let client = broker.client().await?;
    run(
        &client,
        "CREATE TEMPORARY TABLE mine (a int); INSERT INTO mine VALUES (1)",
    )
    .await?;
    let other = held(&broker).await?;
    same(
        &value(&client, "SELECT a FROM mine").await?,
        &"1".to_owned(),
    )?;
    same(&broker.figures()?.connects, &2)?;
    run(&other, "COMMIT").await?;
    ensure!(sqlstate(other.batch_execute("SELECT a FROM mine").await)? == "42P01");
    ensure!(broker.figures()?.pinned.is_empty());
    let tables = "SELECT count(*) FROM information_schema.tables WHERE table_name = 'mine'";
    drop(client);
    let mut left = String::new();
    for _ in 0..200 {
        left = value(&other, tables).await?;
        if left == "0" {
            return broker.end().await;
        }
        run(&other, "CREATE TABLE looked (a int); DROP TABLE looked").await?;
    }
    anyhow::bail!("{left} are left")
}

#[tokio::test]
async fn counters_are_told_behind_the_insert() -> Result<()> {
    let broker = watched(PoolMode::Transaction, 1).await?;
    let (first, second) = (broker.client().await?, broker.client().await?);
    run(&first, "CREATE TABLE t (id serial PRIMARY KEY, a int)").await?;
    run(&first, "INSERT INTO t (a) VALUES (10)").await?;
    run(&second, "INSERT INTO t (a) VALUES (20)").await?;
    run(&second, "BEGIN; INSERT INTO t (a) VALUES (30)").await?;
    run(&second, "COMMIT").await?;
    let id = async |client: &Client, a: i32| {
        value(client, &format!("SELECT id FROM t WHERE a = {a}")).await
    };
    let (ten, thirty) = (id(&first, 10).await?, id(&first, 30).await?);
    same(&value(&first, "SELECT lastval()").await?, &ten)?;
    same(
        &value(&second, "SELECT currval('t_id_seq')").await?,
        &thirty,
    )?;
    broker.end().await
}

#[tokio::test]
async fn what_is_left_on_a_connection_pins_it() -> Result<()> {
    let broker = watched(PoolMode::Transaction, 2).await?;
    let (owner, other) = (broker.client().await?, broker.client().await?);
    run(&owner, "CREATE TABLE t (a int)").await?;
    run(&owner, "LOCK TABLE t IN EXCLUSIVE MODE WAIT 1").await?;
    let figures = broker.figures()?;
    same(&figures.pinned.get("LOCK TABLE"), &Some(&1))?;
    run(&other, "SET lock_timeout = '1s'").await?;
    ensure!(sqlstate(other.batch_execute("INSERT INTO t VALUES (1)").await)? == "55P03");
    run(&owner, "INSERT INTO t VALUES (2)").await?;
    // What it left ends with the connection.
    run(&owner, "DISCARD ALL").await?;
    ensure!(broker.figures()?.pinned.is_empty());
    let inserted = async {
        loop {
            if other
                .batch_execute("INSERT INTO t VALUES (3)")
                .await
                .is_ok()
            {
                return;
            }
        }
    };
    tokio::time::timeout(pgiris_tests::DEADLINE, inserted)
        .await
        .context("the lock stays")?;
    run(&owner, "LOCK TABLE t IN EXCLUSIVE MODE WAIT 1").await?;
    drop(owner);
    broker
        .eventually(|figures| figures.pinned.is_empty())
        .await?;
    broker.end().await
}

#[tokio::test]
async fn cursors_that_outlive_their_transaction_hold_no_connection() -> Result<()> {
    let broker = watched(PoolMode::Transaction, 1).await?;
    let (first, second) = (broker.client().await?, broker.client().await?);
    run(
        &first,
        "CREATE TABLE t (a int); INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)",
    )
    .await?;
    run(
        &first,
        "BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT a FROM t ORDER BY a",
    )
    .await?;
    same(&value(&first, "FETCH c").await?, &"1".to_owned())?;
    run(&first, "COMMIT").await?;
    run(&second, "BEGIN; DELETE FROM t").await?;
    same(&value(&first, "FETCH c").await?, &"2".to_owned())?;
    run(&second, "COMMIT").await?;
    broker.end().await
}

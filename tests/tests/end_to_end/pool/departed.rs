//! Clients that leave while their statement runs: it is interrupted, and their connection is free.

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Hole, Postgres, WireClient, connect, eventually};
use tokio_postgres::Client;

use super::site::{Site, run, same, value};

const POOL: &str = "mode = 'transaction'\nsize = 1\ncancel_timeout = '200ms'\n\
                    [clients]\nclosed_timeout = '50ms'";

/// A broker with one connection to a database in which a table is locked.
struct Locked {
    site: Site,
    hole: Hole,
    direct: Client,
    _postgres: Postgres,
}

impl Locked {
    async fn new() -> Result<Self> {
        let postgres = Postgres::start()?;
        let hole = Hole::to(postgres.port())?;
        let url = format!(
            "postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable&connect_timeout=2",
            hole.port()
        );
        let site = Site::before(&url, POOL)?;
        let direct = connect(postgres.port(), "postgres").await?;
        let table = "CREATE TABLE locked (a int); CREATE TABLE free (a int)";
        run(&direct, table).await?;
        run(&direct, "BEGIN; LOCK TABLE locked IN ACCESS EXCLUSIVE MODE").await?;
        Ok(Self {
            site,
            hole,
            direct,
            _postgres: postgres,
        })
    }

    /// Waits until so many statements wait for the lock.
    async fn waiting(&self, count: &str) -> Result<()> {
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
        for _ in 0..6_000 {
            if value(&self.direct, waiting).await? == count {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        anyhow::bail!("not {count} statements wait for the lock")
    }

    /// Asks for what is locked, and goes on with more.
    fn ask(&self, more: &[&str]) -> Result<WireClient> {
        let mut client = WireClient::ready(self.site.broker.port(), "USER")?;
        client.say("Query \"SELECT a FROM locked\"")?;
        for message in more {
            client.say(message)?;
        }
        Ok(client)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_ends_with_its_client() -> Result<()> {
    let locked = Locked::new().await?;
    let other = locked.site.client().await?;
    // What the client had sent ahead keeps nobody from seeing that it has left, and is not begun any more.
    for more in [
        &[][..],
        &["Terminate"],
        &["Query \"INSERT INTO free VALUES (1)\""],
    ] {
        let client = locked.ask(more)?;
        locked.waiting("1").await?;
        drop(client);
        locked.waiting("0").await?;
        same(
            &value(&other, "SELECT count(*) FROM free").await?,
            &"0".to_owned(),
        )?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_there_waits_as_long_as_it_likes() -> Result<()> {
    let locked = Locked::new().await?;
    let mut client = locked.ask(&[])?;
    locked.waiting("1").await?;
    run(&locked.direct, "ROLLBACK").await?;
    let mut tags = String::new();
    while !tags.ends_with('Z') {
        tags.push(char::from(client.receive()?.context("an answer")?.tag));
    }
    same(&tags, &"TCZ".to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_obey_is_given_up() -> Result<()> {
    let locked = Locked::new().await?;
    let other = locked.site.client().await?;
    run(&other, "SELECT a FROM free").await?;
    let before = locked.hole.kept();
    locked.hole.silence();
    let client = locked.ask(&[])?;
    tokio::task::block_in_place(|| locked.hole.keeps_more_than(before))?;
    drop(client);
    let console = connect(locked.site.broker.port(), "pgiris").await?;
    let used = async || value(&console, "SHOW SERVERS").await.is_ok();
    let end = tokio::time::Instant::now() + pgiris_tests::DEADLINE;
    while used().await {
        ensure!(
            tokio::time::Instant::now() < end,
            "its connection is not closed"
        );
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    locked.hole.speak();
    run(&other, "SELECT a FROM free").await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_the_queue_leaves_it_at_once() -> Result<()> {
    let locked = Locked::new().await?;
    let first = locked.ask(&[])?;
    locked.waiting("1").await?;
    let second = locked.ask(&[])?;
    let console = connect(locked.site.broker.port(), "pgiris").await?;
    let clients = async |state: &str| -> Result<usize> {
        let shown = console.simple_query("SHOW CLIENTS").await?;
        let rows = shown.iter().filter(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get("state") == Some(state),
            _ => false,
        });
        Ok(rows.count())
    };
    let is_so = |state: &'static str, count| {
        let handle = tokio::runtime::Handle::current();
        let looked = tokio::task::block_in_place(|| {
            eventually(|| {
                let found = handle.block_on(clients(state));
                (found.ok()? == count).then_some(())
            })
        });
        looked.with_context(|| format!("not {count} clients are {state}"))
    };
    is_so("waiting", 1)?;
    drop(second);
    is_so("waiting", 0)?;
    drop(first);
    locked.waiting("0").await
}

//! Clients that insert without a pause while connections to the database are killed, the way to it falls silent, and it is
//! started anew: what was acknowledged is there, once.
//!
//! Five seconds of it; `PGIRIS_SOAK=600` makes it ten minutes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use bytes::Bytes;
use futures_util::SinkExt;
use pgiris_tests::{DEADLINE, Hole, Postgres, soak};
use tokio_postgres::{Client, NoTls};

use super::site::Site;

const WRITERS: i64 = 8;
/// What one writer may insert: its numbers are its own.
const SHARE: i64 = 1_000_000_000;
/// Between two kills.
const PAUSE: Duration = Duration::from_millis(50);
const KILLS: u32 = 20;
/// Longer than a statement may take and than the database is waited for then.
const SILENCE: Duration = Duration::from_millis(1_500);
/// What is written before it counts as a soak.
const ENOUGH: usize = 600;

const POOL: &str = "mode = 'transaction'\nsize = 4\nconnect_retry = '100ms'\n\
                    cancel_timeout = '100ms'\ncheck_timeout = '500ms'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_rows_are_there_once_whatever_dies() -> Result<()> {
    let mut postgres = Postgres::start()?;
    let direct = connect(postgres.port()).await?;
    direct
        .batch_execute("CREATE TABLE soak (id bigint)")
        .await?;
    let hole = Hole::to(postgres.port())?;
    let url = format!(
        "postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable&connect_timeout=1",
        hole.port()
    );
    let site = Site::before(&url, POOL)?;
    let ends = Arc::new(AtomicBool::new(false));
    let counts = Arc::new(Counts::default());
    let writers: Vec<_> = (0..WRITERS)
        .map(|number| {
            let (ends, counts) = (Arc::clone(&ends), Arc::clone(&counts));
            tokio::spawn(write(site.broker.port(), number * SHARE, ends, counts))
        })
        .collect();
    let (begun, time) = (tokio::time::Instant::now(), soak()?);
    let (mut killed, mut cycles) = (0, 0);
    while begun.elapsed() < time
        || (counts.written.load(Ordering::Relaxed) < ENOUGH && begun.elapsed() < time + DEADLINE)
    {
        killed += kill_some(postgres.port()).await?;
        hole.silence();
        tokio::time::sleep(SILENCE).await;
        hole.speak();
        killed += kill_some(postgres.port()).await?;
        tokio::task::block_in_place(|| postgres.restart())?;
        cycles += 1;
    }
    ends.store(true, Ordering::Relaxed);
    let mut written = Written::default();
    for writer in writers {
        let one = writer.await??;
        written.acknowledged.extend(one.acknowledged);
        written.unknown.extend(one.unknown);
    }
    let direct = connect(postgres.port()).await?;
    let rows = direct.query("SELECT id FROM soak", &[]).await?;
    let found: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
    let once: BTreeSet<i64> = found.iter().copied().collect();
    ensure!(once.len() == found.len(), "a row is there twice");
    let lost: Vec<_> = written.acknowledged.difference(&once).take(5).collect();
    ensure!(lost.is_empty(), "acknowledged, and not there: {lost:?}");
    let known = |id: &&i64| !written.acknowledged.contains(id) && !written.unknown.contains(id);
    let stray = once.iter().find(known);
    ensure!(stray.is_none(), "nobody inserted {stray:?}");
    // It was a soak.
    let failed = counts.failures.load(Ordering::Relaxed);
    ensure!(
        killed > 20 && failed > 0,
        "{killed} killed, {failed} noticed"
    );
    ensure!(
        written.acknowledged.len() > 500,
        "{}",
        written.acknowledged.len()
    );
    println!(
        "{} acknowledged, {} unknown, {killed} connections killed, {cycles} silences and restarts, {failed} failures told",
        written.acknowledged.len(),
        written.unknown.len()
    );
    Ok(())
}

/// Kills connections at random for a while; how many.
async fn kill_some(port: u16) -> Result<u64> {
    let direct = connect(port).await?;
    let mut killed = 0;
    for _ in 0..KILLS {
        tokio::time::sleep(PAUSE).await;
        let kill = "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity \
                    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1) one";
        let row = direct.query_one(kill, &[]).await?;
        killed += u64::try_from(row.get::<_, i64>(0))?;
    }
    Ok(killed)
}

/// What all writers have done.
#[derive(Default)]
struct Counts {
    written: AtomicUsize,
    failures: AtomicU64,
}

/// What a writer knows of its rows.
#[derive(Default)]
struct Written {
    acknowledged: BTreeSet<i64>,
    /// It was told of an error.
    unknown: BTreeSet<i64>,
}

/// Inserts one row after the other, alone and in transactions of two, with and without a prepared statement.
async fn write(
    port: u16,
    first: i64,
    ends: Arc<AtomicBool>,
    counts: Arc<Counts>,
) -> Result<Written> {
    let mut written = Written::default();
    let mut next = first;
    let mut client = None;
    while !ends.load(Ordering::Relaxed) {
        let connected = match client.take() {
            Some(connected) => connected,
            None => match connect(port).await {
                Ok(connected) => connected,
                Err(_) => {
                    counts.failures.fetch_add(1, Ordering::Relaxed);
                    // The database may be away for a while.
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            },
        };
        let ids = [next, next + 1];
        next += 2;
        let outcome = match next % 6 {
            0 => in_one(&connected, ids).await,
            2 => by_copy(&connected, ids).await,
            _ => in_transaction(&connected, ids).await,
        };
        match outcome {
            Ok(()) => {
                written.acknowledged.extend(ids);
                counts.written.fetch_add(ids.len(), Ordering::Relaxed);
                client = Some(connected);
            }
            Err(_) => {
                counts.failures.fetch_add(1, Ordering::Relaxed);
                written.unknown.extend(ids);
                // The session goes on, unless a transaction ended with it.
                let is_there =
                    !connected.is_closed() && connected.batch_execute("ROLLBACK").await.is_ok();
                client = is_there.then_some(connected);
            }
        }
    }
    Ok(written)
}

async fn in_one(client: &Client, [a, b]: [i64; 2]) -> Result<(), tokio_postgres::Error> {
    let insert = "INSERT INTO soak (id) SELECT $1::bigint UNION ALL SELECT $2::bigint";
    client.execute(insert, &[&a, &b]).await.map(drop)
}

async fn by_copy(client: &Client, [a, b]: [i64; 2]) -> Result<(), tokio_postgres::Error> {
    let sink = client.copy_in("COPY soak (id) FROM STDIN").await?;
    let mut sink = std::pin::pin!(sink);
    for id in [a, b] {
        sink.send(Bytes::from(format!("{id}\n"))).await?;
    }
    sink.finish().await.map(drop)
}

async fn in_transaction(client: &Client, [a, b]: [i64; 2]) -> Result<(), tokio_postgres::Error> {
    client
        .batch_execute(&format!("BEGIN; INSERT INTO soak (id) VALUES ({a})"))
        .await?;
    client
        .batch_execute(&format!("INSERT INTO soak (id) VALUES ({b}); COMMIT"))
        .await
}

async fn connect(port: u16) -> Result<Client, tokio_postgres::Error> {
    let mut config = tokio_postgres::Config::new();
    config
        .host("127.0.0.1")
        .port(port)
        .user("postgres")
        .dbname("postgres")
        .options("-c statement_timeout=1s");
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

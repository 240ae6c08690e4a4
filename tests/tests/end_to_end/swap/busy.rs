//! Swaps under the hands of sixty-four clients that never pause.
//!
//! Five seconds of it, two swaps in each; `PGIRIS_SOAK=60` makes it a minute.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Result, ensure};
use pgiris_tests::{connect, soak};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::comes_to;
use super::shelf::{Shelf, edition_of};

const CLIENTS: i32 = 64;
/// Between two swaps.
const PAUSE: Duration = Duration::from_millis(500);
/// What memory may have grown by, in KiB: less than two generations take, whatever the number of
/// swaps.
const GROWTH: u64 = 48 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_notices_swaps_under_load() -> Result<()> {
    let shelf = Shelf::serve()?;
    let first = connect(shelf.port(), "USER").await?;
    first
        .batch_execute("CREATE TABLE busy (client INT, n INT)")
        .await?;
    let (stop, stopped) = watch::channel(false);
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| tokio::spawn(work(shelf.port(), number, stopped.clone())))
        .collect();
    // Both have been compiled, and have done some work, before memory is looked at.
    for number in [1, 0] {
        shelf.put(number)?;
        let wanted = ["IRIS", "#001"][number];
        comes_to(&first, wanted, &shelf).await?;
    }
    sleep(PAUSE).await;
    let before = shelf.broker().resident_memory()?;
    let end = Instant::now() + soak()?;
    let mut swaps = 0_usize;
    while Instant::now() < end {
        swaps += 1;
        shelf.put(swaps % 2)?;
        sleep(PAUSE).await;
    }
    stop.send(true)?;
    let (mut written, mut seen) = (0, BTreeSet::new());
    for client in clients {
        let (count, editions) = client.await??;
        written += count;
        seen.extend(editions);
    }
    let count: i64 = first
        .query_one("SELECT count(*) FROM busy", &[])
        .await?
        .get(0);
    ensure!(count == written, "{count} rows of {written}");
    // Both have answered, or nothing was shown.
    ensure!(seen.len() == 2, "{seen:?}");
    let after = shelf.broker().resident_memory()?;
    ensure!(
        after < before + GROWTH,
        "{before} KiB before {swaps} swaps, {after} KiB after"
    );
    println!("{written} rows written, {swaps} swaps, {before} KiB before, {after} KiB after");
    Ok(())
}

/// Writes and reads until it is told to stop, by all ways to send a statement: how many rows it has
/// written, and by which editions it was answered.
async fn work(
    port: u16,
    client: i32,
    stopped: watch::Receiver<bool>,
) -> Result<(i64, BTreeSet<String>)> {
    let connection = connect(port, "USER").await?;
    let insert = connection
        .prepare("INSERT INTO busy VALUES ($1, $2) RETURNING n")
        .await?;
    let read = connection
        .prepare("SELECT n FROM busy WHERE client = $1 ORDER BY n DESC LIMIT 1")
        .await?;
    let version = connection.prepare("SELECT version()").await?;
    let (mut written, mut seen) = (0, BTreeSet::new());
    while !*stopped.borrow() {
        let n = i32::try_from(written)?;
        let row = connection.query_one(&insert, &[&client, &n]).await?;
        ensure!(row.get::<_, i32>(0) == n);
        let row = connection.query_one(&read, &[&client]).await?;
        ensure!(row.get::<_, i32>(0) == n);
        let batch = format!("BEGIN; INSERT INTO busy VALUES ({client}, {n}); ROLLBACK");
        connection.batch_execute(&batch).await?;
        written += 1;
        let answer: String = connection.query_one(&version, &[]).await?.get(0);
        seen.insert(edition_of(&answer)?);
    }
    Ok((written, seen))
}

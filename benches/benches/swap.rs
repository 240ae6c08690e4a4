//! What clients notice when the rules are exchanged every second, and what memory is left taken.
//!
//! The floor is the same load without swaps. Both take turns, so that whatever else the machine does meets both.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use pgiris_benches::{Table, Times, micros, ratio};
use pgiris_tests::{Broker, connect, rules_file};
use tokio::time::sleep;

const CLIENTS: i32 = 64;
/// Turns of each, and seconds in one: a minute with swaps, and one without.
const TURNS: usize = 6;
const SECONDS: usize = 10;
/// How many times as long as without swaps a hundredth of the statements may take.
const GOAL: u32 = 2;
/// What memory may have grown by, in KiB, whatever the number of swaps: less than two generations take.
const GROWTH: u64 = 48 * 1024;

/// What the clients do.
const WARM: u8 = 0;
const STILL: u8 = 1;
const SWAPPED: u8 = 2;
const END: u8 = 3;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<()> {
    let stock = fs::read(rules_file("iris-2025.1")?)?;
    // A custom section without content: another file that does the same.
    let other = [&stock[..], &[0, 2, 1, b'x']].concat();
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("iris-2025.1.wasm");
    put(&file, &stock)?;
    let broker = Broker::with(["--rules".into(), directory.path().into()])?;
    let first = connect(broker.port(), "USER").await?;
    first
        .batch_execute("CREATE TABLE busy (id INT PRIMARY KEY, n INT)")
        .await?;
    for id in 0..CLIENTS {
        let row = format!("INSERT INTO busy VALUES ({id}, {})", id * 7);
        first.batch_execute(&row).await?;
    }
    let phase = Arc::new(AtomicU8::new(WARM));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|id| tokio::spawn(work(broker.port(), id, Arc::clone(&phase))))
        .collect();
    // Both are compiled before, and used.
    for (number, rules) in [&other, &stock].into_iter().enumerate() {
        put(&file, rules)?;
        while published(&broker) <= number {
            sleep(Duration::from_millis(100)).await;
        }
        sleep(Duration::from_secs(2)).await;
    }
    let before = broker.resident_memory()?;
    for _ in 0..TURNS {
        phase.store(STILL, Ordering::Relaxed);
        sleep(Duration::from_secs(SECONDS as u64)).await;
        phase.store(SWAPPED, Ordering::Relaxed);
        for second in 0..SECONDS {
            put(&file, [&other, &stock][second % 2])?;
            sleep(Duration::from_secs(1)).await;
        }
    }
    phase.store(END, Ordering::Relaxed);
    let (mut still, mut swapped) = (Times::default(), Times::default());
    for client in clients {
        let [without, with] = client.await??;
        still.append(without);
        swapped.append(with);
    }
    // Silent sessions have let go of what was before.
    sleep(Duration::from_secs(1)).await;
    let after = broker.resident_memory()?;
    let published = published(&broker);
    ensure!(published >= TURNS * SECONDS / 2, "{published} swaps");

    let mut table = Table::new(&[
        "64 clients",
        "p50",
        "p99",
        "longest",
        "p99 to still",
        "goal",
    ]);
    let goal = format!("{GOAL} x");
    for (name, times, goal) in [
        ("still", &still, ""),
        ("a swap each second", &swapped, goal.as_str()),
    ] {
        table.row([
            name.to_owned(),
            micros(times.median()),
            micros(times.quantile(99)),
            micros(times.quantile(100)),
            ratio(times.quantile(99), still.quantile(99)),
            goal.to_owned(),
        ]);
    }
    table.print();
    println!(
        "{published} swaps; resident memory {} MB before, {} MB after",
        before / 1024,
        after / 1024
    );
    judge(&still, &swapped, [before, after])
}

/// Whether what was measured is what it is to be.
fn judge(still: &Times, swapped: &Times, [before, after]: [u64; 2]) -> Result<()> {
    let mut missed = Vec::new();
    if swapped.quantile(99) > still.quantile(99) * GOAL {
        missed.push("p99 with swaps is more than its goal");
    }
    if after > before + GROWTH {
        missed.push("memory is not back to where it was");
    }
    match missed.as_slice() {
        [] => Ok(()),
        missed => bail!("{}", missed.join("; ")),
    }
}

/// How often other rules have taken the place of those before.
fn published(broker: &Broker) -> usize {
    broker.output().matches("rules published").count()
}

/// Writes beside and renames.
fn put(file: &Path, rules: &[u8]) -> Result<()> {
    let beside = file.with_extension("next");
    fs::write(&beside, rules)?;
    Ok(fs::rename(beside, file)?)
}

/// The times of statements without swaps and with them.
async fn work(port: u16, id: i32, phase: Arc<AtomicU8>) -> Result<[Times; 2]> {
    let client = connect(port, "USER").await?;
    let read = client.prepare("SELECT n FROM busy WHERE id = $1").await?;
    let mut times = [Times::default(), Times::default()];
    loop {
        let at = phase.load(Ordering::Relaxed);
        if at == END {
            return Ok(times);
        }
        let start = Instant::now();
        let row = client.query_one(&read, &[&id]).await?;
        match at {
            STILL => times[0].since(start),
            SWAPPED => times[1].since(start),
            _ => {}
        }
        ensure!(row.get::<_, i32>(0) == id * 7, "a wrong answer");
    }
}

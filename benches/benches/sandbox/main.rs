//! What a development database is asked for, by the sandbox and by SQLite itself.
//!
//! The floor is plain SQLite that does the same work, with the same settings: what IRIS's rules
//! cost stands between the two. They take turns, so that whatever else the machine does meets both.

mod plain;
mod strict;

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use pgiris_benches::{Table, Times, micros, ratio};

use crate::plain::Plain;
use crate::strict::Strict;

const ROWS: i64 = 1_000_000;
const LOOK_UPS: i64 = 100_000;
const VECTORS: i64 = 100_000;
const DIMENSIONS: i64 = 384;

/// How many of the vectors differ.
const DIFFERENT: i64 = 997;

/// How often what changes nothing is measured.
const TURNS: usize = 3;

/// A database that can do the work; each answer is the number of rows that came of it.
trait Database {
    /// Rows of a key, a text and a number of two decimals, in one transaction.
    fn insert(&mut self) -> Result<i64>;
    /// Rows by their key.
    fn look_up(&mut self) -> Result<i64>;
    /// A filter on a text and one on a number, a sum and a count: how many rows they let through.
    fn filter_and_sum(&mut self) -> Result<i64>;
    /// All rows, all columns.
    fn stream(&mut self) -> Result<i64>;
    /// Vectors given as text, in one transaction.
    fn insert_vectors(&mut self) -> Result<i64>;
    /// The vectors nearest to one, by full scan: how many were asked for.
    fn search_vectors(&mut self) -> Result<i64>;
}

/// Something to do, and how many things it does it to.
struct Task {
    name: &'static str,
    count: i64,
    turns: usize,
    wanted: i64,
    work: fn(&mut dyn Database) -> Result<i64>,
}

const TASKS: [Task; 6] = [
    Task {
        name: "inserts in one transaction",
        count: ROWS,
        turns: 1,
        wanted: ROWS,
        work: |database| database.insert(),
    },
    Task {
        name: "look-ups by key",
        count: LOOK_UPS,
        turns: TURNS,
        wanted: LOOK_UPS,
        work: |database| database.look_up(),
    },
    Task {
        name: "rows scanned, filtered, summed",
        count: ROWS,
        turns: TURNS,
        wanted: ROWS / 2,
        work: |database| database.filter_and_sum(),
    },
    Task {
        name: "rows streamed",
        count: ROWS,
        turns: TURNS,
        wanted: ROWS,
        work: |database| database.stream(),
    },
    Task {
        name: "vectors inserted",
        count: VECTORS,
        turns: 1,
        wanted: VECTORS,
        work: |database| database.insert_vectors(),
    },
    Task {
        name: "vectors searched",
        count: VECTORS,
        turns: TURNS,
        wanted: 5,
        work: |database| database.search_vectors(),
    },
];

fn main() -> Result<()> {
    vector(0);
    let (mut strict, mut plain) = (Strict::open()?, Plain::open()?);
    let mut table = Table::new(&[
        "",
        "count",
        "sandbox",
        "each",
        "SQLite",
        "each",
        "to SQLite",
    ]);
    for task in TASKS {
        let (mut by_sandbox, mut by_sqlite) = (Times::default(), Times::default());
        for _ in 0..task.turns {
            measure(&task, &mut plain, &mut by_sqlite)?;
            measure(&task, &mut strict, &mut by_sandbox)?;
        }
        let (sandbox, sqlite) = (by_sandbox.median(), by_sqlite.median());
        table.row([
            task.name.to_owned(),
            task.count.to_string(),
            format!("{sandbox:.2?}"),
            each(sandbox, task.count),
            format!("{sqlite:.2?}"),
            each(sqlite, task.count),
            ratio(sandbox, sqlite),
        ]);
    }
    table.print();
    Ok(())
}

fn measure(task: &Task, database: &mut dyn Database, times: &mut Times) -> Result<()> {
    let start = Instant::now();
    let found = (task.work)(database)?;
    times.since(start);
    ensure!(
        found == task.wanted,
        "{}: {found} instead of {}",
        task.name,
        task.wanted
    );
    Ok(())
}

fn each(time: Duration, count: i64) -> String {
    micros(time.div_f64(count as f64))
}

fn name(n: i64) -> String {
    format!("name {n}")
}

/// The key that is looked up as number `n`: not in order.
fn key(n: i64) -> i64 {
    n * 7919 % ROWS
}

/// A vector as a client writes it. Writing takes longer than storing, so there are not as many as
/// rows.
fn vector(n: i64) -> &'static str {
    static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| (0..DIFFERENT).map(written).collect());
    &TEXTS[usize::try_from(n % DIFFERENT).unwrap_or_default()]
}

fn written(seed: i64) -> String {
    let parts = (0..DIMENSIONS).map(|n| format!("0.{:03}", (seed * 31 + n * 17) % 997));
    parts.collect::<Vec<_>>().join(",")
}

//! From the start of the process until it accepts clients: with compiled rules in the cache, and without; and how long a
//! translation takes that is in the cache of plans, and one that is not; and what one component costs.
//!
//! The floors are a process that prints its version, and the plan that is at hand.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use pgiris::RulesLimits;
use pgiris::rules::Engine;
use pgiris_benches::{Table, Times, micros, ratio};
use pgiris_tests::{Broker, binary, connect, rules_directory, rules_file};

/// Starts of each; compiling takes seconds.
const WARM: usize = 20;
const COLD: usize = 3;
/// What the log says when a component is in the cache, and the longest that four may take.
const COMPILED: &str = "rules compiled for speed";
const PATIENCE: Duration = Duration::from_secs(300);
/// Statements of each.
const STATEMENTS: usize = 2000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let floor = version()?;
    let mut table = Table::new(&["start", "p50", "p95", "goal", "to a process"]);
    let line = |name: &str, goal: &str, times: &Times| {
        let (middle, slow) = (times.median(), times.quantile(95));
        let to_floor = ratio(middle, floor.median());
        [
            name.to_owned(),
            micros(middle),
            micros(slow),
            goal.to_owned(),
            to_floor,
        ]
    };
    table.row(line("pgiris --version", "", &floor));
    let (one, all) = (rules_file("iris-2025.1")?, rules_directory()?);
    for (name, rules) in [("one component", &one), ("the directory", &all)] {
        let cache = tempfile::tempdir()?;
        let cold = starts(rules, COLD, None)?;
        table.row(line(&format!("{name}, no cache"), "5 s", &cold));
        fill(rules, cache.path())?;
        let warm = starts(rules, WARM, Some(cache.path()))?;
        table.row(line(&format!("{name}, from the cache"), "100 ms", &warm));
    }
    table.print();
    println!();
    component(&one)?;
    println!();
    plans(&one).await
}

/// What a component takes that is not in the cache: time to compile it, and memory of an instance.
fn component(rules: &Path) -> Result<()> {
    let engine = Engine::new(RulesLimits::default())?;
    let (mut read, mut compiled) = (Times::default(), Times::default());
    let mut memory = 0;
    for _ in 0..COLD {
        let start = Instant::now();
        ensure!(!std::fs::read(rules)?.is_empty(), "an empty file");
        read.since(start);
        let start = Instant::now();
        let generation = engine.load(rules)?;
        compiled.since(start);
        memory = generation.instance_memory().iter().sum();
    }
    let mut table = Table::new(&["component", "p50", "to reading it", "an instance's memory"]);
    table.row([
        "compiled".to_owned(),
        micros(compiled.median()),
        ratio(compiled.median(), read.median()),
        format!("{} kB", memory / 1024),
    ]);
    table.print();
    Ok(())
}

/// A process that does nothing.
fn version() -> Result<Times> {
    let mut times = Times::default();
    for _ in 0..WARM {
        let start = Instant::now();
        let status = Command::new(binary()?)
            .arg("--version")
            .stdout(Stdio::null())
            .status()?;
        times.since(start);
        ensure!(status.success(), "pgiris --version fails");
    }
    Ok(times)
}

/// `cache`: the same for each; none: an empty one for each.
fn starts(rules: &Path, count: usize, cache: Option<&Path>) -> Result<Times> {
    let mut times = Times::default();
    for _ in 0..count {
        let empty = tempfile::tempdir()?;
        let begun = Instant::now();
        start(rules, cache.unwrap_or(empty.path()))?;
        times.since(begun);
    }
    Ok(times)
}

/// Until it accepts clients.
fn start(rules: &Path, cache: &Path) -> Result<()> {
    let arguments = ["--rules".into(), OsString::from(rules)];
    let cache = cache.to_str().context("a path of the system's own")?;
    Broker::in_environment(arguments, &[("XDG_CACHE_HOME", cache)]).map(drop)
}

/// Until the cache has what the components are compiled to: by the optimizing compiler, beside the sessions.
fn fill(rules: &Path, cache: &Path) -> Result<()> {
    let components = match rules.is_dir() {
        true => std::fs::read_dir(rules)?.count(),
        false => 1,
    };
    let arguments = ["--rules".into(), OsString::from(rules)];
    let cache = cache.to_str().context("a path of the system's own")?;
    let broker = Broker::in_environment(arguments, &[("XDG_CACHE_HOME", cache)])?;
    let begun = Instant::now();
    while broker.output().matches(COMPILED).count() < components {
        ensure!(
            begun.elapsed() < PATIENCE,
            "not compiled: {}",
            broker.output()
        );
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// The same text again and again, and another one each time.
async fn plans(rules: &Path) -> Result<()> {
    let broker = Broker::with(["--rules".into(), OsString::from(rules)])?;
    let client = connect(broker.port(), "USER").await?;
    let (mut hits, mut misses) = (Times::default(), Times::default());
    for number in 0..STATEMENTS {
        for (text, times) in [
            ("SELECT 1".to_owned(), &mut hits),
            (format!("SELECT {}", number + 2), &mut misses),
        ] {
            let start = Instant::now();
            client.simple_query(&text).await?;
            times.since(start);
        }
    }
    let mut table = Table::new(&["plan of SELECT 1", "p50", "p95", "p50 to one at hand"]);
    for (name, times) in [("at hand", &hits), ("made", &misses)] {
        table.row([
            name.to_owned(),
            micros(times.median()),
            micros(times.quantile(95)),
            ratio(times.median(), hits.median()),
        ]);
    }
    table.print();
    Ok(())
}

//! Runs what `fuzz/` fuzzes over texts that are the same every time: an answer or an SQLCODE, in
//! bounded time and memory, on a stack of two megabytes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod depth;
#[path = "../../fuzz/entry.rs"]
#[allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "shared with the fuzz targets"
)]
mod entry;
mod grammar;
mod mutation;
mod random;
mod size;
mod values;

use std::time::{Duration, Instant};

use pgiris_sandbox::Connection;

/// What a thread has unless it asks for more.
const STACK: usize = 2 << 20;

/// Longest that one statement may take, with room for a slow and busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// On a thread with the usual stack.
fn on_a_usual_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work);
    thread.unwrap().join().expect("it does not panic");
}

/// Runs a statement, which gets an answer or an SQLCODE in time.
fn check(connection: &mut Connection, sql: &str) {
    let start = || sql.chars().take(300).collect::<String>();
    let started = Instant::now();
    if let Err(sqlcode) = entry::run(connection, sql) {
        assert!(sqlcode < 0, "{}", start());
    }
    let elapsed = started.elapsed();
    assert!(elapsed < PATIENCE, "{elapsed:?} for {}", start());
}

//! What a program printed: complete, and the same for two servers.

use std::fmt::Write as _;

use anyhow::{Result, bail, ensure};

/// The last line of every program, so that none that ends early passes.
const END: &str = "-- end";

/// Lines before a difference that say where it is.
const CONTEXT: usize = 2;

/// Fails at the first line that differs, and names all that do if both have as many.
pub(crate) fn compare(expected: &str, actual: &str) -> Result<()> {
    for (server, transcript) in [("PostgreSQL", expected), ("the broker", actual)] {
        let last = transcript.lines().next_back().unwrap_or_default();
        ensure!(last == END, "the program ends early with {server}: {last}");
    }
    let (expected, actual): (Vec<_>, Vec<_>) =
        (expected.lines().collect(), actual.lines().collect());
    if expected == actual {
        return Ok(());
    }
    let mut report = String::new();
    for (at, pair) in expected.iter().zip(&actual).enumerate() {
        if pair.0 == pair.1 {
            continue;
        }
        for before in &expected[at.saturating_sub(CONTEXT)..at] {
            writeln!(report, "      {before}")?;
        }
        writeln!(report, "- PG: {}\n+ us: {}", pair.0, pair.1)?;
        if expected.len() != actual.len() {
            break;
        }
    }
    bail!("the broker does not answer as PostgreSQL does:\n{report}");
}

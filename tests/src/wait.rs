//! Waits for something to become true, with a deadline instead of a guess.

use std::env;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// How long anything in these tests may take before it counts as hanging. Long, because two cores
/// may be running eight tests, each of which compiles rules.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Asks again and again until the answer is there; `None` if it is not within [`DEADLINE`].
pub fn eventually<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + DEADLINE;
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if Instant::now() >= end {
            return None;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// How long what stands for hours of use is kept up: five seconds, or `PGIRIS_SOAK`.
///
/// # Errors
/// That is no number of seconds.
pub fn soak() -> Result<Duration> {
    let seconds = env::var("PGIRIS_SOAK").unwrap_or_else(|_| "5".to_owned());
    let seconds = seconds
        .parse()
        .context("PGIRIS_SOAK is no number of seconds")?;
    Ok(Duration::from_secs(seconds))
}

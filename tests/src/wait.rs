//! Waits for something to become true, with a deadline instead of a guess.

use std::thread;
use std::time::{Duration, Instant};

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

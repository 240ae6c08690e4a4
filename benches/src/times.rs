//! Many timings of one thing, and what is typical of them.

use std::time::{Duration, Instant};

/// Timings, in the order in which they were taken.
#[derive(Clone, Debug, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Adds the time since `start`.
    pub fn since(&mut self, start: Instant) {
        self.0.push(start.elapsed());
    }

    /// Adds the mean time of one of `calls` since `start`: for calls too short to be timed alone.
    pub fn since_each(&mut self, start: Instant, calls: u32) {
        self.0.push(start.elapsed() / calls);
    }

    /// Adds all of these.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Half are faster.
    pub fn median(&self) -> Duration {
        self.quantile(50)
    }

    /// So many of a hundred are faster; zero if nothing was timed.
    pub fn quantile(&self, percent: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let last = sorted.len().saturating_sub(1);
        sorted
            .get(last * percent / 100)
            .copied()
            .unwrap_or_default()
    }
}

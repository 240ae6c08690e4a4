//! How many runs of steps are sent together: enough that the way to the server does not count, so
//! few that who interrupts them does not wait for those behind the one that runs.

use std::time::Duration;

/// Nothing is known of the server yet.
const AT_FIRST: usize = 256;
/// Fewer take longer than one after the other would.
const FEWEST: usize = 16;
/// What waits for an answer takes memory.
const MOST: usize = 4096;
/// What is sent together should take about as long: nobody sees the difference to a statement
/// that ends at once.
const TIME: Duration = Duration::from_millis(50);

/// As many runs as are sent next.
pub(super) struct Pace(usize);

impl Pace {
    pub(super) fn new() -> Self {
        Self(AT_FIRST)
    }

    /// Whether so many are enough.
    pub(super) fn is_reached(&self, runs: usize) -> bool {
        runs >= self.0
    }

    /// What was sent together was answered after so long.
    pub(super) fn took(&mut self, time: Duration) {
        if time > TIME * 2 {
            self.0 = (self.0 / 2).max(FEWEST);
        } else if time < TIME / 2 {
            self.0 = (self.0 * 2).min(MOST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_the_server() {
        let mut pace = Pace::new();
        assert!(pace.is_reached(AT_FIRST) && !pace.is_reached(AT_FIRST - 1));
        for _ in 0..10 {
            pace.took(Duration::from_millis(1));
        }
        assert!(pace.is_reached(MOST) && !pace.is_reached(MOST - 1));
        pace.took(TIME);
        assert!(!pace.is_reached(MOST - 1));
        for _ in 0..10 {
            pace.took(Duration::from_secs(1));
        }
        assert!(pace.is_reached(FEWEST) && !pace.is_reached(FEWEST - 1));
    }
}

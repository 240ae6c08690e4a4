//! How long the broker waits before it tries to connect again. Pure.

use std::time::{Duration, Instant};

use crate::upstream::UpstreamError;

/// The pause after the first failure.
const FIRST: Duration = Duration::from_millis(100);

/// The pause after failures, each twice as long as the one before, up to a limit.
#[derive(Debug)]
pub(super) struct Backoff {
    longest: Duration,
    failed: Option<Failed>,
}

#[derive(Debug)]
struct Failed {
    until: Instant,
    pause: Duration,
    error: UpstreamError,
}

impl Backoff {
    pub(super) fn new(longest: Duration) -> Self {
        Self {
            longest,
            failed: None,
        }
    }

    /// A connection was opened.
    pub(super) fn succeeded(&mut self) {
        self.failed = None;
    }

    /// None could be. Several attempts that were under way together count once.
    pub(super) fn failed(&mut self, error: &UpstreamError, now: Instant) {
        let pause = match &self.failed {
            Some(failed) if now < failed.until => return,
            Some(failed) => failed.pause.saturating_mul(2),
            None => FIRST,
        };
        let pause = pause.min(self.longest);
        self.failed = Some(Failed {
            until: now + pause,
            pause,
            error: error.clone(),
        });
    }

    /// Why none is opened now; `None`: one may be.
    pub(super) fn reason(&self, now: Instant) -> Option<&UpstreamError> {
        let failed = self.failed.as_ref().filter(|failed| now < failed.until)?;
        Some(&failed.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::UpstreamErrorKind;

    #[test]
    fn pauses_grow_up_to_their_limit() {
        let error = UpstreamError {
            kind: UpstreamErrorKind::Connection,
            sqlcode: 0,
            sqlstate: None,
            message: "down".to_owned(),
        };
        let mut backoff = Backoff::new(Duration::from_millis(300));
        let mut now = Instant::now();
        assert!(backoff.reason(now).is_none());
        for pause in [100, 200, 300, 300] {
            backoff.failed(&error, now);
            // Another attempt that began at the same time.
            backoff.failed(&error, now);
            let end = now + Duration::from_millis(pause);
            assert_eq!(backoff.reason(end - Duration::from_millis(1)), Some(&error));
            assert!(backoff.reason(end).is_none(), "{pause}");
            now = end;
        }
        backoff.succeeded();
        backoff.failed(&error, now);
        assert!(backoff.reason(now + FIRST).is_none());
    }
}

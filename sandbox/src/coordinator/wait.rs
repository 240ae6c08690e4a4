//! How long a statement waits for others, and what ends the wait.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::{Result, SqlError};

/// One statement's patience.
pub(crate) struct Wait<'a> {
    deadline: Option<Instant>,
    interrupted: Option<&'a AtomicBool>,
    /// -110 for a writer, -114 for a reader.
    code: i32,
}

impl<'a> Wait<'a> {
    /// For `timeout` from now on, or until interrupted.
    pub(crate) fn new(timeout: Duration, interrupted: &'a AtomicBool, code: i32) -> Self {
        Self {
            deadline: Instant::now().checked_add(timeout),
            interrupted: Some(interrupted),
            code,
        }
    }

    /// Until interrupted: a statement of somebody else ends soon.
    pub(crate) fn patient(interrupted: &'a AtomicBool) -> Self {
        Self {
            deadline: None,
            interrupted: Some(interrupted),
            code: -110,
        }
    }

    /// For what must not fail: the end of a transaction.
    pub(crate) const fn forever() -> Self {
        Self {
            deadline: None,
            interrupted: None,
            code: -110,
        }
    }

    /// The time that is left; `None` is any.
    pub(super) fn left(&self) -> Result<Option<Duration>> {
        if self
            .interrupted
            .is_some_and(|flag| flag.load(Ordering::SeqCst))
        {
            return Err(SqlError::code(-456));
        }
        let Some(deadline) = self.deadline else {
            return Ok(None);
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            Err(SqlError::code(self.code))
        } else {
            Ok(Some(left))
        }
    }
}

//! How many bytes the stages hold, about.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Row, Stopped};

/// What a value takes beside its text, with what is read of it.
const OF_VALUE: usize = 64;

/// The bytes that somebody holds, of those that several may hold together. They are given back with it.
pub(crate) struct Memory {
    held: usize,
    of_all: Arc<OfAll>,
}

struct OfAll {
    held: AtomicUsize,
    most: usize,
}

impl Memory {
    /// Of so many bytes.
    pub(crate) fn new(most: usize) -> Self {
        let held = AtomicUsize::new(0);
        Self {
            held: 0,
            of_all: Arc::new(OfAll { held, most }),
        }
    }

    /// For somebody else who holds some of the same bytes.
    pub(crate) fn share(&self) -> Self {
        Self {
            held: 0,
            of_all: Arc::clone(&self.of_all),
        }
    }

    /// # Errors
    /// It is too much.
    pub(crate) fn hold(&mut self, bytes: usize) -> Result<(), Stopped> {
        self.held = self.held.saturating_add(bytes);
        let before = self.of_all.held.fetch_add(bytes, Ordering::Relaxed);
        match before.saturating_add(bytes) > self.of_all.most {
            true => Err(Stopped::Memory),
            false => Ok(()),
        }
    }

    pub(super) fn release(&mut self, bytes: usize) {
        let bytes = bytes.min(self.held);
        self.held -= bytes;
        self.of_all.held.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(super) fn held(&self) -> usize {
        self.held
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.release(self.held);
    }
}

/// What a row takes.
pub(crate) fn size_of_row(row: &Row) -> usize {
    let values = row.iter().flatten();
    values.fold(size_of::<Row>(), |size, value| size + value.len()) + row.len() * OF_VALUE
}

/// What a value takes that was read of such a text.
pub(super) fn size_of_text(text: Option<&str>) -> usize {
    text.map_or(0, str::len) + OF_VALUE
}

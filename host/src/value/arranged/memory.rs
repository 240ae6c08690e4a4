//! How many bytes the stages hold, about.

use super::{Row, Stopped};

/// What a value takes beside its text, with what is read of it.
const OF_VALUE: usize = 64;

/// The bytes that are held, and that may be.
pub(super) struct Memory {
    held: usize,
    most: usize,
}

impl Memory {
    pub(super) fn new(most: usize) -> Self {
        Self { held: 0, most }
    }

    /// # Errors
    /// It is too much.
    pub(super) fn hold(&mut self, bytes: usize) -> Result<(), Stopped> {
        self.held = self.held.saturating_add(bytes);
        match self.held > self.most {
            true => Err(Stopped::Memory),
            false => Ok(()),
        }
    }

    pub(super) fn release(&mut self, bytes: usize) {
        self.held = self.held.saturating_sub(bytes);
    }
}

/// What a row takes.
pub(super) fn size_of_row(row: &Row) -> usize {
    let values = row.iter().flatten();
    values.fold(size_of::<Row>(), |size, value| size + value.len()) + row.len() * OF_VALUE
}

/// What a value takes that was read of such a text.
pub(super) fn size_of_text(text: Option<&str>) -> usize {
    text.map_or(0, str::len) + OF_VALUE
}

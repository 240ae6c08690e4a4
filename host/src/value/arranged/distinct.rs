//! Of rows that are equal only the first.

use std::collections::HashSet;

use super::memory::{Memory, size_of_text};
use super::{Row, Stopped, text};
use crate::rules::wit_plan::TypedValue;
use crate::value::ValueError;
use crate::value::order::{Comparable, Key};

/// The rows that were there.
pub(super) struct Distinct {
    values: Vec<TypedValue>,
    seen: HashSet<Vec<Option<Comparable>>>,
    memory: Memory,
}

impl Distinct {
    pub(super) fn new(values: &[TypedValue], memory: Memory) -> Self {
        Self {
            values: values.to_vec(),
            seen: HashSet::new(),
            memory,
        }
    }

    /// # Errors
    /// A value is none of its type, or too much is held.
    pub(super) fn is_new(&mut self, row: &Row) -> Result<bool, Stopped> {
        let (read, size) = read(&self.values, row)?;
        let is_new = self.seen.insert(read);
        if is_new {
            self.memory.hold(size)?;
        }
        Ok(is_new)
    }
}

/// Values of a row, and what they take.
///
/// # Errors
/// A value is none of its type.
pub(super) fn read(
    values: &[TypedValue],
    row: &Row,
) -> Result<(Vec<Option<Comparable>>, usize), ValueError> {
    let mut all = Vec::with_capacity(values.len());
    let mut size = 0;
    for value in values {
        let written = text(row, value.number)?;
        size += size_of_text(written);
        all.push(Key::ascending(value.type_oid).read(written)?);
    }
    Ok((all, size))
}

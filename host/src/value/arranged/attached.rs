//! Rows that are kept in a slot, joined with the rows here.

use std::collections::HashMap;
use std::vec::IntoIter;

use super::memory::{Memory, size_of_row, size_of_text};
use super::{Row, Rows, Stopped, text};
use crate::rules::wit_plan::{AttachedKey, Attachment};
use crate::value::ValueError;
use crate::value::order::{Comparable, Key};

/// The rows here, by the values that must be equal.
pub(super) struct Attached {
    rule: Attachment,
    kept: Rows,
    rows: Vec<Row>,
    numbers: HashMap<Vec<Comparable>, Vec<usize>>,
    memory: Memory,
}

/// The rows of the join.
pub(super) struct Joined {
    attached: Attached,
    /// The number of the row in the slot that is next.
    next: usize,
    /// Those of the rows here for the one before.
    found: IntoIter<usize>,
}

impl Attached {
    pub(super) fn new(rule: Attachment, kept: Rows, memory: Memory) -> Self {
        Self {
            rule,
            kept,
            rows: Vec::new(),
            numbers: HashMap::new(),
            memory,
        }
    }

    /// A row here; without keys all are equal.
    ///
    /// # Errors
    /// A value is none of its type, or too much is held.
    pub(super) fn push(&mut self, row: Row) -> Result<(), Stopped> {
        let Some((values, size)) = self.keys(&row, |key| key.value.number)? else {
            return Ok(());
        };
        self.memory
            .hold(size + size_of_row(&row) + size_of::<usize>())?;
        let numbers = self.numbers.entry(values).or_default();
        numbers.push(self.rows.len());
        self.rows.push(row);
        Ok(())
    }

    /// None if one of them is NULL, which is equal to nothing.
    fn keys(
        &self,
        row: &Row,
        number: fn(&AttachedKey) -> u32,
    ) -> Result<Option<(Vec<Comparable>, usize)>, ValueError> {
        let mut values = Vec::with_capacity(self.rule.keys.len());
        let mut size = 0;
        for key in &self.rule.keys {
            let written = text(row, number(key))?;
            let Some(value) = Key::ascending(key.value.type_oid).read(written)? else {
                return Ok(None);
            };
            size += size_of_text(written);
            values.push(value);
        }
        Ok(Some((values, size)))
    }

    /// All rows here have come.
    pub(super) fn finish(self) -> Joined {
        Joined {
            attached: self,
            next: 0,
            found: Vec::new().into_iter(),
        }
    }

    /// A row in the slot with one here, or with NULL.
    fn joined(&self, kept: &Row, row: Option<&Row>) -> Row {
        let width = kept.len() + self.rule.width as usize;
        let mut all = Vec::with_capacity(width);
        all.extend_from_slice(kept);
        all.extend_from_slice(row.map_or(&[], Vec::as_slice));
        all.resize(width, None);
        all
    }
}

impl Iterator for Joined {
    type Item = Result<Row, Stopped>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let attached = &self.attached;
            if let Some(number) = self.found.next() {
                let kept = attached.kept.get(self.next.checked_sub(1)?)?;
                return Some(Ok(attached.joined(kept, attached.rows.get(number))));
            }
            let kept = attached.kept.get(self.next)?;
            self.next += 1;
            let keys = match attached.keys(kept, |key| key.kept) {
                Ok(keys) => keys,
                Err(error) => return Some(Err(error.into())),
            };
            match keys.and_then(|(keys, _)| attached.numbers.get(&keys)) {
                Some(numbers) => self.found = numbers.clone().into_iter(),
                None if attached.rule.outer => return Some(Ok(attached.joined(kept, None))),
                None => {}
            }
        }
    }
}

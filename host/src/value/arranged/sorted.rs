//! Rows in the order of keys.

use std::cmp::Ordering;

use super::distinct::read;
use super::memory::{Memory, size_of_row};
use super::{Row, Stopped};
use crate::rules::wit_plan::{SortKey, TypedValue};
use crate::value::order::{Comparable, Key, compare};

/// Rows that are held beyond those that are wanted, before the last ones go.
const SLACK: usize = 64;

/// The rows so far; of equal keys they stay in the order in which they came.
pub(super) struct Sorted {
    keys: Vec<Key>,
    values: Vec<TypedValue>,
    rows: Vec<Keyed>,
    /// Of the first rows in order these are wanted.
    wanted: Option<usize>,
    /// What is wanted is at the front, in order; what is behind its last row cannot come to it.
    is_cut: bool,
    memory: Memory,
}

/// A row with its keys.
struct Keyed {
    keys: Vec<Option<Comparable>>,
    row: Row,
    size: usize,
}

impl Sorted {
    pub(super) fn new(keys: &[SortKey], wanted: Option<u64>, memory: Memory) -> Self {
        Self {
            keys: keys.iter().map(key).collect(),
            values: keys.iter().map(|key| key.value).collect(),
            rows: Vec::new(),
            wanted: wanted.and_then(|wanted| usize::try_from(wanted).ok()),
            is_cut: false,
            memory,
        }
    }

    /// # Errors
    /// A value is none of its type, or too much is held.
    pub(super) fn push(&mut self, row: Row) -> Result<(), Stopped> {
        let (keys, size) = read(&self.values, &row)?;
        let size = size + size_of_row(&row);
        let keyed = Keyed { keys, row, size };
        if self.is_behind(&keyed) {
            return Ok(());
        }
        self.rows.push(keyed);
        self.memory.hold(size)?;
        if let Some(wanted) = self.wanted
            && self.rows.len() >= wanted.saturating_mul(2).saturating_add(SLACK)
        {
            self.sort();
            for row in self.rows.drain(wanted..) {
                self.memory.release(row.size);
            }
            self.is_cut = true;
        }
        Ok(())
    }

    fn is_behind(&self, keyed: &Keyed) -> bool {
        let last = self.wanted.and_then(|wanted| wanted.checked_sub(1));
        match last.and_then(|last| self.rows.get(last)) {
            Some(last) if self.is_cut => {
                compare(&self.keys, &last.keys, &keyed.keys) != Ordering::Greater
            }
            _ => false,
        }
    }

    fn sort(&mut self) {
        let keys = &self.keys;
        self.rows
            .sort_by(|left, right| compare(keys, &left.keys, &right.keys));
    }

    /// The rows in order.
    pub(super) fn finish(mut self) -> impl Iterator<Item = Row> + Send {
        self.sort();
        let (rows, mut memory) = (self.rows, self.memory);
        rows.into_iter().map(move |keyed| {
            memory.release(keyed.size);
            keyed.row
        })
    }
}

/// How a key orders its values.
pub(super) fn key(key: &SortKey) -> Key {
    Key {
        type_oid: key.value.type_oid,
        descends: key.descending,
        nulls_first: key.nulls_first,
    }
}

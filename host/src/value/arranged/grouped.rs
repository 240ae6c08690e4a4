//! Rows that become one, with what aggregate functions make of them.

use std::collections::HashMap;

use bytes::Bytes;

use super::aggregate::Call;
use super::distinct::read;
use super::memory::{Memory, size_of_row};
use super::{Row, Stopped, value};
use crate::rules::wit_plan::Grouping;
use crate::value::ValueError;
use crate::value::order::Comparable;

/// What a group takes beside its keys, for each of its aggregates.
const OF_CALL: usize = 256;

/// The groups so far, in the order of their first rows.
pub(super) struct Groups {
    grouping: Grouping,
    numbers: HashMap<Vec<Option<Comparable>>, usize>,
    groups: Vec<Group>,
    memory: Memory,
}

/// A group: the keys of its first row, and what comes of all rows.
struct Group {
    keys: Row,
    calls: Vec<Call>,
    size: usize,
}

impl Groups {
    pub(super) fn new(grouping: Grouping, memory: Memory) -> Self {
        let mut groups = Self {
            grouping,
            numbers: HashMap::new(),
            groups: Vec::new(),
            memory,
        };
        if groups.grouping.keys.is_empty() {
            groups.numbers.insert(Vec::new(), 0);
            groups.groups.push(groups.group(Vec::new()));
        }
        groups
    }

    fn group(&self, keys: Row) -> Group {
        let aggregates = self.grouping.aggregates.iter();
        Group {
            calls: aggregates.filter_map(Call::new).collect(),
            size: 0,
            keys,
        }
    }

    /// # Errors
    /// A value is none of its type, an aggregate function refuses it, or too much is held.
    pub(super) fn push(&mut self, row: &Row) -> Result<(), Stopped> {
        let (keys, mut size) = read(&self.grouping.keys, row)?;
        let number = match self.numbers.get(&keys) {
            Some(number) => {
                size = 0;
                *number
            }
            None => {
                let number = self.groups.len();
                let shown = self.grouping.keys.iter();
                let shown: Row = shown.map(|key| value(row, key.number).cloned()).collect();
                size += size_of_row(&shown) + self.grouping.aggregates.len() * OF_CALL;
                let group = self.group(shown);
                self.groups.push(group);
                self.numbers.insert(keys, number);
                number
            }
        };
        if let Some(group) = self.groups.get_mut(number) {
            let aggregates = self.grouping.aggregates.iter();
            for (aggregate, call) in aggregates.zip(&mut group.calls) {
                size += call.push(aggregate, row)?;
            }
            group.size += size;
        }
        self.memory.hold(size)
    }

    /// The rows of the groups.
    pub(super) fn finish(self) -> impl Iterator<Item = Result<Row, Stopped>> + Send {
        let (groups, mut memory) = (self.groups, self.memory);
        groups.into_iter().map(move |group| {
            memory.release(group.size);
            Ok(group.result()?)
        })
    }
}

impl Group {
    /// The row of the group.
    ///
    /// # Errors
    /// A result is out of range.
    fn result(self) -> Result<Row, ValueError> {
        let mut row = self.keys;
        for mut call in self.calls {
            row.push(call.result()?.map(Bytes::from));
        }
        Ok(row)
    }
}

//! Rows that are kept in a slot as well, or only the others: INTERSECT and EXCEPT.

use std::collections::HashMap;

use super::distinct::read;
use super::memory::Memory;
use super::{Row, Rows, Stopped};
use crate::rules::wit_plan::{RowMatch, TypedValue};
use crate::value::order::Comparable;

/// How often there are rows in the slot to which none here has come yet.
pub(super) struct Matched {
    rule: RowMatch,
    /// The rows of the slot, as long as they are not counted.
    kept: Option<Rows>,
    counts: HashMap<Vec<Option<Comparable>>, usize>,
    memory: Memory,
}

impl Matched {
    pub(super) fn new(rule: RowMatch, kept: Rows, memory: Memory) -> Self {
        Self {
            rule,
            kept: Some(kept),
            counts: HashMap::new(),
            memory,
        }
    }

    /// # Errors
    /// A value is none of its type, or too much is held.
    pub(super) fn lets_through(&mut self, row: &Row) -> Result<bool, Stopped> {
        if let Some(kept) = self.kept.take() {
            self.count(&kept)?;
        }
        let (values, size) = read(&self.rule.values, row)?;
        Ok(match (self.rule.except, self.rule.all) {
            (false, true) => self.take_one(&values),
            (false, false) => self.counts.remove(&values).is_some(),
            (true, true) => !self.take_one(&values),
            (true, false) => {
                let is_new = self.counts.insert(values, 1).is_none();
                if is_new {
                    self.memory.hold(size)?;
                }
                is_new
            }
        })
    }

    /// The values of a row in the slot stand in the order in which they are compared.
    fn count(&mut self, kept: &[Row]) -> Result<(), Stopped> {
        let values: Vec<TypedValue> = self
            .rule
            .values
            .iter()
            .zip(0..)
            .map(|(value, number)| TypedValue { number, ..*value })
            .collect();
        for row in kept {
            let (values, size) = read(&values, row)?;
            let count = self.counts.entry(values).or_insert(0);
            if *count == 0 {
                self.memory.hold(size)?;
            }
            *count += 1;
        }
        Ok(())
    }

    fn take_one(&mut self, values: &[Option<Comparable>]) -> bool {
        match self.counts.get_mut(values) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }
}

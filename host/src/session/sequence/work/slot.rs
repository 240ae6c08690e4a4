//! Rows that a step kept, for later steps.

use std::sync::Arc;

use bytes::Bytes;

use crate::frontend::reply::ResultColumn;
use crate::rules::{Step, wit_plan};
use crate::upstream::Oid;
use crate::value::arranged::{Memory, Row, Rows, Stopped, size_of_row};

/// Rows with the types of their columns.
#[derive(Default)]
pub(super) struct Slot {
    pub(super) types: Vec<Oid>,
    pub(super) rows: Rows,
    /// The step that keeps them.
    pub(super) step: usize,
    /// What rows take that were arranged.
    memory: Option<Memory>,
}

/// The types of the values that a step keeps.
pub(in crate::session::sequence) fn kept_types(step: &Step, columns: &[ResultColumn]) -> Vec<Oid> {
    if let Some(arrangement) = &step.arrangement {
        let columns = arrangement.columns.iter();
        return columns.map(|column| column.type_oid).collect();
    }
    let mut types: Vec<Oid> = columns.iter().map(|column| column.type_oid).collect();
    for column in &step.computed {
        if let Some(known) = types.get_mut(column.number as usize) {
            *known = column.type_oid;
        }
    }
    types
}

/// The slots whose rows a step arranges with its own.
pub(super) fn read_by(step: &Step) -> impl Iterator<Item = u32> {
    let arrangement = step.arrangement.iter();
    let stages = arrangement.flat_map(|arrangement| &arrangement.stages);
    stages.filter_map(|stage| match stage {
        wit_plan::Stage::Appended(slot) => Some(*slot),
        wit_plan::Stage::Matched(rule) => Some(rule.slot),
        wit_plan::Stage::Attached(rule) => Some(rule.slot),
        _ => None,
    })
}

impl Slot {
    /// Of a step; rows that are arranged are held of these bytes.
    pub(super) fn new(step: usize, types: Vec<Oid>, memory: Memory) -> Self {
        Self {
            types,
            rows: Rows::default(),
            step,
            memory: Some(memory),
        }
    }

    pub(super) fn push(&mut self, row: Row) {
        Arc::make_mut(&mut self.rows).push(row);
    }

    /// Rows that were made of those of the server: as many of their values as they have columns.
    ///
    /// # Errors
    /// Too much is held.
    pub(super) fn extend(&mut self, rows: Vec<Row>) -> Result<(), Stopped> {
        for mut row in rows {
            row.truncate(self.types.len());
            if let Some(memory) = &mut self.memory {
                memory.hold(size_of_row(&row))?;
            }
            self.push(row);
        }
        Ok(())
    }

    pub(super) fn value(&self, row: usize, column: usize) -> Option<&Bytes> {
        self.rows.get(row)?.get(column)?.as_ref()
    }

    /// The values of a column, with commas between; none if there are none.
    pub(super) fn joined(&self, column: usize) -> Option<Bytes> {
        let values = self.rows.iter().filter_map(|row| row.get(column)?.as_ref());
        let values: Vec<&[u8]> = values.map(AsRef::as_ref).collect();
        (!values.is_empty()).then(|| Bytes::from(values.join(&b',')))
    }
}

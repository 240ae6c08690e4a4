//! What the host makes of all rows of a step, as an arrangement says: rows are pushed in one by one, and
//! taken out when they are ready. Values are texts in PostgreSQL's text format.

mod aggregate;
mod distinct;
mod expanded;
mod grouped;
mod memory;
mod sorted;
mod sound;

use std::sync::Arc;

use bytes::Bytes;

use super::{ValueError, computed};
use crate::rules::wit_plan::{Grouping, Instruction, SortKey, TypedValue};

use distinct::Distinct;
use expanded::Expansion;
use grouped::Groups;
use memory::Memory;
use sorted::Sorted;
pub(crate) use sound::is_sound;

/// The values of a row; none for NULL.
pub(crate) type Row = Vec<Option<Bytes>>;

/// One thing that is done to rows; parameters are bound.
pub(crate) enum Stage {
    /// A row becomes the results of these instructions.
    Computed(Vec<Arc<[Instruction]>>),
    /// Rows for which the result is true.
    KeptIf(Arc<[Instruction]>),
    /// A row becomes as many as a function gives rows.
    Expanded {
        /// `pg_proc.prosrc`
        name: String,
        /// On the values of the row.
        operands: Vec<Arc<[Instruction]>>,
        /// Whether the number of the row stands behind its values.
        ordinality: bool,
        /// Whether a row of which the function gives none is kept.
        outer: bool,
    },
    /// All rows of a group become one.
    Grouped(Grouping),
    /// Of rows that are equal in these values only the first.
    Distinct(Vec<TypedValue>),
    /// Rows in the order of these keys.
    Sorted(Vec<SortKey>),
    /// So many rows, behind those that are left out.
    Limited {
        /// None: all.
        limit: Option<u64>,
        offset: u64,
    },
}

/// Why an arrangement cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// What PostgreSQL refuses as well, or a value that is none of its type.
    Value(ValueError),
    /// More bytes are held than there may be.
    Memory,
}

impl From<ValueError> for Stopped {
    fn from(error: ValueError) -> Self {
        Self::Value(error)
    }
}

/// The stages of an arrangement, at work.
pub(crate) struct Pipeline {
    stages: Vec<Work>,
    out: Out,
}

/// What the stages share.
struct Out {
    rows: Vec<Row>,
    memory: Memory,
}

/// A stage with what it holds.
enum Work {
    Computed(Vec<Arc<[Instruction]>>),
    KeptIf(Arc<[Instruction]>),
    Expanded(Expansion),
    Grouped(Groups),
    Distinct(Distinct),
    Sorted(Sorted),
    Limited(Limit),
}

/// How many rows are to be left out, and to be let through, from now on.
struct Limit {
    rest: Option<u64>,
    offset: u64,
}

impl Pipeline {
    /// Stages that [`is_sound`] allows, and how many bytes they may hold.
    pub(crate) fn new(stages: Vec<Stage>, memory: usize) -> Self {
        let mut rest = stages.into_iter().peekable();
        let mut stages = Vec::new();
        while let Some(stage) = rest.next() {
            stages.push(Work::new(stage, rest.peek()));
        }
        Self {
            stages,
            out: Out {
                rows: Vec::new(),
                memory: Memory::new(memory),
            },
        }
    }

    /// One row of the step.
    ///
    /// # Errors
    /// A value is refused, or too much is held; nothing may be done with the pipeline then.
    pub(crate) fn push(&mut self, row: Row) -> Result<(), Stopped> {
        feed(&mut self.stages, row, &mut self.out)
    }

    /// The rows that are ready so far.
    pub(crate) fn take(&mut self) -> Vec<Row> {
        for row in &self.out.rows {
            self.out.memory.release(memory::size_of_row(row));
        }
        std::mem::take(&mut self.out.rows)
    }

    /// There are no more rows of the step: what the stages hold becomes ready.
    ///
    /// # Errors
    /// As of [`Self::push`].
    pub(crate) fn finish(&mut self) -> Result<(), Stopped> {
        let mut stages = self.stages.as_mut_slice();
        while let Some((stage, behind)) = stages.split_first_mut() {
            match stage {
                Work::Sorted(sorted) => {
                    for (row, size) in sorted.finish() {
                        if is_full(behind) {
                            break;
                        }
                        self.out.memory.release(size);
                        feed(behind, row, &mut self.out)?;
                    }
                }
                Work::Grouped(groups) => {
                    for group in groups.finish() {
                        if is_full(behind) {
                            break;
                        }
                        let (row, size) = group.result()?;
                        self.out.memory.release(size);
                        feed(behind, row, &mut self.out)?;
                    }
                }
                _ => {}
            }
            stages = behind;
        }
        Ok(())
    }

    /// Whether no more rows are wanted, because there are as many as a limit lets through.
    pub(crate) fn is_full(&self) -> bool {
        is_full(&self.stages)
    }
}

impl Work {
    /// By the stage itself, and the one behind it.
    fn new(stage: Stage, next: Option<&Stage>) -> Self {
        match stage {
            Stage::Computed(columns) => Self::Computed(columns),
            Stage::KeptIf(condition) => Self::KeptIf(condition),
            Stage::Expanded {
                name,
                operands,
                ordinality,
                outer,
            } => Self::Expanded(Expansion {
                name,
                operands,
                ordinality,
                outer,
            }),
            Stage::Grouped(grouping) => Self::Grouped(Groups::new(grouping)),
            Stage::Distinct(values) => Self::Distinct(Distinct::new(&values)),
            Stage::Sorted(keys) => {
                let wanted = match next {
                    Some(Stage::Limited { limit, offset }) => {
                        limit.and_then(|limit| limit.checked_add(*offset))
                    }
                    _ => None,
                };
                Self::Sorted(Sorted::new(&keys, wanted))
            }
            Stage::Limited { limit, offset } => Self::Limited(Limit {
                rest: limit,
                offset,
            }),
        }
    }
}

impl Limit {
    fn lets_through(&mut self) -> bool {
        if self.offset > 0 {
            self.offset -= 1;
            return false;
        }
        match &mut self.rest {
            None => true,
            Some(0) => false,
            Some(rest) => {
                *rest -= 1;
                true
            }
        }
    }
}

fn is_full(stages: &[Work]) -> bool {
    let is_reached = |stage: &Work| matches!(stage, Work::Limited(Limit { rest: Some(0), .. }));
    stages.iter().any(is_reached)
}

/// Gives a row to the first of the stages.
fn feed(stages: &mut [Work], row: Row, out: &mut Out) -> Result<(), Stopped> {
    if is_full(stages) {
        return Ok(());
    }
    let Some((stage, behind)) = stages.split_first_mut() else {
        out.memory.hold(memory::size_of_row(&row))?;
        out.rows.push(row);
        return Ok(());
    };
    match stage {
        Work::Computed(columns) => {
            let computed = columns.iter().map(|column| result(column, &row));
            let computed = computed.collect::<Result<Row, ValueError>>()?;
            feed(behind, computed, out)
        }
        Work::KeptIf(condition) => match result(condition, &row)? {
            Some(truth) if *truth == *b"t" => feed(behind, row, out),
            _ => Ok(()),
        },
        Work::Expanded(expansion) => {
            for row in expansion.rows(row)? {
                if is_full(behind) {
                    break;
                }
                feed(behind, row?, out)?;
            }
            Ok(())
        }
        Work::Grouped(groups) => groups.push(&row, &mut out.memory),
        Work::Distinct(distinct) => match distinct.is_new(&row, &mut out.memory)? {
            true => feed(behind, row, out),
            false => Ok(()),
        },
        Work::Sorted(sorted) => sorted.push(row, &mut out.memory),
        Work::Limited(limit) => match limit.lets_through() {
            true => feed(behind, row, out),
            false => Ok(()),
        },
    }
}

/// The result of instructions on the values of a row.
fn result(instructions: &[Instruction], row: &Row) -> Result<Option<Bytes>, ValueError> {
    // A value that stays as it is is shared.
    if let [Instruction::Column(number)] = instructions {
        return Ok(value(row, *number).cloned());
    }
    let computed = computed::result(instructions, |number| {
        value(row, number).map(|bytes| &bytes[..])
    })?;
    Ok(computed.map(Bytes::from))
}

fn value(row: &Row, number: u32) -> Option<&Bytes> {
    row.get(number as usize)?.as_ref()
}

/// The text of a value of a row.
fn text(row: &Row, number: u32) -> Result<Option<&str>, ValueError> {
    value(row, number)
        .map(|bytes| super::text::utf8(bytes))
        .transpose()
}

#[cfg(test)]
mod tests;

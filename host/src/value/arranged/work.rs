//! Stages at work: what each holds, and where its rows go.

use std::sync::Arc;

use super::attached::Attached;
use super::distinct::Distinct;
use super::expanded::Expansion;
use super::grouped::Groups;
use super::matched::Matched;
use super::memory::{Memory, size_of_row};
use super::sorted::Sorted;
use super::windowed::Windows;
use super::{Row, Rows, Stage, Stopped, result};
use crate::rules::wit_plan::Instruction;
use crate::value::ValueError;

/// Rows that a stage leaves when no more come to it.
pub(super) type Rest = Box<dyn Iterator<Item = Result<Row, Stopped>> + Send>;

/// Rows that are ready.
pub(super) struct Out {
    pub(super) rows: Vec<Row>,
    pub(super) memory: Memory,
    /// Whether nobody waits for them any more.
    pub(super) is_stopped: Box<dyn Fn() -> bool + Send + Sync>,
}

impl Out {
    pub(super) fn go_on(&self) -> Result<(), Stopped> {
        match (self.is_stopped)() {
            true => Err(Stopped::Interrupted),
            false => Ok(()),
        }
    }
}

/// A stage with what it holds.
pub(super) enum Work {
    Computed(Vec<Arc<[Instruction]>>),
    KeptIf(Arc<[Instruction]>),
    Expanded(Expansion),
    Grouped(Groups),
    Distinct(Distinct),
    Sorted(Sorted),
    Limited(Limit),
    Windowed(Windows),
    Appended(Rows),
    Matched(Matched),
    Attached(Attached),
    /// No more rows come to it.
    Ended,
}

/// How many rows are to be left out, and to be let through, from now on.
pub(super) struct Limit {
    rest: Option<u64>,
    offset: u64,
}

impl Work {
    /// By the stage itself, and the one behind it; it holds of the same bytes as others.
    pub(super) fn new(stage: Stage, next: Option<&Stage>, memory: &Memory) -> Self {
        let memory = memory.share();
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
            Stage::Grouped(grouping) => Self::Grouped(Groups::new(grouping, memory)),
            Stage::Distinct(values) => Self::Distinct(Distinct::new(&values, memory)),
            Stage::Sorted(keys) => {
                let wanted = match next {
                    Some(Stage::Limited { limit, offset }) => {
                        limit.and_then(|limit| limit.checked_add(*offset))
                    }
                    _ => None,
                };
                Self::Sorted(Sorted::new(&keys, wanted, memory))
            }
            Stage::Limited { limit, offset } => Self::Limited(Limit {
                rest: limit,
                offset,
            }),
            Stage::Windowed(windows) => Self::Windowed(Windows::new(windows, memory)),
            Stage::Appended(kept) => Self::Appended(kept),
            Stage::Matched { rule, kept } => Self::Matched(Matched::new(rule, kept, memory)),
            Stage::Attached { rule, kept } => Self::Attached(Attached::new(rule, kept, memory)),
        }
    }

    /// All rows have come: what it leaves now.
    ///
    /// # Errors
    /// A value is refused, or too much is held.
    pub(super) fn finish(&mut self) -> Result<Rest, Stopped> {
        Ok(match std::mem::replace(self, Self::Ended) {
            Self::Sorted(sorted) => Box::new(sorted.finish().map(Ok)),
            Self::Grouped(groups) => Box::new(groups.finish()),
            Self::Windowed(windows) => Box::new(windows.finish()?.map(Ok)),
            Self::Appended(kept) => {
                let numbers = 0..kept.len();
                Box::new(numbers.filter_map(move |number| kept.get(number).cloned().map(Ok)))
            }
            Self::Attached(attached) => Box::new(attached.finish()),
            _ => Box::new(std::iter::empty()),
        })
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

/// Whether none of the rows that come to the first of the stages would be left by all of them. Those
/// that a stage leaves at the end are others: they come to the stages behind it alone.
pub(super) fn is_full(stages: &[Work]) -> bool {
    let is_reached = |stage: &Work| matches!(stage, Work::Limited(Limit { rest: Some(0), .. }));
    stages.iter().any(is_reached)
}

/// Gives a row to the first of the stages.
pub(super) fn feed(stages: &mut [Work], row: Row, out: &mut Out) -> Result<(), Stopped> {
    if is_full(stages) {
        return Ok(());
    }
    let Some((stage, behind)) = stages.split_first_mut() else {
        out.memory.hold(size_of_row(&row))?;
        out.rows.push(row);
        return Ok(());
    };
    let is_left = match stage {
        Work::Computed(columns) => {
            let computed = columns.iter().map(|column| result(column, &row));
            let computed = computed.collect::<Result<Row, ValueError>>()?;
            return feed(behind, computed, out);
        }
        Work::Expanded(expansion) => {
            for row in expansion.rows(row)? {
                if is_full(behind) {
                    break;
                }
                out.go_on()?;
                feed(behind, row?, out)?;
            }
            return Ok(());
        }
        Work::Grouped(groups) => return groups.push(&row),
        Work::Sorted(sorted) => return sorted.push(row),
        Work::Windowed(windows) => return windows.push(row),
        Work::Attached(attached) => return attached.push(row),
        Work::KeptIf(condition) => result(condition, &row)?.is_some_and(|truth| *truth == *b"t"),
        Work::Distinct(distinct) => distinct.is_new(&row)?,
        Work::Limited(limit) => limit.lets_through(),
        Work::Matched(matched) => matched.lets_through(&row)?,
        Work::Appended(_) => true,
        Work::Ended => false,
    };
    match is_left {
        true => feed(behind, row, out),
        false => Ok(()),
    }
}

//! What the host makes of all rows of a step, as an arrangement says: rows are pushed in one by one, and
//! taken out when they are ready. Values are texts in PostgreSQL's text format.

mod aggregate;
mod attached;
mod distinct;
mod expanded;
mod grouped;
mod matched;
mod memory;
mod sorted;
mod sound;
mod windowed;
mod work;

use std::sync::Arc;

use bytes::Bytes;

use super::{ValueError, computed};
use crate::rules::wit_plan::{
    Attachment, Grouping, Instruction, RowMatch, SortKey, TypedValue, Window,
};

pub(crate) use memory::{Memory, size_of_row};
pub(crate) use sound::{Surroundings, is_sound};
use work::{Out, Rest, Work, feed, is_full};

/// The values of a row; none for NULL.
pub(crate) type Row = Vec<Option<Bytes>>;

/// Rows that are kept in a slot.
pub(crate) type Rows = Arc<Vec<Row>>;

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
    /// Behind the values of each row stand those of window functions.
    Windowed(Vec<Window>),
    /// Behind the rows come these.
    Appended(Rows),
    /// Only rows that are kept as well, or only the others.
    Matched { rule: RowMatch, kept: Rows },
    /// The rows that are kept, with the values of rows here.
    Attached { rule: Attachment, kept: Rows },
}

/// Why an arrangement cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// What PostgreSQL refuses as well, or a value that is none of its type.
    Value(ValueError),
    /// More bytes are held than there may be.
    Memory,
    /// Nobody waits for it any more.
    Interrupted,
}

impl From<ValueError> for Stopped {
    fn from(error: ValueError) -> Self {
        Self::Value(error)
    }
}

/// As many bytes of rows as are made ready at once of what the stages hold.
const AT_ONCE: usize = 32 * 1024;

/// The stages of an arrangement, at work.
pub(crate) struct Pipeline {
    stages: Vec<Work>,
    out: Out,
    /// How many stages have no rows any more.
    ended: usize,
    /// What the next one leaves, as far as it is there yet.
    rest: Option<Rest>,
}

/// What is made of the rows of a step when all have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finished {
    /// All that there is.
    Whole,
    /// More comes when these rows are taken.
    Partly,
}

impl Pipeline {
    /// Stages that [`is_sound`] allows, and the bytes that they may hold.
    pub(crate) fn new(stages: Vec<Stage>, memory: Memory) -> Self {
        let mut rest = stages.into_iter().peekable();
        let mut stages = Vec::new();
        while let Some(stage) = rest.next() {
            stages.push(Work::new(stage, rest.peek(), &memory));
        }
        Self {
            stages,
            out: Out {
                rows: Vec::new(),
                memory,
                is_stopped: Box::new(|| false),
            },
            ended: 0,
            rest: None,
        }
    }

    /// Goes on until this says that it is to stop; asked before each row.
    pub(crate) fn stopped_by(
        mut self,
        is_stopped: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        self.out.is_stopped = Box::new(is_stopped);
        self
    }

    /// One row of the step.
    ///
    /// # Errors
    /// A value is refused, or too much is held; nothing may be done with the pipeline then.
    pub(crate) fn push(&mut self, row: Row) -> Result<(), Stopped> {
        self.out.go_on()?;
        feed(&mut self.stages, row, &mut self.out)
    }

    /// The rows that are ready so far.
    pub(crate) fn take(&mut self) -> Vec<Row> {
        self.out.memory.release(self.out.memory.held());
        std::mem::take(&mut self.out.rows)
    }

    /// There are no more rows of the step: what the stages hold becomes ready, some of it at a time.
    ///
    /// # Errors
    /// As of [`Self::push`].
    pub(crate) fn finish(&mut self) -> Result<Finished, Stopped> {
        while let Some((stage, behind)) = self
            .stages
            .get_mut(self.ended..)
            .and_then(<[Work]>::split_first_mut)
        {
            let mut rest = match self.rest.take() {
                Some(rest) => rest,
                None => stage.finish()?,
            };
            while !is_full(behind)
                && let Some(row) = rest.next()
            {
                self.out.go_on()?;
                feed(behind, row?, &mut self.out)?;
                if self.out.memory.held() >= AT_ONCE {
                    self.rest = Some(rest);
                    return Ok(Finished::Partly);
                }
            }
            self.ended += 1;
        }
        Ok(Finished::Whole)
    }

    /// Whether there is no telling how long one row takes.
    pub(crate) fn expands(&self) -> bool {
        let expands = |stage: &Work| matches!(stage, Work::Expanded(_));
        self.stages.iter().any(expands)
    }

    /// Whether no more rows of the step are wanted, because there are as many as a limit lets through.
    /// There may be others at the end.
    pub(crate) fn is_full(&self) -> bool {
        is_full(&self.stages)
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

//! Calls of window functions, whose results stand behind the values of each row.
//!
//! PostgreSQL manual, "Window Functions" and "Window Function Calls".

mod aggregated;
mod frame;
mod function;
mod partition;
mod range;

use bytes::Bytes;

use super::memory::{Memory, size_of_row, size_of_text};
use super::{Row, Stopped, text, value};
use crate::rules::wit_plan::{FrameBound, Window};
use crate::value::{Kind, Scalar, ValueError};

pub(super) use frame::offsets;
pub(super) use function::is_known;
use partition::Partition;

/// What the place of a row in its partition takes.
const OF_PLACE: usize = 4 * size_of::<usize>();

/// The rows so far.
pub(super) struct Windows {
    windows: Vec<Window>,
    rows: Vec<Row>,
    memory: Memory,
}

/// The rows of a partition, as a call sees them.
#[derive(Clone, Copy)]
struct View<'a> {
    window: &'a Window,
    partition: &'a Partition,
    rows: &'a [Row],
}

impl Windows {
    pub(super) fn new(windows: Vec<Window>, memory: Memory) -> Self {
        Self {
            windows,
            rows: Vec::new(),
            memory,
        }
    }

    /// # Errors
    /// Too much is held.
    pub(super) fn push(&mut self, row: Row) -> Result<(), Stopped> {
        self.memory.hold(size_of_row(&row) + OF_PLACE)?;
        self.rows.push(row);
        Ok(())
    }

    /// The rows in the order in which they came, with the results.
    ///
    /// # Errors
    /// A value is none of its type, a function refuses it, or too much is held.
    pub(super) fn finish(mut self) -> Result<impl Iterator<Item = Row> + Send, Stopped> {
        let windows = std::mem::take(&mut self.windows);
        let is_same = |one: &Window, other: &Window| {
            one.partition == other.partition && one.order == other.order
        };
        for same in windows.chunk_by(is_same) {
            let first = same.first();
            let partitions =
                first.map(|window| partition::partitions(&self.rows, window, &self.memory));
            let partitions = partitions.transpose()?.unwrap_or_default();
            for window in same {
                self.put(window, &partitions)?;
            }
        }
        let (rows, mut memory) = (self.rows, self.memory);
        Ok(rows.into_iter().inspect(move |row| {
            memory.release(size_of_row(row) + OF_PLACE);
        }))
    }

    /// Puts the results of a call behind the values of the rows.
    fn put(&mut self, window: &Window, partitions: &[Partition]) -> Result<(), Stopped> {
        let Self { rows, memory, .. } = self;
        memory.hold(rows.len().saturating_mul(size_of_text(None)))?;
        let mut results = vec![None; rows.len()];
        for partition in partitions {
            let view = View {
                window,
                partition,
                rows,
            };
            let found = function::results(view, memory)?;
            for (number, result) in partition.numbers().iter().zip(found) {
                if let Some(place) = results.get_mut(*number) {
                    *place = result;
                }
            }
        }
        for (row, result) in rows.iter_mut().zip(results) {
            row.push(result);
        }
        Ok(())
    }
}

impl<'a> View<'a> {
    fn length(&self) -> usize {
        self.partition.numbers().len()
    }

    /// The row in this place of the partition.
    fn row(&self, position: usize) -> Option<&'a Row> {
        self.rows.get(*self.partition.numbers().get(position)?)
    }

    /// The value of an operand there.
    fn operand(&self, position: usize, index: usize) -> Option<&'a Bytes> {
        let operand = self.window.operands.get(index)?;
        value(self.row(position)?, operand.number)
    }

    fn whole_operand(&self, position: usize, index: usize) -> Result<Option<i64>, ValueError> {
        let operand = self.window.operands.get(index);
        operand.map_or(Ok(None), |operand| self.whole(position, operand.number))
    }

    /// The text of a value there.
    fn text(&self, position: usize, number: u32) -> Result<Option<&'a str>, ValueError> {
        self.row(position).map_or(Ok(None), |row| text(row, number))
    }

    /// A whole number there.
    fn whole(&self, position: usize, number: u32) -> Result<Option<i64>, ValueError> {
        let written = self.text(position, number)?;
        let read = written.map(|written| crate::value::text::read(Kind::Int8, written));
        Ok(match read.transpose()? {
            Some(Scalar::Int(value)) => Some(value),
            _ => None,
        })
    }
}

/// What is wrong with the frame of a call.
///
/// # Errors
/// It is none, or its offsets are not of the key's type.
pub(super) fn is_sound_frame(window: &Window) -> Result<(), &'static str> {
    let frame = &window.frame;
    if frame.start == FrameBound::UnboundedFollowing || frame.end == FrameBound::UnboundedPreceding
    {
        return Err("a frame of an arrangement begins at its end");
    }
    let mut offsets = frame::offsets(frame);
    match offsets.all(|offset| range::takes(window, &offset)) {
        true => Ok(()),
        false => Err("a frame of an arrangement has an offset that its key does not take"),
    }
}

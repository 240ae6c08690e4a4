//! Aggregate functions of the rows of frames.

use bytes::Bytes;

use super::frame::{Frame, Frames};
use super::{Memory, Stopped, View};
use crate::rules::wit_plan::{Aggregate, Window};
use crate::value::arranged::aggregate::{self, Call};

/// A call, as it is of a group.
fn of_group(window: &Window) -> Aggregate {
    Aggregate {
        name: window.name.clone(),
        operands: window.operands.clone(),
        distinct: false,
        order: Vec::new(),
        filter: window.filter,
    }
}

pub(super) fn is_known(window: &Window) -> bool {
    aggregate::is_known(&of_group(window))
}

/// What comes of the frame of each row of a partition, in order.
///
/// # Errors
/// As of the function, or too much is held.
pub(super) fn results(view: View<'_>, memory: &mut Memory) -> Result<Vec<Option<Bytes>>, Stopped> {
    let frames = Frames::new(view)?;
    let mut running = Running {
        view,
        aggregate: of_group(view.window),
        call: None,
        frame: Frame::default(),
        memory: memory.share(),
    };
    let mut results: Vec<Option<Bytes>> = Vec::with_capacity(view.length());
    for position in 0..view.length() {
        let result = match running.changed(frames.of(position)?)? {
            Some(result) => {
                memory.hold(result.as_ref().map_or(0, String::len))?;
                result.map(Bytes::from)
            }
            None => results.last().cloned().flatten(),
        };
        results.push(result);
    }
    Ok(results)
}

/// A call in the frame of the row before: the next one is often the same, or goes farther.
struct Running<'a> {
    view: View<'a>,
    aggregate: Aggregate,
    call: Option<Call>,
    frame: Frame,
    /// What the call holds.
    memory: Memory,
}

impl Running<'_> {
    /// What comes of a frame, if it is another one than before.
    fn changed(&mut self, frame: Frame) -> Result<Option<Option<String>>, Stopped> {
        if self.call.is_some() && frame == self.frame {
            return Ok(None);
        }
        let result = match self.call.take().zip(frame.beyond(&self.frame)) {
            Some((call, more)) => self.with(call, more)?,
            None => {
                self.memory = self.memory.share();
                match Call::new(&self.aggregate) {
                    Some(call) => self.with(call, frame.positions())?,
                    None => None,
                }
            }
        };
        self.frame = frame;
        Ok(Some(result))
    }

    /// What comes of more rows.
    fn with(
        &mut self,
        mut call: Call,
        positions: impl Iterator<Item = usize>,
    ) -> Result<Option<String>, Stopped> {
        for row in positions.filter_map(|position| self.view.row(position)) {
            self.memory.hold(call.push(&self.aggregate, row)?)?;
        }
        let result = call.result()?;
        self.call = Some(call);
        Ok(result)
    }
}

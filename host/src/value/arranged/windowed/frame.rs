//! Which rows of a partition belong to the frame of one of them.
//!
//! PostgreSQL manual, "Window Function Calls".

use std::ops::Range;

use super::View;
use super::range::Ranges;
use crate::rules::wit_plan::{FrameBound, FrameExclusion, FrameMode, TypedValue, WindowFrame};
use crate::value::ValueError;

/// The places of a frame's rows: up to three runs, of which those with rows come first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame([Range<usize>; 3]);

/// Which end of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The place of its first row.
    Start,
    /// The place behind its last one.
    Behind,
}

/// Where the end of a frame lies, seen from its row.
#[derive(Clone, Copy, Debug)]
pub(in crate::value::arranged) struct Offset {
    pub(in crate::value::arranged) value: TypedValue,
    pub(super) is_preceding: bool,
    pub(super) end: End,
}

/// The frames of a call in a partition.
pub(super) struct Frames<'a> {
    view: View<'a>,
    ranges: Option<Ranges>,
}

/// The offsets of a frame.
pub(in crate::value::arranged) fn offsets(
    frame: &WindowFrame,
) -> impl Iterator<Item = Offset> + use<> {
    let start = Offset::of(&frame.start, End::Start);
    start.into_iter().chain(Offset::of(&frame.end, End::Behind))
}

impl Offset {
    fn of(bound: &FrameBound, end: End) -> Option<Self> {
        let (value, is_preceding) = match bound {
            FrameBound::Preceding(value) => (*value, true),
            FrameBound::Following(value) => (*value, false),
            _ => return None,
        };
        Some(Self {
            value,
            is_preceding,
            end,
        })
    }

    /// From a number, by so many; none before the first.
    fn moved(&self, from: usize, by: usize) -> Option<usize> {
        match self.is_preceding {
            true => from.checked_sub(by),
            false => Some(from.saturating_add(by)),
        }
    }

    /// 22004
    fn missing(&self) -> ValueError {
        ValueError::refused("22004", format!("frame {} must not be null", self.name()))
    }

    /// 22013
    fn negative(&self) -> ValueError {
        let message = format!("frame {} must not be negative", self.name());
        ValueError::refused("22013", message)
    }

    fn name(&self) -> &'static str {
        match self.end {
            End::Start => "starting offset",
            End::Behind => "ending offset",
        }
    }
}

impl<'a> Frames<'a> {
    /// # Errors
    /// A key is none of its type.
    pub(super) fn new(view: View<'a>) -> Result<Self, ValueError> {
        let frame = &view.window.frame;
        let has_ranges = frame.mode == FrameMode::Range && offsets(frame).next().is_some();
        let ranges = has_ranges.then(|| Ranges::new(view)).transpose()?;
        Ok(Self { view, ranges })
    }

    /// The frame of the row in this place.
    ///
    /// # Errors
    /// An offset is NULL, negative, or none of its type.
    pub(super) fn of(&self, position: usize) -> Result<Frame, ValueError> {
        self.check(position)?;
        let frame = &self.view.window.frame;
        let start = self.bound(position, &frame.start, End::Start)?;
        let behind = self.bound(position, &frame.end, End::Behind)?;
        let peers = self.view.partition.peers(position);
        let all = Frame::of(start..behind);
        Ok(match frame.exclusion {
            FrameExclusion::NoOthers => all,
            FrameExclusion::CurrentRow => {
                Frame::without(&all.0[0], &(position..position + 1), None)
            }
            FrameExclusion::Group => Frame::without(&all.0[0], &peers, None),
            FrameExclusion::Ties => Frame::without(&all.0[0], &peers, Some(position)),
        })
    }

    /// Both offsets are looked at before either is used (`calculate_frame_offsets`).
    fn check(&self, position: usize) -> Result<(), ValueError> {
        for offset in offsets(&self.view.window.frame) {
            let number = offset.value.number;
            if self.view.text(position, number)?.is_none() {
                return Err(offset.missing());
            }
            let is_number = self.ranges.is_none();
            if is_number && self.view.whole(position, number)?.is_some_and(|by| by < 0) {
                return Err(offset.negative());
            }
        }
        Ok(())
    }

    fn bound(&self, position: usize, bound: &FrameBound, end: End) -> Result<usize, ValueError> {
        let peers = || self.view.partition.peers(position);
        if let Some(offset) = Offset::of(bound, end) {
            return self.moved(position, offset);
        }
        let is_by_rows = self.view.window.frame.mode == FrameMode::Rows;
        Ok(match (bound, end) {
            (FrameBound::UnboundedPreceding, _) => 0,
            (FrameBound::CurrentRow, End::Start) if is_by_rows => position,
            (FrameBound::CurrentRow, End::Behind) if is_by_rows => position + 1,
            (FrameBound::CurrentRow, End::Start) => peers().start,
            (FrameBound::CurrentRow, End::Behind) => peers().end,
            _ => self.view.length(),
        })
    }

    fn moved(&self, position: usize, offset: Offset) -> Result<usize, ValueError> {
        if let Some(ranges) = &self.ranges {
            return ranges.bound(self.view, position, offset);
        }
        let by = self.view.whole(position, offset.value.number)?;
        let by = by.and_then(|by| usize::try_from(by).ok());
        let by = by.unwrap_or(usize::MAX);
        let partition = self.view.partition;
        let (from, start): (usize, &dyn Fn(usize) -> usize) = match self.view.window.frame.mode {
            FrameMode::Groups => (partition.group(position), &|group| partition.start(group)),
            _ => (position, &|position| position.min(self.view.length())),
        };
        Ok(match (offset.moved(from, by), offset.end) {
            (None, _) => 0,
            (Some(to), End::Start) => start(to),
            (Some(to), End::Behind) => start(to.saturating_add(1)),
        })
    }
}

impl Frame {
    fn of(run: Range<usize>) -> Self {
        Self::of_runs([run, 0..0, 0..0])
    }

    fn of_runs(runs: [Range<usize>; 3]) -> Self {
        let mut frame = Self::default();
        let runs = runs.into_iter().filter(|run| !run.is_empty());
        for (place, run) in frame.0.iter_mut().zip(runs) {
            *place = run;
        }
        frame
    }

    /// A run without others, of which one row may stay.
    fn without(run: &Range<usize>, others: &Range<usize>, but: Option<usize>) -> Self {
        let but = but.filter(|but| run.contains(but));
        Self::of_runs([
            run.start..run.end.min(others.start),
            but.map_or(0..0, |but| but..but + 1),
            run.start.max(others.end)..run.end,
        ])
    }

    /// From the first to the last.
    pub(super) fn positions(&self) -> impl DoubleEndedIterator<Item = usize> + use<> {
        self.0.clone().into_iter().flatten()
    }

    /// The place of a row of the frame, by number from 0.
    pub(super) fn nth(&self, number: usize) -> Option<usize> {
        let mut rest = number;
        for run in &self.0 {
            if rest < run.len() {
                return Some(run.start + rest);
            }
            rest -= run.len();
        }
        None
    }

    /// What comes behind the rows of another frame, if this one begins with all of them.
    pub(super) fn beyond(&self, other: &Self) -> Option<Range<usize>> {
        let ([run, second, _], [before, others, _]) = (&self.0, &other.0);
        let extends = second.is_empty()
            && others.is_empty()
            && run.start == before.start
            && run.end >= before.end;
        extends.then_some(before.end..run.end)
    }
}

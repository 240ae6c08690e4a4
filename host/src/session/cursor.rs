//! A cursor of SQL: its rows as far as they are known, and where it stands.
//!
//! PostgreSQL manual, DECLARE and FETCH; positions as `pquery.c` counts them: 0 before
//! the first row, one more than there are rows after the last.

use std::sync::Arc;

use super::closing::Closing;
use super::row_store::RowStore;
use crate::diagnostic::Diagnostic;
use crate::frontend::message::Formats;
use crate::frontend::reply::ResultColumn;
use crate::rules::wit_plan::{CursorDirection, CursorHold, CursorScroll};
use crate::upstream::Format;

/// A declared cursor, or a portal of Bind that FETCH or MOVE moved in.
pub(crate) struct Cursor {
    pub(crate) columns: Arc<[ResultColumn]>,
    /// How its rows are kept, and sent where the client does not say otherwise.
    pub(crate) formats: Formats,
    /// How FETCH in a Query gets them.
    pub(crate) in_query: Format,
    /// How an Execute of it ends.
    pub(crate) closing: Closing,
    pub(crate) store: RowStore,
    pub(crate) position: u64,
    /// All rows are in the store; else the upstream holds the rest.
    pub(crate) is_complete: bool,
    /// What comes instead of the rest.
    pub(crate) error: Option<Box<Diagnostic>>,
    pub(crate) scroll: CursorScroll,
    pub(crate) hold: CursorHold,
    /// Its transaction was committed: it lives as long as the session.
    pub(crate) is_held: bool,
    /// How many savepoints there were when it was declared.
    pub(crate) savepoints: usize,
}

/// One move in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// So many rows on, at most.
    Forward(u64),
    /// So many rows back, at most.
    Backward(u64),
    /// To a position; all rows are known.
    To(u64),
    /// To the position of a row counted from the end.
    FromEnd(u64),
}

/// A FETCH: where to go first, then the rows wanted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) first: Option<Move>,
    /// `None`: no row is wanted.
    pub(crate) rows: Option<Move>,
}

impl Cursor {
    /// The way to what FETCH wants.
    ///
    /// # Errors
    /// It leads backward, and the cursor does not.
    pub(crate) fn route(&self, direction: &CursorDirection) -> Result<Route, Diagnostic> {
        let route = self.unchecked(direction);
        let goes_back = |step: &Option<Move>| match step {
            Some(Move::Backward(_) | Move::FromEnd(_)) => true,
            Some(Move::To(position)) => *position < self.position,
            _ => false,
        };
        let forward_only = matches!(self.scroll, CursorScroll::Forward);
        if forward_only && (goes_back(&route.first) || goes_back(&route.rows)) {
            return Err(Diagnostic::forward_only());
        }
        Ok(route)
    }

    fn unchecked(&self, direction: &CursorDirection) -> Route {
        let rows = |rows| Route {
            first: None,
            rows: Some(rows),
        };
        let via = |first, rows| Route {
            first: Some(first),
            rows: Some(rows),
        };
        match *direction {
            CursorDirection::RelativeRows(0) | CursorDirection::Relative(0) => self.again(),
            CursorDirection::RelativeRows(count) if count > 0 => {
                rows(Move::Forward(count.unsigned_abs()))
            }
            CursorDirection::RelativeRows(count) => rows(Move::Backward(count.unsigned_abs())),
            CursorDirection::AllForward => rows(Move::Forward(u64::MAX)),
            CursorDirection::AllBackward => rows(Move::Backward(u64::MAX)),
            CursorDirection::Relative(count) if count > 0 => {
                via(Move::Forward(count.unsigned_abs() - 1), Move::Forward(1))
            }
            CursorDirection::Relative(count) => {
                via(Move::Backward(count.unsigned_abs() - 1), Move::Backward(1))
            }
            CursorDirection::Absolute(0) => Route {
                first: Some(Move::To(0)),
                rows: None,
            },
            CursorDirection::Absolute(row) if row > 0 => {
                let before = row.unsigned_abs() - 1;
                match before.checked_sub(self.position) {
                    Some(on) => via(Move::Forward(on), Move::Forward(1)),
                    None => via(Move::To(before), Move::Forward(1)),
                }
            }
            CursorDirection::Absolute(row) => {
                via(Move::FromEnd(row.unsigned_abs()), Move::Forward(1))
            }
        }
    }

    /// The current row once more, if it is on one.
    fn again(&self) -> Route {
        match self.position {
            0 => Route {
                first: None,
                rows: None,
            },
            position if position > self.store.rows() => Route {
                first: None,
                rows: None,
            },
            position => Route {
                first: Some(Move::To(position - 1)),
                rows: Some(Move::Forward(1)),
            },
        }
    }

    /// Rows that it will not go back to need not be kept.
    pub(crate) fn forget(&mut self) {
        let forgets = match self.scroll {
            CursorScroll::Forward => true,
            CursorScroll::Unspecified => self.store.is_filling(),
            CursorScroll::Scroll => false,
        };
        if forgets {
            // The current row stays.
            self.store.forget_before(self.position.saturating_sub(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(position: u64, scroll: CursorScroll) -> Cursor {
        let mut store = RowStore::new(1000);
        for _ in 0..5 {
            store.add(b"D\0\0\0\x04", 1).unwrap();
        }
        Cursor {
            columns: [].into(),
            formats: Formats::default(),
            in_query: Format::Text,
            closing: Closing::Rows("SELECT".into()),
            store,
            position,
            is_complete: true,
            error: None,
            scroll,
            hold: CursorHold::Transaction,
            is_held: false,
            savepoints: 0,
        }
    }

    fn route(position: u64, direction: CursorDirection) -> (Option<Move>, Option<Move>) {
        let route = cursor(position, CursorScroll::Scroll)
            .route(&direction)
            .unwrap();
        (route.first, route.rows)
    }

    #[test]
    fn every_direction_has_a_route() {
        use CursorDirection::{Absolute, Relative, RelativeRows};
        use Move::{Backward, Forward, FromEnd, To};
        for (position, direction, first, rows) in [
            (0, RelativeRows(3), None, Some(Forward(3))),
            (3, RelativeRows(-2), None, Some(Backward(2))),
            (0, RelativeRows(0), None, None),
            (3, RelativeRows(0), Some(To(2)), Some(Forward(1))),
            (6, Relative(0), None, None),
            (3, Absolute(0), Some(To(0)), None),
            (3, Absolute(2), Some(To(1)), Some(Forward(1))),
            (3, Absolute(3), Some(To(2)), Some(Forward(1))),
            (3, Absolute(9), Some(Forward(5)), Some(Forward(1))),
            (3, Absolute(-1), Some(FromEnd(1)), Some(Forward(1))),
            (3, Relative(2), Some(Forward(1)), Some(Forward(1))),
            (3, Relative(-2), Some(Backward(1)), Some(Backward(1))),
        ] {
            assert_eq!(route(position, direction), (first, rows), "{direction:?}");
        }
    }

    #[test]
    fn a_cursor_without_scroll_goes_only_forward() {
        use CursorDirection::{Absolute, AllBackward, AllForward, RelativeRows};
        for (direction, allowed) in [
            (RelativeRows(1), true),
            (AllForward, true),
            (Absolute(4), true),
            (Absolute(3), false),
            (Absolute(-1), false),
            (Absolute(0), false),
            (RelativeRows(0), false),
            (RelativeRows(-1), false),
            (AllBackward, false),
        ] {
            let route = cursor(3, CursorScroll::Forward).route(&direction);
            assert_eq!(route.is_ok(), allowed, "{direction:?}");
        }
    }
}

//! What PostgreSQL's frames are in rows.

use sqlparser::ast::{Expr, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowSpec};

use crate::diagnostic::Diagnosed;
use crate::relations::Relations;
use crate::scope::Scopes;
use crate::wit::Diagnostic;

/// A frame as IRIS can have it.
#[derive(Debug)]
pub(crate) enum Frame {
    Rows(WindowFrame),
    /// All rows of the frame are equal in order, or start or end with those that are equal to
    /// the current one.
    Peers(Peers),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peers {
    /// From the first row to the last peer.
    UpTo,
    /// From the first peer to the last row.
    From,
    /// The peers alone.
    Alone,
}

impl Frame {
    /// # Errors
    /// The refusal of a frame that is not one of rows.
    pub(crate) fn in_rows(self) -> Diagnosed<WindowFrame> {
        match self {
            Self::Rows(frame) => Ok(frame),
            Self::Peers(_) => Err(Diagnostic::not_supported(
                "a window that is ordered by what may be equal in several rows is not supported here",
                "add ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW, or order by a key",
            )),
        }
    }
}

/// `ROWS BETWEEN start AND end`
pub(crate) fn rows(start_bound: WindowFrameBound, end_bound: WindowFrameBound) -> WindowFrame {
    WindowFrame {
        units: WindowFrameUnits::Rows,
        start_bound,
        end_bound: Some(end_bound),
    }
}

/// All rows of the partition.
pub(crate) fn whole() -> WindowFrame {
    use WindowFrameBound::{Following, Preceding};
    rows(Preceding(None), Following(None))
}

/// Whether a function looks at the frame and not at the partition.
pub(crate) fn is_framed(name: &str) -> bool {
    matches!(
        name,
        "avg"
            | "bool_and"
            | "bool_or"
            | "count"
            | "every"
            | "first_value"
            | "last_value"
            | "max"
            | "min"
            | "nth_value"
            | "sum"
    )
}

/// The frame that PostgreSQL means. `is_unique`: no two rows are equal in order.
///
/// # Errors
/// The refusal of what cannot be said in rows.
pub(crate) fn of(spec: &WindowSpec, name: &str, is_unique: bool) -> Diagnosed<Frame> {
    use WindowFrameBound::{CurrentRow, Following, Preceding};
    use WindowFrameUnits::Rows;
    let written = spec.window_frame.as_ref();
    let (units, start, end) = match written {
        Some(frame) => (
            frame.units,
            frame.start_bound.clone(),
            frame.end_bound.clone().unwrap_or(CurrentRow),
        ),
        None => (WindowFrameUnits::Range, Preceding(None), CurrentRow),
    };
    Ok(match (units, &start, &end) {
        (Rows, ..) => Frame::Rows(written.cloned().unwrap_or_default()),
        (_, Preceding(None), Following(None)) => Frame::Rows(rows(start, end)),
        // Without an order all rows are equal in it.
        (_, Preceding(None) | CurrentRow, Following(None) | CurrentRow)
            if spec.order_by.is_empty() =>
        {
            Frame::Rows(whole())
        }
        (_, Preceding(None) | CurrentRow, Following(None) | CurrentRow) if is_unique => {
            Frame::Rows(rows(start, end))
        }
        (_, Preceding(None), CurrentRow) if name == "first_value" => Frame::Rows(rows(start, end)),
        (_, Preceding(None), CurrentRow) => Frame::Peers(Peers::UpTo),
        (_, CurrentRow, Following(None)) => Frame::Peers(Peers::From),
        (_, CurrentRow, CurrentRow) => Frame::Peers(Peers::Alone),
        _ => {
            return Err(Diagnostic::not_supported(
                "window frames with RANGE and GROUPS and an offset are not supported",
                "write the frame with ROWS",
            ));
        }
    })
}

/// Whether no two rows of a partition are equal in this order: by a key of the only table.
pub(crate) fn is_key(spec: &WindowSpec, scopes: &Scopes<'_>, relations: &Relations) -> bool {
    let [source] = scopes.sources() else {
        return false;
    };
    let Some(relation) = source.table.as_ref().and_then(|name| relations.find(name)) else {
        return false;
    };
    let ordered = spec.order_by.iter().map(|item| &item.expr);
    let names: Vec<&str> = spec
        .partition_by
        .iter()
        .chain(ordered)
        .filter_map(|expr| match expr {
            Expr::Identifier(name) => Some(name.value.as_str()),
            Expr::CompoundIdentifier(parts) => parts.last().map(|name| name.value.as_str()),
            _ => None,
        })
        .collect();
    let is_ordered = |column: &String| {
        let known = relation.column(column);
        known.is_some_and(|known| !known.nullable)
            && names.iter().any(|name| name.eq_ignore_ascii_case(column))
    };
    relation
        .keys
        .iter()
        .any(|key| !key.columns.is_empty() && key.columns.iter().all(is_ordered))
}

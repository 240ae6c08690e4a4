//! Where in the data an error is, as PostgreSQL's CONTEXT says it (`CopyFromErrorCallback`).

use super::target::Target;
use crate::copy::{CopyError, Row};
use crate::diagnostic::Diagnostic;
use crate::rules::wit_plan::CopyTransfer;
use crate::upstream::Format;
use crate::value;

pub(super) fn at_line(plan: &CopyTransfer, line: u64) -> String {
    format!("COPY {}, line {line}", plan.table)
}

/// What is wrong with the data, or with a value that stands before that.
pub(super) fn format_error(target: &Target<'_>, mut error: CopyError) -> Diagnostic {
    let mut before = Row {
        line: error.line,
        raw: error.raw.clone().unwrap_or_default(),
        fields: std::mem::take(&mut error.before),
        defaulted: Vec::new(),
    };
    match target.read(&mut before) {
        Ok(()) => malformed(target.plan, error),
        Err(wrong) => wrong,
    }
}

fn malformed(plan: &CopyTransfer, error: CopyError) -> Diagnostic {
    let mut context = at_line(plan, error.line);
    if let Some(raw) = &error.raw {
        context = format!("{context}: \"{}\"", shortened(raw));
    }
    let diagnostic = Diagnostic::error(error.sqlstate, error.message).with_context(context);
    match error.hint {
        Some(hint) => diagnostic.with_hint(hint),
        None => diagnostic,
    }
}

/// As PostgreSQL words it: with the column whose value cannot be read; with the whole
/// line where a constraint of the row alone is violated; else with its number.
pub(super) fn row_context(row: &Row, sqlstate: &str, target: &Target<'_>) -> String {
    let is_of_value = sqlstate.starts_with("22") || sqlstate == "08P01";
    let misfit = is_of_value
        .then(|| (0..row.fields.len()).find(|index| is_misfit(row, *index, target)))
        .flatten();
    let is_text = target.format == Format::Text;
    match misfit {
        Some(index) => column_context(row, index, target),
        None if is_text && matches!(sqlstate, "23502" | "23514") => line_context(row, target),
        None => at_line(target.plan, row.line),
    }
}

/// With the whole line.
pub(super) fn line_context(row: &Row, target: &Target<'_>) -> String {
    let place = at_line(target.plan, row.line);
    format!("{place}: \"{}\"", shortened(&row.raw))
}

/// With a column, and its value if that is a text.
pub(super) fn column_context(row: &Row, index: usize, target: &Target<'_>) -> String {
    let place = at_line(target.plan, row.line);
    let Some(column) = target.plan.columns.get(index) else {
        return place;
    };
    let name = &column.name;
    match row.fields.get(index).and_then(Option::as_ref) {
        Some(value) if target.format == Format::Text => {
            format!("{place}, column {name}: \"{}\"", shortened(value))
        }
        _ => format!("{place}, column {name}"),
    }
}

/// Whether a value is none of its column's type.
pub(super) fn is_misfit(row: &Row, index: usize, target: &Target<'_>) -> bool {
    let type_oid = target.types.get(index).copied().unwrap_or(0);
    let field = row.fields.get(index).and_then(Option::as_ref);
    field.is_some_and(|bytes| {
        value::kept_text(type_oid, target.format, bytes).is_some_and(|kept| kept.is_err())
            || value::decode(type_oid, target.format, bytes).is_err()
    })
}

/// So much of a value or line is shown, as PostgreSQL's MAX_COPY_DATA_DISPLAY.
const SHOWN: usize = 100;

fn shortened(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    if text.len() <= SHOWN {
        return text.into_owned();
    }
    format!("{}...", &text[..text.floor_char_boundary(SHOWN)])
}

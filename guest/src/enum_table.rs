//! The statements about the table of an enum type's labels.

use sqlparser::ast::{ObjectName, Statement};
use sqlparser::parser::Parser;

use crate::part::Part;
use crate::reader::dialect::Superset;

/// The column of the labels.
pub(crate) const LABEL: &str = "label";

/// The table and its rows.
pub(crate) fn made(table: &ObjectName, labels: &[String]) -> Vec<Part> {
    let mut parts = part(&format!(
        "CREATE TABLE {table} (label VARCHAR(63) NOT NULL PRIMARY KEY, position INTEGER)"
    ));
    for (index, label) in labels.iter().enumerate() {
        parts.extend(added(table, label, index + 1));
    }
    parts
}

/// One more label.
pub(crate) fn added(table: &ObjectName, label: &str, position: usize) -> Vec<Part> {
    let label = quoted(label);
    part(&format!(
        "INSERT INTO {table} (label, position) VALUES ({label}, {position})"
    ))
}

/// Room for a label at this place.
pub(crate) fn shifted(table: &ObjectName, position: usize) -> Vec<Part> {
    part(&format!(
        "UPDATE {table} SET position = position + 1 WHERE position >= {position}"
    ))
}

/// Another label, also in the columns that have it.
pub(crate) fn renamed(table: &ObjectName, from: &str, to: &str) -> Vec<Part> {
    let (from, to) = (quoted(from), quoted(to));
    part(&format!(
        "UPDATE {table} SET label = {to} WHERE label = {from}"
    ))
}

/// No such type any more.
pub(crate) fn dropped(table: &ObjectName) -> Vec<Part> {
    part(&format!("DROP TABLE {table}"))
}

fn part(text: &str) -> Vec<Part> {
    parsed(text).map(Part::new).into_iter().collect()
}

fn parsed(text: &str) -> Option<Statement> {
    let mut parser = Parser::new(&Superset).try_with_sql(text).ok()?;
    parser.parse_statement().ok()
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

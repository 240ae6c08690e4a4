//! What COMMENT ON keeps: a table of texts, because IRIS takes a description when a table
//! or a column is made, and none later.

use crate::naming::literal;
use crate::relations::TableName;

/// In place of a column: the text is about the table.
pub(crate) const OF_TABLE: &str = "*";

const TABLE: &str = "pgiris_catalog.description";

/// The statement that makes the table.
pub(crate) fn made() -> String {
    let name = |column: &str| format!("{column} VARCHAR(128) COLLATE %EXACT");
    format!(
        "CREATE TABLE {TABLE} ({}, {}, {}, description VARCHAR(32767) COLLATE %EXACT)",
        name("table_schema"),
        name("table_name"),
        name("column_name"),
    )
}

/// The statement that forgets a text; `column` in capitals, as the names of tables.
pub(crate) fn forgotten(table: &TableName, column: &str) -> String {
    format!(
        "DELETE FROM {TABLE} WHERE table_schema = {} AND table_name = {} AND column_name = {}",
        literal(&table.schema),
        literal(&table.table),
        literal(column)
    )
}

/// The statement that keeps one.
pub(crate) fn kept(table: &TableName, column: &str, text: &str) -> String {
    format!(
        "INSERT INTO {TABLE} (table_schema, table_name, column_name, description) \
         VALUES ({}, {}, {}, {})",
        literal(&table.schema),
        literal(&table.table),
        literal(column),
        literal(text)
    )
}

/// The query for all of them.
pub(crate) fn query() -> String {
    format!("SELECT table_schema, table_name, column_name, description FROM {TABLE}")
}

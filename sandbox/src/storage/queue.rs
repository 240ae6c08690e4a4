//! SQLite triggers that queue changed rows for the triggers of a table.

use crate::catalog::{Table, quoted};

/// The events, and whether there is an old and a new row.
const EVENTS: [(&str, bool, bool); 3] = [
    ("INSERT", false, true),
    ("UPDATE", true, true),
    ("DELETE", true, false),
];

fn name(table: &Table, event: &str) -> String {
    quoted(&format!("{}#:queue:{event}", table.full_name()))
}

/// The RowID and the stored columns of a row.
fn values(table: &Table, row: &str) -> Vec<String> {
    let mut names = vec![&table.row_id];
    names.extend(table.stored_columns().map(|column| &column.name));
    names
        .iter()
        .map(|name| format!("{row}.{}", quoted(name)))
        .collect()
}

/// Queues every changed row.
pub(crate) fn create_queue(table: &Table) -> Vec<String> {
    let owner = crate::binder::text_literal(&table.full_name());
    let one = |(event, old, new): &(&str, bool, bool)| {
        let old = if *old {
            values(table, "OLD")
        } else {
            Vec::new()
        };
        let mut arguments = vec![owner.clone(), format!("'{event}'"), old.len().to_string()];
        arguments.extend(old);
        if *new {
            arguments.extend(values(table, "NEW"));
        }
        format!(
            "CREATE TRIGGER IF NOT EXISTS {} AFTER {event} ON {} WHEN iris_no_trigger() = 0 BEGIN SELECT iris_fire({}); END",
            name(table, event),
            quoted(&table.full_name()),
            arguments.join(",")
        )
    };
    EVENTS.iter().map(one).collect()
}

/// Ends the queueing.
pub(crate) fn drop_queue(table: &Table) -> Vec<String> {
    EVENTS
        .iter()
        .map(|(event, _, _)| format!("DROP TRIGGER IF EXISTS {}", name(table, event)))
        .collect()
}

//! Which tables a TRUNCATE empties, and in which order: those that refer to others first.
//!
//! PostgreSQL manual, TRUNCATE: "cannot be used on a table that has foreign-key references
//! from other tables, unless all such tables are also truncated in the same command".

use std::collections::{HashMap, HashSet};

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{Delete, FromTable, Ident, ObjectName, Statement};

use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::relations::{DEFAULT_SCHEMA, Reference, TableName};
use crate::steps::notice;
use crate::wit::Diagnostic;

/// What happens to tables that refer to the ones that are named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Others {
    Refused,
    Emptied,
}

/// The tables in order.
///
/// # Errors
/// What PostgreSQL says of a table that another one refers to.
pub(crate) fn in_order(
    names: Vec<ObjectName>,
    others: Others,
    references: &[Reference],
    notices: &mut Vec<Diagnostic>,
) -> Diagnosed<Vec<ObjectName>> {
    let mut referring: HashMap<&TableName, Vec<&Reference>> = HashMap::new();
    for reference in references.iter().filter(|one| one.from != one.to) {
        referring.entry(&reference.to).or_default().push(reference);
    }
    let mut tables: HashMap<TableName, ObjectName> = HashMap::new();
    let mut queue = Vec::with_capacity(names.len());
    for name in names {
        let Some(table) = TableName::of(&name) else {
            continue;
        };
        if tables.insert(table.clone(), name).is_none() {
            queue.push(table);
        }
    }
    let mut place = 0;
    while let Some(table) = queue.get(place).cloned() {
        place += 1;
        for reference in referring.get(&table).into_iter().flatten() {
            if tables.contains_key(&reference.from) {
                continue;
            }
            if others == Others::Refused {
                let to = tables.get(&table).and_then(labels::of_name);
                return Err(referenced(&reference.written.1, &to.unwrap_or_default()));
            }
            let (schema, name) = &reference.written;
            notices.push(notice(format!("truncate cascades to table \"{name}\"")));
            tables.insert(reference.from.clone(), written(schema, name));
            queue.push(reference.from.clone());
        }
    }
    Ok(sorted(&queue, &referring)
        .iter()
        .filter_map(|table| tables.remove(table))
        .collect())
}

/// Each table behind those that refer to it; in a circle, in the order of the statement.
fn sorted(
    tables: &[TableName],
    referring: &HashMap<&TableName, Vec<&Reference>>,
) -> Vec<TableName> {
    let meant: HashSet<&TableName> = tables.iter().collect();
    let mut seen: HashSet<&TableName> = HashSet::new();
    let mut sorted = Vec::with_capacity(tables.len());
    for table in tables {
        // With the tables whose turn comes when those that refer to them are done.
        let mut open = vec![(table, false)];
        while let Some((table, done)) = open.pop() {
            if done {
                sorted.push(table.clone());
            } else if seen.insert(table) {
                open.push((table, true));
                let first = referring.get(table).into_iter().flatten();
                let first = first.map(|reference| &reference.from);
                open.extend(
                    first
                        .filter(|from| meant.contains(from))
                        .map(|from| (from, false)),
                );
            }
        }
    }
    sorted
}

/// What empties a table and lets its counters go on.
pub(crate) fn emptied(name: &ObjectName) -> Statement {
    Statement::Delete(Delete {
        delete_token: AttachedToken::empty(),
        optimizer_hints: Vec::new(),
        tables: Vec::new(),
        from: FromTable::WithFromKeyword(vec![super::table(name, None)]),
        using: None,
        selection: None,
        returning: None,
        output: None,
        order_by: Vec::new(),
        limit: None,
    })
}

fn written(schema: &str, table: &str) -> ObjectName {
    let quoted = |name: &str| Ident::with_quote('"', name.replace('"', "\"\""));
    ObjectName::from(match schema.eq_ignore_ascii_case(DEFAULT_SCHEMA) {
        true => vec![quoted(table)],
        false => vec![quoted(schema), quoted(table)],
    })
}

fn referenced(from: &str, to: &str) -> Diagnostic {
    Diagnostic::error(
        "0A000",
        "cannot truncate a table referenced in a foreign key constraint",
    )
    .with_detail(format!("Table \"{from}\" references \"{to}\"."))
    .with_hint(&format!(
        "Truncate table \"{from}\" at the same time, or use TRUNCATE ... CASCADE."
    ))
}

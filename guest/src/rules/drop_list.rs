//! # What it does
//! Drops several tables, views or indexes one after the other.
//!
//! # Why
//! IRIS's DROP takes one name. The name of an index is not qualified by a schema
//! there, but by its table.
//!
//! # Example
//! `DROP TABLE a, b` becomes `DROP TABLE a` and `DROP TABLE b`, all or none. With CASCADE, the
//! foreign keys that refer to them are dropped first.
//!
//! # Limits
//! An index name that several tables have is refused by IRIS; `DROP INDEX i ON t`
//! names the table. CASCADE tells of the views that select from the table, and not of those that
//! select from these.
//!
//! # Versions
//! All.

use sqlparser::ast::{ObjectName, ObjectNamePart, ObjectType, Statement};

use crate::definition::{dropped_table, last};
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::part::{Part, Times};
use crate::reader::marks::Marks;
use crate::relations::TableName;
use crate::rule::{Pass, Rule};

pub(crate) struct DropList;

/// "Table or view not found".
const NO_TABLE: i32 = -30;

/// "No such database (namespace) defined".
const NO_DATABASE: i32 = -340;

/// A foreign key or a view refers to it.
const REFERRED_TO: [i32; 2] = [-320, -321];

impl Rule for DropList {
    fn name(&self) -> &'static str {
        "drop_list"
    }

    fn summary(&self) -> &'static str {
        "drops several tables, views or indexes one after the other"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::DEFINITION)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        match tree {
            Statement::Drop {
                object_type: ObjectType::Index,
                table: None,
                ..
            } => {
                let mut words = pass.statement.split_ascii_whitespace();
                let concurrently = words
                    .nth(2)
                    .is_some_and(|word| word.eq_ignore_ascii_case("CONCURRENTLY"));
                Ok(indexes(tree, pass) | concurrently)
            }
            Statement::Drop {
                object_type: ObjectType::Database,
                if_exists,
                ..
            } if *if_exists => {
                *if_exists = false;
                let mut part = Part::new(tree.clone());
                part.tolerated = vec![NO_DATABASE];
                pass.split = Some(vec![part]);
                Ok(true)
            }
            Statement::Drop { names, .. } => {
                let each = std::mem::take(names);
                let before = match dropped_table::is_in(tree) {
                    true => dropped_table::along_with(&each, pass),
                    false => Vec::new(),
                };
                if let ([_], []) = (each.as_slice(), before.as_slice()) {
                    if let Statement::Drop { names, .. } = tree {
                        *names = each;
                    }
                    return Ok(false);
                }
                let before = before.into_iter().map(Part::new);
                let dropped = in_any_order(tree, each, pass);
                pass.split = Some(before.chain(dropped).collect());
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}

/// One after the other, each with its table.
fn indexes(tree: &mut Statement, pass: &mut Pass<'_>) -> bool {
    let mut parts = Vec::new();
    let mut changed = false;
    let Statement::Drop {
        names, if_exists, ..
    } = &*tree
    else {
        return false;
    };
    for name in names {
        let mut one = tree.clone();
        let mut tolerated = Vec::new();
        if let Statement::Drop { names, table, .. } = &mut one {
            let mut name = name.clone();
            *table = table_of(&name, pass);
            changed |= table.is_some() | unqualified(&mut name, table.is_some());
            if *if_exists && table.is_none() && name.0.len() > 1 {
                // IRIS takes the schema for a table, which need not be there.
                tolerated.push(NO_TABLE);
            }
            *names = vec![name];
        }
        let mut part = Part::new(one);
        part.tolerated = tolerated;
        parts.push(part);
    }
    match parts.as_mut_slice() {
        [only] if only.tolerated.is_empty() => *tree = only.tree.clone(),
        _ => {
            pass.split = Some(parts);
            changed = true;
        }
    }
    changed
}

/// PostgreSQL drops the list together, in whatever order its tables refer to each
/// other: what is still referred to at first is dropped when the others are gone.
fn in_any_order(tree: &Statement, names: Vec<ObjectName>, pass: &mut Pass<'_>) -> Vec<Part> {
    let mut first = Vec::with_capacity(names.len() * 2);
    let mut again = Vec::with_capacity(names.len());
    for name in names {
        let mut one = tree.clone();
        if let Statement::Drop { names, .. } = &mut one {
            *names = vec![name];
        }
        let id = pass.part_id();
        let mut part = Part::new(one.clone());
        part.id = Some(id);
        part.tolerated = REFERRED_TO.to_vec();
        first.push(part);
        let mut part = Part::new(one);
        part.repetition = Times::IfTolerated(id);
        again.push(part);
    }
    again.pop();
    if let Some(last) = first.last_mut() {
        last.tolerated.clear();
        last.id = None;
    }
    first.extend(again.into_iter().rev());
    first
}

/// The table of an index, if one index has that name.
fn table_of(name: &ObjectName, pass: &Pass<'_>) -> Option<ObjectName> {
    let wanted = TableName::of(name)?;
    let mut found = pass.relations.indexes_called(&wanted);
    let table = labels::identifier(&found.next()?.table);
    if found.next().is_some() {
        return None;
    }
    let mut parts = name.0.clone();
    parts.pop();
    parts.push(ObjectNamePart::Identifier(table));
    Some(ObjectName(parts))
}

/// Without its schema: before the name of an index IRIS expects its table, which
/// is what an unknown qualifier may be.
fn unqualified(name: &mut ObjectName, is_found: bool) -> bool {
    let [schema, _] = name.0.as_slice() else {
        return false;
    };
    let is_schema = is_found
        || schema
            .as_ident()
            .is_some_and(|schema| schema.value.eq_ignore_ascii_case("public"));
    if let Some(own) = last(name).filter(|_| is_schema).cloned() {
        *name = ObjectName::from(vec![own]);
    }
    is_schema
}

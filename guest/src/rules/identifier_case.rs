//! # What it does
//! Writes unquoted names of new tables, columns and views in lower case.
//!
//! # Why
//! IRIS finds names in any case but shows them as they were created; PostgreSQL
//! folds them, and clients look for `id` in the result of `SELECT *`.
//!
//! # Example
//! `CREATE TABLE Items (ID int)` becomes `CREATE TABLE items (id INT)`.
//!
//! # Limits
//! Two quoted names that differ in case alone are one name in IRIS. Tables that
//! exist already keep their names.
//!
//! # Versions
//! All.

use sqlparser::ast::{AlterTableOperation, Ident, ObjectName, ObjectNamePart, Statement};

use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};

pub(crate) struct IdentifierCase;

impl Rule for IdentifierCase {
    fn name(&self) -> &'static str {
        "identifier_case"
    }

    fn summary(&self) -> &'static str {
        "folds the names of new tables and columns as PostgreSQL does"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::DEFINITION)
    }

    fn rewrite(&self, tree: &mut Statement, _pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut changed = false;
        match tree {
            Statement::CreateTable(table) => {
                changed |= fold_last(&mut table.name);
                for column in &mut table.columns {
                    changed |= fold(&mut column.name);
                }
            }
            Statement::CreateView(view) => {
                changed |= fold_last(&mut view.name);
                for column in &mut view.columns {
                    changed |= fold(&mut column.name);
                }
            }
            Statement::AlterTable(table) => {
                for operation in &mut table.operations {
                    if let AlterTableOperation::AddColumn { column_def, .. } = operation {
                        changed |= fold(&mut column_def.name);
                    }
                }
            }
            _ => {}
        }
        Ok(changed)
    }
}

/// The schema of a name may exist already.
fn fold_last(name: &mut ObjectName) -> bool {
    match name.0.last_mut() {
        Some(ObjectNamePart::Identifier(identifier)) => fold(identifier),
        _ => false,
    }
}

fn fold(identifier: &mut Ident) -> bool {
    if identifier.quote_style.is_some() || identifier.value.starts_with('%') {
        return false;
    }
    let folded = labels::folded(identifier);
    let changed = folded != identifier.value;
    identifier.value = folded;
    changed
}

//! # What it does
//! Writes unquoted names of new tables, columns, views, indexes and constraints in
//! lower case.
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

use crate::definition::{NameHooks, each_name};
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
        marks.has(Marks::DEFINITION.and(Marks::INTO))
    }

    fn rewrite(&self, tree: &mut Statement, _pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut fold = Fold { changed: false };
        match tree {
            Statement::CreateTable(table) => fold.last(&mut table.name),
            Statement::CreateView(view) => fold.last(&mut view.name),
            _ => {}
        }
        if defines(tree) {
            each_name(tree, &mut fold);
        }
        Ok(fold.changed)
    }
}

/// Whether the names in it are new ones: those of IRIS's own tables may be kept.
fn defines(tree: &Statement) -> bool {
    match tree {
        Statement::AlterTable(table) => table.operations.iter().all(|action| {
            matches!(
                action,
                AlterTableOperation::AddColumn { .. } | AlterTableOperation::AddConstraint { .. }
            )
        }),
        _ => true,
    }
}

struct Fold {
    changed: bool,
}

impl NameHooks for Fold {
    fn name(&mut self, name: &mut Ident) {
        self.changed |= fold(name);
    }

    /// It exists already.
    fn table(&mut self, _name: &mut ObjectName) {}
}

impl Fold {
    /// The schema of a name may exist already.
    fn last(&mut self, name: &mut ObjectName) {
        if let Some(ObjectNamePart::Identifier(name)) = name.0.last_mut() {
            self.changed |= fold(name);
        }
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

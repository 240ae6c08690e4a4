//! # What it does
//! Lets DELETE take rows that refer to each other in one table: their references are emptied
//! first.
//!
//! # Why
//! IRIS looks for what refers to a row as it deletes it, SQLCODE -124; PostgreSQL does when all
//! of them are gone. (InterSystems SQL Reference, "DELETE".)
//!
//! # Example
//! `DELETE FROM t`, where `t.parent_id` refers to `t`, becomes `UPDATE t SET parent_id = NULL` and
//! `DELETE FROM t`.
//!
//! # Limits
//! Where the column that refers may be NULL; with RETURNING or USING the rows are IRIS's to check.
//!
//! # Versions
//! All.

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    Assignment, AssignmentTarget, Delete, Expr, FromTable, ObjectName, SelectItem, Statement,
    TableWithJoins, Update, Value,
};

use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::part::{Part, Times};
use crate::reader::marks::Marks;
use crate::relations::TableName;
use crate::rule::{Pass, Rule};
use crate::writing;
use crate::writing::target::Target;

pub(crate) struct SelfReference;

impl Rule for SelfReference {
    fn name(&self) -> &'static str {
        "self_reference"
    }

    fn summary(&self) -> &'static str {
        "deletes rows that refer to each other"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::WRITING)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let Some((delete, table)) = target_of(tree) else {
            return Ok(false);
        };
        let Some((name, _)) = writing::named(table) else {
            return Ok(false);
        };
        let columns: Vec<ObjectName> = TableName::of(name)
            .map(|name| pass.relations.referring_to_itself(&name))
            .unwrap_or_default()
            .iter()
            .map(|column| ObjectName::from(vec![labels::identifier(column)]))
            .collect();
        let Some(first) = columns.first().cloned() else {
            return Ok(false);
        };
        if !matches!(pass.times, Times::Once) {
            return Ok(false);
        }
        let (mut delete, table) = (delete.clone(), table.clone());
        let emptied = emptied(&table, &columns);
        let Some(condition) = delete.selection.take() else {
            pass.split = Some(vec![
                Part::new(Statement::Update(emptied)),
                Part {
                    counted: true,
                    ..Part::new(Statement::Delete(delete))
                },
            ]);
            return Ok(true);
        };
        let target = Target::new(table, Some(condition), pass);
        let kept = vec![SelectItem::UnnamedExpr(writing::row(None))];
        let mut parts = vec![target.candidates()];
        parts.extend(target.confirmed(Some(first), kept));
        let current = target.is_current(target.rows);
        parts.push(target.for_each(Statement::Update(Update {
            selection: Some(current.clone()),
            ..emptied
        })));
        delete.selection = Some(current);
        parts.push(Part {
            counted: true,
            ..target.for_each(Statement::Delete(delete))
        });
        pass.split = Some(parts);
        Ok(true)
    }
}

/// The table of a DELETE that may be split, if a statement is one.
fn target_of(tree: &Statement) -> Option<(&Delete, &TableWithJoins)> {
    let Statement::Delete(delete) = tree else {
        return None;
    };
    let (FromTable::WithFromKeyword(tables) | FromTable::WithoutKeyword(tables)) = &delete.from;
    match (tables.as_slice(), &delete.using, &delete.returning) {
        ([table], None, None) => Some((delete, table)),
        _ => None,
    }
}

/// Whether the references of a statement's table to itself matter.
pub(crate) fn may_matter(tree: &Statement) -> bool {
    target_of(tree).is_some()
}

/// `UPDATE table SET column = NULL, …`
fn emptied(table: &TableWithJoins, columns: &[ObjectName]) -> Update {
    let assignments = columns.iter().map(|column| Assignment {
        target: AssignmentTarget::ColumnName(column.clone()),
        value: Expr::value(Value::Null),
    });
    Update {
        update_token: AttachedToken::empty(),
        optimizer_hints: Vec::new(),
        table: table.clone(),
        assignments: assignments.collect(),
        from: None,
        selection: None,
        returning: None,
        output: None,
        or: None,
        order_by: Vec::new(),
        limit: None,
    }
}

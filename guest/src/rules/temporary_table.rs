//! # What it does
//! Makes temporary tables in a schema of the session's own, which the broker drops with
//! the session.
//!
//! # Why
//! IRIS keeps the definition of a temporary table when the session ends, for all to see,
//! and does not take back what a transaction that is rolled back wrote to it.
//!
//! # Example
//! `CREATE TEMP TABLE t (a int)` becomes `CREATE TABLE pgiris_temp_….t (a INT)`, and from
//! then on `SELECT a FROM t` becomes `SELECT a FROM pgiris_temp_….t`.
//!
//! # Limits
//! ON COMMIT DELETE ROWS is refused, and so is another name for a temporary table. A
//! transaction that is READ ONLY cannot write to one. If the broker ends without ending its
//! sessions, schemas whose names begin with `pgiris_temp_` stay behind. IRIS's own words
//! for it, GLOBAL TEMPORARY, are left alone.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    AlterTableOperation, CreateTable, Expr, ObjectName, ObjectNamePart, ObjectType, OnCommit,
    SetExpr, Statement,
};

use crate::definition::{last, offset, written};
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::part::Part;
use crate::reader::marks::Marks;
use crate::relations::Temporary;
use crate::rule::{Pass, Rule};
use crate::rules::if_exists::skipped;
use crate::wit::{Diagnostic, TemporaryChange, TemporaryTable as Account};

pub(crate) struct TemporaryTable;

impl Rule for TemporaryTable {
    fn name(&self) -> &'static str {
        "temporary_table"
    }

    fn summary(&self) -> &'static str {
        "makes temporary tables in a schema of the session's own"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::DEFINITION) || marks.has(Marks::INTO)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let Some(temporary) = Temporary::of(&pass.scene) else {
            return Ok(false);
        };
        match tree {
            Statement::CreateTable(table) if is_of_session(table) => {
                let drops = table.on_commit == Some(OnCommit::Drop);
                if table.on_commit == Some(OnCommit::DeleteRows) {
                    return Err(Diagnostic::not_supported(
                        "ON COMMIT DELETE ROWS is not supported",
                        "DELETE the rows before COMMIT",
                    )
                    .at(pass.text, offset(&table.name)));
                }
                let skips = table.if_not_exists;
                if !made(&mut table.name, &temporary, (skips, drops), pass)? {
                    pass.split = Some(Vec::new());
                    return Ok(true);
                }
                table.temporary = false;
                table.global = None;
                table.on_commit = None;
                table.if_not_exists = false;
            }
            Statement::Query(query) => {
                let Some(name) = into_of(&mut query.body) else {
                    return Ok(false);
                };
                let mut name = ObjectName::from(name);
                made(&mut name, &temporary, (false, false), pass)?;
                put_into(&mut query.body, &name);
            }
            Statement::Drop {
                object_type: ObjectType::Table,
                names,
                ..
            } => {
                let gone: Vec<_> = names
                    .iter()
                    .filter_map(|name| temporary.own(name))
                    .map(TemporaryChange::Gone)
                    .collect();
                if gone.is_empty() {
                    return Ok(false);
                }
                pass.temporary.extend(gone);
            }
            Statement::AlterTable(table) if temporary.own(&table.name).is_some() => {
                let renames = |action: &AlterTableOperation| {
                    matches!(action, AlterTableOperation::RenameTable { .. })
                };
                if table.operations.iter().any(renames) {
                    return Err(Diagnostic::not_supported(
                        "another name for a temporary table is not supported",
                        "create one of that name and fill it by INSERT … SELECT",
                    )
                    .at(pass.text, offset(&table.name)));
                }
                return Ok(false);
            }
            _ => return Ok(false),
        }
        pass.split = Some(vec![Part {
            counted: true,
            ..Part::new(tree.clone())
        }]);
        Ok(true)
    }
}

/// Whether a statement makes a temporary table, for which the session needs a schema.
pub(crate) fn is_made_by(tree: &Statement) -> bool {
    match tree {
        Statement::CreateTable(table) => is_of_session(table),
        Statement::Query(query) => into(&query.body).is_some_and(|into| into.temporary),
        _ => false,
    }
}

/// PostgreSQL reads GLOBAL and says that it means nothing; IRIS's clients mean its own.
fn is_of_session(table: &CreateTable) -> bool {
    table.temporary && table.global != Some(true)
}

/// Puts the session's schema before the name, and notes the table; false: there is one
/// already, which is to be left.
fn made(
    name: &mut ObjectName,
    temporary: &Temporary,
    (skips, on_commit_drop): (bool, bool),
    pass: &mut Pass<'_>,
) -> Diagnosed<bool> {
    let own = last(name).map(labels::folded).unwrap_or_default();
    if name.0.len() > 1 && !temporary.is_schema(name) {
        return Err(Diagnostic::error(
            "42P16",
            "cannot create temporary relation in non-temporary schema",
        )
        .at(pass.text, offset(name)));
    }
    if temporary.has(&own) {
        let what = format!("relation \"{own}\" already exists");
        if skips {
            pass.notices.push(skipped("42P07", &what));
            return Ok(false);
        }
        return Err(Diagnostic::error("42P07", what));
    }
    let table = last(name)
        .cloned()
        .unwrap_or_else(|| labels::identifier(&own));
    let schema = labels::identifier(&temporary.schema);
    let drop = format!("DROP TABLE {}.{}", temporary.schema, written(&table));
    *name = ObjectName::from(vec![schema, table]);
    pass.temporary.push(TemporaryChange::Made(Account {
        name: own,
        drop,
        on_commit_drop,
    }));
    Ok(true)
}

fn into(body: &SetExpr) -> Option<&sqlparser::ast::SelectInto> {
    match body {
        SetExpr::Select(select) => select.into.as_ref(),
        SetExpr::Query(query) => into(&query.body),
        SetExpr::SetOperation { left, .. } => into(left),
        _ => None,
    }
}

fn into_mut(body: &mut SetExpr) -> Option<&mut sqlparser::ast::SelectInto> {
    match body {
        SetExpr::Select(select) => select.into.as_mut(),
        SetExpr::Query(query) => into_mut(&mut query.body),
        SetExpr::SetOperation { left, .. } => into_mut(left),
        _ => None,
    }
}

/// The name behind INTO TEMP.
fn into_of(body: &mut SetExpr) -> Option<Vec<sqlparser::ast::Ident>> {
    let into = into_mut(body).filter(|into| into.temporary)?;
    match into.targets.as_slice() {
        [Expr::Identifier(name)] => Some(vec![name.clone()]),
        [Expr::CompoundIdentifier(parts)] => Some(parts.clone()),
        _ => None,
    }
}

fn put_into(body: &mut SetExpr, name: &ObjectName) {
    if let Some(into) = into_mut(body) {
        let parts = name.0.iter().filter_map(ObjectNamePart::as_ident).cloned();
        into.temporary = false;
        into.targets = vec![Expr::CompoundIdentifier(parts.collect())];
    }
}

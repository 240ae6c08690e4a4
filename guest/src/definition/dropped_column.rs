//! What goes with a column that is dropped: PostgreSQL drops the indexes and the constraints of
//! the table that have it, and with CASCADE the views that name it and the foreign keys that refer
//! to it.
//! PostgreSQL manual, ALTER TABLE, "DROP COLUMN".

use sqlparser::ast::{
    AlterTable, AlterTableOperation, DropBehavior, Ident, ObjectName, ObjectNamePart, ObjectType,
    Statement,
};

use super::{dropped_table, last};
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::relations::{DEFAULT_SCHEMA, Dependents, ForeignKeyTo, TableName, ViewOf};
use crate::rule::Pass;
use crate::steps;
use crate::wit::Diagnostic;

/// What the actions of one ALTER TABLE have dropped so far, by the names in capitals.
#[derive(Default)]
pub(crate) struct Gone(Vec<String>);

impl Gone {
    pub(crate) fn note(&mut self, name: &str) {
        self.0.push(name.to_uppercase());
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains(&name.to_uppercase())
    }
}

/// Whether it must be known what uses the columns of the table.
pub(crate) fn is_in(tree: &Statement) -> bool {
    let drops =
        |action: &AlterTableOperation| matches!(action, AlterTableOperation::DropColumn { .. });
    matches!(tree, Statement::AlterTable(table) if table.operations.iter().any(drops))
}

/// The statements before the one that drops the column, for which IRIS must not have it in an
/// index or a constraint.
///
/// # Errors
/// A foreign key refers to it, and CASCADE does not say that it may go as well.
pub(crate) fn along_with(
    column: &Ident,
    behavior: Option<DropBehavior>,
    table: &AlterTable,
    gone: &mut Gone,
    pass: &mut Pass<'_>,
) -> Diagnosed<Vec<Statement>> {
    let name = TableName::of(&table.name);
    let Some(dependents) = name
        .as_ref()
        .and_then(|name| pass.relations.dependents(name))
    else {
        return Ok(Vec::new());
    };
    let wanted = labels::folded(column);
    let has = |columns: &[String]| columns.iter().any(|own| own.eq_ignore_ascii_case(&wanted));
    let mut statements = viewed(
        dependents,
        (&wanted, behavior),
        table,
        gone,
        &mut pass.notices,
    )?;
    // What is still referred to cannot go.
    statements.extend(referring(
        dependents,
        (&wanted, behavior),
        table,
        gone,
        &mut pass.notices,
    )?);
    let constraints = dependents.constraints.iter();
    let (foreign, keys): (Vec<_>, Vec<_>) = constraints
        .filter(|constraint| has(&constraint.columns))
        .partition(|constraint| constraint.is_foreign);
    for constraint in foreign.into_iter().chain(keys) {
        if !gone.has(&constraint.name) {
            gone.note(&constraint.name);
            statements.push(without_constraint(table.clone(), &constraint.name));
        }
    }
    for index in &dependents.indexes {
        if has(&index.columns) && !dependents.is_of_constraint(index) && !gone.has(&index.name) {
            gone.note(&index.name);
            statements.push(without_index(table, &index.name));
        }
    }
    Ok(statements)
}

/// The foreign keys that refer to the column, and do not have it themselves.
fn referring(
    dependents: &Dependents,
    (column, behavior): (&str, Option<DropBehavior>),
    table: &AlterTable,
    gone: &mut Gone,
    notices: &mut Vec<Diagnostic>,
) -> Diagnosed<Vec<Statement>> {
    let own = TableName::of(&table.name);
    let mut statements = Vec::new();
    for key in &dependents.referring {
        let has = |columns: &[String]| columns.iter().any(|own| own.eq_ignore_ascii_case(column));
        let is_own = own == Some(TableName::named(Some(&key.schema), &key.table));
        let goes_anyway = is_own
            && (gone.has(&key.name)
                || dependents
                    .constraints
                    .iter()
                    .any(|own| own.name == key.name && has(&own.columns)));
        if !has(&key.columns) || goes_anyway {
            continue;
        }
        let shown = format!("constraint {} on table {}", key.name, key.table);
        if behavior != Some(DropBehavior::Cascade) {
            return Err(depended_on(column, table, &shown));
        }
        notices.push(steps::notice(format!("drop cascades to {shown}")));
        if is_own {
            gone.note(&key.name);
        }
        statements.push(without_constraint(alter(key, table), &key.name));
    }
    Ok(statements)
}

/// The views that name the column: IRIS would let it go, and they could not be read any more.
fn viewed(
    dependents: &Dependents,
    (column, behavior): (&str, Option<DropBehavior>),
    table: &AlterTable,
    gone: &mut Gone,
    notices: &mut Vec<Diagnostic>,
) -> Diagnosed<Vec<Statement>> {
    let has = |view: &&ViewOf| {
        let mut columns = view.columns.iter();
        columns.any(|own| own.eq_ignore_ascii_case(column))
    };
    let mut statements = Vec::new();
    for view in dependents.views.iter().filter(has) {
        let shown = format!("view {}", dropped_table::shown(&view.schema, &view.name));
        if gone.has(&shown) {
            continue;
        }
        if behavior != Some(DropBehavior::Cascade) {
            return Err(depended_on(column, table, &shown));
        }
        notices.push(steps::notice(format!("drop cascades to {shown}")));
        gone.note(&shown);
        statements.push(Statement::Drop {
            object_type: ObjectType::View,
            if_exists: false,
            names: vec![dropped_table::named(&view.schema, &view.name)],
            cascade: true,
            restrict: false,
            purge: false,
            temporary: false,
            table: None,
        });
    }
    Ok(statements)
}

fn depended_on(column: &str, table: &AlterTable, other: &str) -> Diagnostic {
    let own = last(&table.name).map(labels::folded).unwrap_or_default();
    let what = format!("column {column} of table {own}");
    Diagnostic::error(
        "2BP01",
        format!("cannot drop {what} because other objects depend on it"),
    )
    .with_detail(format!("{other} depends on {what}"))
    .with_hint("Use DROP ... CASCADE to drop the dependent objects too.")
}

/// ALTER TABLE of its table.
fn alter(key: &ForeignKeyTo, table: &AlterTable) -> AlterTable {
    let (schema, name) = (
        labels::identifier(&key.schema),
        labels::identifier(&key.table),
    );
    AlterTable {
        name: ObjectName::from(match key.schema.eq_ignore_ascii_case(DEFAULT_SCHEMA) {
            true => vec![name],
            false => vec![schema, name],
        }),
        ..table.clone()
    }
}

fn without_constraint(mut table: AlterTable, name: &str) -> Statement {
    table.operations = vec![AlterTableOperation::DropConstraint {
        if_exists: false,
        name: labels::identifier(name),
        drop_behavior: None,
    }];
    Statement::AlterTable(table)
}

fn without_index(table: &AlterTable, name: &str) -> Statement {
    let name = ObjectNamePart::Identifier(labels::identifier(name));
    Statement::Drop {
        object_type: ObjectType::Index,
        if_exists: false,
        names: vec![ObjectName(vec![name])],
        cascade: false,
        restrict: false,
        purge: false,
        temporary: false,
        table: Some(table.name.clone()),
    }
}

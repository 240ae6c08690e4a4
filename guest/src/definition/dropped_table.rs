//! What goes with a table that is dropped with CASCADE: the foreign keys of other tables that refer
//! to it, for which IRIS would keep it, and views, which IRIS drops.
//! PostgreSQL manual, DROP TABLE, "CASCADE".

use std::collections::HashSet;

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    AlterTable, AlterTableOperation, ObjectName, ObjectNamePart, ObjectType, Statement,
};

use crate::labels;
use crate::relations::{DEFAULT_SCHEMA, TableName};
use crate::rule::Pass;
use crate::steps;

/// Whether it must be known what uses the tables.
pub(crate) fn is_in(tree: &Statement) -> bool {
    matches!(
        tree,
        Statement::Drop {
            object_type: ObjectType::Table,
            cascade: true,
            ..
        }
    )
}

/// The statements before those that drop the tables.
pub(crate) fn along_with(names: &[ObjectName], pass: &mut Pass<'_>) -> Vec<Statement> {
    let dropped: HashSet<TableName> = names.iter().filter_map(TableName::of).collect();
    let mut statements = Vec::new();
    let mut gone = Vec::new();
    for table in names.iter().filter_map(TableName::of) {
        let Some(dependents) = pass.relations.dependents(&table) else {
            continue;
        };
        for key in &dependents.referring {
            if dropped.contains(&TableName::named(Some(&key.schema), &key.table)) {
                continue;
            }
            statements.push(without(&key.schema, &key.table, &key.name));
            let table = shown(&key.schema, &key.table);
            gone.push(format!("constraint {} on table {table}", key.name));
        }
        let views = dependents.views.iter();
        gone.extend(views.map(|view| format!("view {}", shown(&view.schema, &view.name))));
    }
    gone.dedup();
    pass.notices.extend(told(&gone));
    statements
}

/// As PostgreSQL's NOTICE words it, of one object or of several.
fn told(gone: &[String]) -> Option<crate::wit::Diagnostic> {
    match gone {
        [] => None,
        [only] => Some(steps::notice(format!("drop cascades to {only}"))),
        several => {
            let lines = several.iter().map(|one| format!("drop cascades to {one}"));
            let lines: Vec<String> = lines.collect();
            let message = format!("drop cascades to {} other objects", several.len());
            Some(steps::notice(message).with_detail(lines.join("\n")))
        }
    }
}

/// With its schema, unless that is the default one.
pub(super) fn shown(schema: &str, name: &str) -> String {
    match schema.eq_ignore_ascii_case(DEFAULT_SCHEMA) {
        true => name.to_owned(),
        false => format!("{schema}.{name}"),
    }
}

/// The name of what is in a schema, as a statement writes it.
pub(super) fn named(schema: &str, name: &str) -> ObjectName {
    let schema = (!schema.eq_ignore_ascii_case(DEFAULT_SCHEMA)).then_some(schema);
    let parts = schema.into_iter().chain([name]).map(labels::identifier);
    ObjectName(parts.map(ObjectNamePart::Identifier).collect())
}

fn without(schema: &str, table: &str, constraint: &str) -> Statement {
    Statement::AlterTable(AlterTable {
        name: named(schema, table),
        if_exists: false,
        only: false,
        operations: vec![AlterTableOperation::DropConstraint {
            if_exists: false,
            name: labels::identifier(constraint),
            drop_behavior: None,
        }],
        location: None,
        on_cluster: None,
        table_type: None,
        end_token: AttachedToken::empty(),
    })
}

//! # What it does
//! Tells of what `IF EXISTS` did not find and `IF NOT EXISTS` found.
//!
//! # Why
//! PostgreSQL sends a NOTICE that something is skipped; IRIS is silent.
//!
//! # Example
//! `DROP TABLE IF EXISTS t` without a table `t` comes with
//! `NOTICE: table "t" does not exist, skipping`.
//!
//! # Limits
//! There is none of schemas, of which IRIS does not list the empty ones, and none of
//! constraints that are no keys.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    AlterTable, AlterTableOperation as Action, CreateTable, ObjectName, ObjectType, Statement,
};

use crate::definition::last;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::reader::marks::Marks;
use crate::relations::{Relation, TableName};
use crate::rule::{Pass, Rule};
use crate::wit::{Diagnostic, Severity};

pub(crate) struct IfExists;

impl Rule for IfExists {
    fn name(&self) -> &'static str {
        "if_exists"
    }

    fn summary(&self) -> &'static str {
        "tells of what IF EXISTS and IF NOT EXISTS skip"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::DEFINITION)
    }

    fn needs_relations(&self, tree: &Statement) -> bool {
        match tree {
            Statement::CreateTable(table) => table.if_not_exists,
            Statement::Drop {
                object_type: ObjectType::Table | ObjectType::View,
                if_exists,
                ..
            } => *if_exists,
            Statement::AlterTable(table) => {
                table.if_exists || table.operations.iter().any(is_conditional)
            }
            _ => false,
        }
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let before = pass.notices.len();
        match tree {
            Statement::CreateTable(table) => created(table, pass),
            Statement::Drop {
                object_type,
                if_exists: true,
                names,
                ..
            } => {
                for name in names {
                    dropped(object_type, name, pass);
                }
            }
            Statement::AlterTable(table) => altered(table, pass),
            _ => {}
        }
        Ok(pass.notices.len() > before)
    }
}

fn is_conditional(action: &Action) -> bool {
    match action {
        Action::AddColumn { if_not_exists, .. } => *if_not_exists,
        Action::DropColumn { if_exists, .. } | Action::DropConstraint { if_exists, .. } => {
            *if_exists
        }
        _ => false,
    }
}

/// A NOTICE as PostgreSQL words it.
pub(super) fn skipped(sqlstate: &str, what: &str) -> Diagnostic {
    Diagnostic {
        severity: Severity::Notice,
        ..Diagnostic::error(sqlstate, format!("{what}, skipping"))
    }
}

fn created(table: &CreateTable, pass: &mut Pass<'_>) {
    if table.if_not_exists && found(&table.name, pass).is_some() {
        let name = own(&table.name);
        let what = format!("relation \"{name}\" already exists");
        pass.notices.push(skipped("42P07", &what));
    }
}

fn dropped(kind: &ObjectType, name: &ObjectName, pass: &mut Pass<'_>) {
    let is_there = match kind {
        ObjectType::Table | ObjectType::View => found(name, pass).is_some(),
        ObjectType::Index => TableName::of(name)
            .is_some_and(|name| pass.relations.indexes_called(&name).next().is_some()),
        _ => true,
    };
    if !is_there {
        let kind = kind.to_string().to_lowercase();
        let what = format!("{kind} \"{}\" does not exist", own(name));
        pass.notices.push(skipped("00000", &what));
    }
}

fn altered(table: &AlterTable, pass: &mut Pass<'_>) {
    let name = own(&table.name);
    let Some(relation) = found(&table.name, pass) else {
        if table.if_exists {
            let what = format!("relation \"{name}\" does not exist");
            pass.notices.push(skipped("00000", &what));
        }
        return;
    };
    let notices: Vec<_> = table
        .operations
        .iter()
        .flat_map(|action| of_action(action, &name, relation))
        .collect();
    pass.notices.extend(notices);
}

fn of_action(action: &Action, table: &str, relation: &Relation) -> Vec<Diagnostic> {
    match action {
        Action::AddColumn {
            if_not_exists: true,
            column_def,
            ..
        } => {
            let column = labels::folded(&column_def.name);
            let there = relation.column(&column).is_some();
            let what = format!("column \"{column}\" of relation \"{table}\" already exists");
            there.then(|| skipped("42701", &what)).into_iter().collect()
        }
        Action::DropColumn {
            if_exists: true,
            column_names,
            ..
        } => column_names
            .iter()
            .map(labels::folded)
            .filter(|column| relation.column(column).is_none())
            .map(|column| {
                let what = format!("column \"{column}\" of relation \"{table}\" does not exist");
                skipped("00000", &what)
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn found<'a>(name: &ObjectName, pass: &Pass<'a>) -> Option<&'a Relation> {
    let relations = pass.relations;
    relations.find(&TableName::of(name)?)
}

/// The name without its schema, as PostgreSQL shows it.
fn own(name: &ObjectName) -> String {
    last(name).map_or_else(|| name.to_string(), labels::folded)
}

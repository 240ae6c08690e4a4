//! # What it does
//! Refuses DROP TABLE and TRUNCATE of a view, and DROP VIEW of a table.
//!
//! # Why
//! IRIS says that it finds no such table or view. (InterSystems SQL Reference, "DROP TABLE",
//! "DROP VIEW", "TRUNCATE TABLE".)
//!
//! # Example
//! `DROP TABLE v` of a view fails with SQLSTATE 42809, `"v" is not a table`.
//!
//! # Limits
//! Of tables and views alone; what IRIS does not tell of is left to its own error.
//!
//! # Versions
//! All.

use sqlparser::ast::{ObjectName, ObjectType, Statement};

use crate::definition::last;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::reader::marks::Marks;
use crate::relations::{Kind, TableName};
use crate::rule::{Pass, Rule};
use crate::wit::Diagnostic;

pub(crate) struct RelationKind;

impl Rule for RelationKind {
    fn name(&self) -> &'static str {
        "relation_kind"
    }

    fn summary(&self) -> &'static str {
        "tells that a table is no view, and a view no table"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::DEFINITION.and(Marks::WRITING))
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let Some((wanted, names)) = wanted(tree) else {
            return Ok(false);
        };
        for name in names {
            let known = TableName::of(name).and_then(|name| pass.relations.kind_of(&name));
            match known {
                Some(known) if known != wanted => return Err(other(name, wanted, tree)),
                _ => {}
            }
        }
        Ok(false)
    }
}

/// Whether a statement is about names of one kind.
pub(crate) fn is_of_one_kind(tree: &Statement) -> bool {
    wanted(tree).is_some()
}

/// What the names of a statement must stand for.
fn wanted(tree: &Statement) -> Option<(Kind, Vec<&ObjectName>)> {
    match tree {
        Statement::Drop {
            object_type, names, ..
        } => {
            let kind = match object_type {
                ObjectType::Table => Kind::Table,
                ObjectType::View => Kind::View,
                _ => return None,
            };
            Some((kind, names.iter().collect()))
        }
        Statement::Truncate(truncate) => {
            let names = truncate.table_names.iter().map(|target| &target.name);
            Some((Kind::Table, names.collect()))
        }
        _ => None,
    }
}

/// `errdetail_wrong_object_type` and its kin; TRUNCATE gives no hint.
fn other(name: &ObjectName, wanted: Kind, tree: &Statement) -> Diagnostic {
    let own = last(name).map_or_else(|| name.to_string(), labels::folded);
    let (kind, hint) = match wanted {
        Kind::Table => ("table", "Use DROP VIEW to remove a view."),
        Kind::View => ("view", "Use DROP TABLE to remove a table."),
    };
    let refusal = Diagnostic::error("42809", format!("\"{own}\" is not a {kind}"));
    match tree {
        Statement::Truncate(_) => refusal,
        _ => refusal.with_hint(hint),
    }
}

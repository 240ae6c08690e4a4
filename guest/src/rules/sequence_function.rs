//! # What it does
//! Leaves `nextval` of a column's own sequence to the column, and refuses the other
//! functions of sequences.
//!
//! # Why
//! IRIS has no sequences: the counter of a column cannot be asked or set, and
//! `LAST_IDENTITY()` is about the connection, which other sessions use as well.
//!
//! # Example
//! `INSERT INTO t (id, a) VALUES (nextval('t_id_seq'), 1)` becomes
//! `INSERT INTO t (a) VALUES (1)`.
//!
//! # Limits
//! `nextval` is known among the VALUES of an INSERT, for the sequence that PostgreSQL would
//! have made with the column: `table_column_seq`.
//!
//! # Versions
//! All.

use sqlparser::ast::{Expr, Insert, Statement, Value};

use super::value_rows;
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::place;
use crate::reader::marks::Marks;
use crate::relations::Relation;
use crate::rule::{Pass, Rule};
use crate::walk;
use crate::wit::Diagnostic;
use crate::writing;

pub(crate) struct SequenceFunction;

impl Rule for SequenceFunction {
    fn name(&self) -> &'static str {
        "sequence_function"
    }

    fn summary(&self) -> &'static str {
        "leaves nextval to the column, and refuses the other functions of sequences"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::SEQUENCE)
    }

    fn needs_relations_of(&self, tree: &Statement, marks: Marks) -> bool {
        self.concerns(marks) && matches!(tree, Statement::Insert(_))
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut changed = false;
        if let Statement::Insert(insert) = tree
            && let Some(relation) = writing::relation_of(insert, pass)
        {
            changed = left_to_column(insert, relation);
        }
        let text = pass.text;
        walk::expressions(tree, &mut |expression| match refusal(expression) {
            Some(refusal) => Err(refusal.at(text, place::of(expression))),
            None => Ok(()),
        })?;
        Ok(changed)
    }
}

/// Writes DEFAULT for the next value of the column's own sequence.
fn left_to_column(insert: &mut Insert, relation: &Relation) -> bool {
    let given: Vec<Option<String>> = insert.columns.iter().map(labels::of_name).collect();
    let Some(values) = value_rows::rows(insert) else {
        return false;
    };
    let mut changed = false;
    for row in &mut values.rows {
        for (place, value) in row.content.iter_mut().enumerate() {
            let column = match given.is_empty() {
                true => relation.columns.get(place),
                false => given
                    .get(place)
                    .and_then(|name| relation.column(name.as_deref()?)),
            };
            let own = column
                .filter(|column| column.generated)
                .map(|column| format!("{}_{}_seq", relation.name, column.name).to_lowercase());
            if own.is_some() && next_of(value) == own {
                *value = build::name("DEFAULT");
                changed = true;
            }
        }
    }
    changed
}

/// The sequence whose next value this is, without its schema.
fn next_of(value: &Expr) -> Option<String> {
    let Expr::Function(function) = value else {
        return None;
    };
    if build::function_name(function)? != "nextval" {
        return None;
    }
    let [argument] = build::arguments(function)[..] else {
        return None;
    };
    let argument = match argument {
        Expr::Cast { expr, .. } => expr,
        other => other,
    };
    let Expr::Value(value) = argument else {
        return None;
    };
    let Value::SingleQuotedString(name) = &value.value else {
        return None;
    };
    let last = name.rsplit('.').next()?;
    Some(
        match last
            .strip_prefix('"')
            .and_then(|last| last.strip_suffix('"'))
        {
            Some(quoted) => quoted.to_owned(),
            None => last.to_lowercase(),
        },
    )
}

fn refusal(expression: &Expr) -> Option<Diagnostic> {
    let Expr::Function(function) = expression else {
        return None;
    };
    let name = build::function_name(function)?;
    let hint = match name.as_str() {
        "nextval" => "leave the column out of the INSERT, or write DEFAULT",
        "currval" | "lastval" => "use INSERT ... RETURNING",
        "setval" => {
            "the counter of a column goes on behind the greatest value that was given; TRUNCATE \
             starts it anew"
        }
        _ => return None,
    };
    Some(Diagnostic::not_supported(
        format!("{name} is not supported"),
        hint,
    ))
}

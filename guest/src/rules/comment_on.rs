//! # What it does
//! Acknowledges COMMENT ON with a WARNING that the comment is not kept.
//!
//! # Why
//! IRIS takes a description of a table or column only when it is made. Migrations
//! comment afterwards, and need not fail for it.
//!
//! # Example
//! `COMMENT ON TABLE t IS 'x'` does nothing and says so; without a table `t` it fails.
//!
//! # Limits
//! No comment is kept; `%DESCRIPTION 'x'` in CREATE TABLE is. Whether the object is
//! there is looked at for tables, views and columns.
//!
//! # Versions
//! All.

use sqlparser::ast::{CommentObject, ObjectName, Statement};

use crate::classify::plain;
use crate::command::Words;
use crate::definition::{last, offset};
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::reader::marks::Marks;
use crate::reader::statement::Source;
use crate::relations::TableName;
use crate::rule::{Claim, Pass, Rule, Scene};
use crate::wit::{Diagnostic, Effect, Plan, Sequence};

pub(crate) struct CommentOn;

impl Rule for CommentOn {
    fn name(&self) -> &'static str {
        "comment_on"
    }

    fn summary(&self) -> &'static str {
        "acknowledges COMMENT ON, which IRIS does not keep"
    }

    /// Objects that IRIS is not asked about.
    fn claim(&self, source: &Source<'_>, _scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
        let mut words = Words::of(source);
        if !words.take_all(&["COMMENT", "ON"])
            || words.next_is("TABLE")
            || words.next_is("VIEW")
            || words.next_is("COLUMN")
        {
            return Ok(None);
        }
        while !words.take("IS") {
            if words.advance().is_none() {
                return words.fail();
            }
        }
        let comment = words.string()?;
        if comment.is_none() {
            words.expect("NULL")?;
        }
        words.end()?;
        Ok(Some(Claim {
            plan: nothing(),
            notices: comment.map(|_| lost()).into_iter().collect(),
        }))
    }

    fn concerns(&self, _marks: Marks) -> bool {
        true
    }

    fn needs_relations_of(&self, tree: &Statement, _marks: Marks) -> bool {
        matches!(tree, Statement::Comment { .. })
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let Statement::Comment {
            object_type,
            object_name,
            comment,
            ..
        } = tree
        else {
            return Ok(false);
        };
        match object_type {
            CommentObject::Column => column(object_name, pass)?,
            _ => table(object_name, pass)?,
        }
        if comment.is_some() {
            pass.notices.push(lost());
        }
        pass.plan = Some(nothing());
        Ok(true)
    }
}

/// The table of a column that COMMENT names.
pub(crate) fn table_of(column: &ObjectName) -> ObjectName {
    let mut parts = column.0.clone();
    parts.pop();
    ObjectName(parts)
}

fn table(name: &ObjectName, pass: &Pass<'_>) -> Diagnosed<()> {
    let found = TableName::of(name).and_then(|table| pass.relations.find(&table));
    match found {
        Some(_) => Ok(()),
        None => Err(
            Diagnostic::error("42P01", format!("relation \"{name}\" does not exist"))
                .at(pass.text, offset(name)),
        ),
    }
}

fn column(name: &ObjectName, pass: &Pass<'_>) -> Diagnosed<()> {
    let of = table_of(name);
    table(&of, pass)?;
    let relation = TableName::of(&of).and_then(|table| pass.relations.find(&table));
    let column = last(name).map(labels::folded).unwrap_or_default();
    if relation.is_some_and(|relation| relation.column(&column).is_none()) {
        let table = last(&of).map(labels::folded).unwrap_or_default();
        return Err(Diagnostic::error(
            "42703",
            format!("column \"{column}\" of relation \"{table}\" does not exist"),
        ));
    }
    Ok(())
}

fn lost() -> Diagnostic {
    Diagnostic::warning("01000", "the comment is not kept").with_hint(
        "IRIS takes descriptions in CREATE TABLE and ADD COLUMN alone, by the word %DESCRIPTION",
    )
}

fn nothing() -> Plan {
    Plan::Sequence(Sequence {
        steps: Vec::new(),
        parameters: Vec::new(),
        columns: Vec::new(),
        tag: plain("COMMENT"),
        effect: Effect::Read,
        required: Vec::new(),
        temporary: Vec::new(),
    })
}

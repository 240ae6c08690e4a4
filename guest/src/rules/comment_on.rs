//! # What it does
//! Keeps COMMENT ON tables, views and columns in a table of the broker's.
//!
//! # Why
//! IRIS takes a description of a table or column only when it is made. Migrations
//! comment afterwards.
//!
//! # Example
//! `COMMENT ON TABLE t IS 'x'` replaces the row about `t` in `pgiris_catalog.description`,
//! from which `obj_description` and psql's `\d+` have it; without a table `t` it fails.
//!
//! # Limits
//! The texts go with the table or column, and follow what renames it; where IRIS itself is told to
//! drop it, they stay, and are those of the next one of the name.
//! Comments on other objects are acknowledged with a WARNING that they are not kept.
//!
//! # Versions
//! All.

use sqlparser::ast::{CommentObject, ObjectName, Statement};

use crate::command::Words;
use crate::comments;
use crate::definition::last;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::reader::marks::Marks;
use crate::reader::statement::Source;
use crate::relations::TableName;
use crate::rule::{Claim, Pass, Rule, Scene};
use crate::steps;
use crate::wit::{Diagnostic, Effect, Plan, Step};

/// The SQLCODE of a name that is taken.
const TABLE_EXISTS: i32 = -201;

/// The first words of what PostgreSQL takes comments on.
const OBJECTS: &[&str] = &[
    "ACCESS",
    "AGGREGATE",
    "CAST",
    "COLLATION",
    "CONSTRAINT",
    "CONVERSION",
    "DATABASE",
    "DOMAIN",
    "EVENT",
    "EXTENSION",
    "FOREIGN",
    "FUNCTION",
    "INDEX",
    "LANGUAGE",
    "LARGE",
    "MATERIALIZED",
    "OPERATOR",
    "POLICY",
    "PROCEDURAL",
    "PROCEDURE",
    "PUBLICATION",
    "ROLE",
    "ROUTINE",
    "RULE",
    "SCHEMA",
    "SEQUENCE",
    "SERVER",
    "STATISTICS",
    "SUBSCRIPTION",
    "TABLESPACE",
    "TEXT",
    "TRANSFORM",
    "TRIGGER",
    "TYPE",
];

pub(crate) struct CommentOn;

impl Rule for CommentOn {
    fn name(&self) -> &'static str {
        "comment_on"
    }

    fn summary(&self) -> &'static str {
        "keeps COMMENT ON tables and columns in a table of the broker's"
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
        if !OBJECTS.iter().any(|object| words.next_is(object)) {
            return words.fail();
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
            plan: steps::nothing("COMMENT"),
            notices: comment.map(|_| lost()).into_iter().collect(),
        }))
    }

    fn concerns(&self, _marks: Marks) -> bool {
        true
    }

    fn needs_relations(&self, tree: &Statement) -> bool {
        matches!(tree, Statement::Comment { .. })
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        if comments::may_follow(tree) {
            let steps = comments::following(tree, pass.relations.commented());
            let any = !steps.is_empty();
            pass.afterwards.extend(steps);
            return Ok(any);
        }
        let Statement::Comment {
            object_type,
            object_name,
            comment,
            ..
        } = tree
        else {
            return Ok(false);
        };
        let of = match object_type {
            CommentObject::Column => {
                column(object_name, pass)?;
                table_of(object_name)
            }
            _ => {
                table(object_name, pass)?;
                object_name.clone()
            }
        };
        let about = match object_type {
            CommentObject::Column => last(object_name).map(labels::folded).unwrap_or_default(),
            _ => comments::OF_TABLE.to_owned(),
        };
        let Some(of) = TableName::of(&of) else {
            return Ok(false);
        };
        let text = comment.as_deref().filter(|text| !text.is_empty());
        pass.plan = Some(kept(&of, &about.to_uppercase(), text));
        Ok(true)
    }
}

/// The text in place of the one that there may be.
fn kept(table: &TableName, about: &str, text: Option<&str>) -> Plan {
    let made = Step {
        tolerated: vec![TABLE_EXISTS],
        ..steps::step(comments::made())
    };
    // "NULL to drop the comment"; there may be none, and nothing that keeps any.
    let mut steps = vec![made, steps::step(comments::forgotten(table, about))];
    if let Some(text) = text {
        let text = text.replace("''", "'");
        steps.push(steps::step(comments::kept(table, about, &text)));
    }
    steps::sequence(steps, "COMMENT", Effect::Schema)
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
        None => Err(Diagnostic::error(
            "42P01",
            format!("relation \"{}\" does not exist", shown(name)),
        )),
    }
}

/// As PostgreSQL shows it in a message.
fn shown(name: &ObjectName) -> String {
    let parts = name.0.iter().filter_map(|part| part.as_ident());
    parts.map(labels::folded).collect::<Vec<_>>().join(".")
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
    Diagnostic::warning("01000", "the comment is not kept")
        .with_hint("comments on tables, views and columns are")
}

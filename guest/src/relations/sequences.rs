//! Sequences: each is a table with a counter, of which one row says how its numbers
//! become the sequence's values.
//!
//! IRIS counts up where a row is inserted, without waiting for other transactions, and
//! no rollback takes that back: what PostgreSQL says of `nextval`.

use std::borrow::Cow;

use sqlparser::ast::{Expr, ObjectName, Statement, Value};

use super::TableName;
use crate::build;
use crate::counters;
use crate::look::{self, Node};
use crate::wit::{MetadataQuery, MetadataRows};

/// The schema of these tables.
pub(crate) const SCHEMA: &str = "pgiris_sequence";

/// The kind of the query for the numbers of a sequence.
pub(super) const NUMBERS: &str = "numbers";

/// What a definition says of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub(crate) step: i64,
    pub(crate) minimum: i64,
    pub(crate) maximum: i64,
}

/// The table of a sequence.
pub(crate) fn table_of(name: &TableName) -> ObjectName {
    name.kept_in(SCHEMA)
}

/// What the functions of sequences name in this text, as `regclass` reads it.
pub(crate) fn named(text: &str) -> Option<TableName> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut quoted = false;
    for character in text.trim().chars() {
        match character {
            '"' => quoted = !quoted,
            '.' if !quoted => parts.push(std::mem::take(&mut part)),
            other => part.push(other),
        }
    }
    parts.push(part);
    match parts.as_slice() {
        _ if quoted || parts.iter().any(String::is_empty) => None,
        [own] => Some(TableName::named(None, own)),
        [schema, own] => Some(TableName::named(Some(schema), own)),
        _ => None,
    }
}

/// The function of sequences that is called, and the text that names the sequence, if
/// it is written.
pub(crate) fn call(expression: &Expr) -> Option<(&'static str, Option<Cow<'_, str>>)> {
    let Expr::Function(function) = expression else {
        return None;
    };
    let name = build::function_name(function)?;
    let known = ["nextval", "currval", "lastval", "setval"];
    let name = known.into_iter().find(|known| *known == name)?;
    let arguments = build::arguments(function);
    let text = arguments.first().and_then(|argument| {
        let argument = match argument {
            Expr::Cast { expr, .. } => expr,
            other => *other,
        };
        let written = text(argument).map(Cow::Borrowed);
        written.or_else(|| counters::of_column(argument).map(Cow::Owned))
    });
    Some((name, text))
}

fn text(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// The sequences that a statement names.
pub(crate) fn sequences_named_in(tree: &Statement) -> Vec<TableName> {
    let mut names = Vec::new();
    look::at_all(tree, &mut |node| {
        if let Node::Expression(expression) = node
            && let Some((_, Some(text))) = call(expression)
        {
            names.extend(named(&text).filter(|name| !names.contains(name)));
        }
    });
    names
}

/// The query for the numbers of a sequence; without rows there is none of that name.
pub(crate) fn query(name: &TableName) -> MetadataQuery {
    MetadataQuery {
        name: format!("{NUMBERS}\0{}", name.joined()),
        text: format!(
            "SELECT step_by, minimum, maximum FROM {} WHERE %ID = 1",
            table_of(name)
        ),
        // There is no such table before the first sequence.
        optional: true,
    }
}

/// What describes a column whose default is the next value of a sequence: IRIS takes no
/// such default, and the description is known to all sessions.
pub(crate) fn description(text: &str) -> String {
    format!("DEFAULT nextval('{text}')")
}

/// The text that names the sequence, if a column is described so.
pub(crate) fn described(description: &str) -> Option<String> {
    let rest = description.strip_prefix("DEFAULT nextval('")?;
    rest.strip_suffix("')").map(str::to_owned)
}

/// The sequences that were asked for.
pub(super) fn read(
    metadata: &[MetadataRows],
) -> impl Iterator<Item = (TableName, Option<Numbers>)> {
    metadata.iter().filter_map(|answer| {
        let (kind, name) = answer.name.split_once('\0')?;
        let name = TableName::split(name).filter(|_| kind == NUMBERS)?;
        Some((name, answer.rows.first().and_then(|row| numbers(row))))
    })
}

fn numbers(row: &[Option<String>]) -> Option<Numbers> {
    let number = |place: usize| row.get(place)?.as_deref()?.parse().ok();
    Some(Numbers {
        step: number(0)?,
        minimum: number(1)?,
        maximum: number(2)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_regclass_reads_them() {
        let plain = TableName::named(None, "s");
        assert_eq!(named("s"), Some(plain.clone()));
        assert_eq!(named("public.\"s\""), Some(plain));
        assert_eq!(named("app.s"), Some(TableName::named(Some("app"), "s")));
        assert_eq!(described(&description("app.s")).as_deref(), Some("app.s"));
        assert_eq!(described("the next one"), None);
        for odd in ["", "\"s", "a.b.c", "."] {
            assert_eq!(named(odd), None, "{odd}");
        }
    }
}

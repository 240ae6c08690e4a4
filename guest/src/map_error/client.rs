//! Says an error of IRIS in the client's own terms: the objects as the client wrote
//! them, and their place in its text. (PostgreSQL, `src/backend/parser`.)
//!
//! A place is told where the text leaves no doubt: IRIS says what it did not find,
//! not where.

use super::detail::Detail;
use super::words::{Chain, Words};
use super::{definition, syntax};
use crate::always_generated;
use crate::reader::lexer::lex;
use crate::reader::statement::split;
use crate::wit::{Diagnostic, FailedStatement};

/// The error with what the client's statement tells of it.
pub(super) fn told(
    diagnostic: &mut Diagnostic,
    sqlcode: i32,
    detail: &Detail<'_>,
    statement: &FailedStatement,
) {
    let Ok(tokens) = lex(&statement.text) else {
        return;
    };
    let number = usize::try_from(statement.number).unwrap_or(usize::MAX);
    let Some(source) = split(&tokens).into_iter().nth(number) else {
        return;
    };
    let words = Words::of(source);
    let _ = match sqlcode {
        -29 | -31 => column(diagnostic, detail, &words),
        -27 => ambiguous(diagnostic, detail, &words),
        -23 => qualifier(diagnostic, detail, &words),
        -30 => relation(diagnostic, detail, &words),
        -359 => function(diagnostic, detail, &words),
        -377 if words.begins(&["UPDATE"]) => assigned_twice(diagnostic, detail),
        -377 => repeated(diagnostic, &words),
        -107 | -111 => identity(diagnostic, &words),
        -108 => not_null(diagnostic, &words),
        -110 if words.begins(&["LOCK"]) && words.any("NOWAIT") => not_waited(diagnostic, &words),
        -123 | -124 => referenced(diagnostic, &words),
        -304 | -305 => contains_nulls(diagnostic, &words),
        -307 => definition::second_key(diagnostic, &words),
        -315 => constraint(diagnostic, &words),
        -333 => index(diagnostic, &words),
        -118 => role(diagnostic, detail),
        -400 if diagnostic.sqlstate == "42P07" => constraint_exists(diagnostic, detail),
        -125 | -119 | -120 if diagnostic.constraint.is_none() => {
            definition::duplicates(diagnostic, &words)
        }
        -306 => definition::column_exists(diagnostic, &words),
        -310 => definition::no_referenced_table(diagnostic, &words),
        -400 if words.begins(&["CREATE", "UNIQUE", "INDEX"])
            && detail.message.to_lowercase().contains("unique") =>
        {
            "23505".clone_into(&mut diagnostic.sqlstate);
            definition::duplicates(diagnostic, &words)
        }
        -400 if diagnostic.sqlstate == "42704" => definition::no_type(diagnostic, detail, &words),
        -428 => procedure(diagnostic, detail, &words),
        -104 | -105 => definition::converted(diagnostic, detail, &words),
        _ if diagnostic.message == super::SYNTAX_ERROR => {
            syntax::told(diagnostic, &source, sqlcode, detail.message)
        }
        _ => None,
    };
}

pub(super) fn place(diagnostic: &mut Diagnostic, words: &Words<'_>, token: usize) {
    let position = crate::diagnostic::position_of(words.text(), words.offset(token));
    diagnostic.position = Some(position);
}

/// The one that is meant, if there is no doubt.
pub(super) fn only<T: Copy>(found: &[T]) -> Option<T> {
    match found {
        [one] => Some(*one),
        _ => None,
    }
}

fn column(diagnostic: &mut Diagnostic, detail: &Detail<'_>, words: &Words<'_>) -> Option<()> {
    let name = detail.field()?;
    let mut found = words.called(&name);
    found.retain(|chain| !words.follows(chain.first, &["AS", "FROM", "JOIN", "INTO", "UPDATE"]));
    let is_row = found.iter().any(|chain| {
        words
            .name(chain.last)
            .is_some_and(|shown| words.is_source(&shown))
    });
    if is_row {
        *diagnostic = Diagnostic::not_supported(
            format!("the whole row of \"{name}\" as a value is not supported"),
            "name the columns",
        );
    }
    if !words.tells_places() {
        return column_of_definition(diagnostic, &found, words);
    }
    let chain = first_resolved(&found, words)?;
    place(diagnostic, words, chain.first);
    if is_row {
        return Some(());
    }
    diagnostic.message = if !chain.is_qualified() && words.is_assigned(chain.last) {
        let table = words.name(words.target()?.last)?;
        format!(
            "column \"{}\" of relation \"{table}\" does not exist",
            words.name(chain.last)?
        )
    } else if chain.is_qualified() {
        let qualified = Chain {
            first: chain.last - 2,
            ..chain
        };
        format!("column {} does not exist", words.joined(qualified))
    } else {
        format!("column \"{}\" does not exist", words.name(chain.last)?)
    };
    Some(())
}

/// Of several uses of a name, all without meaning, PostgreSQL complains of the first
/// that it comes to: in a plain query, the first that is written.
fn first_resolved(found: &[Chain], words: &Words<'_>) -> Option<Chain> {
    if let Some(one) = only(found) {
        return Some(one);
    }
    let first = *found.first()?;
    let same = found
        .iter()
        .all(|chain| words.joined(*chain) == words.joined(first));
    let plain = words.begins(&["SELECT"])
        && !["ON", "USING", "GROUP", "UNION", "EXISTS", "IN"]
            .iter()
            .any(|word| words.any(word));
    (same && plain).then_some(first)
}

fn column_of_definition(
    diagnostic: &mut Diagnostic,
    found: &[Chain],
    words: &Words<'_>,
) -> Option<()> {
    let name = words.name(found.first()?.last)?;
    let table = words.name(words.target()?.last)?;
    if words.any("FOREIGN") || words.any("REFERENCES") {
        diagnostic.message =
            format!("column \"{name}\" referenced in foreign key constraint does not exist");
    } else if words.any("UNIQUE") || words.any("PRIMARY") {
        diagnostic.message = format!("column \"{name}\" named in key does not exist");
    } else {
        diagnostic.message = format!("column \"{name}\" of relation \"{table}\" does not exist");
    }
    Some(())
}

fn ambiguous(diagnostic: &mut Diagnostic, detail: &Detail<'_>, words: &Words<'_>) -> Option<()> {
    let mut found = words.called(&detail.field()?);
    found.retain(|chain| !chain.is_qualified() && !words.follows(chain.first, &["AS"]));
    let chain = first_resolved(&found, words)?;
    place(diagnostic, words, chain.first);
    Some(())
}

fn qualifier(diagnostic: &mut Diagnostic, detail: &Detail<'_>, words: &Words<'_>) -> Option<()> {
    let found = words.qualified_by(detail.quoted()?);
    let first = *found.first()?;
    let plain = words.begins(&["SELECT"]) && !words.any("ON");
    if found.len() > 1 && !plain {
        return None;
    }
    place(diagnostic, words, words.chain(first).first);
    diagnostic.message = format!(
        "missing FROM-clause entry for table \"{}\"",
        words.name(first)?
    );
    Some(())
}

fn relation(diagnostic: &mut Diagnostic, detail: &Detail<'_>, words: &Words<'_>) -> Option<()> {
    let (_, name) = detail.table()?;
    let found = words.called(&name);
    let used: Vec<Chain> = found
        .iter()
        .copied()
        .filter(|chain| {
            words.follows(
                chain.first,
                &["FROM", "JOIN", "INTO", "UPDATE", "ONLY", "TABLE"],
            )
        })
        .collect();
    let chain = *used.first().or(only(&found).as_ref())?;
    let name = words.joined(chain);
    let kind = match () {
        () if words.begins(&["DROP", "TABLE"]) => "table",
        () if words.begins(&["DROP", "VIEW"]) => "view",
        () => "relation",
    };
    diagnostic.message = format!("{kind} \"{name}\" does not exist");
    if words.tells_places() {
        place(diagnostic, words, chain.first);
    }
    Some(())
}

fn function(diagnostic: &mut Diagnostic, detail: &Detail<'_>, words: &Words<'_>) -> Option<()> {
    let name = detail.relation()?;
    let chain = only(&words.calls(name.rsplit('.').next()?))?;
    place(diagnostic, words, chain.first);
    if let Some(types) = words.argument_types(chain.last + 1) {
        diagnostic.message = format!("function {}({types}) does not exist", words.joined(chain));
    }
    diagnostic.hint = Some(
        "No function matches the given name and argument types. You might need to add explicit \
         type casts."
            .to_owned(),
    );
    Some(())
}

/// `CALL p()`
fn procedure(diagnostic: &mut Diagnostic, detail: &Detail<'_>, words: &Words<'_>) -> Option<()> {
    let name = detail
        .message
        .rsplit(['.', ' ', '\''])
        .find(|part| !part.is_empty())?;
    let chain = only(&words.calls(name))?;
    place(diagnostic, words, chain.first);
    let types = words.argument_types(chain.last + 1);
    let arguments = types.map(|types| format!("({types})")).unwrap_or_default();
    diagnostic.message = format!(
        "procedure {}{arguments} does not exist",
        words.joined(chain)
    );
    diagnostic.hint = Some(
        "No procedure matches the given name and argument types. You might need to add explicit \
         type casts."
            .to_owned(),
    );
    Some(())
}

/// `SET a = 1, a = 2`: PostgreSQL calls it a syntax error.
fn assigned_twice(diagnostic: &mut Diagnostic, detail: &Detail<'_>) -> Option<()> {
    "42601".clone_into(&mut diagnostic.sqlstate);
    let column = detail.field()?;
    diagnostic.message = format!("multiple assignments to same column \"{column}\"");
    Some(())
}

/// `INSERT INTO t (a, a)`
fn repeated(diagnostic: &mut Diagnostic, words: &Words<'_>) -> Option<()> {
    let mut seen = std::collections::HashSet::new();
    let again = words
        .insert_list()?
        .find(|index| words.name(*index).is_some_and(|name| !seen.insert(name)))?;
    place(diagnostic, words, again);
    diagnostic.message = format!("column \"{}\" specified more than once", words.name(again)?);
    Some(())
}

fn not_null(diagnostic: &mut Diagnostic, words: &Words<'_>) -> Option<()> {
    let column = diagnostic.column.clone()?;
    if diagnostic.table.is_some() {
        return None;
    }
    let target = words.target()?;
    let table = words.name(target.last)?;
    diagnostic.message = format!(
        "null value in column \"{column}\" of relation \"{table}\" violates not-null constraint"
    );
    diagnostic.table = Some(table);
    diagnostic.schema = words.schema(target);
    Some(())
}

/// A value for an identity column; IRIS does not say for which one.
fn identity(diagnostic: &mut Diagnostic, words: &Words<'_>) -> Option<()> {
    if words.begins(&["UPDATE"]) {
        let column = named(&words.assigned(), words)?;
        tell(
            diagnostic,
            always_generated::unchangeable(column.as_deref()),
        );
        return Some(());
    }
    if words.any("OVERRIDING") {
        let message = "OVERRIDING SYSTEM VALUE is not supported for a column GENERATED ALWAYS";
        "0A000".clone_into(&mut diagnostic.sqlstate);
        message.clone_into(&mut diagnostic.message);
        diagnostic.detail = Some("IRIS gives such a column all of its values.".to_owned());
        diagnostic.hint = Some("make the column GENERATED BY DEFAULT".to_owned());
        return Some(());
    }
    let listed: Vec<usize> = words.insert_list().into_iter().flatten().collect();
    let column = named(&listed, words)?;
    tell(diagnostic, always_generated::inserted(column.as_deref()));
    diagnostic.hint = Some("leave the column out, or give it DEFAULT".to_owned());
    Some(())
}

/// The only one of these columns, by its name; none if there are others. Without a name nothing
/// can be said.
fn named(columns: &[usize], words: &Words<'_>) -> Option<Option<String>> {
    match only(columns) {
        Some(column) => words.name(column).map(Some),
        None => Some(None),
    }
}

fn tell(diagnostic: &mut Diagnostic, words: Diagnostic) {
    diagnostic.message = words.message;
    diagnostic.detail = words.detail;
}

/// `ALTER TABLE t ADD [COLUMN] a … NOT NULL`, `ALTER TABLE t ALTER [COLUMN] a SET NOT NULL`
fn contains_nulls(diagnostic: &mut Diagnostic, words: &Words<'_>) -> Option<()> {
    let target = words.target()?;
    let mut at = target.last + 1;
    if !words.is(at, "ADD") && !words.is(at, "ALTER") {
        return None;
    }
    at += 1;
    while ["COLUMN", "IF", "NOT", "EXISTS"]
        .iter()
        .any(|word| words.is(at, word))
    {
        at += 1;
    }
    let (table, column) = (words.name(target.last)?, words.name(at)?);
    diagnostic.message =
        format!("column \"{column}\" of relation \"{table}\" contains null values");
    diagnostic.schema = words.schema(target);
    diagnostic.table = Some(table);
    diagnostic.column = Some(column);
    Some(())
}

/// `LOCK TABLE t NOWAIT`; of several tables nobody says which.
fn not_waited(diagnostic: &mut Diagnostic, words: &Words<'_>) -> Option<()> {
    let target = words.target()?;
    if words.is_symbol(target.last + 1, ",") {
        "could not obtain lock on one of the relations".clone_into(&mut diagnostic.message);
        return Some(());
    }
    let table = words.name(target.last)?;
    diagnostic.message = format!("could not obtain lock on relation \"{table}\"");
    Some(())
}

/// The row that is referred to stands in the table that the statement writes.
fn referenced(diagnostic: &mut Diagnostic, words: &Words<'_>) -> Option<()> {
    let table = words.name(words.target()?.last)?;
    let (constraint, referring) = (
        diagnostic.constraint.as_deref()?,
        diagnostic.table.as_deref()?,
    );
    diagnostic.message = format!(
        "update or delete on table \"{table}\" violates foreign key constraint \"{constraint}\" \
         on table \"{referring}\""
    );
    Some(())
}

/// `DROP INDEX …, name`
fn index(diagnostic: &mut Diagnostic, words: &Words<'_>) -> Option<()> {
    let (_, name) = diagnostic.message.rsplit_once(": ")?;
    let chain = only(&words.called(name))?;
    diagnostic.message = format!("index \"{}\" does not exist", words.joined(chain));
    Some(())
}

fn role(diagnostic: &mut Diagnostic, detail: &Detail<'_>) -> Option<()> {
    let name = detail.quoted()?;
    let what = match detail.message.contains("already exists") {
        true => "already exists",
        false => "does not exist",
    };
    diagnostic.message = format!("role \"{name}\" {what}");
    Some(())
}

fn constraint_exists(diagnostic: &mut Diagnostic, detail: &Detail<'_>) -> Option<()> {
    let name = detail.quoted()?.to_lowercase();
    diagnostic.message = format!("relation \"{name}\" already exists");
    Some(())
}

fn constraint(diagnostic: &mut Diagnostic, words: &Words<'_>) -> Option<()> {
    let table = words.name(words.target()?.last)?;
    let mut at = 0;
    while !words.is(at, "CONSTRAINT") {
        words
            .name(at)
            .or_else(|| words.is_symbol(at, ".").then(String::new))?;
        at += 1;
    }
    let name = words.name(at + 1)?;
    diagnostic.message = format!("constraint \"{name}\" of relation \"{table}\" does not exist");
    Some(())
}

//! # What it does
//! Prepares and executes statements by their names in the broker.
//!
//! # Why
//! They live in the broker, with those that drivers prepare through the protocol; IRIS has
//! neither statement.
//!
//! # Example
//! `PREPARE p (int) AS SELECT a FROM t WHERE id = $1`, then `EXECUTE p (5)`.
//!
//! # Limits
//! The values of `EXECUTE` are constants, or expressions of integers, texts and booleans.
//!
//! # Versions
//! All.

use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Token;

use crate::classify::plain;
use crate::command::Words;
use crate::constant_value;
use crate::diagnostic::Diagnosed;
use crate::reader::lexeme::Kind;
use crate::reader::statement::Source;
use crate::rule::{Claim, Rule, Scene};
use crate::types;
use crate::wit::{Diagnostic, Execution, Oid, Plan, Preparation, Prepared, PreparedStep};

pub(crate) struct PreparedStatement;

impl Rule for PreparedStatement {
    fn name(&self) -> &'static str {
        "prepared_statement"
    }

    fn summary(&self) -> &'static str {
        "prepares and executes statements by name in the broker"
    }

    fn claim(&self, source: &Source<'_>, _scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
        let mut words = Words::of(source);
        let (step, tag) = if words.take("PREPARE") {
            (PreparedStep::Prepare(preparation(words)?), "PREPARE")
        } else if words.take("EXECUTE") {
            (PreparedStep::Execute(execution(words)?), "EXECUTE")
        } else if let Some(at) = filled_by_execute(source) {
            return Err(Diagnostic::not_supported(
                "CREATE TABLE AS EXECUTE is not supported",
                "create the table AS the query of the prepared statement",
            )
            .at(source.text, at));
        } else {
            return Ok(None);
        };
        Ok(Some(
            Plan::Prepared(Prepared {
                step,
                tag: plain(tag),
            })
            .into(),
        ))
    }
}

/// Where `CREATE TABLE t AS EXECUTE` has its last word; none of another statement.
fn filled_by_execute(source: &Source<'_>) -> Option<usize> {
    if !source.begins(&["CREATE"]) {
        return None;
    }
    let is = |index: usize, word: &str| {
        let lexeme = source.lexemes.get(index);
        lexeme.is_some_and(|lexeme| lexeme.is(source.text, word))
    };
    let creates = (1..4).any(|index| is(index, "TABLE"));
    let mut all = 2..source.lexemes.len();
    let at = all.find(|index| creates && is(*index, "EXECUTE") && is(index - 1, "AS"))?;
    Some(source.lexemes.get(at)?.range().start)
}

/// What PostgreSQL prepares.
const PREPARABLE: &[&str] = &[
    "SELECT", "VALUES", "TABLE", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE",
];

/// `name [ ( type [, …] ) ] AS statement`
fn preparation(mut words: Words<'_>) -> Diagnosed<Preparation> {
    let name = words.identifier()?;
    let mut parameter_types = Vec::new();
    if words.take_symbol("(") {
        loop {
            parameter_types.push(type_oid(&mut words)?);
            if !words.take_symbol(",") {
                break;
            }
        }
        if !words.take_symbol(")") {
            return words.fail();
        }
    }
    words.expect("AS")?;
    let Some(first) = words.peek() else {
        return words.fail();
    };
    // What the grammar calls a PreparableStmt.
    let is_statement =
        words.next_is_symbol("(") || PREPARABLE.iter().any(|keyword| words.next_is(keyword));
    if !is_statement {
        return words.fail();
    }
    let source = words.source;
    Ok(Preparation {
        name,
        text: source.text[first.range().start..source.range().end].to_owned(),
        parameter_types,
    })
}

/// A type up to the comma or parenthesis behind it; `unknown` is to be inferred.
fn type_oid(words: &mut Words<'_>) -> Diagnosed<Oid> {
    let Some(first) = words.peek() else {
        return words.fail();
    };
    let (start, mut end) = (first.range().start, first.range().start);
    let mut depth = 0_usize;
    while let Some(lexeme) = words.peek() {
        match lexeme.text(words.source.text) {
            "(" => depth += 1,
            ")" if depth == 0 => break,
            ")" => depth -= 1,
            "," if depth == 0 => break,
            _ => {}
        }
        end = lexeme.range().end;
        words.advance();
    }
    let text = &words.source.text[start..end];
    if text.eq_ignore_ascii_case("unknown") {
        return Ok(0);
    }
    let parsed = Parser::new(&PostgreSqlDialect {})
        .try_with_sql(text)
        .and_then(|mut parser| {
            let data_type = parser.parse_data_type()?;
            Ok((parser.peek_token_ref().token == Token::EOF).then_some(data_type))
        });
    let known = parsed.ok().flatten();
    let known = known.as_ref().and_then(types::of);
    known.map(|known| known.oid).ok_or_else(|| {
        Diagnostic::error("42704", format!("type \"{text}\" does not exist"))
            .at(words.source.text, start)
    })
}

/// `name [ ( value [, …] ) ]`
fn execution(mut words: Words<'_>) -> Diagnosed<Execution> {
    let name = words.identifier()?;
    let mut values = Vec::new();
    if words.take_symbol("(") {
        loop {
            values.push(value(&mut words)?);
            if !words.take_symbol(",") {
                break;
            }
        }
        if !words.take_symbol(")") {
            return words.fail();
        }
    }
    words.end()?;
    Ok(Execution { name, values })
}

/// A literal in PostgreSQL's text format, and what it is cast to, which the
/// statement's own parameter decides.
fn value(words: &mut Words<'_>) -> Diagnosed<Option<String>> {
    let before = words.clone();
    let value = literal(words)?;
    if words.take_symbol("::") && type_oid(words).is_err() {
        *words = before;
        return expression(words);
    }
    let ends = words
        .peek()
        .is_some_and(|next| matches!(next.text(words.source.text), "," | ")"));
    match value {
        Some(value) if ends => Ok(value),
        _ => {
            *words = before;
            expression(words)
        }
    }
}

/// An expression of constants, up to the comma or parenthesis behind it.
fn expression(words: &mut Words<'_>) -> Diagnosed<Option<String>> {
    let text = words.source.text;
    let Some(first) = words.peek() else {
        return words.fail();
    };
    let (start, mut end) = (first.range().start, first.range().start);
    let mut depth = 0_usize;
    while let Some(lexeme) = words.peek() {
        match lexeme.text(text) {
            "(" | "[" => depth += 1,
            ")" | "]" if depth == 0 => break,
            ")" | "]" => depth -= 1,
            "," if depth == 0 => break,
            _ => {}
        }
        end = lexeme.range().end;
        words.advance();
    }
    match constant_value::value(&text[start..end]) {
        Some(Ok(value)) => Ok(value),
        Some(Err(failure)) => Err(Diagnostic::error(failure.sqlstate, failure.message)),
        None if end == start => words.fail(),
        None => Err(Diagnostic::not_supported(
            "this expression as a value of EXECUTE is not supported",
            "give constants, or execute the statement through the protocol of your driver",
        )
        .at(text, start)),
    }
}

/// None if it is no literal.
fn literal(words: &mut Words<'_>) -> Diagnosed<Option<Option<String>>> {
    if let Some(text) = words.string()? {
        return Ok(Some(Some(text)));
    }
    for (keyword, value) in [("NULL", None), ("TRUE", Some("t")), ("FALSE", Some("f"))] {
        if words.take(keyword) {
            return Ok(Some(value.map(str::to_owned)));
        }
    }
    let sign = if words.take_symbol("-") { "-" } else { "" };
    match words.peek() {
        Some(number) if number.kind == Kind::Number => {
            words.advance();
            let digits = number.text(words.source.text);
            Ok(Some(Some(format!("{sign}{digits}"))))
        }
        _ => Ok(None),
    }
}

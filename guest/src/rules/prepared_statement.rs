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
//! The values of `EXECUTE` are literals, with a cast or without.
//!
//! # Versions
//! All.

use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

use crate::classify::plain;
use crate::command::Words;
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
        .and_then(|mut parser| parser.parse_data_type());
    let known = parsed.ok().as_ref().and_then(types::of);
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
    let start = words.peek();
    let value = literal(words)?;
    if words.take_symbol("::") {
        type_oid(words)?;
    }
    let ends = words
        .peek()
        .is_some_and(|next| matches!(next.text(words.source.text), "," | ")"));
    match (value, ends) {
        (Some(value), true) => Ok(value),
        _ => Err(Diagnostic::not_supported(
            "an expression as a value of EXECUTE is not supported",
            "give literals, or execute the statement through the protocol of your driver",
        )
        .at(
            words.source.text,
            start.map_or(words.source.range().end, |lexeme| lexeme.range().start),
        )),
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

//! # What it does
//! Gives LIKE PostgreSQL's escape character, and writes ILIKE, `~~` and `^@` as LIKE, regular
//! expressions and SIMILAR TO as `%PATTERN`.
//!
//! # Why
//! IRIS's LIKE has no escape character unless one is named, and IRIS has no ILIKE and none of
//! the operators. (InterSystems SQL Reference, LIKE.)
//!
//! # Example
//! `a ILIKE 'x\_%'` becomes `UPPER(a) LIKE UPPER('x\_%') ESCAPE '\'`.
//!
//! # Limits
//! Regular expressions that are no constants, or have `[^…]`, classes that depend on the locale or
//! anchors inside, are left to `regular_expression`; with options, lookarounds or references they are
//! refused; so is `^@` with a prefix that is no literal.
//! Columns that PostgreSQL's statements did not make may ignore case.
//!
//! # Versions
//! All.

use sqlparser::ast::{BinaryOperator, Expr, Spanned, Statement, Value, ValueWithSpan};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::pattern::{self, Flavour};
use crate::placeholder;
use crate::raise;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::types::oid;
use crate::walk;
use crate::wit::Diagnostic;

pub(crate) struct LikePattern;

impl Rule for LikePattern {
    fn name(&self) -> &'static str {
        "like_pattern"
    }

    fn summary(&self) -> &'static str {
        "gives LIKE PostgreSQL's escape character and writes ILIKE as LIKE"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::PREDICATE)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut changed = false;
        walk::expressions(tree, &mut |expr| {
            if let Expr::Like { pattern, .. } | Expr::ILike { pattern, .. } = expr
                && let Some(number) = placeholder::number_of(build::unnested(pattern))
            {
                pass.parameter_type(number, oid::TEXT);
            }
            if let Some(replacement) = replacement(expr, pass)? {
                *expr = replacement;
                changed = true;
            }
            Ok(())
        })?;
        Ok(changed)
    }
}

fn replacement(expr: &mut Expr, pass: &mut Pass<'_>) -> Diagnosed<Option<Expr>> {
    match expr {
        Expr::Like {
            any: false,
            negated,
            expr: value,
            pattern,
            escape_char,
        } => {
            let form = Form {
                negated: *negated,
                ignoring_case: false,
            };
            if let Some(failing) = unfinished(value, pattern, form, escape_char.as_deref(), pass)? {
                return Ok(Some(failing));
            }
            let written = escape_char.clone();
            *escape_char = escape_of(pattern, escape_char.take());
            // The same place is what it becomes.
            Ok((written != *escape_char).then(|| build::take(expr)))
        }
        Expr::ILike {
            any: false,
            negated,
            expr: value,
            pattern,
            escape_char,
        } => {
            let form = Form {
                negated: *negated,
                ignoring_case: true,
            };
            let escape = escape_char.take();
            if let Some(failing) = unfinished(value, pattern, form, escape.as_deref(), pass)? {
                return Ok(Some(failing));
            }
            let value = upper(build::take(value));
            Ok(Some(like(value, build::take(pattern), form, escape)))
        }
        Expr::BinaryOp { left, op, right } => operator(left, op, right, pass),
        Expr::SimilarTo {
            negated,
            expr: value,
            pattern,
            escape_char,
        } => {
            let escape = match escape_char.as_deref().map(text) {
                None => Some('\\'),
                Some(Some("")) => None,
                Some(Some(escape)) if escape.chars().count() == 1 => escape.chars().next(),
                Some(_) => return Err(refused("SIMILAR TO", value, pass)),
            };
            let negated = *negated;
            matched(value, pattern, Flavour::Similar(escape), pass)?
                .map(|found| Some(unless(negated, found)))
                .ok_or_else(|| refused("SIMILAR TO", value, pass))
        }
        _ => Ok(None),
    }
}

/// What kind of LIKE it is.
#[derive(Clone, Copy)]
struct Form {
    negated: bool,
    ignoring_case: bool,
}

fn operator(
    left: &mut Expr,
    op: &BinaryOperator,
    right: &mut Expr,
    pass: &mut Pass<'_>,
) -> Diagnosed<Option<Expr>> {
    use BinaryOperator as O;
    let form = |negated, ignoring_case| Form {
        negated,
        ignoring_case,
    };
    let form = match op {
        O::PGLikeMatch => form(false, false),
        O::PGNotLikeMatch => form(true, false),
        O::PGILikeMatch => form(false, true),
        O::PGNotILikeMatch => form(true, true),
        O::PGStartsWith => return starts_with(left, right, pass).map(Some),
        O::PGRegexMatch | O::PGRegexIMatch | O::PGRegexNotMatch | O::PGRegexNotIMatch => {
            let flavour = match op {
                O::PGRegexMatch | O::PGRegexNotMatch => Flavour::Regular,
                _ => Flavour::IgnoringCase,
            };
            let negated = matches!(op, O::PGRegexNotMatch | O::PGRegexNotIMatch);
            return match matched(left, right, flavour, pass)? {
                Some(found) => Ok(Some(unless(negated, found))),
                None => Err(refused(&op.to_string(), left, pass)),
            };
        }
        _ => return Ok(None),
    };
    if let Some(failing) = unfinished(left, right, form, None, pass)? {
        return Ok(Some(failing));
    }
    let value = operand(build::take(left));
    let value = if form.ignoring_case {
        upper(value)
    } else {
        value
    };
    Ok(Some(like(value, build::take(right), form, None)))
}

/// `value %PATTERN code`, of a constant expression that a pattern can say; with a word
/// about the empty string, which is one character for IRIS.
fn matched(
    value: &mut Expr,
    expression: &Expr,
    flavour: Flavour,
    pass: &mut Pass<'_>,
) -> Diagnosed<Option<Expr>> {
    let Some(pattern) = text(expression)
        .and_then(|expression| pattern::of(&expression.replace("''", "'"), flavour))
    else {
        return Ok(None);
    };
    let (op, joined_by) = match pattern.matches_empty {
        true => (BinaryOperator::Eq, BinaryOperator::Or),
        false => (BinaryOperator::NotEq, BinaryOperator::And),
    };
    let is_literal = text(value).is_some_and(|value| !value.is_empty());
    let needs_word = !is_literal && (pattern.matches_empty || pattern.code.contains('E'));
    if pattern.code.is_empty() {
        let value = operand(build::take(value));
        let is_empty = build::binary(value, BinaryOperator::Eq, build::string(""));
        return Ok(Some(build::nested(is_empty)));
    }
    let again = needs_word.then(|| pass.copies.copy(value)).transpose()?;
    let found = build::binary(
        operand(build::take(value)),
        BinaryOperator::Custom("%PATTERN".to_owned()),
        build::string(&pattern.code),
    );
    Ok(Some(build::nested(match again {
        Some(again) => {
            let empty = build::binary(operand(again), op, build::string(""));
            build::binary(empty, joined_by, found)
        }
        None => found,
    })))
}

fn unless(negated: bool, condition: Expr) -> Expr {
    if negated {
        build::nested(build::not(condition))
    } else {
        condition
    }
}

fn refused(operator: &str, near: &Expr, pass: &Pass<'_>) -> Diagnostic {
    Diagnostic::not_supported(
        format!("operator {operator} is not supported"),
        "IRIS has no regular expressions: use one without [^…], \\w, options and references, or LIKE, or match in the client",
    )
    .at(
        pass.text,
        near.span().start.column.saturating_sub(1) as usize,
    )
}

fn like(value: Expr, pattern: Expr, form: Form, escape: Option<Box<Expr>>) -> Expr {
    let pattern = operand(pattern);
    let escape_char = escape_of(&pattern, escape);
    Expr::Like {
        negated: form.negated,
        any: false,
        expr: Box::new(value),
        pattern: Box::new(if form.ignoring_case {
            upper(pattern)
        } else {
            pattern
        }),
        escape_char,
    }
}

/// What takes the place of a LIKE whose pattern ends in its escape character: it fails with the
/// texts with which PostgreSQL gets to the end of the pattern, and matches none.
fn unfinished(
    value: &mut Expr,
    pattern: &Expr,
    form: Form,
    escape: Option<&Expr>,
    pass: &mut Pass<'_>,
) -> Diagnosed<Option<Expr>> {
    let escape = match escape {
        None => Some('\\'),
        Some(escape) => text(escape).and_then(|escape| escape.parse().ok()),
    };
    let reached = text(pattern)
        .zip(escape.filter(|escape| *escape != '\''))
        .and_then(|(pattern, escape)| pattern::unfinished::reached(pattern, escape));
    let (Some(reached), Some(escape)) = (reached, escape) else {
        return Ok(None);
    };
    let again = pass.copies.copy(value)?;
    let value = match form.ignoring_case {
        true => upper(build::take(value)),
        false => operand(build::take(value)),
    };
    let pattern = Expr::value(Value::SingleQuotedString(reached));
    let escape = Some(Box::new(build::string(&escape.to_string())));
    let positive = Form {
        negated: false,
        ..form
    };
    let failure = raise::plain("22025", "LIKE pattern must not end with escape character");
    let is_text = Expr::IsNotNull(Box::new(operand(again)));
    let matches = build::case(
        vec![
            (like(value, pattern, positive, escape), failure),
            (is_text, build::number(0)),
        ],
        None,
    );
    let wanted = build::number(u8::from(!form.negated));
    let decided = build::binary(matches, BinaryOperator::Eq, wanted);
    Ok(Some(build::nested(decided)))
}

/// `\` unless the pattern cannot contain one; `ESCAPE ''` is none.
fn escape_of(pattern: &Expr, written: Option<Box<Expr>>) -> Option<Box<Expr>> {
    match written {
        Some(escape) if text(&escape).is_some_and(str::is_empty) => None,
        Some(escape) => Some(escape),
        None if text(pattern).is_some_and(|pattern| !pattern.contains('\\')) => None,
        None => Some(Box::new(build::string("\\"))),
    }
}

fn starts_with(left: &mut Expr, right: &mut Expr, pass: &Pass<'_>) -> Diagnosed<Expr> {
    let Some(prefix) = text(right) else {
        return Err(Diagnostic::not_supported(
            "operator ^@ is not supported with a computed prefix",
            "compare LEFT(string, length) with it, or use LIKE",
        )
        .at(
            pass.text,
            left.span().start.column.saturating_sub(1) as usize,
        ));
    };
    let mut pattern = String::with_capacity(prefix.len() + 1);
    for letter in prefix.chars() {
        if matches!(letter, '\\' | '%' | '_') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    // The literal's quotes are doubled already.
    let pattern = Expr::value(Value::SingleQuotedString(pattern));
    let form = Form {
        negated: false,
        ignoring_case: false,
    };
    Ok(like(operand(build::take(left)), pattern, form, None))
}

/// The text of a literal.
fn text(expr: &Expr) -> Option<&str> {
    match build::unnested(expr) {
        Expr::Value(ValueWithSpan {
            value: Value::SingleQuotedString(text),
            ..
        }) => Some(text),
        _ => None,
    }
}

fn operand(expr: Expr) -> Expr {
    build::nested(expr)
}

fn upper(expr: Expr) -> Expr {
    match expr {
        Expr::Nested(inner) => build::call("UPPER", vec![*inner]),
        other => build::call("UPPER", vec![other]),
    }
}

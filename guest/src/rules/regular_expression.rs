//! # What it does
//! Leaves it to the broker to match regular expressions that `%PATTERN` cannot say.
//!
//! # Why
//! IRIS has no regular expressions.
//!
//! # Example
//! `SELECT id FROM t WHERE s ~ $1` becomes `SELECT %ID, s FROM t`, of whose rows the broker keeps those
//! that match, and `SELECT id FROM t WHERE %ID %INLIST $LISTFROMSTRING(?, ',')`.
//!
//! # Limits
//! Where the broker computes, see `element_access`. Expressions with references, lookarounds,
//! constraints on words, options inside and quantifiers that are not greedy are refused; so are those
//! whose groups may be divided in several ways, where groups are asked for. Classes of letters are
//! those of Unicode.
//!
//! # Versions
//! All.

use pgiris_values::expression::{Expression, Options, Wrong};
use sqlparser::ast::{BinaryOperator, Expr, ObjectNamePart, Statement};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::look::{self, Node};
use crate::pattern::{self, Flavour};
use crate::place;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::oid;
use crate::wit::Diagnostic;

pub(crate) struct RegularExpression;

impl Rule for RegularExpression {
    fn name(&self) -> &'static str {
        "regular_expression"
    }

    fn summary(&self) -> &'static str {
        "lets the broker match regular expressions"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::FUNCTION)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        if !may_match(tree) {
            return Ok(false);
        }
        let mut walk = Walk {
            text: pass.text,
            changed: false,
        };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        if walk.changed {
            pass.brought.add(Marks::ACCESS.and(Marks::FUNCTION));
        }
        Ok(walk.changed)
    }
}

/// Whether there is an expression that neither IRIS nor the broker matches as PostgreSQL does.
pub(crate) fn has_unmatched(tree: &Statement) -> bool {
    let refused = |expression: &Expr| match expression {
        Expr::BinaryOp { op, right, .. } => code_of(op).is_some_and(|(_, flavour)| {
            !is_translated(right, flavour) && check(right, letters_of(flavour), false).is_err()
        }),
        Expr::Substring {
            substring_from: Some(pattern),
            substring_for: None,
            ..
        } => check(pattern, "", true).is_err(),
        Expr::Function(_) => called(&mut expression.clone()).is_err(),
        _ => false,
    };
    look::finds(
        tree,
        &mut |node| matches!(node, Node::Expression(expression) if refused(expression)),
    )
}

fn letters_of(flavour: Flavour) -> &'static str {
    match flavour {
        Flavour::IgnoringCase => "i",
        _ => "",
    }
}

/// Whether there is an expression that may be left to the broker, by its form.
fn may_match(tree: &Statement) -> bool {
    look::finds(
        tree,
        &mut |node| matches!(node, Node::Expression(expression) if is_match(expression)),
    )
}

fn is_match(expression: &Expr) -> bool {
    match expression {
        Expr::BinaryOp { op, right, .. } => {
            code_of(op).is_some_and(|(_, flavour)| !is_translated(right, flavour))
        }
        Expr::Substring {
            substring_from: Some(pattern),
            substring_for: None,
            ..
        } => build::number_in(pattern).is_none(),
        Expr::Function(function) => {
            build::function_name(function).is_some_and(|name| name.starts_with("regexp_"))
        }
        _ => false,
    }
}

struct Walk<'a> {
    text: &'a str,
    changed: bool,
}

impl ScopedHooks for Walk<'_> {
    fn leave_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let at = place::of(expr);
        let written = match expr {
            Expr::BinaryOp { left, op, right } => operation(left, op, right),
            Expr::Substring {
                expr,
                substring_from: Some(pattern),
                substring_for: None,
                ..
            } if is_text(pattern, scopes) => {
                check(pattern, "", true).map_err(|refusal| refusal.at(self.text, at))?;
                let operands = vec![build::take(expr), build::take(pattern)];
                Some(build::call("textregexsubstr", operands))
            }
            Expr::Function(_) => {
                let changed = called(expr).map_err(|refusal| refusal.at(self.text, at))?;
                self.changed |= changed;
                return Ok(());
            }
            _ => None,
        };
        if let Some(written) = written {
            *expr = written;
            self.changed = true;
        }
        Ok(())
    }
}

/// The name of an operator's code.
fn code_of(op: &BinaryOperator) -> Option<(&'static str, Flavour)> {
    use BinaryOperator as O;
    Some(match op {
        O::PGRegexMatch => ("textregexeq", Flavour::Regular),
        O::PGRegexNotMatch => ("textregexne", Flavour::Regular),
        O::PGRegexIMatch => ("texticregexeq", Flavour::IgnoringCase),
        O::PGRegexNotIMatch => ("texticregexne", Flavour::IgnoringCase),
        _ => return None,
    })
}

/// What an operator is by the name of its code, if the broker can compute it and IRIS cannot.
fn operation(left: &mut Expr, op: &BinaryOperator, right: &mut Expr) -> Option<Expr> {
    let (code, flavour) = code_of(op)?;
    let is_left =
        is_translated(right, flavour) || check(right, letters_of(flavour), false).is_err();
    (!is_left).then(|| build::call(code, vec![build::take(left), build::take(right)]))
}

/// Whether IRIS has a pattern that says the same.
fn is_translated(pattern: &Expr, flavour: Flavour) -> bool {
    build::string_in(pattern).is_some_and(|text| pattern::of(&text, flavour).is_some())
}

/// Looks at the expression of a call, and gives it the name of its code where it has two.
fn called(expr: &mut Expr) -> Diagnosed<bool> {
    let Expr::Function(function) = expr else {
        return Ok(false);
    };
    let name = build::function_name(function).unwrap_or_default();
    let arguments = build::arguments(function);
    let Some(pattern) = arguments.get(1).copied() else {
        return Ok(false);
    };
    let letters = |index: usize| match arguments.get(index) {
        Some(letters) => build::string_in(letters),
        None => Some(String::new()),
    };
    let (letters, with_groups, code) = match (name.as_str(), arguments.len()) {
        ("regexp_replace", _) => (letters(3), false, None),
        ("regexp_match" | "regexp_matches", _) => (letters(2), true, None),
        ("regexp_split_to_table", _) => (letters(2), false, None),
        ("regexp_split_to_array", _) => (letters(2), false, None),
        ("regexp_count" | "regexp_substr", 2) => (letters(2), false, None),
        ("regexp_like", 2) if is_translated(pattern, Flavour::Regular) => return Ok(false),
        ("regexp_like", 2) => (letters(2), false, Some("regexp_like_no_flags")),
        ("regexp_like", 3) => (letters(2), false, Some("regexp_like_flags")),
        _ => return Ok(false),
    };
    if let Some(letters) = letters {
        check(pattern, &letters, with_groups)?;
    }
    let name = function.name.0.last_mut();
    match (code, name) {
        (Some(code), Some(ObjectNamePart::Identifier(name))) => {
            code.clone_into(&mut name.value);
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Refuses a literal that the broker does not match as PostgreSQL does.
fn check(pattern: &Expr, letters: &str, with_groups: bool) -> Diagnosed<()> {
    let Some(text) = build::string_in(pattern) else {
        return Ok(());
    };
    let read = Options::read(letters).and_then(|options| Expression::read(&text, options));
    let is_known = match read {
        Ok(read) => !with_groups || read.groups == 0 || read.is_divided_alike,
        Err(Wrong::Unsupported) => false,
        // The broker says what is wrong, if there is a row.
        Err(_) => true,
    };
    match is_known {
        true => Ok(()),
        false => Err(Diagnostic::not_supported(
            "this regular expression is not supported".to_owned(),
            "use one without references, lookarounds, constraints on words, options inside, quantifiers that are not greedy and groups that may be divided in several ways; or match in the client",
        )),
    }
}

fn is_text(pattern: &Expr, scopes: &Scopes<'_>) -> bool {
    build::string_in(pattern).is_some()
        || matches!(scopes.type_of(pattern), Some(oid::TEXT | oid::VARCHAR))
}

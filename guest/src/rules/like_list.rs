//! # What it does
//! Writes `LIKE ANY` and `LIKE ALL` of an array as one LIKE for each pattern.
//!
//! # Why
//! IRIS has ANY and ALL of subqueries alone, and no arrays. (InterSystems SQL Reference, "ANY".)
//!
//! # Example
//! `SELECT a FROM t WHERE s LIKE ANY (ARRAY['a%', 'b%'])` becomes
//! `SELECT a FROM t WHERE (s LIKE 'a%' OR s LIKE 'b%')`.
//!
//! # Limits
//! Patterns of a subquery, and of an array that is not written out, are refused.
//!
//! # Versions
//! All.

use sqlparser::ast::{BinaryOperator, Expr, FunctionArguments, Statement};

use crate::build;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::kept_text;
use crate::place;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk;
use crate::wit::Diagnostic;

pub(crate) struct LikeList;

impl Rule for LikeList {
    fn name(&self) -> &'static str {
        "like_list"
    }

    fn summary(&self) -> &'static str {
        "writes LIKE ANY and LIKE ALL as one LIKE for each pattern"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::PREDICATE) && marks.has(Marks::QUANTIFIER)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let text = pass.text;
        let copies = &mut pass.copies;
        let mut changed = false;
        walk::expressions(tree, &mut |expression| {
            let Some((any, patterns)) = list(expression) else {
                return Ok(());
            };
            let start = match &*expression {
                Expr::Like { expr, .. } | Expr::ILike { expr, .. } => place::of(expr),
                _ => 0,
            };
            let patterns = patterns.ok_or_else(refusal);
            let patterns = patterns.map_err(|refusal| refusal.at(text, start))?;
            *expression = written(expression, any, patterns, copies)?;
            changed = true;
            Ok(())
        })?;
        Ok(changed)
    }
}

fn refusal() -> Diagnostic {
    Diagnostic::not_supported(
        "LIKE ANY and LIKE ALL of patterns that are not written out are not supported",
        "write the patterns, as in LIKE ANY (ARRAY['a%', 'b%'])",
    )
}

/// Whether one pattern must match, and the patterns, if they are known; none if this is
/// no LIKE of several.
fn list(expression: &Expr) -> Option<(bool, Option<Vec<Expr>>)> {
    let (Expr::Like { any, pattern, .. } | Expr::ILike { any, pattern, .. }) = expression else {
        return None;
    };
    if *any {
        return Some((true, patterns(pattern)));
    }
    // The reader takes ALL for a call.
    let Expr::Function(function) = &**pattern else {
        return None;
    };
    let name = build::function_name(function)?;
    let any = match name.as_str() {
        "all" => false,
        "any" | "some" => true,
        _ => return None,
    };
    match (&function.args, build::arguments(function).as_slice()) {
        (FunctionArguments::List(_), [array]) => Some((any, patterns(array))),
        _ => Some((any, None)),
    }
}

fn patterns(array: &Expr) -> Option<Vec<Expr>> {
    let mut array = build::unnested(array);
    while let Expr::Cast { expr, .. } = array {
        array = build::unnested(expr);
    }
    match array {
        Expr::Array(array) => Some(array.elem.clone()),
        Expr::Value(value) => {
            let text = value.value.clone().into_string()?.replace("''", "'");
            let elements = kept_text::elements(&text).ok()?.into_iter();
            let written = elements.map(|element| match element {
                Some(element) => build::string(&element),
                None => Expr::value(sqlparser::ast::Value::Null),
            });
            Some(written.collect())
        }
        _ => None,
    }
}

fn written(
    expression: &Expr,
    any: bool,
    patterns: Vec<Expr>,
    copies: &mut Copies,
) -> Diagnosed<Expr> {
    let mut tests = Vec::with_capacity(patterns.len());
    for fresh in patterns {
        let mut test = match expression {
            Expr::Like {
                negated,
                expr,
                escape_char,
                ..
            } => Expr::Like {
                negated: *negated,
                any: false,
                expr: copies.copy(expr)?,
                pattern: Box::new(Expr::value(sqlparser::ast::Value::Null)),
                escape_char: escape_char.clone(),
            },
            Expr::ILike {
                negated,
                expr,
                escape_char,
                ..
            } => Expr::ILike {
                negated: *negated,
                any: false,
                expr: copies.copy(expr)?,
                pattern: Box::new(Expr::value(sqlparser::ast::Value::Null)),
                escape_char: escape_char.clone(),
            },
            other => other.clone(),
        };
        if let Expr::Like { pattern, .. } | Expr::ILike { pattern, .. } = &mut test {
            **pattern = fresh;
        }
        tests.push(test);
    }
    let op = match any {
        true => BinaryOperator::Or,
        false => BinaryOperator::And,
    };
    let constant = || {
        build::binary(
            build::number(1),
            BinaryOperator::Eq,
            build::number(u8::from(!any)),
        )
    };
    let all = tests
        .into_iter()
        .reduce(|all, next| build::binary(all, op.clone(), next));
    Ok(build::nested(all.unwrap_or_else(constant)))
}

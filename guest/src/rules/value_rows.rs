//! # What it does
//! Inserts the rows of one `VALUES` one after the other, all or none: rows that
//! differ in literals and parameters alone as one statement that is prepared once.
//!
//! # Why
//! IRIS's `INSERT` takes one row. (InterSystems SQL Reference, "INSERT".)
//!
//! # Example
//! `INSERT INTO t (a) VALUES (1), (2)` becomes `INSERT INTO t (a) VALUES (?)`, run
//! for 1 and for 2.
//!
//! # Limits
//! Expressions stay in the statement: rows with others are statements of their own.
//!
//! # Versions
//! All.

use sqlparser::ast::{Expr, Insert, SetExpr, Spanned, Statement, UnaryOperator, Value, Values};

use super::on_conflict;
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::part::Part;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::types::oid;
use crate::wit::{Diagnostic, Oid};

pub(crate) struct ValueRows;

impl Rule for ValueRows {
    fn name(&self) -> &'static str {
        "value_rows"
    }

    fn summary(&self) -> &'static str {
        "inserts the rows of one VALUES one after the other"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::CLAUSE)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let Statement::Insert(insert) = tree else {
            return Ok(false);
        };
        let Some(values) = rows(insert).filter(|values| values.rows.len() > 1) else {
            return Ok(false);
        };
        let mut all = std::mem::take(&mut values.rows);
        let width = all.first().map_or(0, |row| row.content.len());
        if let Some(row) = all.iter().find(|row| row.content.len() != width) {
            let error = Diagnostic::error("42601", "VALUES lists must all be the same length");
            return Err(match row.content.first() {
                Some(first) => error.at(
                    pass.text,
                    first.span().start.column.saturating_sub(1) as usize,
                ),
                None => error,
            });
        }
        on_conflict::refuse_twice(insert, &all, pass)?;
        for column in 0..width {
            bind(all.iter_mut().filter_map(|row| row.content.get_mut(column)));
        }
        let mut parts = Vec::with_capacity(all.len());
        for row in all {
            let mut one = insert.clone();
            if let Some(values) = self::rows(&mut one) {
                values.rows = vec![row];
            }
            parts.push(Part::whole(Statement::Insert(one)));
        }
        pass.split = Some(parts);
        Ok(true)
    }
}

/// The rows of an INSERT, if nothing else is done with them.
pub(crate) fn rows(insert: &mut Insert) -> Option<&mut Values> {
    let source = insert.source.as_mut()?;
    let plain = source.with.is_none()
        && source.order_by.is_none()
        && source.limit_clause.is_none()
        && source.fetch.is_none();
    match &mut *source.body {
        SetExpr::Values(values) if plain => Some(values),
        _ => None,
    }
}

/// Binds the literals of one column instead of writing them; as far as they can
/// be, with one type.
fn bind<'a>(column: impl Iterator<Item = &'a mut Expr>) {
    let mut literals: Vec<(&mut Expr, Literal)> = column
        .filter_map(|expression| {
            let literal = literal(expression)?;
            Some((expression, literal))
        })
        .collect();
    let type_oid = common(literals.iter().map(|(_, literal)| literal.type_oid));
    for (expression, literal) in &mut literals {
        let type_oid = type_oid.unwrap_or(literal.type_oid.unwrap_or(0));
        **expression = placeholder::constant(type_oid, literal.value.as_deref());
    }
}

/// A literal's type, if it has one of its own, and its value.
struct Literal {
    type_oid: Option<Oid>,
    value: Option<String>,
}

/// The value of a literal that is not NULL, or which parameter it is.
pub(crate) fn text_of(expression: &Expr) -> Option<String> {
    match placeholder::number_of(expression) {
        Some(number) => Some(placeholder::parameter(number)),
        None => literal(expression)?.value,
    }
}

fn literal(expression: &Expr) -> Option<Literal> {
    let typed = |type_oid, value| {
        Some(Literal {
            type_oid: Some(type_oid),
            value: Some(value),
        })
    };
    match build::unnested(expression) {
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr,
        } => {
            let Expr::Value(value) = &**expr else {
                return None;
            };
            let Value::Number(digits, _) = &value.value else {
                return None;
            };
            typed(number_type(digits)?, format!("-{digits}"))
        }
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => typed(number_type(digits)?, digits.clone()),
            Value::Boolean(value) => typed(oid::BOOL, value.to_string()),
            Value::SingleQuotedString(text) => Some(Literal {
                type_oid: Some(0),
                value: Some(text.replace("''", "'")),
            }),
            Value::Null => Some(Literal {
                type_oid: None,
                value: None,
            }),
            _ => None,
        },
        _ => None,
    }
}

/// The type of a number without an exponent.
fn number_type(digits: &str) -> Option<Oid> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(match digits.parse::<i64>() {
            Ok(number) if i32::try_from(number).is_ok() => oid::INT4,
            Ok(_) => oid::INT8,
            Err(_) => oid::NUMERIC,
        });
    }
    let plain = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    plain.then_some(oid::NUMERIC)
}

/// The type that literals of one column share; NULLs take any.
fn common(types: impl Iterator<Item = Option<Oid>>) -> Option<Oid> {
    const NUMBERS: [Oid; 3] = [oid::INT4, oid::INT8, oid::NUMERIC];
    let rank = |oid: Oid| NUMBERS.iter().position(|number| *number == oid);
    let mut common: Option<Oid> = None;
    for oid in types.flatten() {
        common = Some(match common {
            None => oid,
            Some(known) if known == oid => known,
            Some(known) => NUMBERS[rank(known)?.max(rank(oid)?)],
        });
    }
    Some(common.unwrap_or(0))
}

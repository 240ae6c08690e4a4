//! # What it does
//! Takes comparisons apart that IRIS does not have: of rows, `IS DISTINCT FROM`, `ANY` and `ALL`
//! of an array, of a subquery with a list or with another one.
//!
//! # Why
//! IRIS compares single values alone, and has neither arrays nor `IS DISTINCT FROM`.
//! (InterSystems SQL Reference, "Overview of Predicates".)
//!
//! # Example
//! `(a, b) = (1, 2)` becomes `(a = 1 AND b = 2)`, `a = ANY (ARRAY[1, 2])` becomes `a IN (1, 2)`.
//!
//! # Limits
//! Rows are compared with rows that are written out, not with subqueries. An array that is a
//! parameter or a column is refused.
//!
//! # Versions
//! All.

use sqlparser::ast::{BinaryOperator, Expr, FunctionArguments, Query, Statement, Value};

use crate::build;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::place;
use crate::reader::marks::Marks;
use crate::row_value;
use crate::rule::{Pass, Rule};
use crate::walk;
use crate::wit::Diagnostic;

pub(crate) struct CompoundComparison;

impl Rule for CompoundComparison {
    fn name(&self) -> &'static str {
        "compound_comparison"
    }

    fn summary(&self) -> &'static str {
        "compares rows and arrays value by value"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::PREDICATE)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let text = pass.text;
        let copies = &mut pass.copies;
        let mut changed = false;
        walk::expressions(tree, &mut |expression| {
            // Where a chain of conditions starts, nobody asks: looking would walk down all of it.
            let start = match &*expression {
                Expr::BinaryOp {
                    op: BinaryOperator::And | BinaryOperator::Or,
                    ..
                } => 0,
                other => place::of(other),
            };
            let fresh = compared(expression, copies).map_err(|refusal| refusal.at(text, start))?;
            if let Some(fresh) = fresh {
                *expression = fresh;
                changed = true;
            }
            Ok(())
        })?;
        Ok(changed)
    }
}

/// The comparison in IRIS's terms, if it has others.
fn compared(expression: &Expr, copies: &mut Copies) -> Diagnosed<Option<Expr>> {
    match expression {
        Expr::BinaryOp { left, op, right } => {
            // That is a function of four moments.
            if *op == BinaryOperator::Overlaps {
                return Ok(None);
            }
            let Some(left) = row_value::of(left) else {
                return Ok(None);
            };
            if matches!(build::unnested(right), Expr::Subquery(_)) {
                return Err(Diagnostic::not_supported(
                    "comparing a row with a subquery is not supported",
                    "use EXISTS with a condition for each column",
                ));
            }
            let Some(right) = row_value::of(right) else {
                return Ok(None);
            };
            rows(&left, op, &right, copies).map(Some)
        }
        Expr::InList {
            expr,
            list,
            negated,
        } => {
            let Some(left) = row_value::of(expr) else {
                return if is_subquery(expr) {
                    one_of(expr, list, *negated, copies).map(Some)
                } else {
                    Ok(None)
                };
            };
            in_rows(&left, list, *negated, copies).map(Some)
        }
        Expr::InSubquery {
            expr,
            subquery,
            negated,
        } if is_subquery(expr) => Ok(Some(in_query(expr, subquery, *negated))),
        Expr::IsNull(inner) => Ok(row_value::of(inner).map(|row| nulls(row, Expr::IsNull))),
        Expr::IsNotNull(inner) => Ok(row_value::of(inner).map(|row| nulls(row, Expr::IsNotNull))),
        Expr::IsDistinctFrom(left, right) => Ok(Some(build::not(same(left, right, copies)?))),
        Expr::IsNotDistinctFrom(left, right) => same(left, right, copies).map(Some),
        Expr::AnyOp {
            left,
            compare_op,
            right,
            ..
        } => match array_of_rows(right) {
            Some(query) => Ok(Some(Expr::AnyOp {
                left: left.clone(),
                compare_op: compare_op.clone(),
                right: Box::new(Expr::Subquery(query)),
                is_some: false,
            })),
            None => elements(left, compare_op, right, BinaryOperator::Or, copies),
        },
        Expr::AllOp {
            left,
            compare_op,
            right,
        } => match array_of_rows(right) {
            Some(query) => Ok(Some(Expr::AllOp {
                left: left.clone(),
                compare_op: compare_op.clone(),
                right: Box::new(Expr::Subquery(query)),
            })),
            None => elements(left, compare_op, right, BinaryOperator::And, copies),
        },
        _ => Ok(None),
    }
}

/// The query of `ARRAY(SELECT …)`.
fn array_of_rows(array: &Expr) -> Option<Box<Query>> {
    let Expr::Function(function) = build::unnested(array) else {
        return None;
    };
    match &function.args {
        FunctionArguments::Subquery(query)
            if build::function_name(function).as_deref() == Some("array") =>
        {
            Some(query.clone())
        }
        _ => None,
    }
}

/// Rows compared column by column.
fn rows(
    left: &[Expr],
    op: &BinaryOperator,
    right: &[Expr],
    copies: &mut Copies,
) -> Diagnosed<Expr> {
    use BinaryOperator::{And, Eq, Gt, GtEq, Lt, LtEq, NotEq, Or};
    if left.len() != right.len() || left.is_empty() {
        return Err(Diagnostic::error(
            "42601",
            "unequal number of entries in row expressions",
        ));
    }
    let joined_by = match op {
        Eq => And,
        NotEq => Or,
        Lt | LtEq | Gt | GtEq => return ordered(left, op, right, copies),
        _ => {
            return Err(Diagnostic::not_supported(
                format!("the operator {op} between rows is not supported"),
                "compare the columns one by one",
            ));
        }
    };
    let pairs = left.iter().zip(right).map(|(left, right)| {
        build::binary(
            build::nested(left.clone()),
            op.clone(),
            build::nested(right.clone()),
        )
    });
    Ok(build::nested(joined(pairs.collect(), joined_by)))
}

/// `a < c OR (a = c AND b < d)`
fn ordered(
    left: &[Expr],
    op: &BinaryOperator,
    right: &[Expr],
    copies: &mut Copies,
) -> Diagnosed<Expr> {
    let strict = match op {
        BinaryOperator::LtEq => BinaryOperator::Lt,
        BinaryOperator::GtEq => BinaryOperator::Gt,
        other => other.clone(),
    };
    let mut result: Option<Expr> = None;
    for (left, right) in left.iter().zip(right).rev() {
        let pair = |op: BinaryOperator, copies: &mut Copies| {
            Ok(build::binary(
                build::nested(copies.copy(left)?),
                op,
                build::nested(copies.copy(right)?),
            ))
        };
        result = Some(match result {
            None => pair(op.clone(), copies)?,
            Some(rest) => {
                let equal = pair(BinaryOperator::Eq, copies)?;
                let then = build::binary(equal, BinaryOperator::And, build::nested(rest));
                build::binary(
                    pair(strict.clone(), copies)?,
                    BinaryOperator::Or,
                    build::nested(then),
                )
            }
        });
    }
    Ok(build::nested(result.unwrap_or_else(never)))
}

fn in_rows(left: &[Expr], list: &[Expr], negated: bool, copies: &mut Copies) -> Diagnosed<Expr> {
    let mut any = Vec::with_capacity(list.len());
    for row in list {
        let Some(right) = row_value::of(row) else {
            return Err(Diagnostic::not_supported(
                "IN of a row and single values is not supported",
                "write a row of values",
            ));
        };
        for expr in left {
            copies.copy(expr)?;
        }
        any.push(rows(left, &BinaryOperator::Eq, &right, copies)?);
    }
    let any = build::nested(joined(any, BinaryOperator::Or));
    Ok(if negated { build::not(any) } else { any })
}

/// Whether all columns of a row are NULL, or none is.
fn nulls(row: Vec<Expr>, test: fn(Box<Expr>) -> Expr) -> Expr {
    let tests = row
        .into_iter()
        .map(|column| test(Box::new(build::nested(column))));
    build::nested(joined(tests.collect(), BinaryOperator::And))
}

/// `IS NOT DISTINCT FROM`: true or false, never unknown.
fn same(left: &Expr, right: &Expr, copies: &mut Copies) -> Diagnosed<Expr> {
    if let (Some(left), Some(right)) = (row_value::of(left), row_value::of(right)) {
        if left.len() != right.len() {
            return Err(Diagnostic::error(
                "42601",
                "unequal number of entries in row expressions",
            ));
        }
        let mut columns = Vec::with_capacity(left.len());
        for (left, right) in left.iter().zip(&right) {
            columns.push(same(left, right, copies)?);
        }
        return Ok(build::nested(joined(columns, BinaryOperator::And)));
    }
    let is_null = |side: &Expr| Expr::IsNull(Box::new(build::nested(side.clone())));
    let has_value = |side: &Expr| Expr::IsNotNull(Box::new(build::nested(side.clone())));
    if build::is_null(right) {
        return Ok(build::nested(is_null(left)));
    }
    if build::is_null(left) {
        return Ok(build::nested(is_null(right)));
    }
    let constant = |side: &Expr| {
        matches!(build::unnested(side), Expr::Value(value)
            if !matches!(value.value, Value::Placeholder(_)))
    };
    if constant(right) {
        let equal = build::binary(
            build::nested(copies.copy(left)?),
            BinaryOperator::Eq,
            right.clone(),
        );
        return Ok(build::nested(build::binary(
            has_value(left),
            BinaryOperator::And,
            equal,
        )));
    }
    for side in [left, right, left, right] {
        copies.copy(side)?;
    }
    let both_null = joined(vec![is_null(left), is_null(right)], BinaryOperator::And);
    let equal = build::binary(
        build::nested(left.clone()),
        BinaryOperator::Eq,
        build::nested(right.clone()),
    );
    let both_equal = joined(
        vec![has_value(left), has_value(right), equal],
        BinaryOperator::And,
    );
    Ok(build::nested(build::binary(
        both_null,
        BinaryOperator::Or,
        both_equal,
    )))
}

/// A comparison with the elements of an array; none with a subquery.
fn elements(
    left: &Expr,
    op: &BinaryOperator,
    right: &Expr,
    joined_by: BinaryOperator,
    copies: &mut Copies,
) -> Diagnosed<Option<Expr>> {
    let mut array = build::unnested(right);
    if matches!(array, Expr::Subquery(_)) {
        return Ok(None);
    }
    while let Expr::Cast { expr, .. } = array {
        array = build::unnested(expr);
    }
    let Expr::Array(array) = array else {
        return Err(Diagnostic::not_supported(
            "ANY and ALL of an array that is not written out are not supported",
            "write the elements, as in IN (1, 2) or ANY (ARRAY[1, 2])",
        ));
    };
    let any = joined_by == BinaryOperator::Or;
    let negated = match op {
        BinaryOperator::Eq if any => Some(false),
        BinaryOperator::NotEq if !any => Some(true),
        _ => None,
    };
    if array.elem.is_empty() {
        return Ok(Some(if any {
            never()
        } else {
            build::binary(build::number(1), BinaryOperator::Eq, build::number(1))
        }));
    }
    if let Some(negated) = negated.filter(|_| !is_subquery(left)) {
        return Ok(Some(Expr::InList {
            expr: Box::new(left.clone()),
            list: array.elem.clone(),
            negated,
        }));
    }
    beside_each(left, op, &array.elem, joined_by, copies).map(Some)
}

fn is_subquery(expression: &Expr) -> bool {
    matches!(build::unnested(expression), Expr::Subquery(_))
}

/// A subquery compared with each of a list: IRIS does not take one on the left of IN.
fn one_of(left: &Expr, list: &[Expr], negated: bool, copies: &mut Copies) -> Diagnosed<Expr> {
    let (op, joined_by) = match negated {
        false => (BinaryOperator::Eq, BinaryOperator::Or),
        true => (BinaryOperator::NotEq, BinaryOperator::And),
    };
    beside_each(left, &op, list, joined_by, copies)
}

/// A value compared with each of a list.
fn beside_each(
    left: &Expr,
    op: &BinaryOperator,
    list: &[Expr],
    joined_by: BinaryOperator,
    copies: &mut Copies,
) -> Diagnosed<Expr> {
    let mut all = Vec::with_capacity(list.len());
    for item in list {
        all.push(build::binary(
            build::nested(copies.copy(left)?),
            op.clone(),
            build::nested(item.clone()),
        ));
    }
    Ok(build::nested(joined(all, joined_by)))
}

/// The same with what another subquery gives.
fn in_query(left: &Expr, subquery: &Query, negated: bool) -> Expr {
    let (left, right) = (
        Box::new(left.clone()),
        Box::new(Expr::Subquery(Box::new(subquery.clone()))),
    );
    if negated {
        Expr::AllOp {
            left,
            compare_op: BinaryOperator::NotEq,
            right,
        }
    } else {
        Expr::AnyOp {
            left,
            compare_op: BinaryOperator::Eq,
            right,
            is_some: false,
        }
    }
}

fn never() -> Expr {
    build::binary(build::number(1), BinaryOperator::Eq, build::number(0))
}

/// The conditions with an operator between them, as a tree that is not deep.
fn joined(mut conditions: Vec<Expr>, op: BinaryOperator) -> Expr {
    while conditions.len() > 1 {
        let mut next = Vec::with_capacity(conditions.len().div_ceil(2));
        let mut rest = conditions.into_iter();
        while let Some(left) = rest.next() {
            next.push(match rest.next() {
                Some(right) => build::binary(left, op.clone(), right),
                None => left,
            });
        }
        conditions = next;
    }
    conditions.pop().unwrap_or_else(never)
}

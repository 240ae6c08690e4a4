//! # What it does
//! Orders NULL as PostgreSQL does: last when ascending, first when descending, or as
//! `NULLS FIRST` and `NULLS LAST` say.
//!
//! # Why
//! IRIS takes NULL as lower than every value, and has no `NULLS` clause. (InterSystems SQL
//! Reference, "ORDER BY".)
//!
//! # Example
//! `ORDER BY a` becomes `ORDER BY CASE WHEN a IS NULL THEN 1 ELSE 0 END, a`, unless the column
//! cannot be NULL.
//!
//! # Limits
//! An ordinal is ordered by the item that it stands for; one behind a `*` whose columns are not
//! known keeps IRIS's order, and so does the order of a set operation.
//!
//! # Versions
//! All.

use std::borrow::Cow;

use sqlparser::ast::{
    BinaryOperator, Expr, Function, OrderBy, OrderByExpr, OrderByKind, OrderByOptions, OrderBySort,
    Query, SetExpr, Spanned, Statement,
};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::order_item;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};

pub(crate) struct NullOrder;

impl Rule for NullOrder {
    fn name(&self) -> &'static str {
        "null_order"
    }

    fn summary(&self) -> &'static str {
        "orders NULL as PostgreSQL does"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::ORDER)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk { changed: false };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk {
    changed: bool,
}

impl ScopedHooks for Walk {
    fn leave_query(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let Some(OrderBy {
            kind: OrderByKind::Expressions(items),
            ..
        }) = &mut query.order_by
        else {
            return Ok(());
        };
        let mut ordered = Vec::with_capacity(items.len());
        for mut item in items.drain(..) {
            // Numbers behind a `*` are documented to work, and to be an error (SQLCODE -22).
            if let Some(Cow::Owned(key)) = order_item::meant(&query.body, &item.expr, scopes) {
                item.expr = key;
                self.changed = true;
            }
            let place = place_of_nulls(&item.options);
            let explicit = item.options.nulls_first.take().is_some();
            self.changed |= explicit;
            if let Some(place) = place
                && let Some(key) = key_of(&item.expr, &query.body, scopes)
                && (explicit || !is_similarity(&key))
            {
                let test = nulls(key, place);
                // Whoever writes for IRIS puts NULL in its place himself.
                if ordered.last() != Some(&test) {
                    self.changed = true;
                    ordered.push(test);
                }
            }
            ordered.push(item);
        }
        *items = ordered;
        Ok(())
    }
}

/// Whether NULL is to stand where IRIS does not put it.
pub(crate) fn is_placed_by_hand(options: &OrderByOptions) -> bool {
    place_of_nulls(options).is_some()
}

/// Where NULL must be put by hand; none where IRIS puts it there itself.
fn place_of_nulls(options: &OrderByOptions) -> Option<Place> {
    let ascending = !matches!(options.sort, Some(OrderBySort::Desc));
    let first = options.nulls_first.unwrap_or(!ascending);
    match (ascending, first) {
        (true, true) | (false, false) => None,
        (true, false) => Some(Place::Last),
        (false, true) => Some(Place::First),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    First,
    Last,
}

/// The expression to test for NULL; none if it cannot be, or IRIS would not take it.
fn key_of(item: &Expr, body: &SetExpr, scopes: &Scopes<'_>) -> Option<Expr> {
    // The order of a set operation names its columns and nothing else.
    let key = order_item::meant(body, item, scopes)?;
    let constant = matches!(build::unnested(&key), Expr::Value(_));
    (!constant && scopes.may_be_null(&key)).then(|| key.into_owned())
}

/// Only IRIS has these functions, so NULL is where whoever wrote this expects it;
/// and an index helps only an order by nothing else.
fn is_similarity(expression: &Expr) -> bool {
    // `(2 * VECTOR_DOT_PRODUCT(a, b) - VECTOR_DOT_PRODUCT(a, a))` orders by a distance.
    if let Expr::BinaryOp { left, op, right } = build::unnested(expression) {
        return match op {
            BinaryOperator::Multiply => is_similarity(right),
            BinaryOperator::Minus => is_similarity(left) && is_similarity(right),
            _ => false,
        };
    }
    let is_written = |function: &Function| function.name.span().start.column != 0;
    matches!(expression, Expr::Function(function)
        if is_written(function) && build::function_name(function)
            .is_some_and(|name| name == "vector_cosine" || name == "vector_dot_product"))
}

/// `CASE WHEN key IS NULL THEN 1 ELSE 0 END`
fn nulls(key: Expr, place: Place) -> OrderByExpr {
    let (null, value) = match place {
        Place::Last => (1, 0),
        Place::First => (0, 1),
    };
    let test = Expr::IsNull(Box::new(build::nested(key)));
    OrderByExpr {
        expr: build::case(
            vec![(test, build::number(null))],
            Some(build::number(value)),
        ),
        options: OrderByOptions::default(),
        with_fill: None,
    }
}

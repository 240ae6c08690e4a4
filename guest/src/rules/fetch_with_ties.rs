//! # What it does
//! Writes `FETCH FIRST n ROWS WITH TIES` as a condition on the rank of the rows.
//!
//! # Why
//! IRIS has no WITH TIES. (InterSystems SQL Reference, "FETCH".)
//!
//! # Example
//! `SELECT a FROM t ORDER BY b FETCH FIRST 2 ROWS WITH TIES` becomes `SELECT a FROM (SELECT a,
//! pgiris_order1, RANK() OVER (ORDER BY pgiris_order1) AS pgiris_rank FROM (SELECT a, b AS
//! pgiris_order1 FROM t)) WHERE pgiris_rank <= 2 ORDER BY pgiris_order1`.
//!
//! # Limits
//! Behind a `*` whose columns are not known it is refused.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    BinaryOperator, Expr, Function, Ident, LimitClause, OrderByExpr, Query, SelectItem, SetExpr,
    Statement, WindowSpec, WindowType,
};

use crate::build;
use crate::casts::is_integer;
use crate::computed_count;
use crate::copies::Copies;
use crate::derived;
use crate::diagnostic::Diagnosed;
use crate::paging;
use crate::place;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::{self, oid};
use crate::wit::{Diagnostic, Oid};

pub(crate) struct FetchWithTies;

/// What PostgreSQL calls the counts, and its SQLSTATE where one is negative.
const LIMIT: (&str, &str) = ("LIMIT", "2201W");
const OFFSET: (&str, &str) = ("OFFSET", "2201X");

/// The columns that number the rows.
const RANK: &str = "pgiris_rank";
const ROW: &str = "pgiris_row";

impl Rule for FetchWithTies {
    fn name(&self) -> &'static str {
        "fetch_with_ties"
    }

    fn summary(&self) -> &'static str {
        "limits rows by their rank where ties are wanted"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::TIES)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let parameters = pass.parameters.clone();
        let mut walk = Walk {
            text: pass.text,
            copies: &mut pass.copies,
            found: Vec::new(),
            changed: false,
        };
        scoped(tree, pass.relations, &parameters, &mut walk)?;
        let Walk { found, changed, .. } = walk;
        pass.parameter_types(found);
        Ok(changed)
    }
}

struct Walk<'a> {
    text: &'a str,
    copies: &'a mut Copies,
    /// Parameters whose type is known.
    found: Vec<(u32, Oid)>,
    changed: bool,
}

impl ScopedHooks for Walk<'_> {
    fn leave_query(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        if !query.fetch.as_ref().is_some_and(|fetch| fetch.with_ties) {
            return Ok(());
        }
        let order = derived::order_of(query).to_vec();
        if order.is_empty() {
            return Err(Diagnostic::error(
                "42601",
                "WITH TIES cannot be specified without ORDER BY clause",
            ));
        }
        let quantity = query.fetch.take().and_then(|fetch| fetch.quantity);
        // An expression was read as that of a LIMIT.
        let (written, offset) = match query.limit_clause.take() {
            Some(LimitClause::LimitOffset { limit, offset, .. }) => (limit, offset),
            _ => (None, None),
        };
        let limit = quantity.or(written).unwrap_or_else(|| build::number(1));
        let limit = self.count(limit, LIMIT, scopes)?;
        let offset = offset
            .map(|offset| self.count(offset.value, OFFSET, scopes))
            .transpose()?;
        let refusal = || {
            Diagnostic::not_supported(
                "FETCH FIRST … WITH TIES is not supported here",
                "name the columns in the select list",
            )
        };
        if let SetExpr::SetOperation { .. } = &*query.body {
            return Err(refusal());
        }
        let SetExpr::Select(select) = &mut *query.body else {
            return Err(refusal());
        };
        let outer = derived::with_keys(select, order, scopes, self.copies)?.ok_or_else(refusal)?;
        query.order_by = None;
        let items = ranked(&outer, offset.is_some());
        paging::select_from_query(query, items);
        paging::select_rows(query, outer.items, condition(limit, offset));
        query.order_by = derived::ordered(outer.order);
        self.changed = true;
        Ok(())
    }
}

impl Walk<'_> {
    /// A number of rows.
    fn count(
        &mut self,
        written: Expr,
        (clause, negative): (&str, &str),
        scopes: &Scopes<'_>,
    ) -> Diagnosed<Expr> {
        let inner = uncast(&written);
        if let Some(number) = placeholder::number_of(inner) {
            self.found.push((number, oid::INT8));
            return Ok(inner.clone());
        }
        match computed_count::folded(inner) {
            Some(count @ 0..) => return Ok(build::number(count)),
            Some(_) => {
                let message = format!("{clause} must not be negative");
                return Err(Diagnostic::error(negative, message));
            }
            None => {}
        }
        let inside = scopes.around().count() > 1;
        let named = (clause, negative);
        computed_count::checked(
            &written,
            scopes.type_of(&written),
            named,
            inside,
            self.copies,
        )
        .map_err(|refusal| refusal.at(self.text, place::of(&written)))
    }
}

/// What is cast to a whole number, which the count is anyway.
fn uncast(written: &Expr) -> &Expr {
    match build::unnested(written) {
        Expr::Cast {
            expr, data_type, ..
        } if types::of(data_type).is_some_and(|known| is_integer(known.oid)) => uncast(expr),
        inner => inner,
    }
}

/// The columns of the query, what it is ordered by, and its rows' numbers.
fn ranked(outer: &derived::Outer, numbered: bool) -> Vec<SelectItem> {
    let mut items = outer.items.clone();
    for item in &outer.order {
        let key = SelectItem::UnnamedExpr(item.expr.clone());
        if !items.contains(&key) {
            items.push(key);
        }
    }
    let number = |function, name| SelectItem::ExprWithAlias {
        expr: over(function, outer.order.clone()),
        alias: Ident::new(name),
    };
    items.push(number("RANK", RANK));
    if numbered {
        items.push(number("ROW_NUMBER", ROW));
    }
    items
}

/// `function() OVER (ORDER BY order)`
fn over(function: &str, order_by: Vec<OrderByExpr>) -> Expr {
    let mut call = build::call(function, Vec::new());
    if let Expr::Function(Function { over, .. }) = &mut call {
        *over = Some(WindowType::WindowSpec(WindowSpec {
            window_name: None,
            partition_by: Vec::new(),
            order_by,
            window_frame: None,
        }));
    }
    call
}

fn condition(limit: Expr, offset: Option<Expr>) -> Expr {
    let last = match &offset {
        None => limit,
        Some(offset) => build::binary(offset.clone(), BinaryOperator::Plus, limit),
    };
    let ranked = build::binary(build::name(RANK), BinaryOperator::LtEq, last);
    match offset {
        None => ranked,
        Some(offset) => build::binary(
            ranked,
            BinaryOperator::And,
            build::binary(build::name(ROW), BinaryOperator::Gt, offset),
        ),
    }
}

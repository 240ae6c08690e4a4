//! # What it does
//! Lets a subquery that is a value fail if it returns several rows.
//!
//! # Why
//! IRIS takes the first row and says nothing; PostgreSQL raises SQLSTATE 21000.
//!
//! # Example
//! `SELECT (SELECT b FROM u WHERE c = 1) FROM t` becomes `SELECT (SELECT MIN(b) FROM u WHERE c = 1
//! HAVING CASE WHEN COUNT(*) > 1 THEN CONVERT(BIT, 'pgiris 21000 …') ELSE 1 END = 1) FROM t`.
//!
//! # Limits
//! A subquery stays as it is where it returns one row at most: by a LIMIT, by an aggregate, by the
//! columns of a key. One whose value is of a type that MIN does not keep (boolean, bytea, json,
//! vector, or not known) is counted by a subquery beside it; set operations of such are left alone, and
//! so is what reads IRIS's own dictionary.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    BinaryOperator, Expr, GroupByExpr, Ident, Query, Select, SelectItem, SetExpr, Statement,
    TableFactor,
};

use crate::build;
use crate::copies::Copies;
use crate::derived;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look::{self, Node};
use crate::paging;
use crate::raise;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::single_row::{is_one, returns_one};
use crate::types::oid;
use crate::wit::Oid;

pub(crate) struct ScalarSubquery;

impl Rule for ScalarSubquery {
    fn name(&self) -> &'static str {
        "scalar_subquery"
    }

    fn summary(&self) -> &'static str {
        "lets subqueries that are values fail if they return several rows"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(
            Marks::FROM
                .and(Marks::SET_OPERATION)
                .and(Marks::VALUES)
                .and(Marks::ROWS),
        )
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        if !has_value(tree) {
            return Ok(false);
        }
        let mut walk = Walk {
            copies: &mut pass.copies,
            rows: Vec::new(),
            changed: false,
        };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

/// Whether a value is a subquery that may have several rows.
fn has_value(tree: &Statement) -> bool {
    look::finds(
        tree,
        &mut |node| matches!(node, Node::Expression(Expr::Subquery(query)) if !is_one(query)),
    )
}

struct Walk<'a> {
    copies: &'a mut Copies,
    /// Subqueries yet to be entered that are no values but sets of rows, by address:
    /// nothing moves between the mark and the visit.
    rows: Vec<*const Expr>,
    changed: bool,
}

impl ScopedHooks for Walk<'_> {
    fn enter_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        match expr {
            Expr::AnyOp { right, .. } | Expr::AllOp { right, .. } => {
                self.rows.push(std::ptr::from_ref(&**right));
            }
            Expr::Subquery(_) => {
                let here = std::ptr::from_ref(&*expr);
                if let Some(index) = self.rows.iter().rposition(|marked| *marked == here) {
                    self.rows.swap_remove(index);
                    return Ok(());
                }
                if let Expr::Subquery(query) = expr {
                    self.changed |= self.guard(query, scopes)?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Walk<'_> {
    /// Makes a subquery fail if it returns more than one row.
    fn guard(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<bool> {
        if returns_one(query, scopes) || query.with.is_some() || is_of_iris(&query.body) {
            return Ok(false);
        }
        let columns = scopes.columns_of(query);
        if let (Some([only]), SetExpr::Select(select)) = (columns.as_deref(), &mut *query.body) {
            name_star(select, only.name.as_deref());
        }
        let type_oid = match columns.as_deref() {
            Some([only]) => only.type_oid,
            _ => None,
        };
        let is_limited = query.limit_clause.is_some() || query.fetch.is_some();
        let is_plain =
            !is_limited && matches!(&*query.body, SetExpr::Select(select) if is_plain(select));
        match (type_oid.is_some_and(has_minimum), is_plain) {
            (true, true) => {
                query.order_by = None;
                Ok(minimum_of_item(query))
            }
            (true, false) => Ok(minimum_of_rows(query)),
            (false, true) => self.counted(query),
            (false, false) => Ok(false),
        }
    }

    /// Adds a condition that counts the rows.
    fn counted(&mut self, query: &mut Query) -> Diagnosed<bool> {
        let SetExpr::Select(select) = &mut *query.body else {
            return Ok(false);
        };
        let mut counting = build::select(vec![SelectItem::UnnamedExpr(count())], Vec::new());
        for from in &select.from {
            counting.from.push(self.copies.copy(from)?);
        }
        if let Some(selection) = &select.selection {
            counting.selection = Some(self.copies.copy(selection)?);
        }
        let rows = Expr::Subquery(Box::new(build::query(SetExpr::Select(Box::new(counting)))));
        let check = check(rows);
        select.selection = Some(match select.selection.take() {
            None => check,
            Some(own) => build::binary(build::nested(own), BinaryOperator::And, check),
        });
        Ok(true)
    }
}

/// Names the only column of a `*`.
fn name_star(select: &mut Select, name: Option<&str>) {
    if let ([item @ SelectItem::Wildcard(_)], Some(name)) = (select.projection.as_mut_slice(), name)
    {
        *item = SelectItem::UnnamedExpr(Expr::Identifier(labels::identifier(name)));
    }
}

/// Whether a body reads IRIS's own dictionary, which PostgreSQL's SQL does not name.
fn is_of_iris(body: &SetExpr) -> bool {
    let SetExpr::Select(select) = body else {
        return false;
    };
    select.from.iter().any(|from| match &from.relation {
        TableFactor::Table { name, .. } if name.0.len() > 1 => name
            .0
            .first()
            .and_then(|part| part.as_ident())
            .is_some_and(|schema| {
                schema.value.starts_with('%')
                    || schema.value.eq_ignore_ascii_case("information_schema")
            }),
        _ => false,
    })
}

/// Whether a select's rows are those of its sources.
fn is_plain(select: &Select) -> bool {
    select.distinct.is_none()
        && select.top.is_none()
        && select.having.is_none()
        && matches!(&select.group_by, GroupByExpr::Expressions(items, _) if items.is_empty())
        && matches!(select.projection.as_slice(), [item] if derived_from(item))
}

/// Whether an item is one expression, and no window's.
fn derived_from(item: &SelectItem) -> bool {
    match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
            !look::has_window(expr)
        }
        _ => false,
    }
}

/// Types whose only value MIN gives as it is.
fn has_minimum(type_oid: Oid) -> bool {
    matches!(
        type_oid,
        oid::INT2
            | oid::INT4
            | oid::INT8
            | oid::NUMERIC
            | oid::FLOAT4
            | oid::FLOAT8
            | oid::TEXT
            | oid::VARCHAR
            | oid::DATE
            | oid::TIMESTAMP
            | oid::TIMESTAMPTZ
    )
}

/// `SELECT MIN(item) … HAVING check`
fn minimum_of_item(query: &mut Query) -> bool {
    let SetExpr::Select(select) = &mut *query.body else {
        return false;
    };
    if let [SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }] =
        select.projection.as_mut_slice()
    {
        let value = build::take(expr);
        *expr = build::call("MIN", vec![value]);
    }
    select.having = Some(check(count()));
    true
}

/// `SELECT MIN(item) FROM (query) HAVING check`
fn minimum_of_rows(query: &mut Query) -> bool {
    const VALUE: &str = "pgiris_value";
    let mut body = &mut *query.body;
    let items = loop {
        match body {
            SetExpr::Select(select) => break &mut select.projection,
            SetExpr::SetOperation { left, .. } => body = left,
            SetExpr::Query(inner) => body = &mut inner.body,
            _ => return false,
        }
    };
    let [item] = items.as_mut_slice() else {
        return false;
    };
    let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else {
        return false;
    };
    let expr = build::take(expr);
    let is_ordered_by_name = !derived::order_of(query).is_empty();
    let alias = match (&expr, is_ordered_by_name) {
        (Expr::Identifier(name), true) => name.clone(),
        _ => Ident::new(VALUE),
    };
    let mut body = &mut *query.body;
    while let SetExpr::SetOperation { left, .. } = body {
        body = left;
    }
    rename(body, expr, &alias);
    let inner = std::mem::replace(query, build::query(paging::nothing()));
    let source = TableFactor::Derived {
        lateral: false,
        subquery: Box::new(inner),
        alias: None,
        sample: None,
    };
    let minimum = build::call("MIN", vec![Expr::Identifier(alias)]);
    let mut outer = paging::select_of(vec![SelectItem::UnnamedExpr(minimum)], source);
    outer.having = Some(check(count()));
    *query.body = SetExpr::Select(Box::new(outer));
    true
}

/// Names the only item of a body's first select.
fn rename(body: &mut SetExpr, expr: Expr, alias: &Ident) {
    match body {
        SetExpr::Select(select) => {
            if let Some(item) = select.projection.first_mut() {
                *item = SelectItem::ExprWithAlias {
                    expr,
                    alias: alias.clone(),
                };
            }
        }
        SetExpr::SetOperation { left, .. } => rename(left, expr, alias),
        SetExpr::Query(query) => rename(&mut query.body, expr, alias),
        _ => {}
    }
}

/// `COUNT(*)`
fn count() -> Expr {
    let mut call = build::call("COUNT", Vec::new());
    if let Expr::Function(function) = &mut call
        && let sqlparser::ast::FunctionArguments::List(list) = &mut function.args
    {
        list.args = vec![sqlparser::ast::FunctionArg::Unnamed(
            sqlparser::ast::FunctionArgExpr::Wildcard,
        )];
    }
    call
}

/// True, or PostgreSQL's error if there are several rows.
fn check(rows: Expr) -> Expr {
    let several = build::binary(rows, BinaryOperator::Gt, build::number(1));
    let error = raise::plain(
        "21000",
        "more than one row returned by a subquery used as an expression",
    );
    let case = build::case(vec![(several, error)], Some(build::number(1)));
    build::binary(case, BinaryOperator::Eq, build::number(1))
}

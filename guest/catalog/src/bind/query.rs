//! Whole queries: WITH, set operations, VALUES, ORDER BY, LIMIT.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use sqlparser::ast::{
    self, LimitClause, OrderByExpr, OrderByKind, OrderBySort, SetExpr, SetOperator, SetQuantifier,
};

use super::scope::{Clause, Commons, Scope, Sink};
use super::{Binder, Typed, folded};
use crate::failure::{Failure, Result};
use crate::plan::{Body, Column, Common, Expr, Operation, Order, Query};
use crate::types::Type;

/// An ORDER BY item; NULLs come last, in descending order first.
pub(super) fn order(item: &OrderByExpr, expr: Expr) -> Order {
    let descending = matches!(item.options.sort, Some(OrderBySort::Desc));
    Order {
        expr,
        descending,
        nulls_first: item.options.nulls_first.unwrap_or(descending),
    }
}

impl Binder {
    pub(super) fn query(
        &self,
        written: &ast::Query,
        outer: Option<&Scope<'_>>,
        commons: &Commons<'_>,
        sink: &Sink,
    ) -> Result<Query> {
        if !written.pipe_operators.is_empty() {
            return Err(Failure::not_supported("the pipe syntax"));
        }
        let own = Commons {
            list: RefCell::default(),
            outer: Some(commons),
        };
        if let Some(with) = &written.with {
            for table in &with.cte_tables {
                self.common(table, with.recursive, outer, &own, sink)?;
            }
        }
        let correlated: Vec<Rc<Common>> = own.correlated().collect();
        let reads_others = sink.reads_correlated.get() || commons.has_correlated();
        let items = order_items(written)?;
        let mut query = match &*written.body {
            SetExpr::Select(select) => {
                let (select, columns) = self.select(select, items, outer, &own, sink)?;
                plain(Body::Select(Box::new(select)), columns)
            }
            body => {
                let mut query = self.body(body, outer, &own, sink)?;
                if !items.is_empty() && !query.order.is_empty() {
                    let columns = query.columns.clone();
                    query = plain(Body::Query(Box::new(query)), columns);
                }
                query.order.extend(output_order(items, &query.columns)?);
                query
            }
        };
        if query.limit.is_some() || query.offset.is_some() {
            let columns = query.columns.clone();
            query = plain(Body::Query(Box::new(query)), columns);
        }
        self.limits(written, &mut query, outer, &own, sink)?;
        query.commons = correlated;
        // Its own are read again with it.
        sink.reads_correlated.set(reads_others);
        Ok(query)
    }

    fn body(
        &self,
        body: &SetExpr,
        outer: Option<&Scope<'_>>,
        commons: &Commons<'_>,
        sink: &Sink,
    ) -> Result<Query> {
        match body {
            SetExpr::Select(select) => {
                let (select, columns) = self.select(select, &[], outer, commons, sink)?;
                Ok(plain(Body::Select(Box::new(select)), columns))
            }
            SetExpr::Query(query) => self.query(query, outer, commons, sink),
            SetExpr::Values(values) => self.values(values, outer, commons, sink),
            SetExpr::SetOperation {
                op,
                set_quantifier,
                left,
                right,
            } => {
                let left = self.body(left, outer, commons, sink)?;
                let right = self.body(right, outer, commons, sink)?;
                self.combined(*op, *set_quantifier, left, right)
            }
            other => Err(Failure::not_supported(format!("\"{other}\""))),
        }
    }

    fn combined(
        &self,
        op: SetOperator,
        quantifier: SetQuantifier,
        mut left: Query,
        mut right: Query,
    ) -> Result<Query> {
        let (operation, name) = match op {
            SetOperator::Union => (Operation::Union, "UNION"),
            SetOperator::Intersect => (Operation::Intersect, "INTERSECT"),
            SetOperator::Except | SetOperator::Minus => (Operation::Except, "EXCEPT"),
        };
        if left.columns.len() != right.columns.len() {
            return Err(Failure::new(
                "42601",
                format!("each {name} query must have the same number of columns"),
            ));
        }
        let mut columns = left.columns.clone();
        for (place, column) in columns.iter_mut().enumerate() {
            let other = right
                .columns
                .get(place)
                .map_or(Type::UNKNOWN, |column| column.kind);
            column.kind = self.common_type(&[column.kind, other], name)?;
            column.origin = None;
        }
        self.recast(&mut left, &columns)?;
        self.recast(&mut right, &columns)?;
        Ok(plain(
            Body::Combined {
                operation,
                all: quantifier == SetQuantifier::All,
                left: Box::new(left),
                right: Box::new(right),
            },
            columns,
        ))
    }

    /// Gives the columns of a query other types.
    fn recast(&self, query: &mut Query, wanted: &[Column]) -> Result<()> {
        let change = |list: &mut Vec<Expr>, columns: &[Column]| -> Result<()> {
            for ((expr, own), wanted) in list.iter_mut().zip(columns).zip(wanted) {
                if own.kind != wanted.kind {
                    let typed = Typed::new(expr.clone(), own.kind);
                    *expr = self.coerce(typed, wanted.kind)?.expr;
                }
            }
            Ok(())
        };
        match &mut query.body {
            Body::Select(select) => change(&mut select.projection, &query.columns)?,
            Body::Values(lists) => {
                for list in lists {
                    change(list, &query.columns)?;
                }
            }
            Body::Query(inner) => self.recast(inner, wanted)?,
            Body::Combined { left, right, .. } => {
                self.recast(left, wanted)?;
                self.recast(right, wanted)?;
            }
        }
        for (own, wanted) in query.columns.iter_mut().zip(wanted) {
            own.kind = wanted.kind;
        }
        Ok(())
    }

    fn values(
        &self,
        values: &ast::Values,
        outer: Option<&Scope<'_>>,
        commons: &Commons<'_>,
        sink: &Sink,
    ) -> Result<Query> {
        let scope = Scope::new(outer, commons, sink);
        let rows = values
            .rows
            .iter()
            .map(|row| {
                row.content
                    .iter()
                    .map(|expr| self.expr(expr, &scope))
                    .collect()
            })
            .collect::<Result<Vec<Vec<Typed>>>>()?;
        let width = rows.first().map_or(0, Vec::len);
        if rows.iter().any(|row| row.len() != width) {
            return Err(Failure::new(
                "42601",
                "VALUES lists must all be the same length",
            ));
        }
        let mut columns = Vec::with_capacity(width);
        for place in 0..width {
            let kinds: Vec<Type> = rows
                .iter()
                .filter_map(|row| row.get(place).map(|typed| typed.kind))
                .collect();
            columns.push(Column {
                name: format!("column{}", place + 1),
                kind: self.common_type(&kinds, "VALUES")?,
                origin: None,
                fields: None,
            });
        }
        let lists = rows
            .into_iter()
            .map(|row| {
                row.into_iter()
                    .zip(&columns)
                    .map(|(typed, column)| Ok(self.coerce(typed, column.kind)?.expr))
                    .collect()
            })
            .collect::<Result<_>>()?;
        Ok(plain(Body::Values(lists), columns))
    }

    fn limits(
        &self,
        written: &ast::Query,
        query: &mut Query,
        outer: Option<&Scope<'_>>,
        commons: &Commons<'_>,
        sink: &Sink,
    ) -> Result<()> {
        let scope = Scope::new(outer, commons, sink);
        let number = |expr: &ast::Expr| -> Result<Expr> {
            let typed = self.expr(expr, &scope)?;
            Ok(self.coerce(typed, Type::INT8)?.expr)
        };
        match &written.limit_clause {
            Some(LimitClause::LimitOffset { limit, offset, .. }) => {
                query.limit = limit.as_ref().map(number).transpose()?;
                query.offset = offset
                    .as_ref()
                    .map(|offset| number(&offset.value))
                    .transpose()?;
            }
            Some(LimitClause::OffsetCommaLimit { .. }) => {
                return Err(Failure::new("42601", "LIMIT #,# syntax is not supported")
                    .with_hint("Use separate LIMIT and OFFSET clauses."));
            }
            None => {}
        }
        if let Some(fetch) = &written.fetch {
            if fetch.with_ties || fetch.percent {
                return Err(Failure::not_supported("FETCH … WITH TIES"));
            }
            query.limit = match &fetch.quantity {
                Some(count) => Some(number(count)?),
                None => Some(Expr::Constant(1_i64.into())),
            };
        }
        Ok(())
    }

    /// A common table; a recursive one is known to its own second part.
    fn common(
        &self,
        table: &ast::Cte,
        recursive: bool,
        outer: Option<&Scope<'_>>,
        commons: &Commons<'_>,
        around: &Sink,
    ) -> Result<()> {
        let name = folded(&table.alias.name);
        let sink = Sink::default();
        let add = |columns: Vec<Column>, is_recursive: bool| {
            let common = Rc::new(Common {
                name: name.clone(),
                columns: RefCell::new(columns),
                query: OnceCell::new(),
                is_recursive,
                is_correlated: Cell::new(false),
                rows: RefCell::default(),
                working: RefCell::default(),
            });
            let entry = (Rc::clone(&common), Cell::new(true));
            commons.list.borrow_mut().push(entry);
            common
        };
        let parts = match &*table.query.body {
            SetExpr::SetOperation {
                op: SetOperator::Union,
                set_quantifier,
                left,
                right,
            } if recursive && table.query.with.is_none() => Some((set_quantifier, left, right)),
            _ => None,
        };
        let (common, query) = match parts {
            Some((quantifier, left, right)) => {
                let first = self.body(left, outer, commons, &sink)?;
                let common = add(renamed(known(&first.columns), &table.alias)?, true);
                let again = Sink::default();
                let second = self.body(right, outer, commons, &again)?;
                again.merge(&sink);
                let query = self.combined(SetOperator::Union, *quantifier, first, second)?;
                (common, query)
            }
            None => {
                let query = self.query(&table.query, outer, commons, &sink)?;
                (
                    add(renamed(known(&query.columns), &table.alias)?, false),
                    query,
                )
            }
        };
        let _ = common.query.set(query);
        let takes = !sink.captured.borrow().is_empty() || sink.reads_correlated.get();
        common.is_correlated.set(takes);
        sink.merge(around);
        for (known, in_progress) in commons.list.borrow().iter() {
            if Rc::ptr_eq(known, &common) {
                in_progress.set(false);
            }
        }
        Ok(())
    }
}

fn plain(body: Body, columns: Vec<Column>) -> Query {
    Query {
        columns,
        body,
        order: Vec::new(),
        limit: None,
        offset: None,
        commons: Vec::new(),
    }
}

/// Columns of unknown type are texts to the query around.
pub(super) fn known(columns: &[Column]) -> Vec<Column> {
    let mut columns = columns.to_vec();
    for column in &mut columns {
        if column.kind == Type::UNKNOWN {
            column.kind = Type::TEXT;
        }
    }
    columns
}

/// The columns under the names of an alias.
pub(super) fn renamed(mut columns: Vec<Column>, alias: &ast::TableAlias) -> Result<Vec<Column>> {
    if alias.columns.len() > columns.len() {
        return Err(Failure::new(
            "42P10",
            format!(
                "table \"{}\" has {} columns available but {} columns specified",
                folded(&alias.name),
                columns.len(),
                alias.columns.len()
            ),
        ));
    }
    for (column, given) in columns.iter_mut().zip(&alias.columns) {
        column.name = folded(&given.name);
    }
    Ok(columns)
}

fn order_items(written: &ast::Query) -> Result<&[OrderByExpr]> {
    match written.order_by.as_ref().map(|order| &order.kind) {
        None => Ok(&[]),
        Some(OrderByKind::Expressions(items)) => Ok(items),
        Some(OrderByKind::All(_)) => Err(Failure::not_supported("ORDER BY ALL")),
    }
}

/// Of a set operation only result columns can be named.
fn output_order(items: &[OrderByExpr], columns: &[Column]) -> Result<Vec<Order>> {
    items
        .iter()
        .map(|item| {
            let place = output_place(&item.expr, columns)?.ok_or_else(|| {
                Failure::new("0A000", "invalid UNION/INTERSECT/EXCEPT ORDER BY clause")
            })?;
            Ok(order(item, Expr::Output(place)))
        })
        .collect()
}

/// The result column that an item means by its number or name.
pub(super) fn output_place(expr: &ast::Expr, columns: &[Column]) -> Result<Option<usize>> {
    match expr {
        ast::Expr::Value(value) => match &value.value {
            ast::Value::Number(digits, _) => digits
                .parse::<usize>()
                .ok()
                .and_then(|number| number.checked_sub(1))
                .filter(|place| *place < columns.len())
                .map(Some)
                .ok_or_else(|| {
                    Failure::new(
                        "42P10",
                        format!("ORDER BY position {digits} is not in select list"),
                    )
                }),
            _ => Ok(None),
        },
        ast::Expr::Identifier(ident) => {
            let name = folded(ident);
            Ok(columns.iter().position(|column| column.name == name))
        }
        ast::Expr::Collate { expr, .. } | ast::Expr::Nested(expr) => output_place(expr, columns),
        _ => Ok(None),
    }
}

impl Scope<'_> {
    /// Binds with the clause set.
    pub(super) fn within<T>(&self, clause: Clause, bind: impl FnOnce() -> Result<T>) -> Result<T> {
        let before = self.clause.replace(clause);
        let result = bind();
        self.clause.set(before);
        result
    }
}

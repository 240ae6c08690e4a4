//! # What it does
//! Writes `DISTINCT ON` as the first row of each partition.
//!
//! # Why
//! IRIS's `DISTINCT BY` does not say which row it keeps. (InterSystems SQL Reference, "DISTINCT".)
//!
//! # Example
//! `SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, b` becomes `SELECT a, b FROM (SELECT a, b,
//! ROW_NUMBER() OVER (PARTITION BY a ORDER BY a, b) AS pgiris_row … FROM t) WHERE pgiris_row = 1
//! ORDER BY …`.
//!
//! # Limits
//! Groups are refused, and so is a `*` whose columns are not known or have one name twice.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    BinaryOperator, Distinct, Expr, GroupByExpr, Ident, OrderBy, OrderByExpr, OrderByKind, Query,
    Select, SelectItem, SetExpr, Statement, Value,
};

use crate::build;
use crate::copies::Copies;
use crate::derived;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::paging;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::wit::Diagnostic;

pub(crate) struct DistinctOn;

impl Rule for DistinctOn {
    fn name(&self) -> &'static str {
        "distinct_on"
    }

    fn summary(&self) -> &'static str {
        "writes DISTINCT ON as the first row of each partition"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::DISTINCT)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            copies: &mut pass.copies,
            changed: false,
        };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a> {
    copies: &'a mut Copies,
    changed: bool,
}

impl ScopedHooks for Walk<'_> {
    fn leave_query(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let order = order_of(query);
        let SetExpr::Select(select) = &mut *query.body else {
            return Ok(());
        };
        let Some(Distinct::On(_)) = &select.distinct else {
            return Ok(());
        };
        let Some(Distinct::On(keys)) = select.distinct.take() else {
            return Ok(());
        };
        self.changed = true;
        if !derived::expand(select, scopes) {
            return Err(star());
        }
        let inner = self.inner(select, keys, order)?;
        let order_by = inner.order;
        query.order_by = None;
        paging::select_rows(
            query,
            inner.items,
            build::binary(build::name(ROW), BinaryOperator::Eq, build::number(1)),
        );
        query.order_by = order_by;
        Ok(())
    }
}

/// The number of a row in its partition.
const ROW: &str = "pgiris_row";

struct Inner {
    /// What the outer query selects.
    items: Vec<SelectItem>,
    order: Option<OrderBy>,
}

impl Walk<'_> {
    /// Adds the row's number and what is ordered by.
    fn inner(
        &mut self,
        select: &mut Select,
        keys: Vec<Expr>,
        order: Vec<OrderByExpr>,
    ) -> Diagnosed<Inner> {
        let grouped =
            !matches!(&select.group_by, GroupByExpr::Expressions(items, _) if items.is_empty());
        if grouped || select.having.is_some() {
            return Err(refusal("DISTINCT ON of groups is not supported"));
        }
        let mut partition = Vec::with_capacity(keys.len());
        for key in keys {
            partition.push(self.meant(key, &select.projection)?);
        }
        let mut ordered = Vec::with_capacity(order.len());
        for mut item in order {
            item.expr = self.meant(item.expr, &select.projection)?;
            ordered.push(item);
        }
        for (key, item) in partition.iter().zip(&ordered) {
            if !partition.contains(&item.expr) && ordered.iter().all(|other| other.expr != *key) {
                return Err(Diagnostic::error(
                    "42P10",
                    "SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
                ));
            }
        }
        let items = derived::names(select).ok_or_else(star)?;
        let mut outer = Vec::with_capacity(ordered.len());
        for (index, item) in ordered.iter().enumerate() {
            let alias = Ident::new(format!("pgiris_order{}", index + 1));
            select.projection.push(SelectItem::ExprWithAlias {
                expr: self.copies.copy(&item.expr)?,
                alias: alias.clone(),
            });
            outer.push(OrderByExpr {
                expr: Expr::Identifier(alias),
                ..item.clone()
            });
        }
        select.projection.push(SelectItem::ExprWithAlias {
            expr: derived::row_number(partition, ordered),
            alias: Ident::new(ROW),
        });
        let order = (!outer.is_empty()).then_some(OrderBy {
            kind: OrderByKind::Expressions(outer),
            interpolate: None,
        });
        Ok(Inner { items, order })
    }

    /// What an ordinal or an alias stands for.
    fn meant(&mut self, item: Expr, projection: &[SelectItem]) -> Diagnosed<Expr> {
        let named = match &item {
            Expr::Value(value) => match &value.value {
                Value::Number(digits, _) => digits
                    .parse::<usize>()
                    .ok()
                    .and_then(|position| projection.get(position.checked_sub(1)?)),
                _ => None,
            },
            Expr::Identifier(name) => projection.iter().find(|other| {
                matches!(other, SelectItem::ExprWithAlias { alias, .. }
                    if labels::folded(alias) == labels::folded(name))
            }),
            _ => None,
        };
        match named {
            Some(SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) => {
                self.copies.copy(expr)
            }
            _ => Ok(item),
        }
    }
}

fn order_of(query: &Query) -> Vec<OrderByExpr> {
    match &query.order_by {
        Some(OrderBy {
            kind: OrderByKind::Expressions(items),
            ..
        }) => items.clone(),
        _ => Vec::new(),
    }
}

fn star() -> Diagnostic {
    refusal("DISTINCT ON with * is not supported where the columns are not known")
}

fn refusal(message: &str) -> Diagnostic {
    Diagnostic::not_supported(
        message,
        "name the columns, and number the rows with ROW_NUMBER() OVER (PARTITION BY …) in a subquery",
    )
}

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
//! A `*` in the select list, and groups, are refused.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    BinaryOperator, Distinct, Expr, Function, GroupByExpr, Ident, OrderBy, OrderByExpr,
    OrderByKind, OrderByOptions, Query, Select, SelectItem, SetExpr, Statement, Value, WindowSpec,
    WindowType,
};

use crate::build;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::paging;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk::{self, Hooks};
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
        walk::statement(tree, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a> {
    copies: &'a mut Copies,
    changed: bool,
}

impl Hooks for Walk<'_> {
    fn leave_query(&mut self, query: &mut Query) -> Diagnosed<()> {
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
        let items = names(select)?;
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
            expr: row_number(partition, ordered),
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

/// The items of the outer query; those of the inner one get names of their own where
/// they have none.
fn names(select: &mut Select) -> Diagnosed<Vec<SelectItem>> {
    let mut known: Vec<String> = Vec::new();
    let mut outer = Vec::with_capacity(select.projection.len());
    for (index, item) in select.projection.iter_mut().enumerate() {
        let Some(label) = labels::of_item(item) else {
            return Err(refusal("DISTINCT ON with * is not supported"));
        };
        let is_plain = !known.contains(&label);
        let name = match item {
            SelectItem::ExprWithAlias { alias, .. } if is_plain => alias.clone(),
            SelectItem::UnnamedExpr(Expr::Identifier(name)) if is_plain => name.clone(),
            SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) if is_plain => parts
                .last()
                .cloned()
                .unwrap_or_else(|| Ident::new("column1")),
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                let alias = Ident::new(format!("column{}", index + 1));
                *item = SelectItem::ExprWithAlias {
                    expr: build::take(expr),
                    alias: alias.clone(),
                };
                alias
            }
            _ => return Err(refusal("DISTINCT ON with * is not supported")),
        };
        known.push(label);
        outer.push(SelectItem::UnnamedExpr(Expr::Identifier(name)));
    }
    Ok(outer)
}

fn row_number(partition_by: Vec<Expr>, mut order_by: Vec<OrderByExpr>) -> Expr {
    if order_by.is_empty() {
        order_by = partition_by
            .iter()
            .map(|key| OrderByExpr {
                expr: key.clone(),
                options: OrderByOptions::default(),
                with_fill: None,
            })
            .collect();
    }
    let mut call = build::call("ROW_NUMBER", Vec::new());
    if let Expr::Function(Function { over, .. }) = &mut call {
        *over = Some(WindowType::WindowSpec(WindowSpec {
            window_name: None,
            partition_by,
            order_by,
            window_frame: None,
        }));
    }
    call
}

fn refusal(message: &str) -> Diagnostic {
    Diagnostic::not_supported(
        message,
        "name the columns, and number the rows with ROW_NUMBER() OVER (PARTITION BY …) in a subquery",
    )
}

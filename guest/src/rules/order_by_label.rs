//! # What it does
//! Orders by the place of the column that ORDER BY means by the label of an unnamed one.
//!
//! # Why
//! In PostgreSQL a bare name in ORDER BY is first of all the label of a result column, also one
//! that nobody wrote: `lower(a)` is `lower`, and `a::text` is `a`. IRIS knows aliases and
//! columns of tables. (PostgreSQL manual, "SELECT", "ORDER BY Clause".)
//!
//! # Example
//! `SELECT count(*), a::text FROM t GROUP BY a ORDER BY count, a` becomes
//! `SELECT count(*), a::text FROM t GROUP BY a ORDER BY 1, 2`.
//!
//! # Limits
//! Behind a `*` the expression is written once more in place of its number.
//!
//! # Versions
//! All.

use sqlparser::ast::{Distinct, Expr, OrderByKind, Query, Select, SelectItem, SetExpr, Statement};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::place;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk::{self, Hooks};
use crate::wit::Diagnostic;

pub(crate) struct OrderByLabel;

impl Rule for OrderByLabel {
    fn name(&self) -> &'static str {
        "order_by_label"
    }

    fn summary(&self) -> &'static str {
        "orders by the columns that unwritten labels name"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::ORDER)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            changed: false,
            pass,
        };
        walk::statement(tree, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a, 'b> {
    changed: bool,
    pass: &'a mut Pass<'b>,
}

impl Hooks for Walk<'_, '_> {
    fn enter_query(&mut self, query: &mut Query) -> Diagnosed<()> {
        let Some(order) = &mut query.order_by else {
            return Ok(());
        };
        let (OrderByKind::Expressions(items), SetExpr::Select(select)) =
            (&mut order.kind, &mut *query.body)
        else {
            return Ok(());
        };
        for item in items {
            if let Some(index) = self.meant(select, &item.expr)? {
                item.expr = self.replacement(select, index)?;
                self.changed = true;
            }
        }
        self.distinct_on(select)
    }
}

impl Walk<'_, '_> {
    /// The item of the select list that a name means, if it has that label without an alias
    /// and is more than a column of the name.
    fn meant(&self, select: &Select, name: &Expr) -> Diagnosed<Option<usize>> {
        let Expr::Identifier(own) = name else {
            return Ok(None);
        };
        let wanted = labels::folded(own);
        let mut found: Option<(usize, &Expr)> = None;
        for (index, item) in select.projection.iter().enumerate() {
            let (expr, is_named) = match item {
                SelectItem::UnnamedExpr(expr) => (expr, false),
                SelectItem::ExprWithAlias { expr, .. } => (expr, true),
                _ => continue,
            };
            if labels::of_item(item).as_ref() != Some(&wanted) {
                continue;
            }
            if is_named {
                return Ok(None);
            }
            if found.is_some_and(|(_, first)| first != expr) {
                let message = format!("ORDER BY \"{wanted}\" is ambiguous");
                return Err(Diagnostic::error("42702", message).at(self.pass.text, place::of(name)));
            }
            found = found.or(Some((index, expr)));
        }
        Ok(found
            .filter(|(_, expr)| !matches!(expr, Expr::Identifier(_)))
            .map(|(index, _)| index))
    }

    /// What to order by.
    fn replacement(&mut self, select: &Select, index: usize) -> Diagnosed<Expr> {
        let before = select.projection.iter().take(index);
        let is_counted = select
            .distinct
            .as_ref()
            .is_none_or(|distinct| matches!(distinct, Distinct::Distinct | Distinct::All));
        let counts = is_counted
            && before.clone().all(|item| {
                matches!(
                    item,
                    SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. }
                )
            });
        match select.projection.get(index) {
            Some(SelectItem::UnnamedExpr(expr)) if !counts => self.pass.copies.copy(expr),
            _ => Ok(build::number(index + 1)),
        }
    }

    /// DISTINCT ON names its columns as ORDER BY does.
    fn distinct_on(&mut self, select: &mut Select) -> Diagnosed<()> {
        let Some(Distinct::On(keys)) = &select.distinct else {
            return Ok(());
        };
        let mut keys = keys.clone();
        let mut written = Vec::with_capacity(keys.len());
        for key in &keys {
            written.push(match self.meant(select, key)? {
                Some(index) => match select.projection.get(index) {
                    Some(SelectItem::UnnamedExpr(expr)) => Some(self.pass.copies.copy(expr)?),
                    _ => None,
                },
                None => None,
            });
        }
        for (key, written) in keys.iter_mut().zip(written) {
            if let Some(written) = written {
                *key = written;
                self.changed = true;
            }
        }
        select.distinct = Some(Distinct::On(keys));
        Ok(())
    }
}

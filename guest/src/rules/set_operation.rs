//! # What it does
//! Orders a set operation as a subquery, parenthesises INTERSECT beside UNION and EXCEPT, and
//! numbers equal rows for `INTERSECT ALL` and `EXCEPT ALL`.
//!
//! # Why
//! The order of a set operation names its columns alone, so that NULL could not be put in
//! PostgreSQL's place; IRIS documents no precedence of set operations and no `ALL` but of UNION.
//! (InterSystems SQL Reference, "UNION", "INTERSECT", "EXCEPT".)
//!
//! # Example
//! `SELECT a FROM t UNION SELECT b FROM u ORDER BY 1` becomes
//! `SELECT * FROM (SELECT a FROM t UNION SELECT b FROM u) ORDER BY a`.
//!
//! # Limits
//! An ordinal that stands for a `*` is left as it is. `INTERSECT ALL` and `EXCEPT ALL` with a `*`
//! are refused.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Expr, Ident, OrderByKind, Query, Select, SelectItem, SetExpr, SetOperator, SetQuantifier,
    Statement, TableFactor,
};

use crate::derived;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::order_item::ordinal;
use crate::paging;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk::{self, Hooks};
use crate::wit::Diagnostic;

pub(crate) struct SetOperation;

impl Rule for SetOperation {
    fn name(&self) -> &'static str {
        "set_operation"
    }

    fn summary(&self) -> &'static str {
        "orders set operations as subqueries"
    }

    fn concerns(&self, marks: Marks) -> bool {
        // VALUES has become one.
        marks.has(Marks::SET_OPERATION.and(Marks::VALUES).and(Marks::ROWS))
    }

    fn rewrite(&self, tree: &mut Statement, _pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            changed: false,
            depth: 0,
        };
        walk::statement(tree, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk {
    changed: bool,
    /// How many queries are around the node visited, itself included.
    depth: usize,
}

impl Hooks for Walk {
    fn leave_query(&mut self, _query: &mut Query) -> Diagnosed<()> {
        self.depth -= 1;
        Ok(())
    }

    fn enter_query(&mut self, query: &mut Query) -> Diagnosed<()> {
        self.depth += 1;
        if !matches!(&*query.body, SetExpr::SetOperation { .. }) {
            return Ok(());
        }
        self.changed |= parenthesise(&mut query.body)?;
        if self.depth > 1 || query.order_by.is_some() {
            self.changed |= opened(&mut query.body);
        }
        let Some(order) = &mut query.order_by else {
            return Ok(());
        };
        let OrderByKind::Expressions(items) = &mut order.kind else {
            return Ok(());
        };
        let Some(first) = leftmost(&mut query.body) else {
            return Ok(());
        };
        for item in items {
            if let Some(name) = ordinal(&item.expr).and_then(|position| name_at(first, position)) {
                item.expr = Expr::Identifier(name);
            }
        }
        paging::wrap(query);
        self.changed = true;
        Ok(())
    }
}

/// Puts an INTERSECT that is part of another operation into parentheses.
fn parenthesise(body: &mut SetExpr) -> Diagnosed<bool> {
    let mut changed = false;
    let mut place = body;
    loop {
        if is_counted(place) {
            return count_rows(place).map(|()| true);
        }
        let SetExpr::SetOperation {
            left,
            op,
            set_quantifier,
            right,
        } = place
        else {
            return Ok(changed);
        };
        if let SetExpr::SetOperation {
            op: inner,
            set_quantifier: quantifier,
            ..
        } = &**right
        {
            let is_one_list = *op == SetOperator::Union
                && inner == op
                && matches!(
                    (*set_quantifier, *quantifier),
                    (SetQuantifier::All, SetQuantifier::All)
                );
            changed |= parenthesise(right)?;
            if is_one_list {
                place = left;
                continue;
            }
            let inner = std::mem::replace(&mut **right, paging::nothing());
            **right = SetExpr::Query(Box::new(crate::build::query(inner)));
            changed = true;
        }
        if let SetExpr::SetOperation { op: inner, .. } = &**left
            && *inner == SetOperator::Intersect
            && *op != SetOperator::Intersect
        {
            parenthesise(left)?;
            let inner = std::mem::replace(&mut **left, paging::nothing());
            **left = SetExpr::Query(Box::new(crate::build::query(inner)));
            return Ok(true);
        }
        place = left;
    }
}

/// Whether equal rows count in an operation that IRIS has without ALL alone.
fn is_counted(body: &SetExpr) -> bool {
    matches!(body, SetExpr::SetOperation { op, set_quantifier: SetQuantifier::All, .. }
        if *op != SetOperator::Union)
}

/// Numbers equal rows on both sides of such an operation.
fn count_rows(place: &mut SetExpr) -> Diagnosed<()> {
    let mut operation = std::mem::replace(place, paging::nothing());
    let SetExpr::SetOperation {
        op,
        set_quantifier,
        left,
        right,
    } = &mut operation
    else {
        return Ok(());
    };
    let names = number_rows(left, *op)?;
    number_rows(right, *op)?;
    *set_quantifier = SetQuantifier::None;
    let source = TableFactor::Derived {
        lateral: false,
        subquery: Box::new(crate::build::query(operation)),
        alias: None,
        sample: None,
    };
    *place = SetExpr::Select(Box::new(paging::select_of(names, source)));
    Ok(())
}

/// Adds the number of a row among its equals to a side of an operation; returns the
/// side's own columns.
fn number_rows(side: &mut SetExpr, op: SetOperator) -> Diagnosed<Vec<SelectItem>> {
    let refusal = || {
        Diagnostic::not_supported(
            format!("{op} ALL of columns without names is not supported"),
            "name the columns in the select lists of both sides",
        )
    };
    let first = leftmost_select(side).ok_or_else(refusal)?;
    let names = derived::names(first).ok_or_else(refusal)?;
    let columns: Vec<Expr> = names
        .iter()
        .filter_map(|item| match item {
            SelectItem::UnnamedExpr(name) => Some(name.clone()),
            _ => None,
        })
        .collect();
    let mut items = names.clone();
    items.push(SelectItem::ExprWithAlias {
        expr: derived::row_number(columns, Vec::new()),
        alias: Ident::new("pgiris_row"),
    });
    let body = std::mem::replace(side, paging::nothing());
    let source = TableFactor::Derived {
        lateral: false,
        subquery: Box::new(crate::build::query(body)),
        alias: None,
        sample: None,
    };
    *side = SetExpr::Select(Box::new(paging::select_of(items, source)));
    Ok(names)
}

fn leftmost_select(mut body: &mut SetExpr) -> Option<&mut Select> {
    loop {
        match body {
            SetExpr::Select(select) => return Some(select),
            SetExpr::SetOperation { left, .. } => body = left,
            SetExpr::Query(query) => body = &mut query.body,
            _ => return None,
        }
    }
}

/// The select list of the first leg, which names the columns.
fn leftmost(mut body: &mut SetExpr) -> Option<&mut Vec<SelectItem>> {
    loop {
        match body {
            SetExpr::Select(select) => return Some(&mut select.projection),
            SetExpr::SetOperation { left, .. } => body = left,
            SetExpr::Query(query) => body = &mut query.body,
            _ => return None,
        }
    }
}

/// The name of the column at a position, which gets one if it has none.
fn name_at(items: &mut [SelectItem], position: usize) -> Option<Ident> {
    let index = position.checked_sub(1)?;
    let label = labels::of_item(items.get(index)?)?;
    let before = items.get(..position)?;
    if before.iter().any(|item| labels::of_item(item).is_none()) {
        return None;
    }
    let is_twice = items
        .iter()
        .enumerate()
        .any(|(other, item)| other != index && labels::of_item(item).as_ref() == Some(&label));
    match items.get_mut(index)? {
        SelectItem::ExprWithAlias { alias, .. } if !is_twice => Some(alias.clone()),
        SelectItem::UnnamedExpr(Expr::Identifier(name)) if !is_twice => Some(name.clone()),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) if !is_twice => {
            parts.last().cloned()
        }
        item @ (SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. }) => {
            let alias = Ident::new(format!("column{position}"));
            if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
                *item = SelectItem::ExprWithAlias {
                    expr: crate::build::take(expr),
                    alias: alias.clone(),
                };
            }
            Some(alias)
        }
        _ => None,
    }
}

/// Takes the parentheses away from a select that comes first: behind the one of IN, EXISTS or
/// a derived table IRIS expects SELECT.
fn opened(body: &mut SetExpr) -> bool {
    let mut first = body;
    while let SetExpr::SetOperation { left, .. } = first {
        first = left;
    }
    let SetExpr::Query(query) = first else {
        return false;
    };
    let is_plain = matches!(&*query.body, SetExpr::Select(select) if select.top.is_none())
        && query.with.is_none()
        && query.order_by.is_none()
        && query.limit_clause.is_none()
        && query.fetch.is_none()
        && query.locks.is_empty();
    if is_plain {
        *first = std::mem::replace(&mut *query.body, paging::nothing());
    }
    is_plain
}

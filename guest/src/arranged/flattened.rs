//! Subqueries in FROM, and queries of WITH, that only choose and compute: their expressions take the
//! place of their names, so that the broker can compute these.

use std::collections::HashMap;

use sqlparser::ast::{
    Expr, GroupByExpr, Ident, JoinConstraint, JoinOperator, OrderByKind, Query, Select, SelectItem,
    SetExpr, TableFactor, TableWithJoins,
};

use super::{common_tables, expansion};
use crate::aggregates::has_aggregate;
use crate::build;
use crate::computed::accesses;
use crate::computed::condition::all_of;
use crate::labels;
use crate::look::{self, Node};
use crate::walk;

/// How deep such subqueries may stand in one another.
const DEEPEST: usize = 8;

/// Puts them in their places, as long as there are such.
pub(super) fn flatten(query: &mut Query) {
    common_tables::put_in_place(query);
    for _ in 0..DEEPEST {
        if !step(query).unwrap_or(false) {
            return;
        }
    }
}

/// Puts items in the place of the names that a source of theirs would have.
pub(super) fn put_items(query: &mut Query, alias: Ident, items: &[SelectItem]) -> Option<()> {
    let names = Names::of(alias, None, items)?;
    let SetExpr::Select(select) = &mut *query.body else {
        return None;
    };
    let selection = select.selection.take();
    let mut written = Written {
        select,
        order: query.order_by.as_mut().map(|order| &mut order.kind),
    };
    written.replace(&names);
    written.select.selection = selection.map(|mut condition| {
        names.replace(&mut condition);
        condition
    });
    Some(())
}

/// Whether rows are grouped by something.
pub(super) fn has_keys(select: &Select) -> bool {
    !matches!(&select.group_by,
        GroupByExpr::Expressions(keys, modifiers) if keys.is_empty() && modifiers.is_empty())
}

/// Whether a query chooses rows and computes their values, and does nothing else.
pub(super) fn is_simple(query: &Query) -> bool {
    let SetExpr::Select(select) = &*query.body else {
        return false;
    };
    let is_plain_item = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
            !has_aggregate(expr)
                && !look::finds(
                    expr,
                    &mut |node| matches!(node, Node::Expression(inner) if expansion::Call::of_item(inner).is_some()),
                )
        }
        SelectItem::Wildcard(_) => true,
        _ => false,
    };
    query.with.is_none()
        && query.order_by.is_none()
        && query.limit_clause.is_none()
        && query.fetch.is_none()
        && query.locks.is_empty()
        && !has_keys(select)
        && select.distinct.is_none()
        && select.having.is_none()
        && select.top.is_none()
        && !look::has_window(&**select)
        && match select.from.as_slice() {
            [] => select.selection.is_none(),
            [table] => table.joins.is_empty(),
            _ => false,
        }
        && select.projection.iter().all(is_plain_item)
}

/// Puts the expressions of one subquery in the place of its names; tells whether there was one.
fn step(query: &mut Query) -> Option<bool> {
    let SetExpr::Select(select) = &mut *query.body else {
        return Some(false);
    };
    let has_star = select
        .projection
        .iter()
        .any(|item| labels::of_item(item).is_none());
    let is_alone = matches!(select.from.as_slice(), [table] if table.joins.is_empty());
    let Some((place, alias, subquery)) = found(select) else {
        return Some(false);
    };
    let SetExpr::Select(inner) = *subquery.body else {
        return None;
    };
    let table = inner.from.into_iter().next().map(|table| table.relation);
    let names = Names::of(alias, table.as_ref(), &inner.projection)?;
    let is_named_twice = factors(select)
        .filter_map(called)
        .any(|name| names.is_of(&name));
    if is_named_twice || has_star && !is_alone {
        return None;
    }
    match table {
        Some(table) => *factor_at(select, place)? = table,
        None => take_factor(select, place)?,
    }
    let selection = select.selection.take();
    let mut written = Written {
        select,
        order: query.order_by.as_mut().map(|order| &mut order.kind),
    };
    written.replace(&names);
    let Written { select, .. } = written;
    let own = inner.selection.map(|mut condition| {
        names.qualify(&mut condition);
        condition
    });
    let outer = selection.map(|mut condition| {
        names.replace(&mut condition);
        condition
    });
    select.selection = all_of(own.into_iter().chain(outer).map(build::nested).collect());
    Some(true)
}

/// The place of a factor in FROM: the table, and the join behind it.
type Place = (usize, Option<usize>);

/// A subquery whose expressions can take the place of its names.
fn found(select: &Select) -> Option<(Place, Ident, Query)> {
    use JoinOperator as J;
    for (number, table) in select.from.iter().enumerate() {
        let keeps_others = table.joins.iter().any(|join| {
            matches!(
                join.join_operator,
                J::Right(_) | J::RightOuter(_) | J::FullOuter(_)
            )
        });
        let merges = table.joins.iter().any(|join| {
            !matches!(
                join.join_operator,
                J::CrossJoin(_)
                    | J::Join(JoinConstraint::On(_))
                    | J::Inner(JoinConstraint::On(_))
                    | J::Left(JoinConstraint::On(_))
                    | J::LeftOuter(JoinConstraint::On(_))
            )
        });
        if keeps_others || merges {
            continue;
        }
        let first = std::iter::once((None, &table.relation));
        let joined = table.joins.iter().enumerate();
        let joined = joined.filter_map(|(at, join)| {
            let is_inner = matches!(
                join.join_operator,
                J::CrossJoin(_) | J::Join(_) | J::Inner(_)
            );
            is_inner.then_some((Some(at), &join.relation))
        });
        for (at, factor) in first.chain(joined) {
            if let TableFactor::Derived {
                lateral,
                subquery,
                alias: Some(alias),
                sample: None,
            } = factor
                && alias.columns.is_empty()
                && *lateral == has_no_source(subquery)
                && accesses(&**subquery)
                && is_simple(subquery)
            {
                return Some(((number, at), alias.name.clone(), (**subquery).clone()));
            }
        }
    }
    None
}

fn factors(select: &Select) -> impl Iterator<Item = &TableFactor> {
    select.from.iter().flat_map(|table| {
        let joined = table.joins.iter().map(|join| &join.relation);
        std::iter::once(&table.relation).chain(joined)
    })
}

fn factor_at(select: &mut Select, (table, join): Place) -> Option<&mut TableFactor> {
    let table = select.from.get_mut(table)?;
    match join {
        None => Some(&mut table.relation),
        Some(join) => Some(&mut table.joins.get_mut(join)?.relation),
    }
}

fn has_no_source(query: &Query) -> bool {
    matches!(&*query.body, SetExpr::Select(select) if select.from.is_empty())
}

/// Takes a factor out of FROM that only computes.
fn take_factor(select: &mut Select, (number, join): Place) -> Option<()> {
    let table = select.from.get_mut(number)?;
    match join {
        Some(join) => {
            let join = table.joins.remove(join);
            let condition = match join.join_operator {
                JoinOperator::Join(JoinConstraint::On(on))
                | JoinOperator::Inner(JoinConstraint::On(on)) => Some(on),
                _ => None,
            };
            let others = select.selection.take();
            select.selection = all_of(others.into_iter().chain(condition).collect());
        }
        None if table.joins.is_empty() => {
            select.from.remove(number);
        }
        None => return None,
    }
    Some(())
}

/// What a source is called.
fn called(factor: &TableFactor) -> Option<Ident> {
    match factor {
        TableFactor::Table { name, alias, .. } => match alias {
            Some(alias) => Some(alias.name.clone()),
            None => name.0.last()?.as_ident().cloned(),
        },
        TableFactor::Derived { alias, .. } => alias.as_ref().map(|alias| alias.name.clone()),
        _ => None,
    }
}

/// What the names of a subquery stand for.
struct Names {
    /// That of the subquery.
    alias: String,
    /// The only table in it, by its name there, if there is one.
    table: Option<Ident>,
    /// Its columns by their names.
    columns: HashMap<String, Expr>,
    /// The columns in order; none where a `*` stands.
    order: Vec<Option<String>>,
}

impl Names {
    fn of(alias: Ident, table: Option<&TableFactor>, items: &[SelectItem]) -> Option<Self> {
        let mut names = Self {
            alias: labels::folded(&alias),
            table: match table {
                Some(table) => Some(called(table)?),
                None => None,
            },
            columns: HashMap::new(),
            order: Vec::new(),
        };
        for item in items {
            let label = labels::of_item(item);
            if let (
                Some(label),
                SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. },
            ) = (&label, item)
            {
                let mut value = expr.clone();
                names.qualify(&mut value);
                if names.columns.insert(label.clone(), value).is_some() {
                    return None;
                }
            }
            names.order.push(label);
        }
        Some(names)
    }

    fn is_of(&self, name: &Ident) -> bool {
        let table = self.table.as_ref();
        table.is_some_and(|table| table.value.eq_ignore_ascii_case(&name.value))
    }

    /// Says of the names in an expression of the subquery which table they are of.
    fn qualify(&self, expression: &mut Expr) {
        let Some(table) = &self.table else {
            return;
        };
        walk::outside_queries(expression, &mut |inner| {
            if let Expr::Identifier(name) = inner {
                *inner = Expr::CompoundIdentifier(vec![table.clone(), name.clone()]);
            }
        });
    }

    /// What a name of the outer query stands for.
    fn meant(&self, expression: &Expr) -> Option<Expr> {
        let (is_named, name) = match expression {
            Expr::Identifier(name) => (false, name),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [table, name] if labels::folded(table) == self.alias => (true, name),
                _ => return None,
            },
            _ => return None,
        };
        match self.columns.get(&labels::folded(name)) {
            Some(Expr::CompoundIdentifier(parts)) => Some(Expr::CompoundIdentifier(parts.clone())),
            Some(value) => Some(build::nested(value.clone())),
            None => {
                let table = self.table.clone().filter(|_| is_named)?;
                Some(Expr::CompoundIdentifier(vec![table, name.clone()]))
            }
        }
    }

    fn replace(&self, expression: &mut Expr) {
        walk::outside_queries(expression, &mut |inner| {
            if let Some(meant) = self.meant(inner) {
                *inner = meant;
            }
        });
    }
}

/// What is written of the outer query.
struct Written<'a> {
    select: &'a mut Select,
    order: Option<&'a mut OrderByKind>,
}

impl Written<'_> {
    fn replace(&mut self, names: &Names) {
        self.items(names);
        if let GroupByExpr::Expressions(keys, _) = &mut self.select.group_by {
            keys.iter_mut().for_each(|key| names.replace(key));
        }
        if let Some(having) = &mut self.select.having {
            names.replace(having);
        }
        if let Some(sqlparser::ast::Distinct::On(expressions)) = &mut self.select.distinct {
            expressions.iter_mut().for_each(|one| names.replace(one));
        }
        if let Some(OrderByKind::Expressions(items)) = &mut self.order {
            items
                .iter_mut()
                .for_each(|item| names.replace(&mut item.expr));
        }
        for table in &mut self.select.from {
            replace_arguments(&mut table.relation, names);
        }
        for join in self.select.from.iter_mut().flat_map(joins) {
            replace_arguments(&mut join.relation, names);
            if let JoinOperator::Join(JoinConstraint::On(on))
            | JoinOperator::Inner(JoinConstraint::On(on))
            | JoinOperator::Left(JoinConstraint::On(on))
            | JoinOperator::LeftOuter(JoinConstraint::On(on)) = &mut join.join_operator
            {
                names.replace(on);
            }
        }
    }

    /// The select list, whose labels stay what they are.
    fn items(&mut self, names: &Names) {
        let items = std::mem::take(&mut self.select.projection);
        for item in items {
            let label = labels::of_item(&item);
            match (item, label) {
                (SelectItem::Wildcard(options), _) => {
                    let listed = names.order.iter().map(|name| match name {
                        None => SelectItem::Wildcard(options.clone()),
                        Some(name) => {
                            item_of(Expr::Identifier(labels::identifier(name)), name, names)
                        }
                    });
                    self.select.projection.extend(listed);
                }
                (
                    SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. },
                    Some(label),
                ) => self.select.projection.push(item_of(expr, &label, names)),
                (other, _) => self.select.projection.push(other),
            }
        }
    }
}

fn joins(table: &mut TableWithJoins) -> impl Iterator<Item = &mut sqlparser::ast::Join> {
    table.joins.iter_mut()
}

/// What functions in FROM take.
fn replace_arguments(factor: &mut TableFactor, names: &Names) {
    use sqlparser::ast::{FunctionArg, FunctionArgExpr};
    let arguments = match factor {
        TableFactor::Function { args, .. } => args,
        TableFactor::Table {
            args: Some(arguments),
            ..
        } => &mut arguments.args,
        TableFactor::UNNEST { array_exprs, .. } => {
            array_exprs
                .iter_mut()
                .for_each(|array| names.replace(array));
            return;
        }
        _ => return,
    };
    for argument in arguments {
        if let FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) = argument {
            names.replace(expression);
        }
    }
}

fn item_of(mut expr: Expr, label: &str, names: &Names) -> SelectItem {
    names.replace(&mut expr);
    SelectItem::ExprWithAlias {
        expr,
        alias: labels::identifier(label),
    }
}

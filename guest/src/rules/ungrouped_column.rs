//! # What it does
//! Refuses columns that are neither grouped by nor aggregated, and an order by what DISTINCT has
//! left out.
//!
//! # Why
//! IRIS takes any row's value for such a column. (InterSystems SQL Reference, "GROUP BY".)
//!
//! # Example
//! `SELECT a, count(*) FROM t` is refused with SQLSTATE 42803.
//!
//! # Limits
//! A name that may be that of a column of an outer query, or of a source whose columns are not
//! known, is let through.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Expr, GroupByExpr, Ident, OrderByKind, Query, Select, SelectItem, SetExpr, Spanned, Statement,
    TableFactor,
};
use sqlparser::tokenizer::Location;

use crate::aggregates::{has_aggregate, is_aggregate};
use crate::diagnostic::Diagnosed;
use crate::grouped::names::{Names, column_of};
use crate::grouped::{has_merged_columns, is_ordered_by_aggregate};
use crate::labels;
use crate::reader::marks::Marks;
use crate::relations::Relations;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::walk::{self, Hooks};
use crate::wit::Diagnostic;

pub(crate) struct UngroupedColumn;

impl Rule for UngroupedColumn {
    fn name(&self) -> &'static str {
        "ungrouped_column"
    }

    fn summary(&self) -> &'static str {
        "refuses columns that are neither grouped by nor aggregated"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::GROUP.and(Marks::AGGREGATE).and(Marks::DISTINCT))
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            text: pass.text,
            relations: pass.relations,
            depth: 0,
            ordered: Vec::new(),
        };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        Ok(false)
    }
}

struct Walk<'a> {
    text: &'a str,
    relations: &'a Relations,
    /// Queries around the node visited, itself included.
    depth: usize,
    /// Of these queries, innermost last: whether their select is ordered by an aggregate.
    ordered: Vec<bool>,
}

impl ScopedHooks for Walk<'_> {
    fn enter_query(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        self.depth += 1;
        self.ordered.push(is_ordered_by_aggregate(query));
        let (SetExpr::Select(select), Some(order)) = (&*query.body, &query.order_by) else {
            return Ok(());
        };
        let OrderByKind::Expressions(items) = &order.kind else {
            return Ok(());
        };
        let level = self.level(select, scopes);
        for item in items {
            if is_output(&item.expr, select) {
                continue;
            }
            if let Some(level) = &level {
                self.check(&item.expr, level)?;
            }
            self.check_distinct(&item.expr, select, scopes)?;
        }
        Ok(())
    }

    fn leave_query(&mut self, _query: &mut Query, _scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        self.depth -= 1;
        self.ordered.pop();
        Ok(())
    }

    fn enter_select(&mut self, select: &mut Select, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let Some(level) = self.level(select, scopes) else {
            return Ok(());
        };
        for item in &select.projection {
            match item {
                SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                    self.check(expr, &level)?;
                }
                SelectItem::Wildcard(options) => {
                    let at = options.wildcard_token.0.span.start;
                    self.check_all(None, at, select, &level)?;
                }
                SelectItem::QualifiedWildcard(kind, _) => {
                    if let Some(table) = labels::qualifier(kind) {
                        let at = kind.span().start;
                        self.check_all(Some(&table), at, select, &level)?;
                    }
                }
                _ => {}
            }
        }
        match &select.having {
            Some(having) => self.check(having, &level),
            None => Ok(()),
        }
    }
}

/// A select that forms groups.
struct Level<'a, 'b> {
    names: Names<'a, 'b>,
    grouped: Vec<Expr>,
    /// Sources whose key is grouped by.
    whole: Vec<usize>,
}

impl Walk<'_> {
    /// The groups of a select; none if it forms none.
    fn level<'s, 'b>(&self, select: &Select, scopes: &'s Scopes<'b>) -> Option<Level<'s, 'b>> {
        let GroupByExpr::Expressions(items, modifiers) = &select.group_by else {
            return None;
        };
        if !modifiers.is_empty() {
            return None;
        }
        let has_aggregate = || {
            let items = select.projection.iter().filter_map(|item| match item {
                SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                    Some(expr)
                }
                _ => None,
            });
            items.chain(&select.having).any(has_aggregate)
        };
        let is_ordered = self.ordered.last().is_some_and(|ordered| *ordered);
        if items.is_empty() && select.having.is_none() && !is_ordered && !has_aggregate() {
            return None;
        }
        let names = Names {
            scopes,
            is_outermost: self.depth == 1,
        };
        let grouped: Vec<Expr> = items.iter().map(|item| names.canonical(item)).collect();
        let whole = (0..scopes.sources().len())
            .filter(|source| names.has_key(*source, self.relations, &grouped))
            .collect();
        Some(Level {
            names,
            grouped,
            whole,
        })
    }

    fn check(&self, expression: &Expr, level: &Level<'_, '_>) -> Diagnosed<()> {
        let mut canonical = level.names.canonical(expression);
        let mut search = Search {
            level,
            text: self.text,
            allowed: 0,
            inner: Vec::new(),
        };
        walk::expression(&mut canonical, &mut search)
    }

    /// The columns that `*`, or `table.*`, stands for, as far as they are known.
    fn check_all(
        &self,
        table: Option<&Ident>,
        at: Location,
        select: &Select,
        level: &Level<'_, '_>,
    ) -> Diagnosed<()> {
        if select.from.iter().any(has_merged_columns) {
            return Ok(());
        }
        let search = Search {
            level,
            text: self.text,
            allowed: 0,
            inner: Vec::new(),
        };
        let sources = level.names.scopes.sources().iter().enumerate();
        for (number, source) in sources {
            if table.is_some_and(|table| !source.is_called(table)) {
                continue;
            }
            let columns = source.columns.iter().flatten();
            for name in columns.filter_map(|column| column.name.as_deref()) {
                let mut name = Ident::new(name);
                if !search.is_grouped(number, &name) {
                    name.span.start = at;
                    return Err(search.refusal(number, &name));
                }
            }
        }
        Ok(())
    }

    fn check_distinct(&self, item: &Expr, select: &Select, scopes: &Scopes<'_>) -> Diagnosed<()> {
        if !matches!(select.distinct, Some(sqlparser::ast::Distinct::Distinct)) {
            return Ok(());
        }
        let names = Names {
            scopes,
            is_outermost: self.depth == 1,
        };
        let wanted = names.canonical(tested_for_null(item).unwrap_or(item));
        for other in &select.projection {
            match other {
                SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                    if names.canonical(expr) == wanted {
                        return Ok(());
                    }
                }
                _ => return Ok(()),
            }
        }
        let refusal = Diagnostic::error(
            "42P10",
            "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
        );
        Err(refusal.at(
            self.text,
            item.span().start.column.saturating_sub(1) as usize,
        ))
    }
}

/// What `CASE WHEN … IS NULL THEN … ELSE … END` tests, by which IRIS is told where NULL goes.
fn tested_for_null(item: &Expr) -> Option<&Expr> {
    let Expr::Case {
        operand: None,
        conditions,
        ..
    } = item
    else {
        return None;
    };
    match conditions.as_slice() {
        [when] => match &when.condition {
            Expr::IsNull(tested) => Some(tested),
            _ => None,
        },
        _ => None,
    }
}

/// Whether an item of ORDER BY is an ordinal or the name of an output column.
fn is_output(item: &Expr, select: &Select) -> bool {
    match item {
        Expr::Value(_) => true,
        Expr::Identifier(name) => select
            .projection
            .iter()
            .any(|other| labels::of_item(other).is_some_and(|label| label == labels::folded(name))),
        _ => false,
    }
}

/// Looks for a column that is not grouped by.
struct Search<'a, 'b, 'c> {
    level: &'a Level<'b, 'c>,
    text: &'a str,
    /// Expressions entered since one in which everything is allowed, itself included.
    allowed: usize,
    /// The names of the sources of the subqueries around, innermost last.
    inner: Vec<Vec<String>>,
}

impl Search<'_, '_, '_> {
    fn refusal(&self, source: usize, name: &Ident) -> Diagnostic {
        let sources = self.level.names.scopes.sources();
        let alias = sources.get(source).and_then(|source| source.alias.clone());
        let qualifier =
            alias.map_or_else(String::new, |alias| format!("{}.", alias.to_lowercase()));
        let column = format!("{qualifier}{}", name.value.to_lowercase());
        let message = if self.inner.is_empty() {
            format!(
                "column \"{column}\" must appear in the GROUP BY clause or be used in an aggregate function"
            )
        } else {
            format!("subquery uses ungrouped column \"{column}\" from outer query")
        };
        let start = name.span.start.column.saturating_sub(1) as usize;
        Diagnostic::error("42803", message).at(self.text, start)
    }

    fn is_grouped(&self, source: usize, name: &Ident) -> bool {
        self.level.whole.contains(&source)
            || self.level.grouped.iter().any(|expression| {
                column_of(expression).is_some_and(|(other, grouped)| {
                    other == source && grouped.value.eq_ignore_ascii_case(&name.value)
                })
            })
    }

    /// A name in a subquery that means a source of the select that forms the groups.
    fn outer(&self, expression: &Expr) -> Option<(usize, Ident)> {
        let Expr::CompoundIdentifier(parts) = expression else {
            return None;
        };
        let qualifier = parts.get(parts.len().checked_sub(2)?)?;
        let is_inner = self
            .inner
            .iter()
            .flatten()
            .any(|name| name.eq_ignore_ascii_case(&qualifier.value));
        if is_inner {
            return None;
        }
        self.level.names.owner(expression)
    }
}

impl Hooks for Search<'_, '_, '_> {
    fn enter_select(&mut self, select: &mut Select) -> Diagnosed<()> {
        let mut names = Vec::new();
        for table in &select.from {
            names.extend(name_of(&table.relation));
            names.extend(
                table
                    .joins
                    .iter()
                    .filter_map(|join| name_of(&join.relation)),
            );
        }
        self.inner.push(names);
        Ok(())
    }

    fn leave_select(&mut self, _select: &mut Select) -> Diagnosed<()> {
        self.inner.pop();
        Ok(())
    }

    fn enter_expression(&mut self, expression: &mut Expr) -> Diagnosed<()> {
        if self.allowed > 0 {
            self.allowed += 1;
            return Ok(());
        }
        let is_aggregated =
            matches!(expression, Expr::Function(function) if is_aggregate(function));
        if is_aggregated || self.inner.is_empty() && self.level.grouped.contains(expression) {
            self.allowed = 1;
            return Ok(());
        }
        let column = match self.inner.is_empty() {
            true => column_of(expression).map(|(source, name)| (source, name.clone())),
            false => self.outer(expression),
        };
        match column {
            Some((source, name)) if !self.is_grouped(source, &name) => {
                Err(self.refusal(source, &name))
            }
            _ => Ok(()),
        }
    }

    fn leave_expression(&mut self, _expression: &mut Expr) -> Diagnosed<()> {
        self.allowed = self.allowed.saturating_sub(1);
        Ok(())
    }
}

fn name_of(factor: &TableFactor) -> Option<String> {
    match factor {
        TableFactor::Table { name, alias, .. } => match alias {
            Some(alias) => Some(alias.name.value.clone()),
            None => Some(name.0.last()?.as_ident()?.value.clone()),
        },
        TableFactor::Derived { alias, .. } => alias.as_ref().map(|alias| alias.name.value.clone()),
        _ => None,
    }
}

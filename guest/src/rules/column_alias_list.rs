//! # What it does
//! Gives the columns of a subquery, of a table and of a query in WITH the names of the list
//! behind its alias.
//!
//! # Why
//! IRIS has no lists of columns behind an alias. (InterSystems SQL Reference, "FROM", "WITH".)
//!
//! # Example
//! `SELECT x.b FROM (SELECT a FROM t) AS x (b)` becomes
//! `SELECT x.b FROM (SELECT a AS b FROM t) AS x`.
//!
//! # Limits
//! Behind a `*`, and of a table, the list is refused unless another rule needed to know the
//! table, too.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Expr, Ident, Query, Select, SelectItem, SetExpr, Statement, TableAlias, TableFactor,
    TableWithJoins, UpdateTableFromKind,
};

use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::paging;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::wit::Diagnostic;

pub(crate) struct ColumnAliasList;

impl Rule for ColumnAliasList {
    fn name(&self) -> &'static str {
        "column_alias_list"
    }

    fn summary(&self) -> &'static str {
        "renames columns in the select list"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::COLUMN_LIST)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            text: pass.text,
            changed: false,
        };
        let mut scopes = Scopes::new(pass.relations, &pass.parameters);
        for from in sources_of(tree) {
            walk.tables(from, &mut scopes)?;
        }
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a> {
    text: &'a str,
    changed: bool,
}

impl ScopedHooks for Walk<'_> {
    fn enter_query(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        for table in query.with.iter_mut().flat_map(|with| &mut with.cte_tables) {
            self.rename(&mut table.query, &mut table.alias, scopes)?;
        }
        Ok(())
    }

    fn enter_select(&mut self, select: &mut Select, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        for from in &mut select.from {
            self.tables(from, scopes)?;
        }
        Ok(())
    }
}

/// What UPDATE and DELETE read besides the table that they change.
fn sources_of(tree: &mut Statement) -> &mut [TableWithJoins] {
    match tree {
        Statement::Update(update) => match &mut update.from {
            Some(UpdateTableFromKind::BeforeSet(from) | UpdateTableFromKind::AfterSet(from)) => {
                from
            }
            None => &mut [],
        },
        Statement::Delete(delete) => delete.using.as_deref_mut().unwrap_or_default(),
        _ => &mut [],
    }
}

impl Walk<'_> {
    fn tables(&mut self, from: &mut TableWithJoins, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        self.factor(&mut from.relation, scopes)?;
        for join in &mut from.joins {
            self.factor(&mut join.relation, scopes)?;
        }
        Ok(())
    }

    fn factor(&mut self, factor: &mut TableFactor, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        match factor {
            TableFactor::Derived {
                subquery,
                alias: Some(alias),
                ..
            } => self.rename(subquery, alias, scopes),
            TableFactor::Table {
                alias: Some(alias),
                args: None,
                ..
            } if !alias.columns.is_empty() => {
                let alias = alias.clone();
                let mut table = factor.clone();
                if let TableFactor::Table { alias, .. } = &mut table {
                    *alias = None;
                }
                let mut alias = alias;
                let mut query = crate::build::query(SetExpr::Select(Box::new(paging::select_of(
                    vec![paging::wildcard()],
                    table,
                ))));
                self.rename(&mut query, &mut alias, scopes)?;
                *factor = TableFactor::Derived {
                    lateral: false,
                    subquery: Box::new(query),
                    alias: Some(alias),
                    sample: None,
                };
                Ok(())
            }
            TableFactor::NestedJoin {
                table_with_joins, ..
            } => {
                self.factor(&mut table_with_joins.relation, scopes)?;
                for join in &mut table_with_joins.joins {
                    self.factor(&mut join.relation, scopes)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Moves the names of a list into the query that they name.
    fn rename(
        &mut self,
        query: &mut Query,
        alias: &mut TableAlias,
        scopes: &mut Scopes<'_>,
    ) -> Diagnosed<()> {
        if alias.columns.is_empty() {
            return Ok(());
        }
        let start = alias.name.span.start.column.saturating_sub(1) as usize;
        let names: Vec<Ident> = alias.columns.drain(..).map(|column| column.name).collect();
        self.changed = true;
        if let Some(count) = rename_items(query, &names) {
            if count < names.len() {
                return Err(too_many(alias, count, names.len()).at(self.text, start));
            }
            return Ok(());
        }
        let unknown = || {
            Diagnostic::not_supported(
                "a list of columns behind an alias is not supported where the columns are not known",
                "name the columns in the select list",
            )
            .at(self.text, start)
        };
        let Some(columns) = scopes.columns_of(query) else {
            return Err(unknown());
        };
        if columns.len() < names.len() {
            return Err(too_many(alias, columns.len(), names.len()).at(self.text, start));
        }
        let mut items = Vec::with_capacity(columns.len());
        for (index, column) in columns.into_iter().enumerate() {
            let Some(name) = column.name else {
                return Err(unknown());
            };
            let name = match name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                true => Ident::new(name),
                false => Ident::with_quote('"', name),
            };
            let expr = Expr::Identifier(name);
            items.push(match names.get(index) {
                Some(alias) => SelectItem::ExprWithAlias {
                    expr,
                    alias: alias.clone(),
                },
                None => SelectItem::UnnamedExpr(expr),
            });
        }
        paging::select_names(query, items);
        Ok(())
    }
}

/// Gives the items of a query's first leg these names, if every item is one column;
/// tells how many there are.
fn rename_items(query: &mut Query, names: &[Ident]) -> Option<usize> {
    // ORDER BY would still mean the old names.
    if query.order_by.is_some() {
        return None;
    }
    let mut body = &mut *query.body;
    let items = loop {
        match body {
            SetExpr::Select(select) => break &mut select.projection,
            SetExpr::SetOperation { left, .. } => body = left,
            SetExpr::Query(inner) if inner.order_by.is_none() => body = &mut inner.body,
            _ => return None,
        }
    };
    if items.iter().any(|item| labels::of_item(item).is_none()) {
        return None;
    }
    let count = items.len();
    for (item, name) in items.iter_mut().zip(names) {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
            *item = SelectItem::ExprWithAlias {
                expr: crate::build::take(expr),
                alias: name.clone(),
            };
        }
    }
    Some(count)
}

fn too_many(alias: &TableAlias, available: usize, specified: usize) -> Diagnostic {
    let name = labels::folded(&alias.name);
    Diagnostic::error(
        "42P10",
        format!(
            "table \"{name}\" has {available} columns available but {specified} columns specified"
        ),
    )
}

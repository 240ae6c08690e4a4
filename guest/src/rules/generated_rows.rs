//! # What it does
//! Writes `generate_series` and `unnest` of what the statement tells as lists of rows.
//!
//! # Why
//! IRIS has no functions that return rows of that kind. (InterSystems SQL Reference, "FROM".)
//!
//! # Example
//! `SELECT n FROM generate_series(1, 3) AS n` becomes
//! `SELECT n FROM (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3) AS n`, and
//! `SELECT id, unnest(ARRAY['a', 'b']) FROM t` selects from `t` and such a list.
//!
//! # Limits
//! Series of whole numbers between constants, with at most 100,000 rows, series of dates and
//! timestamps between constants, with at most 500, and arrays that are written
//! out without columns, with at most 500. In a select list they are refused beside groups,
//! aggregates and windows. A series of more than 500 rows comes in no certain order.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Expr, GroupByExpr, Ident, Select, SelectItem, Spanned, Statement, TableAlias,
    TableAliasColumnDef, TableFactor, TableWithJoins,
};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::listed_rows::{self, List};
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk::{self, Hooks};
use crate::wit::Diagnostic;

pub(crate) struct GeneratedRows;

impl Rule for GeneratedRows {
    fn name(&self) -> &'static str {
        "generated_rows"
    }

    fn summary(&self) -> &'static str {
        "writes generate_series and unnest as lists of rows"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::ROWS)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            text: pass.text,
            changed: false,
        };
        if let Statement::Update(update) = tree
            && let Some(
                sqlparser::ast::UpdateTableFromKind::BeforeSet(from)
                | sqlparser::ast::UpdateTableFromKind::AfterSet(from),
            ) = &mut update.from
        {
            walk.tables(from)?;
        }
        walk::statement(tree, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a> {
    text: &'a str,
    changed: bool,
}

impl Hooks for Walk<'_> {
    fn enter_select(&mut self, select: &mut Select) -> Diagnosed<()> {
        self.tables(&mut select.from)?;
        self.list(select)
    }
}

/// Where the rows of a select list come from, and their columns.
const ROWS: &str = "pgiris_rows";
const VALUE: &str = "pgiris_value";

impl Walk<'_> {
    fn tables(&mut self, from: &mut [TableWithJoins]) -> Diagnosed<()> {
        for table in from {
            self.table(&mut table.relation)?;
            for join in &mut table.joins {
                self.table(&mut join.relation)?;
            }
        }
        Ok(())
    }

    /// Writes a call in a FROM.
    fn table(&mut self, factor: &mut TableFactor) -> Diagnosed<()> {
        if let TableFactor::NestedJoin {
            table_with_joins, ..
        } = factor
        {
            return self.tables(std::slice::from_mut(table_with_joins));
        }
        let start = factor.span().start.column.saturating_sub(1) as usize;
        let Some(call) = listed_rows::of_table(factor) else {
            return Ok(());
        };
        let lists = call.lists.map_err(|refusal| refusal.at(self.text, start))?;
        let alias = call.alias.clone();
        let own = Ident::new(call.name);
        let name = alias
            .as_ref()
            .map_or(own.clone(), |alias| alias.name.clone());
        let mut columns: Vec<Ident> = alias
            .into_iter()
            .flat_map(|alias| alias.columns)
            .map(|column| column.name)
            .collect();
        let width = lists.len() + usize::from(call.with_ordinality);
        if columns.len() > width {
            let name = labels::folded(&name);
            let message = format!(
                "table \"{name}\" has {width} columns available but {} columns specified",
                columns.len()
            );
            return Err(Diagnostic::error("42P10", message).at(self.text, start));
        }
        while columns.len() < lists.len() {
            columns.push(match lists.len() {
                1 => name.clone(),
                _ => own.clone(),
            });
        }
        if columns.len() < width {
            columns.push(Ident::new("ordinality"));
        }
        let rows = listed_rows::query(lists, call.with_ordinality, &columns)
            .map_err(|refusal| refusal.at(self.text, start))?;
        *factor = derived(rows, name, columns);
        self.changed = true;
        Ok(())
    }

    /// Writes the calls in a select list.
    fn list(&mut self, select: &mut Select) -> Diagnosed<()> {
        let mut lists: Vec<List> = Vec::new();
        let mut error = None;
        for item in &mut select.projection {
            let label = labels::of_item(item);
            let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item
            else {
                continue;
            };
            let before = lists.len();
            let start = expr.span().start.column.saturating_sub(1) as usize;
            walk::outside_queries(expr, &mut |inner| match listed_rows::of_call(inner) {
                None => {}
                Some(Ok(list)) => {
                    lists.push(list);
                    *inner = Expr::CompoundIdentifier(vec![
                        Ident::new(ROWS),
                        Ident::new(format!("{VALUE}{}", lists.len())),
                    ]);
                }
                Some(Err(refusal)) => error = Some(refusal.at(self.text, start)),
            });
            if let (SelectItem::UnnamedExpr(expr), Some(label)) = (&mut *item, label)
                && lists.len() > before
                && label != labels::UNNAMED
            {
                *item = SelectItem::ExprWithAlias {
                    expr: build::take(expr),
                    alias: labels::identifier(&label),
                };
            }
        }
        if let Some(error) = error {
            return Err(error);
        }
        if lists.is_empty() {
            return Ok(());
        }
        let is_grouped =
            !matches!(&select.group_by, GroupByExpr::Expressions(items, _) if items.is_empty());
        let computes = select.projection.iter().any(|item| match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                crate::aggregates::has_aggregate(expr) || crate::look::has_window(expr)
            }
            _ => false,
        });
        if is_grouped || computes || select.having.is_some() {
            return Err(Diagnostic::not_supported(
                "functions that return rows beside groups, aggregates and windows are not supported",
                "call them in the FROM of a derived table",
            ));
        }
        let columns = (1..=lists.len()).map(|number| Ident::new(format!("{VALUE}{number}")));
        let columns: Vec<Ident> = columns.collect();
        let rows = listed_rows::query(lists, false, &columns)?;
        select.from.push(TableWithJoins {
            relation: derived(rows, Ident::new(ROWS), columns),
            joins: Vec::new(),
        });
        self.changed = true;
        Ok(())
    }
}

/// `(query) AS name (columns)`
fn derived(query: sqlparser::ast::Query, name: Ident, columns: Vec<Ident>) -> TableFactor {
    let columns = columns.into_iter().map(|name| TableAliasColumnDef {
        name,
        data_type: None,
    });
    TableFactor::Derived {
        lateral: false,
        subquery: Box::new(query),
        alias: Some(TableAlias {
            explicit: true,
            name,
            columns: columns.collect(),
            at: None,
        }),
        sample: None,
    }
}

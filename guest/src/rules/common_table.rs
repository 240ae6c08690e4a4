//! # What it does
//! Writes the queries of a `WITH` into the places that name them, where the version has no
//! `WITH`, and drops `MATERIALIZED`.
//!
//! # Why
//! IRIS has `WITH` before SELECT from 2024.1, before INSERT, UPDATE and DELETE from 2024.3, in
//! subqueries never. (InterSystems SQL Reference, "WITH".)
//!
//! # Example
//! `WITH x AS (SELECT a FROM t) SELECT a FROM x` becomes, before 2024.1,
//! `SELECT a FROM (SELECT a FROM t) AS x`.
//!
//! # Limits
//! A query that is named twice is computed twice. `RECURSIVE` and statements that change data
//! inside of `WITH` are refused.
//!
//! # Versions
//! All; at the top of a SELECT before 2024.1, of other statements before 2024.3.

use std::collections::{HashMap, HashSet};

use sqlparser::ast::{Ident, Query, SetExpr, Spanned, Statement, TableAlias, TableFactor, With};

use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::version::CommonTables;
use crate::walk::{self, Hooks};
use crate::wit::Diagnostic;

pub(crate) struct CommonTable;

impl Rule for CommonTable {
    fn name(&self) -> &'static str {
        "common_table"
    }

    fn summary(&self) -> &'static str {
        "writes the queries of WITH where they are used"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::WITH)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let keep = match tree {
            Statement::Query(query) => stays(&query.body, pass.scene.version.common_tables()),
            _ => false,
        };
        let mut walk = Walk {
            text: pass.text,
            copies: &mut pass.copies,
            keep,
            scopes: Vec::new(),
            changed: false,
        };
        walk::statement(tree, &mut walk)?;
        let changed = walk.changed;
        unwrap(tree);
        Ok(changed)
    }
}

/// Whether the outermost WITH can stay.
fn stays(body: &SetExpr, version: CommonTables) -> bool {
    match body {
        SetExpr::Insert(Statement::Insert(insert)) => {
            version == CommonTables::BeforeAny && insert.on.is_none() && insert.returning.is_none()
        }
        SetExpr::Update(Statement::Update(update)) => {
            version == CommonTables::BeforeAny
                && update.from.is_none()
                && update.returning.is_none()
        }
        SetExpr::Delete(Statement::Delete(delete)) => {
            version == CommonTables::BeforeAny
                && delete.using.is_none()
                && delete.returning.is_none()
        }
        SetExpr::Merge(_) => false,
        _ => version != CommonTables::Nowhere,
    }
}

/// A statement that changes data, without the query around it.
fn unwrap(tree: &mut Statement) {
    let Statement::Query(query) = tree else {
        return;
    };
    if query.with.is_some() {
        return;
    }
    if let SetExpr::Insert(inner)
    | SetExpr::Update(inner)
    | SetExpr::Delete(inner)
    | SetExpr::Merge(inner) = &mut *query.body
    {
        let inner = std::mem::replace(
            inner,
            Statement::Commit {
                chain: false,
                end: false,
                modifier: None,
            },
        );
        *tree = inner;
    }
}

/// What a WITH names.
type Named = HashMap<String, Query>;

struct Walk<'a> {
    text: &'a str,
    copies: &'a mut Copies,
    /// Whether the next WITH stays.
    keep: bool,
    /// Of the queries around the one visited, innermost last.
    scopes: Vec<Named>,
    changed: bool,
}

impl Walk<'_> {
    /// Removes a WITH, with its queries in each other's places.
    fn inline(&mut self, with: With) -> Diagnosed<()> {
        self.changed = true;
        self.scopes.push(Named::new());
        for mut table in with.cte_tables {
            walk::query(&mut table.query, self)?;
            if let Some(scope) = self.scopes.last_mut() {
                scope.insert(known_as(&table.alias.name), *table.query);
            }
        }
        Ok(())
    }

    fn check(&self, with: &With) -> Diagnosed<()> {
        let at = |offset: u64| offset.saturating_sub(1) as usize;
        if with.recursive {
            return Err(Diagnostic::not_supported(
                "WITH RECURSIVE is not supported",
                "follow the references in the application, one level at a time",
            )
            .at(self.text, at(with.span().start.column)));
        }
        let changes = |query: &Query| {
            matches!(
                &*query.body,
                SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_)
            )
        };
        let mut names = HashSet::new();
        for table in &with.cte_tables {
            let start = at(table.alias.name.span.start.column);
            if changes(&table.query) {
                return Err(Diagnostic::not_supported(
                    "data-modifying statements in WITH are not supported",
                    "run the statement by itself, in the same transaction",
                )
                .at(self.text, start));
            }
            let name = known_as(&table.alias.name);
            if !names.insert(name) {
                return Err(Diagnostic::error(
                    "42712",
                    format!(
                        "WITH query name \"{}\" specified more than once",
                        crate::labels::folded(&table.alias.name)
                    ),
                )
                .at(self.text, start));
            }
        }
        Ok(())
    }

    fn named(&self, name: &str) -> Option<&Query> {
        let mut scopes = self.scopes.iter().rev();
        scopes.find_map(|scope| scope.get(name))
    }
}

impl Hooks for Walk<'_> {
    fn enter_query(&mut self, query: &mut Query) -> Diagnosed<()> {
        let keep = std::mem::replace(&mut self.keep, false);
        let Some(with) = &mut query.with else {
            self.scopes.push(Named::new());
            return Ok(());
        };
        for table in &mut with.cte_tables {
            self.changed |= table.materialized.take().is_some();
        }
        self.check(with)?;
        match query.with.take() {
            Some(with) if !keep => self.inline(with),
            with => {
                query.with = with;
                self.scopes.push(Named::new());
                Ok(())
            }
        }
    }

    fn leave_query(&mut self, _query: &mut Query) -> Diagnosed<()> {
        self.scopes.pop();
        Ok(())
    }

    /// Behind its parts: a query that takes the place of a table is not walked again.
    fn leave_table(&mut self, table: &mut TableFactor) -> Diagnosed<()> {
        let TableFactor::Table {
            name,
            alias,
            args: None,
            ..
        } = table
        else {
            return Ok(());
        };
        let [part] = name.0.as_slice() else {
            return Ok(());
        };
        let Some(ident) = part.as_ident().cloned() else {
            return Ok(());
        };
        let Some(query) = self.named(&known_as(&ident)).cloned() else {
            return Ok(());
        };
        self.copies.copy(&query)?;
        let alias = alias.take().unwrap_or(TableAlias {
            explicit: true,
            name: ident,
            columns: Vec::new(),
            at: None,
        });
        *table = TableFactor::Derived {
            lateral: false,
            subquery: Box::new(query),
            alias: Some(alias),
            sample: None,
        };
        Ok(())
    }
}

fn known_as(name: &Ident) -> String {
    crate::labels::folded(name)
}

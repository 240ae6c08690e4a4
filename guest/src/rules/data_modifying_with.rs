//! # What it does
//! Carries out the statements of a `WITH` that change data, one after the other, and gives
//! what they return to the statement behind.
//!
//! # Why
//! IRIS's `WITH` takes queries only.
//!
//! # Example
//! `WITH d AS (DELETE FROM t RETURNING a) INSERT INTO u SELECT a FROM d` finds the rows of t,
//! inserts from those, and deletes them at the end.
//!
//! # Limits
//! PostgreSQL's parts do not see what the others change. What cannot be so here is refused:
//! to read a table, or to change its rows, that another part has changed. RETURNING must be
//! about the table that is written to.
//!
//! # Versions
//! All.

use sqlparser::ast::{Cte, Query, SetExpr, Statement, TableAlias, TableFactor, With};
use std::collections::HashSet;

use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look::{self, Node};
use crate::part::Part;
use crate::reader::marks::Marks;
use crate::relations::TableName;
use crate::rule::{Pass, Rule};
use crate::walk::{self, Hooks};
use crate::wit::Diagnostic;
use crate::writing::returned::{self, Change};

pub(crate) struct DataModifyingWith;

impl Rule for DataModifyingWith {
    fn name(&self) -> &'static str {
        "data_modifying_with"
    }

    fn summary(&self) -> &'static str {
        "carries out the statements of a WITH that change data"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::WITH) && (marks.has(Marks::INSERT) || marks.has(Marks::WRITING))
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        if with_of(tree).is_none() {
            return Ok(false);
        }
        let Statement::Query(query) = tree else {
            return Ok(false);
        };
        let Some(with) = query.with.take() else {
            return Ok(false);
        };
        let mut parts = Parts::default();
        for cte in with.cte_tables.clone() {
            parts.add(cte, pass)?;
        }
        parts.check(query, pass)?;
        parts.put(query, pass)?;
        let kept = parts.needed(query);
        if !kept.is_empty() {
            query.with = Some(With {
                cte_tables: kept,
                ..with
            });
        }
        let main = unwrapped(std::mem::replace(query, nothing()));
        let mut all = parts.first;
        all.push(Part::whole(main));
        all.extend(parts.last);
        pass.split = Some(all);
        Ok(true)
    }
}

/// The WITH of a statement, if it changes data.
fn with_of(tree: &Statement) -> Option<&With> {
    let Statement::Query(query) = tree else {
        return None;
    };
    let with = query.with.as_ref().filter(|with| !with.recursive)?;
    let mut queries = with.cte_tables.iter().map(|cte| &cte.query);
    queries.any(|query| changes(&query.body)).then_some(with)
}

fn changes(body: &SetExpr) -> bool {
    matches!(
        body,
        SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_)
    )
}

fn nothing() -> Box<Query> {
    let select = crate::build::select(Vec::new(), Vec::new());
    Box::new(crate::build::query(SetExpr::Select(Box::new(select))))
}

/// A statement that changes data without the query around it, unless that has a WITH.
fn unwrapped(query: Box<Query>) -> Statement {
    match *query {
        Query {
            with: None, body, ..
        } if changes(&body) => match *body {
            SetExpr::Insert(inner)
            | SetExpr::Update(inner)
            | SetExpr::Delete(inner)
            | SetExpr::Merge(inner) => inner,
            body => Statement::Query(Box::new(crate::build::query(body))),
        },
        query => Statement::Query(Box::new(query)),
    }
}

/// The parts around the statement itself.
#[derive(Default)]
struct Parts {
    /// What a name of the WITH stands for: rows that a part returns; none without RETURNING.
    returned: Vec<(String, Option<Query>)>,
    /// The queries of the WITH.
    plain: Vec<Cte>,
    /// What each of them asks, besides what parts return.
    plain_reads: Vec<HashSet<TableName>>,
    first: Vec<Part>,
    last: Vec<Part>,
    /// The tables that are changed before the statement runs.
    changed: HashSet<TableName>,
    /// Those of which rows are deleted behind it.
    deleted: HashSet<TableName>,
}

impl Parts {
    fn add(&mut self, mut cte: Cte, pass: &mut Pass<'_>) -> Diagnosed<()> {
        let name = labels::folded(&cte.alias.name);
        let known = |other: &str| other == name;
        if self.returned.iter().any(|(other, _)| known(other))
            || self
                .plain
                .iter()
                .any(|cte| known(&labels::folded(&cte.alias.name)))
        {
            let message = format!("WITH query name \"{name}\" specified more than once");
            return Err(Diagnostic::error("42712", message).at(
                pass.text,
                crate::place::of(&sqlparser::ast::Expr::Identifier(cte.alias.name)),
            ));
        }
        if !changes(&cte.query.body) {
            self.plain_reads.push(reads(&cte.query));
            self.put(&mut cte.query, pass)?;
            self.plain.push(cte);
            return Ok(());
        }
        self.check(&cte.query, pass)?;
        self.put(&mut cte.query, pass)?;
        let with = self.needed(&cte.query);
        let with = (!with.is_empty()).then(|| With {
            with_token: sqlparser::ast::helpers::attached_token::AttachedToken::empty(),
            recursive: false,
            cte_tables: with,
        });
        let table = target(&cte.query.body);
        let change = returned::change(*cte.query.body, with, pass)?;
        let Change { first, last, rows } = change;
        let known = if last.is_empty() {
            &mut self.changed
        } else {
            &mut self.deleted
        };
        known.extend(table);
        self.first.extend(first);
        self.last.extend(last);
        let rows = rows.map(|mut rows| {
            returned::name_columns(&mut rows, &cte.alias.columns);
            rows
        });
        self.returned.push((name, rows));
        Ok(())
    }

    /// Puts the rows that parts return in the places that name them.
    fn put(&self, query: &mut Query, pass: &mut Pass<'_>) -> Diagnosed<()> {
        let mut put = Put {
            returned: &self.returned,
            copies: &mut pass.copies,
        };
        walk::query(query, &mut put)
    }

    /// The queries of the WITH that a part names, and those that they name.
    fn needed(&self, query: &Query) -> Vec<Cte> {
        let mut names = tables(query);
        let mut needed: Vec<Cte> = Vec::new();
        for cte in self.plain.iter().rev() {
            let name = TableName::named(None, &cte.alias.name.value);
            if names.contains(&name) {
                names.extend(tables(&cte.query));
                needed.push(cte.clone());
            }
        }
        needed.reverse();
        needed
    }

    /// No part may depend on what another one has changed.
    fn check(&self, query: &Query, pass: &Pass<'_>) -> Diagnosed<()> {
        let target = target(&query.body);
        let inserts = matches!(&*query.body, SetExpr::Insert(_));
        let mut read = reads(query);
        for (cte, reads) in self.plain.iter().zip(&self.plain_reads).rev() {
            if read.contains(&TableName::named(None, &cte.alias.name.value)) {
                read.extend(reads.iter().cloned());
            }
        }
        // These names are not those of tables.
        for (name, _) in &self.returned {
            read.remove(&TableName::named(None, name));
        }
        if !inserts {
            read.extend(target.clone());
        }
        let writes_deleted = target.is_some_and(|table| self.deleted.contains(&table));
        if writes_deleted || read.iter().any(|table| self.changed.contains(table)) {
            return Err(Diagnostic::not_supported(
                "WITH is not supported with statements about a table that another of them changes",
                "run them one by one, in one transaction",
            )
            .at(pass.text, 0));
        }
        Ok(())
    }
}

/// The table that is written to.
fn target(body: &SetExpr) -> Option<TableName> {
    let (SetExpr::Insert(statement) | SetExpr::Update(statement) | SetExpr::Delete(statement)) =
        body
    else {
        return None;
    };
    let tables = crate::writing::target::table_of(statement);
    let (name, _) = crate::writing::named(tables.first()?)?;
    TableName::of(name)
}

/// All tables that are named.
fn tables(query: &Query) -> HashSet<TableName> {
    let mut tables = HashSet::new();
    look::at_all(query, &mut |node| {
        if let Node::Relation(relation) = node {
            tables.extend(TableName::of(relation));
        }
    });
    tables
}

/// The tables that are asked; an INSERT does not ask its own.
fn reads(query: &Query) -> HashSet<TableName> {
    match &*query.body {
        SetExpr::Insert(Statement::Insert(insert)) => {
            let mut read = HashSet::new();
            if let Some(source) = &insert.source {
                read.extend(tables(source));
            }
            let mut items = insert.returning.iter().flatten();
            if items.any(crate::look::has_query) {
                read.extend(tables(query));
            }
            read
        }
        SetExpr::Update(_) | SetExpr::Delete(_) => {
            let mut read = tables(query);
            if let Some(target) = target(&query.body) {
                read.remove(&target);
            }
            read
        }
        _ => tables(query),
    }
}

struct Put<'a> {
    returned: &'a [(String, Option<Query>)],
    copies: &'a mut Copies,
}

impl Hooks for Put<'_> {
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
        let folded = labels::folded(&ident);
        let Some((_, rows)) = self.returned.iter().find(|(name, _)| *name == folded) else {
            return Ok(());
        };
        let Some(rows) = rows else {
            let message = format!("WITH query \"{folded}\" does not have a RETURNING clause");
            return Err(Diagnostic::error("0A000", message));
        };
        let alias = alias.take().unwrap_or(TableAlias {
            explicit: true,
            name: ident,
            columns: Vec::new(),
            at: None,
        });
        *table = TableFactor::Derived {
            lateral: false,
            subquery: Box::new(self.copies.copy(rows)?),
            alias: Some(alias),
            sample: None,
        };
        Ok(())
    }
}

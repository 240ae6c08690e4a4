//! # What it does
//! Locks rows `FOR UPDATE` and `FOR SHARE` by an UPDATE that changes nothing, before they are
//! selected.
//!
//! # Why
//! IRIS has no such clause; what a transaction has written stays locked until its end.
//! (InterSystems SQL Reference, "UPDATE", "START TRANSACTION".)
//!
//! # Example
//! `SELECT a FROM t WHERE id = 1 FOR UPDATE` becomes
//! `UPDATE t SET a = a WHERE id = 1` and `SELECT a FROM t WHERE id = 1`.
//!
//! # Limits
//! A LIMIT does not limit what is locked, `FOR SHARE` locks as `FOR UPDATE` does, and triggers of
//! the table run. `NOWAIT`, `SKIP LOCKED` and locks in subqueries are refused, unless
//! `pgiris.row_locking` is `ignore`: then the clause is dropped with a warning.
//!
//! # Versions
//! All.

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    Assignment, AssignmentTarget, Expr, GroupByExpr, Ident, JoinOperator, LockClause, LockType,
    ObjectName, Query, Select, SelectItem, SetExpr, Spanned, Statement, TableFactor,
    TableWithJoins, Update,
};

use crate::aggregates::has_aggregate;
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::part::Part;
use crate::reader::marks::Marks;
use crate::relations::{Relation, TableName};
use crate::rule::{Pass, Rule};
use crate::walk::{self, Hooks};
use crate::wit::Diagnostic;
use crate::writing;

pub(crate) struct RowLock;

/// `ignore` drops the clause.
pub(crate) const LOCKING_SETTING: &str = "pgiris.row_locking";

impl Rule for RowLock {
    fn name(&self) -> &'static str {
        "row_lock"
    }

    fn summary(&self) -> &'static str {
        "locks rows by an UPDATE that changes nothing"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::LOCK)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let ignored = pass.scene.setting(LOCKING_SETTING) == Some("ignore");
        let mut parts = Vec::new();
        let mut locks = Vec::new();
        if let Statement::Query(query) = tree
            && !ignored
        {
            locks = std::mem::take(&mut query.locks);
            for lock in &locks {
                parts.extend(steps(query, lock, pass)?);
            }
        }
        let mut search = Search {
            ignored,
            found: false,
        };
        walk::statement(tree, &mut search)?;
        if search.found {
            pass.notices.push(Diagnostic::warning(
                "01000",
                "rows are not locked: pgiris.row_locking is ignore",
            ));
        }
        if parts.is_empty() {
            // Without a table there is nothing to lock.
            return Ok(search.found || !locks.is_empty());
        }
        parts.push(Part::whole(tree.clone()));
        pass.split = Some(parts);
        Ok(true)
    }
}

/// Looks for locks that were not carried out.
struct Search {
    ignored: bool,
    found: bool,
}

impl Hooks for Search {
    fn enter_query(&mut self, query: &mut Query) -> Diagnosed<()> {
        if query.locks.is_empty() {
            return Ok(());
        }
        if !self.ignored {
            return Err(unsupported("in a subquery"));
        }
        query.locks.clear();
        self.found = true;
        Ok(())
    }
}

fn unsupported(what: &str) -> Diagnostic {
    Diagnostic::not_supported(
        format!("FOR UPDATE and FOR SHARE {what} are not supported"),
        "leave the words out, or set pgiris.row_locking to ignore",
    )
}

fn name_of(lock: &LockClause) -> &'static str {
    match lock.lock_type {
        LockType::Share => "FOR SHARE",
        LockType::Update => "FOR UPDATE",
    }
}

/// What PostgreSQL does not lock the rows of.
fn check(select: &Select, lock: &LockClause) -> Diagnosed<()> {
    let is_grouped =
        !matches!(&select.group_by, GroupByExpr::Expressions(items, _) if items.is_empty());
    let aggregates = select.projection.iter().any(|item| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
            has_aggregate(expr)
        }
        _ => false,
    });
    let with = if select.distinct.is_some() {
        "DISTINCT clause"
    } else if is_grouped {
        "GROUP BY clause"
    } else if select.having.is_some() {
        "HAVING clause"
    } else if aggregates {
        "aggregate functions"
    } else {
        return Ok(());
    };
    let message = format!("{} is not allowed with {with}", name_of(lock));
    Err(Diagnostic::error("0A000", message))
}

/// A table of a FROM: its name, what it is called, and whether an outer join may leave
/// it without a row.
type Locked<'a> = (&'a ObjectName, Option<&'a Ident>, bool);

/// The updates that lock the rows of a query.
fn steps(query: &Query, lock: &LockClause, pass: &Pass<'_>) -> Diagnosed<Vec<Part>> {
    let SetExpr::Select(select) = &*query.body else {
        let message = format!(
            "{} is not allowed with UNION/INTERSECT/EXCEPT",
            name_of(lock)
        );
        return Err(Diagnostic::error("0A000", message));
    };
    check(select, lock)?;
    if select.from.is_empty() && lock.of.is_none() {
        return Ok(Vec::new());
    }
    if lock.nonblock.is_some() {
        return Err(unsupported("with NOWAIT or SKIP LOCKED"));
    }
    if query.with.is_some() {
        return Err(unsupported("behind WITH"));
    }
    let tables = tables(&select.from)?;
    let is_meant = |(name, alias, _): &Locked<'_>| match &lock.of {
        None => true,
        Some(of) => {
            let own = name.0.last().and_then(|part| part.as_ident());
            let called = alias.or(own).map(crate::labels::folded);
            let wanted = of.0.last().and_then(|part| part.as_ident());
            called == wanted.map(crate::labels::folded)
        }
    };
    let meant: Vec<&Locked<'_>> = tables.iter().filter(|table| is_meant(table)).collect();
    if let (true, Some(of)) = (meant.is_empty(), &lock.of) {
        let message = format!(
            "relation \"{of}\" in {} clause not found in FROM clause",
            name_of(lock)
        );
        let start = of.span().start.column.saturating_sub(1);
        return Err(Diagnostic::error("42P01", message).at(pass.text, start as usize));
    }
    if meant.iter().any(|(_, _, nullable)| *nullable) {
        let message = format!(
            "{} cannot be applied to the nullable side of an outer join",
            name_of(lock)
        );
        return Err(Diagnostic::error("0A000", message));
    }
    let mut parts = Vec::new();
    for (name, alias, _) in meant {
        let relation = TableName::of(name).and_then(|table| pass.relations.find(&table));
        let relation = relation.ok_or_else(|| {
            let start = name.span().start.column.saturating_sub(1);
            Diagnostic::error("42P01", format!("relation \"{name}\" does not exist"))
                .at(pass.text, start as usize)
        })?;
        let selection = match tables.len() {
            1 => select.selection.clone(),
            _ => Some(among(select, alias.cloned().unwrap_or_else(|| last(name)))),
        };
        // Behind `IN` the names are those of the subquery.
        let called = alias.filter(|_| tables.len() == 1);
        parts.push(Part::new(update(name, called, relation, selection)?));
    }
    Ok(parts)
}

fn last(name: &ObjectName) -> Ident {
    let last = name.0.last().and_then(|part| part.as_ident());
    last.cloned()
        .unwrap_or_else(|| Ident::new(name.to_string()))
}

/// Whether the row is one that the select finds.
fn among(select: &Select, table: Ident) -> Expr {
    let rows = writing::query(
        vec![SelectItem::UnnamedExpr(writing::row(Some(&table)))],
        select.from.clone(),
        select.selection.clone(),
    );
    Expr::InSubquery {
        expr: Box::new(writing::row(None)),
        subquery: Box::new(rows),
        negated: false,
    }
}

fn tables(from: &[TableWithJoins]) -> Diagnosed<Vec<Locked<'_>>> {
    let mut tables = Vec::new();
    for table in from {
        let first = tables.len();
        tables.push(table_of(&table.relation)?);
        for join in &table.joins {
            let second = tables.len();
            tables.push(table_of(&join.relation)?);
            let (left, right) = match join.join_operator {
                JoinOperator::Left(_) | JoinOperator::LeftOuter(_) => (false, true),
                JoinOperator::Right(_) | JoinOperator::RightOuter(_) => (true, false),
                JoinOperator::FullOuter(_) => (true, true),
                _ => (false, false),
            };
            for (index, (.., nullable)) in tables.iter_mut().enumerate().skip(first) {
                *nullable |= if index < second { left } else { right };
            }
        }
    }
    if tables.is_empty() {
        return Err(unsupported("without a table"));
    }
    Ok(tables)
}

fn table_of(factor: &TableFactor) -> Diagnosed<Locked<'_>> {
    match factor {
        TableFactor::Table {
            name,
            alias,
            args: None,
            ..
        } => Ok((name, alias.as_ref().map(|alias| &alias.name), false)),
        _ => Err(unsupported("of subqueries and functions")),
    }
}

/// `UPDATE table SET column = column WHERE selection`
fn update(
    name: &ObjectName,
    alias: Option<&Ident>,
    relation: &Relation,
    selection: Option<Expr>,
) -> Diagnosed<Statement> {
    let is_key = |column: &str| {
        let keys = relation.keys.iter().filter(|key| key.primary);
        keys.flat_map(|key| &key.columns)
            .any(|key| key.eq_ignore_ascii_case(column))
    };
    let writable = || relation.columns.iter().filter(|column| !column.generated);
    let column = writable()
        .find(|column| !is_key(&column.name))
        .or_else(|| writable().next())
        .ok_or_else(|| unsupported("of a table without a column that can be written"))?;
    let plain = column
        .name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let column = match plain {
        true => Ident::new(&column.name),
        false => Ident::with_quote('"', &column.name),
    };
    Ok(Statement::Update(Update {
        update_token: AttachedToken::empty(),
        optimizer_hints: Vec::new(),
        table: writing::table(name, alias),
        assignments: vec![Assignment {
            target: AssignmentTarget::ColumnName(ObjectName::from(vec![column.clone()])),
            value: build::nested(Expr::Identifier(column)),
        }],
        from: None,
        selection,
        returning: None,
        output: None,
        or: None,
        order_by: Vec::new(),
        limit: None,
    }))
}

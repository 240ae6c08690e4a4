//! # What it does
//! Writes the forms of `UPDATE`, `DELETE` and `TRUNCATE` that IRIS lacks in those that
//! it has.
//!
//! # Why
//! IRIS sets one column at a time, refuses queries among the values with SQLCODE
//! -144, has no `USING`, and truncates one table. (InterSystems SQL Reference,
//! "UPDATE", "DELETE", "TRUNCATE TABLE".)
//!
//! # Example
//! `DELETE FROM t USING u WHERE u.k = t.k` becomes
//! `DELETE FROM t WHERE %ID IN (SELECT t.%ID FROM t, u WHERE u.k = t.k)`.
//!
//! # Limits
//! `SET a = DEFAULT` is NULL for a column without a default, else refused. IRIS's `TRUNCATE` starts
//! generated keys anew: without RESTART IDENTITY, a table that has such is emptied by DELETE, which
//! takes longer and lets its triggers run, and one that also refers to itself is truncated with a WARNING.
//! Tables that refer to each other in a circle cannot be truncated while they have rows.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    CascadeOption, Delete, Expr, FromTable, Ident, ObjectName, SelectItem, Statement, Truncate,
    TruncateIdentityOption, TruncateTableTarget, Update,
};

use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look;
use crate::part::Part;
use crate::reader::marks::Marks;
use crate::relations::{Relations, TableName};
use crate::rule::{Pass, Rule};
use crate::wit::Diagnostic;
use crate::writing;
use crate::writing::joined::Joined;
use crate::writing::target::Target;
use crate::writing::truncated::{self, Others};

pub(crate) struct WrittenRows;

impl Rule for WrittenRows {
    fn name(&self) -> &'static str {
        "written_rows"
    }

    fn summary(&self) -> &'static str {
        "writes UPDATE, DELETE and TRUNCATE in the forms that IRIS has"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::WRITING) || marks.has(Marks::CONFLICT)
    }

    fn needs_relations(&self, tree: &Statement) -> bool {
        matches!(tree, Statement::Truncate(truncate)
            if truncate.identity != Some(TruncateIdentityOption::Restart))
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        match tree {
            Statement::Update(update) => of_update(update, pass),
            Statement::Delete(delete) => of_delete(delete, pass),
            Statement::Truncate(truncate) => of_truncate(truncate, pass),
            _ => Ok(false),
        }
    }
}

fn of_update(update: &mut Update, pass: &mut Pass<'_>) -> Diagnosed<bool> {
    let (single, mut changed) = writing::single(std::mem::take(&mut update.assignments))?;
    update.assignments = single;
    changed |= writing::set_defaults(update, pass)?;
    let asks = update
        .assignments
        .iter()
        .any(|one| look::has_query(&one.value));
    if asks && update.returning.is_none() {
        writing::refuse_view(&update.table, "a query as a value in UPDATE", pass)?;
    }
    if asks && update.returning.is_none() && update.from.is_none() {
        let table = update.table.clone();
        let target = Target::new(table, update.selection.take(), pass);
        pass.split = Some(target.all_changed(update, None));
        return Ok(true);
    }
    if let (true, None, Some(from)) = (asks, &update.returning, &update.from) {
        let others = writing::tables_of(from).to_vec();
        let condition = update.selection.clone();
        if let Some(joined) = Joined::new(update.table.clone(), others, condition, pass) {
            pass.split = Some(joined.changed(update.clone(), None, pass)?);
            return Ok(true);
        }
    }
    Ok(changed)
}

fn of_delete(delete: &mut Delete, pass: &Pass<'_>) -> Diagnosed<bool> {
    if delete.returning.is_some() {
        return Ok(false);
    }
    let Some(using) = delete.using.take() else {
        return Ok(false);
    };
    let (FromTable::WithFromKeyword(tables) | FromTable::WithoutKeyword(tables)) = &delete.from;
    let [table] = tables.as_slice() else {
        delete.using = Some(using);
        return Ok(false);
    };
    let Some((name, alias)) = writing::named(table) else {
        delete.using = Some(using);
        return Ok(false);
    };
    writing::refuse_view(table, "DELETE … USING", pass)?;
    let own: Option<Ident> = name.0.last().and_then(|part| part.as_ident()).cloned();
    let called = alias.cloned().or(own);
    let row = SelectItem::UnnamedExpr(writing::row(called.as_ref()));
    let mut from = vec![table.clone()];
    from.extend(using);
    let query = writing::query(vec![row], from, delete.selection.take());
    delete.selection = Some(Expr::InSubquery {
        expr: Box::new(writing::row(None)),
        subquery: Box::new(query),
        negated: false,
    });
    Ok(true)
}

fn of_truncate(truncate: &mut Truncate, pass: &mut Pass<'_>) -> Diagnosed<bool> {
    let others = match truncate.cascade {
        Some(CascadeOption::Cascade) => Others::Emptied,
        _ => Others::Refused,
    };
    let restarts = truncate.identity == Some(TruncateIdentityOption::Restart);
    let plain = truncate.table
        && truncate.identity.is_none()
        && truncate.cascade.is_none()
        && truncate
            .table_names
            .iter()
            .all(|one| !one.only && !one.has_asterisk);
    truncate.table = true;
    truncate.identity = None;
    truncate.cascade = None;
    let named = truncate.table_names.iter().map(|one| one.name.clone());
    let names: Vec<ObjectName> = named.collect();
    let given = names.clone();
    let references = pass.relations.references();
    let names = truncated::in_order(names, others, references, &mut pass.notices)?;
    if !restarts {
        pass.notices.extend(restarted(&names, pass.relations));
    }
    for target in &mut truncate.table_names {
        target.only = false;
        target.has_asterisk = false;
    }
    let Some(target) = truncate.table_names.first().cloned() else {
        return Ok(false);
    };
    let emptied = |name: &ObjectName| !restarts && keeps_counters(name, pass.relations);
    if let [only] = names.as_slice()
        && !emptied(only)
    {
        truncate.table_names.truncate(1);
        return Ok(!plain || given.len() > 1);
    }
    let one = |name| {
        if emptied(&name) {
            return Part::new(truncated::emptied(&name));
        }
        let mut one = truncate.clone();
        one.table_names = vec![TruncateTableTarget {
            name,
            ..target.clone()
        }];
        Part::new(Statement::Truncate(one))
    };
    let parts = names.into_iter().map(one).collect();
    pass.split = Some(parts);
    Ok(true)
}

/// Whether a table has counters, which PostgreSQL lets go on, and can be emptied row by row.
fn keeps_counters(name: &ObjectName, relations: &Relations) -> bool {
    let Some(table) = TableName::of(name) else {
        return false;
    };
    let known = relations.find(&table);
    known.is_none_or(|relation| relation.columns.iter().any(|column| column.generated))
        && !refers_to_itself(&table, relations)
}

/// Rows that refer to each other IRIS would not delete in any order.
fn refers_to_itself(table: &TableName, relations: &Relations) -> bool {
    let mut references = relations.references().iter();
    references.any(|reference| reference.from == *table && reference.to == *table)
}

/// The warning of tables whose counters cannot be kept.
fn restarted(names: &[ObjectName], relations: &Relations) -> Option<Diagnostic> {
    let counts = |name: &&ObjectName| {
        TableName::of(name).is_some_and(|table| {
            relations
                .find(&table)
                .is_some_and(|known| known.columns.iter().any(|column| column.generated))
                && refers_to_itself(&table, relations)
        })
    };
    let name = labels::of_name(names.iter().find(counts)?)?;
    let message = format!("the counter of table \"{name}\" starts anew");
    Some(
        Diagnostic::warning("01000", message)
            .with_hint("IRIS's TRUNCATE does that; DELETE the rows to have it go on"),
    )
}

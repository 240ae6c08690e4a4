//! # What it does
//! Returns the rows that `INSERT`, `UPDATE` and `DELETE` touched, by statements
//! before and behind.
//!
//! # Why
//! IRIS has no `RETURNING`.
//!
//! # Example
//! `INSERT INTO t (a) VALUES (1) RETURNING id` becomes
//! `INSERT INTO t (a) VALUES (1)`, then
//! `SELECT id FROM t WHERE %ID = LAST_IDENTITY()`. An `UPDATE` or `DELETE` first
//! finds its rows, locks each by an update that changes nothing, and asks again
//! which of them it means: another session may have changed them in between.
//!
//! # Limits
//! Of the rows that `UPDATE … FROM` and `DELETE … USING` join with a row, the first is shown
//! that IRIS finds. A trigger that inserts rows must not change what `LAST_IDENTITY()` gives. Triggers for
//! UPDATE see the update that locks.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Delete, FromTable, Insert, SelectItem, SetExpr, Spanned, Statement, TableWithJoins, Update,
};

use super::{column_label, value_rows};
use crate::diagnostic::Diagnosed;
use crate::part::Part;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::wit::Diagnostic;
use crate::writing;
use crate::writing::joined::Joined;
use crate::writing::target::{self, Target, changeable, inserted_row};

pub(crate) struct Returning;

impl Rule for Returning {
    fn name(&self) -> &'static str {
        "returning"
    }

    fn summary(&self) -> &'static str {
        "returns the rows that a statement inserted, updated or deleted"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::RETURNING)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let taken = writing::returning_mut(tree).and_then(Option::take);
        let Some(mut items) = taken else {
            return Ok(false);
        };
        for table in target::table_of(tree) {
            writing::refuse_view(&table, "RETURNING", pass)?;
        }
        if !matches!(tree, Statement::Delete(_)) {
            writing::refuse_own_reads(&items, &target::table_of(tree), pass)?;
        }
        if let Some(parts) = of_joined(tree, &items, pass)? {
            pass.split = Some(parts);
            return Ok(true);
        }
        let from = target::table_of(tree);
        column_label::describe(&mut items, &from, pass);
        pass.split = Some(match tree {
            Statement::Insert(insert) => of_insert(insert, from, items, pass)?,
            Statement::Update(update) => of_update(update, items, pass),
            Statement::Delete(delete) => of_delete(delete, items, pass)?,
            _ => return Ok(false),
        });
        Ok(true)
    }
}

/// UPDATE with FROM and DELETE with USING.
fn of_joined(
    tree: &mut Statement,
    items: &[SelectItem],
    pass: &mut Pass<'_>,
) -> Diagnosed<Option<Vec<Part>>> {
    let (table, others, condition) = match tree {
        Statement::Update(Update {
            table,
            from: Some(from),
            selection,
            ..
        }) => (table.clone(), writing::tables_of(from).to_vec(), selection),
        Statement::Delete(Delete {
            from: FromTable::WithFromKeyword(tables) | FromTable::WithoutKeyword(tables),
            using: Some(using),
            selection,
            ..
        }) => match tables.as_slice() {
            [table] => (table.clone(), using.clone(), selection),
            _ => return Ok(None),
        },
        _ => return Ok(None),
    };
    let Some(joined) = Joined::new(table, others, condition.take(), pass) else {
        return Err(refusal("of this table", items, pass));
    };
    let mut items = match tree {
        Statement::Update(_) => joined.expand(items.to_vec(), pass)?,
        _ => items.to_vec(),
    };
    column_label::describe(&mut items, &joined.tables(), pass);
    match tree {
        Statement::Update(update) => joined.changed(update.clone(), Some(items), pass).map(Some),
        Statement::Delete(delete) => Ok(Some(joined.deleted(delete.clone(), items))),
        _ => Ok(None),
    }
}

fn of_insert(
    insert: &mut Insert,
    from: Vec<TableWithJoins>,
    items: Vec<SelectItem>,
    pass: &mut Pass<'_>,
) -> Diagnosed<Vec<Part>> {
    let mut parts = Vec::with_capacity(3);
    let mut repetition = pass.times.clone();
    if !is_one_row(insert) {
        let Some((query, rows)) = writing::kept_query(insert, pass) else {
            return Err(refusal("of INSERT ... SELECT", &items, pass));
        };
        parts.push(query);
        repetition = rows;
    }
    // IRIS's INSERT has no alias; what follows may need it.
    insert.table_alias = None;
    let shown = inserted_row(from, items, &repetition);
    parts.push(Part {
        counted: true,
        repetition,
        ..Part::new(Statement::Insert(insert.clone()))
    });
    parts.push(shown);
    Ok(parts)
}

/// Whether an INSERT makes one row each time it runs.
pub(crate) fn is_one_row(insert: &mut Insert) -> bool {
    let Some(source) = &insert.source else {
        return true;
    };
    match &*source.body {
        SetExpr::Select(select) => {
            let limited = source.limit_clause.is_some() || source.fetch.is_some();
            let filtered = select.selection.is_some() || select.having.is_some();
            select.from.is_empty() && !filtered && !limited
        }
        _ => value_rows::rows(insert).is_some(),
    }
}

fn of_update(update: &mut Update, items: Vec<SelectItem>, pass: &mut Pass<'_>) -> Vec<Part> {
    let target = Target::new(update.table.clone(), update.selection.take(), pass);
    target.all_changed(update, Some(items))
}

fn of_delete(
    delete: &mut Delete,
    items: Vec<SelectItem>,
    pass: &mut Pass<'_>,
) -> Diagnosed<Vec<Part>> {
    let (FromTable::WithFromKeyword(tables) | FromTable::WithoutKeyword(tables)) = &delete.from;
    let ([table], None) = (tables.as_slice(), &delete.using) else {
        return Err(refusal("of DELETE ... USING", &items, pass));
    };
    let table = table.clone();
    let lock = writing::relation_named(&table, pass).and_then(changeable);
    let target = Target::new(table, delete.selection.take(), pass);
    delete.selection = Some(target.is_current(target.rows));
    let kept = vec![SelectItem::UnnamedExpr(writing::row(None))];
    let mut parts = vec![target.candidates()];
    parts.extend(target.confirmed(lock, kept));
    parts.push(target.shown(items));
    parts.push(Part {
        counted: true,
        ..target.for_each(Statement::Delete(delete.clone()))
    });
    Ok(parts)
}

fn refusal(what: &str, items: &[SelectItem], pass: &Pass<'_>) -> Diagnostic {
    let refusal = Diagnostic::not_supported(
        format!("RETURNING {what} is not supported"),
        "read the rows in a statement of their own, in the same transaction",
    );
    match items.first() {
        Some(first) => refusal.at(
            pass.text,
            first.span().start.column.saturating_sub(1) as usize,
        ),
        None => refusal,
    }
}

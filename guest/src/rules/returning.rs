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
//! `INSERT … SELECT`, `UPDATE … FROM` and `DELETE … USING` are refused. A trigger
//! that inserts rows must not change what `LAST_IDENTITY()` gives. Triggers for
//! UPDATE see the update that locks.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Assignment, AssignmentTarget, Delete, Expr, FromTable, Insert, ObjectName, SelectItem, SetExpr,
    Spanned, Statement, TableObject, TableWithJoins, Update,
};

use super::{column_label, value_rows};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::part::{Part, Times};
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::relations::{Relation, TableName};
use crate::rule::{Pass, Rule};
use crate::types::oid;
use crate::wit::{Diagnostic, RowUse};
use crate::writing;

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

    fn needs_relations(&self, marks: Marks) -> bool {
        marks.has(Marks::RETURNING)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let taken = match tree {
            Statement::Insert(insert) => insert.returning.take(),
            Statement::Update(update) => update.returning.take(),
            Statement::Delete(delete) => delete.returning.take(),
            _ => None,
        };
        let Some(mut items) = taken else {
            return Ok(false);
        };
        let from = target(tree);
        column_label::describe(&mut items, &from, pass);
        pass.split = Some(match tree {
            Statement::Insert(insert) => of_insert(insert, from, items, pass)?,
            Statement::Update(update) => of_update(update, items, pass)?,
            Statement::Delete(delete) => of_delete(delete, items, pass)?,
            _ => return Ok(false),
        });
        Ok(true)
    }
}

/// The table that is written to, as a FROM names it.
pub(crate) fn target(tree: &Statement) -> Vec<TableWithJoins> {
    match tree {
        Statement::Insert(insert) => match &insert.table {
            TableObject::TableName(name) => {
                let alias = insert.table_alias.as_ref().map(|alias| &alias.alias);
                vec![writing::table(name, alias)]
            }
            _ => Vec::new(),
        },
        Statement::Update(update) => vec![update.table.clone()],
        Statement::Delete(delete) => {
            let (FromTable::WithFromKeyword(tables) | FromTable::WithoutKeyword(tables)) =
                &delete.from;
            tables.clone()
        }
        _ => Vec::new(),
    }
}

fn of_insert(
    insert: &mut Insert,
    from: Vec<TableWithJoins>,
    items: Vec<SelectItem>,
    pass: &Pass<'_>,
) -> Diagnosed<Vec<Part>> {
    let plain = match insert.source.as_ref().map(|source| &*source.body) {
        Some(SetExpr::Select(select)) => select.from.is_empty() && select.selection.is_none(),
        _ => insert.source.is_none() || value_rows::rows(insert).is_some(),
    };
    if !plain {
        return Err(refusal("of INSERT ... SELECT", &items, pass));
    }
    // IRIS's INSERT has no alias; what follows may need it.
    insert.table_alias = None;
    let inserted = Part {
        counted: true,
        ..Part::new(Statement::Insert(insert.clone()))
    };
    Ok(vec![inserted, inserted_row(from, items)])
}

/// Shows the row that the last INSERT made.
pub(crate) fn inserted_row(from: Vec<TableWithJoins>, items: Vec<SelectItem>) -> Part {
    let last = build::call("LAST_IDENTITY", Vec::new());
    let found = writing::equals(writing::row(None), last);
    Part {
        rows: RowUse::Emit,
        if_empty: Some(
            Diagnostic::error("XX000", "the inserted row was not found")
                .with_hint("LAST_IDENTITY() is the key that the last INSERT generated"),
        ),
        ..Part::new(writing::select(items, from, Some(found)))
    }
}

fn of_update(
    update: &mut Update,
    items: Vec<SelectItem>,
    pass: &mut Pass<'_>,
) -> Diagnosed<Vec<Part>> {
    if update.from.is_some() {
        return Err(refusal("of UPDATE ... FROM", &items, pass));
    }
    let target = Target::new(update.table.clone(), update.selection.take(), pass);
    Ok(target.all_changed(update, Some(items)))
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
    let relation =
        writing::named(&table).and_then(|(name, _)| pass.relations.find(&TableName::of(name)?));
    let lock = relation.and_then(changeable);
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

/// A column that can be set to what it holds: better none of a key, on which
/// other tables may depend.
fn changeable(relation: &Relation) -> Option<ObjectName> {
    let small = |type_oid| !matches!(type_oid, oid::BYTEA | oid::TEXT);
    let settable = || {
        let columns = relation.columns.iter();
        columns.filter(|column| !column.generated && column.vector.is_none())
    };
    let in_key = |name: &str| {
        let mut columns = relation.keys.iter().flat_map(|key| &key.columns);
        columns.any(|column| column.eq_ignore_ascii_case(name))
    };
    settable()
        .find(|column| small(column.type_oid) && !in_key(&column.name))
        .or_else(|| settable().next())
        .map(|column| ObjectName::from(vec![quoted(&column.name)]))
}

/// A name of IRIS's, which may be a reserved word.
fn quoted(name: &str) -> sqlparser::ast::Ident {
    sqlparser::ast::Ident::with_quote('"', name.replace('"', "\"\""))
}

/// The rows that an UPDATE or a DELETE means.
pub(crate) struct Target {
    table: TableWithJoins,
    condition: Option<Expr>,
    /// The slot with the rows that the condition was true for at first.
    pub(crate) found: u32,
    /// The slot with those that it is true for now that they are locked.
    rows: u32,
}

impl Target {
    pub(crate) fn new(table: TableWithJoins, condition: Option<Expr>, pass: &mut Pass<'_>) -> Self {
        Self {
            table,
            condition,
            found: pass.slot(),
            rows: pass.slot(),
        }
    }

    /// Changes what is meant of the rows found, and shows them.
    pub(crate) fn changed(&self, update: &mut Update, items: Option<Vec<SelectItem>>) -> Vec<Part> {
        let lock = match update.assignments.first().map(|first| &first.target) {
            Some(AssignmentTarget::ColumnName(column)) => column.0.last().cloned(),
            _ => None,
        };
        let lock = lock.map(|column| ObjectName(vec![column]));
        let mut kept = vec![SelectItem::UnnamedExpr(writing::row(None))];
        // A query among the values must not see what this statement has changed.
        for assignment in &mut update.assignments {
            if writing::asks(&assignment.value) {
                let column = u32::try_from(kept.len()).unwrap_or(u32::MAX);
                let held = placeholder::kept(self.rows, column);
                let value = std::mem::replace(&mut assignment.value, held);
                kept.push(SelectItem::UnnamedExpr(value));
            }
        }
        update.selection = Some(self.is_current(self.rows));
        let mut parts = self.confirmed(lock, kept);
        parts.push(Part {
            counted: true,
            ..self.for_each(Statement::Update(update.clone()))
        });
        parts.extend(items.map(|items| self.shown(items)));
        parts
    }

    fn is_current(&self, slot: u32) -> Expr {
        writing::equals(writing::row(None), placeholder::kept(slot, 0))
    }

    /// Runs for each of the rows.
    fn for_each(&self, tree: Statement) -> Part {
        Part {
            repetition: Times::ForEach(self.rows),
            ..Part::new(tree)
        }
    }

    fn shown(&self, items: Vec<SelectItem>) -> Part {
        let found = self.is_current(self.rows);
        Part {
            rows: RowUse::Emit,
            ..self.for_each(writing::select(
                items,
                vec![self.table.clone()],
                Some(found),
            ))
        }
    }

    /// Finds the rows, changes what is meant of them, and shows them.
    pub(crate) fn all_changed(
        &self,
        update: &mut Update,
        items: Option<Vec<SelectItem>>,
    ) -> Vec<Part> {
        let mut parts = vec![self.candidates()];
        parts.extend(self.changed(update, items));
        parts
    }

    /// Finds the rows.
    fn candidates(&self) -> Part {
        let row = vec![SelectItem::UnnamedExpr(writing::row(None))];
        let from = vec![self.table.clone()];
        Part {
            rows: RowUse::Keep(self.found),
            ..Part::new(writing::select(row, from, self.condition.clone()))
        }
    }

    /// Locks each, and keeps what is asked of those that still are meant.
    fn confirmed(&self, lock: Option<ObjectName>, kept: Vec<SelectItem>) -> Vec<Part> {
        let mut parts = Vec::with_capacity(4);
        let from = vec![self.table.clone()];
        let each = Times::ForEach(self.found);
        let candidate = self.is_current(self.found);
        parts.extend(lock.map(|column| Part {
            repetition: each.clone(),
            ..Part::new(self.locked(column, candidate.clone()))
        }));
        let meant = writing::both(candidate, self.condition.clone());
        parts.push(Part {
            repetition: each,
            rows: RowUse::Keep(self.rows),
            ..Part::new(writing::select(kept, from, Some(meant)))
        });
        parts
    }

    /// An update that changes nothing, and holds the row until the transaction ends.
    fn locked(&self, column: ObjectName, row: Expr) -> Statement {
        let same = column.0.last().and_then(|part| part.as_ident()).cloned();
        Statement::Update(Update {
            update_token: sqlparser::ast::helpers::attached_token::AttachedToken::empty(),
            optimizer_hints: Vec::new(),
            table: self.table.clone(),
            assignments: vec![Assignment {
                value: same.map_or_else(|| build::name("NULL"), Expr::Identifier),
                target: AssignmentTarget::ColumnName(column),
            }],
            from: None,
            selection: Some(row),
            returning: None,
            output: None,
            or: None,
            order_by: Vec::new(),
            limit: None,
        })
    }
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

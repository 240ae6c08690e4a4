//! UPDATE and DELETE of rows that the broker chooses, or to values that it computes.

use sqlparser::ast::{
    BinaryOperator, Delete, Expr, FromTable, Ident, SelectItem, Statement, TableWithJoins, Update,
};

use super::values::typed;
use super::{arrange, described, known};
use crate::build;
use crate::computed::written;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look::{self, Node};
use crate::part::Part;
use crate::placeholder;
use crate::rule::Pass;
use crate::rules::column_label;
use crate::types::oid;
use crate::wit::Stage;
use crate::writing;
use crate::writing::target::{self, Target, changeable};

/// Finds the rows, locks them, and sets those that still are meant to what is computed of them then.
pub(super) fn of_update(mut update: Update, pass: &mut Pass<'_>) -> Diagnosed<Option<Vec<Part>>> {
    let is_plain = update.or.is_none()
        && update.output.is_none()
        && update.order_by.is_empty()
        && update.limit.is_none();
    let name = known!(writing::called(&update.table).filter(|_| is_plain));
    let relation = known!(writing::relation_named(&update.table, pass));
    let sources = writing::sources_of_update(&update);
    let mut items = update.returning.take();
    if !prepared(&mut items, &update.table, &name, sources.len(), pass) {
        return Ok(None);
    }
    let meant = Meant {
        row: writing::row(Some(&name)),
        from: sources,
        condition: update.selection.take(),
    };
    let mut set: Vec<(usize, Expr)> = Vec::new();
    for (number, assignment) in update.assignments.iter().enumerate() {
        if !writing::is_default(&assignment.value) {
            known!(written::column_of(assignment, relation));
            set.push((number, assignment.value.clone()));
        }
    }
    let target = Target::of_found(update.table.clone(), pass.slot(), pass);
    let mut parts = vec![known!(meant.found(target.found, pass)?)];
    parts.extend(target.locks(target::lock_of(&update)));
    let values = set.iter().map(|(_, value)| value.clone()).collect();
    let confirmed = known!(meant.confirmed(&target, values, pass)?);
    for (column, (number, _)) in (1..).zip(&set) {
        let assignment = known!(update.assignments.get_mut(*number));
        let column_meant = known!(written::column_of(assignment, relation));
        let made = known!(confirmed.arrangement.as_ref());
        let value = known!(made.columns.get(column));
        if !written::is_assigned(value.type_oid, column_meant) {
            return Ok(None);
        }
        let column = u32::try_from(column).unwrap_or(u32::MAX);
        assignment.value = placeholder::kept(target.rows, column);
    }
    parts.push(confirmed);
    update.from = None;
    update.selection = Some(target.is_current(target.rows));
    parts.push(Part {
        counted: true,
        ..target.for_each(Statement::Update(update))
    });
    parts.extend(items.map(|items| target.shown(items)));
    Ok(Some(parts))
}

/// Finds the rows, locks them, and deletes those that still are meant.
pub(super) fn of_delete(mut delete: Delete, pass: &mut Pass<'_>) -> Diagnosed<Option<Vec<Part>>> {
    let (FromTable::WithFromKeyword(tables) | FromTable::WithoutKeyword(tables)) = &delete.from;
    let [table] = tables.as_slice() else {
        return Ok(None);
    };
    let table = table.clone();
    let name = known!(writing::called(&table));
    let relation = known!(writing::relation_named(&table, pass));
    let sources = writing::sources_of_delete(&delete);
    let mut items = delete.returning.take();
    if !prepared(&mut items, &table, &name, sources.len(), pass) {
        return Ok(None);
    }
    let meant = Meant {
        row: writing::row(Some(&name)),
        from: sources,
        condition: delete.selection.take(),
    };
    let target = Target::of_found(table, pass.slot(), pass);
    let mut parts = vec![known!(meant.found(target.found, pass)?)];
    parts.extend(target.locks(changeable(relation)));
    parts.push(known!(meant.confirmed(&target, Vec::new(), pass)?));
    parts.extend(items.map(|items| target.shown(items)));
    delete.using = None;
    delete.selection = Some(target.is_current(target.rows));
    parts.push(Part {
        counted: true,
        ..target.for_each(Statement::Delete(delete))
    });
    Ok(Some(parts))
}

/// The rows that a statement means.
struct Meant {
    /// The number of a row of the table that is written to.
    row: Expr,
    from: Vec<TableWithJoins>,
    condition: Option<Expr>,
}

impl Meant {
    /// Keeps the numbers of the rows.
    fn found(&self, slot: u32, pass: &mut Pass<'_>) -> Diagnosed<Option<Part>> {
        self.asked(Vec::new(), None, slot, pass)
    }

    /// Keeps the numbers of those that are meant now that they are locked, and these values of theirs.
    fn confirmed(
        &self,
        target: &Target,
        values: Vec<Expr>,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Option<Part>> {
        let is_found = writing::is_among(self.row.clone(), target.found);
        self.asked(values, Some(is_found), target.rows, pass)
    }

    fn asked(
        &self,
        values: Vec<Expr>,
        more: Option<Expr>,
        slot: u32,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Option<Part>> {
        let conditions = [more, self.condition.clone().map(build::nested)];
        let condition = conditions
            .into_iter()
            .flatten()
            .reduce(|left, right| build::binary(left, BinaryOperator::And, right));
        let row = SelectItem::UnnamedExpr(self.row.clone());
        let values = values.into_iter().map(SelectItem::UnnamedExpr);
        let items = std::iter::once(row).chain(values).collect();
        let mut query = writing::query(items, self.from.clone(), condition);
        let mut arrangement = known!(arrange(&mut query, pass)?);
        if self.from.len() > 1 || self.from.iter().any(|table| !table.joins.is_empty()) {
            // Of the rows that are joined with one, the first counts.
            let row = typed(0, oid::TEXT);
            arrangement.stages.push(Stage::Distinct(vec![row]));
        }
        described::kept_rows(query, arrangement, slot, pass).map(Some)
    }
}

/// Describes what RETURNING asks for; whether it asks for columns of that table alone.
fn prepared(
    items: &mut Option<Vec<SelectItem>>,
    table: &TableWithJoins,
    name: &Ident,
    sources: usize,
    pass: &mut Pass<'_>,
) -> bool {
    let Some(items) = items else {
        return true;
    };
    if sources > 1 && !items.iter().all(|item| is_of(item, name)) {
        return false;
    }
    column_label::describe(items, std::slice::from_ref(table), pass);
    true
}

/// Whether all columns in an item say that they are of this table.
fn is_of(item: &SelectItem, table: &Ident) -> bool {
    if matches!(item, SelectItem::Wildcard(_)) {
        return false;
    }
    !look::finds(item, &mut |node| match node {
        Node::Expression(Expr::Identifier(_)) => true,
        Node::Expression(Expr::CompoundIdentifier(parts)) => parts
            .first()
            .is_none_or(|first| labels::folded(first) != labels::folded(table)),
        _ => false,
    })
}

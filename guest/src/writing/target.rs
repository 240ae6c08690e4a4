//! The rows that a statement touches: found, locked, changed and shown, each by its
//! hidden row number.

use sqlparser::ast::{
    Assignment, AssignmentTarget, Expr, FromTable, ObjectName, SelectItem, Statement, TableObject,
    TableWithJoins, Update,
};

use crate::build;
use crate::computed::Computed;
use crate::look;
use crate::part::{Part, Times};
use crate::placeholder;
use crate::relations::Relation;
use crate::rule::Pass;
use crate::types::oid;
use crate::wit::{ComputedColumn, Diagnostic, Instruction, RowUse};
use crate::writing;

/// The table that is written to, as a FROM names it.
pub(crate) fn table_of(tree: &Statement) -> Vec<TableWithJoins> {
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

/// The tables whose columns RETURNING can name.
pub(crate) fn sources_of(tree: &Statement) -> Vec<TableWithJoins> {
    match tree {
        Statement::Update(update) => writing::sources_of_update(update),
        Statement::Delete(delete) => writing::sources_of_delete(delete),
        other => table_of(other),
    }
}

/// Shows the row that an INSERT made, each time it ran.
pub(crate) fn inserted_row(
    from: Vec<TableWithJoins>,
    items: Vec<SelectItem>,
    times: &Times,
) -> Part {
    let last = build::call("LAST_IDENTITY", Vec::new());
    let found = writing::equals(writing::row(None), last);
    Part {
        rows: RowUse::Emit,
        repetition: match times {
            Times::Once => Times::Once,
            _ => Times::AfterEach,
        },
        if_empty: Some(
            Diagnostic::error("XX000", "the inserted row was not found")
                .with_hint("LAST_IDENTITY() is the key that the last INSERT generated"),
        ),
        ..Part::new(writing::select(items, from, Some(found)))
    }
}

/// A column that can be set to what it holds: better none of a key, on which
/// other tables may depend.
pub(crate) fn changeable(relation: &Relation) -> Option<ObjectName> {
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

/// The column by which rows that are updated are locked: one that is written to anyway.
pub(crate) fn lock_of(update: &Update) -> Option<ObjectName> {
    match &update.assignments.first()?.target {
        AssignmentTarget::ColumnName(name) => Some(ObjectName(vec![name.0.last()?.clone()])),
        AssignmentTarget::Tuple(_) => None,
    }
}

/// A name of IRIS's, which may be a reserved word.
fn quoted(name: &str) -> sqlparser::ast::Ident {
    sqlparser::ast::Ident::with_quote('"', name.replace('"', "\"\""))
}

/// What the broker computes for an assignment.
pub(crate) struct SetTo {
    /// By number from 0.
    pub(crate) assignment: usize,
    /// What IRIS is asked for.
    pub(crate) source: Expr,
    pub(crate) computed: Computed,
}

/// Instructions on one value as those on column `number` of a kept row.
pub(crate) fn of_column(number: u32, instructions: Vec<Instruction>) -> Vec<Instruction> {
    let instructions = instructions.into_iter().map(|one| match one {
        Instruction::Column(_) => Instruction::Column(number),
        other => other,
    });
    instructions.collect()
}

/// The rows that an UPDATE or a DELETE means.
pub(crate) struct Target {
    table: TableWithJoins,
    condition: Option<Expr>,
    /// The slot with the rows that the condition was true for at first.
    pub(crate) found: u32,
    /// The slot with those that it is true for now that they are locked.
    pub(crate) rows: u32,
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

    /// Rows that another part has found.
    pub(crate) fn of_found(table: TableWithJoins, found: u32, pass: &mut Pass<'_>) -> Self {
        Self {
            table,
            condition: None,
            found,
            rows: pass.slot(),
        }
    }

    /// Changes what is meant of the rows found, and shows them. `values` are what the broker computes
    /// of them first.
    pub(crate) fn changed(
        &self,
        update: &mut Update,
        items: Option<Vec<SelectItem>>,
        values: Vec<SetTo>,
    ) -> Vec<Part> {
        let lock = lock_of(update);
        let mut kept = vec![SelectItem::UnnamedExpr(writing::row(None))];
        let mut computed = Vec::with_capacity(values.len());
        for value in values {
            let number = u32::try_from(kept.len()).unwrap_or(u32::MAX);
            if let Some(assignment) = update.assignments.get_mut(value.assignment) {
                assignment.value = placeholder::kept(self.rows, number);
            }
            kept.push(SelectItem::UnnamedExpr(writing::typed(value.source)));
            computed.push(ComputedColumn {
                number,
                type_oid: value.computed.type_oid,
                instructions: of_column(number, value.computed.instructions),
            });
        }
        // A query among the values must not see what this statement has changed.
        for assignment in &mut update.assignments {
            if look::has_query(&assignment.value) {
                let column = u32::try_from(kept.len()).unwrap_or(u32::MAX);
                let held = placeholder::kept(self.rows, column);
                let value = std::mem::replace(&mut assignment.value, held);
                kept.push(SelectItem::UnnamedExpr(value));
            }
        }
        update.selection = Some(self.is_current(self.rows));
        let mut parts = self.confirmed(lock, kept);
        if let Some(last) = parts.last_mut() {
            last.computed = computed;
        }
        parts.push(Part {
            counted: true,
            ..self.for_each(Statement::Update(update.clone()))
        });
        parts.extend(items.map(|items| self.shown(items)));
        parts
    }

    pub(crate) fn is_current(&self, slot: u32) -> Expr {
        writing::equals(writing::row(None), placeholder::kept(slot, 0))
    }

    /// Runs for each of the rows.
    pub(crate) fn for_each(&self, tree: Statement) -> Part {
        Part {
            repetition: Times::ForEach(self.rows),
            ..Part::new(tree)
        }
    }

    pub(crate) fn shown(&self, items: Vec<SelectItem>) -> Part {
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
        parts.extend(self.changed(update, items, Vec::new()));
        parts
    }

    /// Finds the rows.
    pub(crate) fn candidates(&self) -> Part {
        let row = vec![SelectItem::UnnamedExpr(writing::row(None))];
        let from = vec![self.table.clone()];
        Part {
            rows: RowUse::Keep(self.found),
            ..Part::new(writing::select(row, from, self.condition.clone()))
        }
    }

    /// Locks each.
    pub(crate) fn locks(&self, lock: Option<ObjectName>) -> Option<Part> {
        lock.map(|column| Part {
            repetition: Times::ForEach(self.found),
            ..Part::new(self.locked(column, self.is_current(self.found)))
        })
    }

    /// Locks each, and keeps what is asked of those that still are meant.
    pub(crate) fn confirmed(&self, lock: Option<ObjectName>, kept: Vec<SelectItem>) -> Vec<Part> {
        let mut parts = Vec::with_capacity(4);
        let from = vec![self.table.clone()];
        let each = Times::ForEach(self.found);
        let candidate = self.is_current(self.found);
        parts.extend(self.locks(lock));
        let meant = writing::both(candidate, self.condition.clone());
        parts.push(Part {
            repetition: each,
            rows: RowUse::Keep(self.rows),
            ..Part::new(writing::select(kept, from, Some(meant)))
        });
        parts
    }

    /// An update that changes nothing, and holds the row until the transaction ends.
    pub(crate) fn locked(&self, column: ObjectName, row: Expr) -> Statement {
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

//! Triggers, carried out when the rows of a statement are changed.
//!
//! SQLite queues the changed rows ([`storage`](crate::storage)); a trigger of
//! either time sees the table as the whole statement leaves it.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::ast::{Code, SqlStep, SqlText, TriggerDef, TriggerEvent, TriggerScope, TriggerTime};
use crate::catalog::{Catalog, Table, same};
use crate::datatype::Type;
use crate::error::{Result, SqlError};
use crate::functions::Datum;
use crate::functions::objectscript::string;
use crate::objectscript::{Machine, Program, Values};
use crate::plan::{Action, Write, WriteKind};
use crate::run::bound;
use crate::session::{Fired, lock};
use crate::{Completion, Connection, Value};

/// How many triggers may fire each other.
const DEEPEST: u32 = 16;

impl Connection {
    /// Carries out the triggers of the rows that were changed, then those of the statement.
    pub(crate) fn fire(&mut self, write: &Write, catalog: &Catalog) -> Result<()> {
        let depth = self.session.trigger_depth.fetch_add(1, Ordering::Relaxed);
        let identity = self.session.last_identity.load(Ordering::Relaxed);
        let result = if depth >= DEEPEST {
            Err(SqlError::new(-400, "<FRAMESTACK> triggers fire each other"))
        } else {
            self.fire_all(write, catalog)
        };
        self.session.trigger_depth.fetch_sub(1, Ordering::Relaxed);
        self.session
            .last_identity
            .store(identity, Ordering::Relaxed);
        result
    }

    fn fire_all(&mut self, write: &Write, catalog: &Catalog) -> Result<()> {
        let rows = std::mem::take(&mut *lock(&self.session.fired));
        for row in &rows {
            let table = catalog
                .tables()
                .find(|t| t.full_name() == row.table)
                .cloned();
            let (Some(table), Some(event)) = (table, event_of(&row.event)) else {
                continue;
            };
            for trigger in catalog.triggers_of(&table) {
                let fits = trigger.events.contains(&event)
                    && trigger.scope == TriggerScope::Row
                    && touches(&trigger, &table, row);
                if fits {
                    self.fire_one(&trigger, event, &table, row)?;
                }
            }
        }
        let event = match write.kind {
            WriteKind::Insert => TriggerEvent::Insert,
            WriteKind::Update => TriggerEvent::Update,
            WriteKind::Delete => TriggerEvent::Delete,
        };
        let none = Fired {
            table: String::new(),
            event: String::new(),
            old: Vec::new(),
            new: Vec::new(),
        };
        for trigger in catalog.triggers_of(&write.table) {
            if trigger.scope == TriggerScope::Statement && trigger.events.contains(&event) {
                self.fire_one(&trigger, event, &write.table, &none)?;
            }
        }
        Ok(())
    }

    fn fire_one(
        &mut self,
        trigger: &Arc<TriggerDef>,
        event: TriggerEvent,
        table: &Table,
        row: &Fired,
    ) -> Result<()> {
        let failed = |message: &str| SqlError::new(failure_code(trigger.time, event), message);
        match &trigger.code {
            Code::ObjectScript(code) => {
                let program = Program::commands(code)?;
                let mut machine = Machine::new(fields(table, row), flags());
                machine.user.clone_from(&self.session.user);
                program
                    .run(&mut machine)
                    .map_err(|error| failed(&error.message))?;
                let ok = machine.variables.get("%ok").map_or("1", String::as_str);
                if crate::decimal::to_i64(&crate::decimal::leading(ok)) == 0 {
                    let message = machine.variables.get("%msg");
                    return Err(failed(message.map_or("", String::as_str)));
                }
                Ok(())
            }
            Code::Sql(steps) => {
                if let Some(condition) = &trigger.condition {
                    let text = format!(
                        "SELECT 1 AS yes FROM (SELECT 1 AS one) WHERE {}",
                        condition.text
                    );
                    let found = self.step(&text, &condition.names, table, row);
                    if found.map_err(|error| failed(&error.message))?.row_count == 0 {
                        return Ok(());
                    }
                }
                for step in steps {
                    let (SqlStep::Run(SqlText { text, names })
                    | SqlStep::Into(SqlText { text, names }, _)
                    | SqlStep::Return(SqlText { text, names })) = step;
                    self.step(text, names, table, row)
                        .map_err(|error| failed(&error.message))?;
                }
                Ok(())
            }
        }
    }

    /// One statement with the values of `OLD.column` and `NEW.column`.
    fn step(
        &mut self,
        text: &str,
        names: &[String],
        table: &Table,
        row: &Fired,
    ) -> Result<Completion> {
        let catalog = self.catalog();
        let plan = self.plan(text, &catalog)?;
        let values: Vec<Value> = names
            .iter()
            .map(|name| value(table, row, name))
            .collect::<Result<_>>()?;
        let parameters = bound(&values, &plan.parameters)?;
        match &plan.action {
            Action::Query { sql } => {
                let columns = plan.columns.as_deref().unwrap_or_default();
                self.query(
                    sql,
                    &parameters,
                    columns,
                    &mut |_| ControlFlow::Continue(()),
                )
            }
            Action::Write(write) => self.write(write, &parameters),
            _ => Err(SqlError::new(
                -400,
                "the sandbox's triggers insert, update, delete and select only",
            )),
        }
    }
}

fn event_of(name: &str) -> Option<TriggerEvent> {
    match name {
        "INSERT" => Some(TriggerEvent::Insert),
        "UPDATE" => Some(TriggerEvent::Update),
        "DELETE" => Some(TriggerEvent::Delete),
        _ => None,
    }
}

fn failure_code(time: TriggerTime, event: TriggerEvent) -> i32 {
    match (time, event) {
        (TriggerTime::Before, TriggerEvent::Insert) => -130,
        (TriggerTime::After, TriggerEvent::Insert) => -131,
        (TriggerTime::Before, TriggerEvent::Update) => -132,
        (TriggerTime::After, TriggerEvent::Update) => -133,
        (TriggerTime::Before, TriggerEvent::Delete) => -134,
        (TriggerTime::After, TriggerEvent::Delete) => -135,
    }
}

/// The position of a column in a fired row, and its type.
fn place(table: &Table, name: &str) -> Option<(usize, Type)> {
    if name == "%ID" || same(name, &table.row_id) {
        return Some((0, Type::BigInt));
    }
    let mut stored = table.stored_columns().enumerate();
    let found = stored.find(|(_, column)| same(&column.name, name));
    found.map(|(n, column)| (n + 1, column.ty.clone()))
}

/// `UPDATE OF`: did one of the columns change?
fn touches(trigger: &TriggerDef, table: &Table, row: &Fired) -> bool {
    let changed =
        |name: &String| place(table, name).is_some_and(|(n, _)| row.old.get(n) != row.new.get(n));
    trigger.columns.is_empty() || trigger.columns.iter().any(changed)
}

fn value(table: &Table, row: &Fired, name: &str) -> Result<Value> {
    let (which, column) = name.split_once('.').unwrap_or(("NEW", name));
    let (n, ty) = place(table, column).ok_or_else(|| SqlError::new(-29, column))?;
    let row = if which == "OLD" { &row.old } else { &row.new };
    match row.get(n) {
        Some(datum) => Value::from_sqlite(datum.into(), &ty),
        None => Ok(Value::Null),
    }
}

/// `%ok` and `%msg`, by which code says that it failed.
fn flags() -> Values {
    Values::from([("%ok".into(), "1".into()), ("%msg".into(), String::new())])
}

/// `{x}`, `{x*N}`, `{x*O}` and `{x*C}` of every column.
fn fields(table: &Table, row: &Fired) -> Values {
    let mut fields = Values::new();
    let names = std::iter::once(&table.row_id).chain(table.stored_columns().map(|c| &c.name));
    for name in names {
        let Some((n, ty)) = place(table, name) else {
            continue;
        };
        let text = |row: &[Datum]| row.get(n).map(|datum| logical(datum, &ty));
        let (old, new) = (text(&row.old), text(&row.new));
        let key = |version: char| format!("{}*{version}", name.to_uppercase());
        let changed = u8::from(old != new).to_string();
        let now = new.clone().or_else(|| old.clone());
        fields.insert(key(' '), now.unwrap_or_default());
        fields.insert(key('N'), new.unwrap_or_default());
        fields.insert(key('O'), old.unwrap_or_default());
        fields.insert(key('C'), changed);
    }
    fields
}

/// A stored value as ObjectScript sees it.
fn logical(datum: &Datum, ty: &Type) -> String {
    match (ty, datum) {
        (Type::Time(_), Datum::Integer(nanoseconds)) => {
            let seconds = bigdecimal::BigDecimal::new((*nanoseconds).into(), 9);
            crate::decimal::canonical(&seconds)
        }
        _ => string(datum.into()),
    }
}

//! Functions, procedures, queries and triggers as they are kept.

use std::sync::Arc;

use super::{Catalog, Table, object_key, qualified, same};
use crate::ast::{ObjectName, RoutineDef, RoutineKind, TriggerDef, TriggerTime};
use crate::error::{Result, SqlError};

impl Catalog {
    /// The routine of this name, whatever its kind.
    pub(crate) fn find_routine(&self, name: &ObjectName) -> Option<&Arc<RoutineDef>> {
        let (schema, name) = qualified(name);
        self.routines.get(&object_key(schema, name))
    }

    /// All routines, for the catalog relations.
    pub(crate) fn routines(&self) -> impl Iterator<Item = &Arc<RoutineDef>> {
        self.routines.values()
    }

    /// The routines of a schema.
    pub(crate) fn routines_of(&self, schema: &str) -> Vec<Arc<RoutineDef>> {
        let within = |routine: &&Arc<RoutineDef>| same(qualified(&routine.name).0, schema);
        self.routines().filter(within).cloned().collect()
    }

    /// Adds it: -361 if the name is taken and it does not replace what is there.
    pub(crate) fn put_routine(&mut self, routine: RoutineDef) -> Result<()> {
        let (schema, name) = qualified(&routine.name);
        let key = object_key(schema, name);
        if self.routines.contains_key(&key) && !routine.replace {
            return Err(SqlError::new(-361, &routine.name.name));
        }
        self.routines.insert(key, Arc::new(routine));
        Ok(())
    }

    /// Removes it: -362 if there is none of this kind.
    pub(crate) fn remove_routine(&mut self, kind: RoutineKind, name: &ObjectName) -> Result<()> {
        let (schema, plain) = qualified(name);
        let key = object_key(schema, plain);
        // A procedure of SQL that only selects is a query too.
        let fits = |routine: &Arc<RoutineDef>| {
            routine.kind == kind || kind == RoutineKind::Procedure && routine.callable
        };
        if !self.routines.get(&key).is_some_and(fits) {
            return Err(SqlError::new(-362, plain));
        }
        self.routines.remove(&key);
        Ok(())
    }

    /// All triggers, for the catalog relations.
    pub(crate) fn triggers(&self) -> impl Iterator<Item = &Arc<TriggerDef>> {
        self.triggers.values()
    }

    pub(crate) fn has_triggers(&self) -> bool {
        !self.triggers.is_empty()
    }

    /// The triggers of a table, in the order in which they fire.
    pub(crate) fn triggers_of(&self, table: &Table) -> Vec<Arc<TriggerDef>> {
        let mut found: Vec<_> = self
            .triggers()
            .filter(|trigger| is_on(trigger, table))
            .cloned()
            .collect();
        found.sort_by_key(|t| (t.time == TriggerTime::After, t.order, t.events.len()));
        found
    }

    /// The trigger's name and its table's name get the schema of whichever has one: -366 if they differ.
    /// -365 if the name is taken, -400 if a table has it, -30 without the table.
    pub(crate) fn put_trigger(&mut self, mut trigger: TriggerDef) -> Result<Arc<TriggerDef>> {
        match (&trigger.name.schema, &trigger.table.schema) {
            (Some(a), Some(b)) if !same(a, b) => return Err(SqlError::code(-366)),
            (None, Some(schema)) => trigger.name.schema = Some(schema.clone()),
            (Some(schema), None) => trigger.table.schema = Some(schema.clone()),
            _ => {}
        }
        let table = self.table(&trigger.table)?;
        if self.find_table(&trigger.name).is_some() {
            return Err(SqlError::new(-400, "trigger and table of the same name"));
        }
        for column in &trigger.columns {
            if table.column(column).is_none() {
                return Err(SqlError::new(-400, format!("no field {column}")));
            }
        }
        let (schema, name) = qualified(&trigger.name);
        let key = object_key(schema, name);
        if self.triggers.contains_key(&key) && !trigger.replace {
            return Err(SqlError::new(-365, &trigger.name.name));
        }
        let trigger = Arc::new(trigger);
        self.triggers.insert(key, Arc::clone(&trigger));
        Ok(trigger)
    }

    /// -363 if there is none, or not on that table.
    pub(crate) fn remove_trigger(
        &mut self,
        name: &ObjectName,
        table: Option<&ObjectName>,
    ) -> Result<Arc<TriggerDef>> {
        let mut full = name.clone();
        if let (None, Some(table)) = (&full.schema, table) {
            full.schema.clone_from(&table.schema);
        }
        let (schema, plain) = qualified(&full);
        let key = object_key(schema, plain);
        let on = |trigger: &Arc<TriggerDef>| {
            table.is_none_or(|table| same(&trigger.table.name, &table.name))
        };
        match self.triggers.get(&key) {
            Some(trigger) if on(trigger) => {}
            _ => return Err(SqlError::new(-363, plain)),
        }
        let removed = self.triggers.remove(&key);
        removed.ok_or_else(|| SqlError::new(-363, plain))
    }

    /// Triggers follow a table that gets another name, and go with it.
    pub(crate) fn move_triggers(&mut self, old: &Table, new: Option<&Table>) {
        let keys: Vec<String> = self
            .triggers
            .iter()
            .filter(|(_, trigger)| is_on(trigger, old))
            .map(|(key, _)| key.clone())
            .collect();
        for key in keys {
            let Some(trigger) = self.triggers.remove(&key) else {
                continue;
            };
            if let Some(new) = new {
                let mut trigger = (*trigger).clone();
                trigger.table.name.clone_from(&new.name);
                self.triggers.insert(key, Arc::new(trigger));
            }
        }
    }
}

fn is_on(trigger: &TriggerDef, table: &Table) -> bool {
    let (schema, name) = qualified(&trigger.table);
    object_key(schema, name) == object_key(&table.schema, &table.name)
}

/// The statement that made a trigger, with the present name of its table.
pub(super) fn trigger_ddl(trigger: &TriggerDef) -> String {
    let (schema, name) = qualified(&trigger.table);
    format!(
        "{}{}.{}{}",
        trigger.text.0,
        super::quoted(schema),
        super::quoted(name),
        trigger.text.1
    )
}

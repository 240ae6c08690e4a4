//! Which privileges a statement needs: recorded while it is bound.

use std::collections::BTreeSet;

use super::Binder;
use crate::Version;
use crate::ast::{InsertTarget, Query, RoutineDef, Statement};
use crate::catalog::{Catalog, Table, qualified};
use crate::plan::{Action, Need, WriteKind};

/// An object that FROM names, and where its relation stands.
pub(super) struct Origin {
    relation: usize,
    schema: String,
    name: String,
}

/// How much was recorded at some time.
pub(super) struct Recorded {
    origins: usize,
    executed: usize,
    columns: BTreeSet<(usize, String)>,
}

/// What a query reads, object by object; nothing if it cannot be bound any more.
pub(crate) fn needs(query: &Query, catalog: &Catalog, version: Version) -> Vec<Need> {
    let mut binder = Binder::new(0, catalog, version);
    match binder.query(query, super::query::Place::View) {
        Ok(_) => binder.reads(),
        Err(_) => Vec::new(),
    }
}

impl Binder<'_> {
    /// FROM names an object. What a view reads is its owner's affair.
    pub(super) fn named_in_from(&mut self, relation: usize, schema: &str, name: &str) {
        if self.view_depth == 0 {
            self.origins.push(Origin {
                relation,
                schema: schema.to_owned(),
                name: name.to_owned(),
            });
        }
    }

    /// A column of a relation is read.
    pub(super) fn column_read(&mut self, relation: usize, column: &str) {
        if self.view_depth == 0 && column != "%VID" {
            self.columns_read.insert((relation, column.to_owned()));
        }
    }

    /// A routine is called.
    pub(super) fn executed(&mut self, routine: &RoutineDef) {
        if self.view_depth == 0 {
            let (schema, name) = qualified(&routine.name);
            self.executed.push(Need {
                schema: schema.to_owned(),
                name: name.to_owned(),
                privilege: "EXECUTE",
                columns: Vec::new(),
            });
        }
    }

    /// What is recorded so far. What a routine does inside needs no privilege of its caller.
    pub(super) fn recorded(&self) -> Recorded {
        Recorded {
            origins: self.origins.len(),
            executed: self.executed.len(),
            columns: self.columns_read.clone(),
        }
    }

    /// Forgets what was recorded after `before`.
    pub(super) fn forget_since(&mut self, before: Recorded) {
        self.origins.truncate(before.origins);
        self.executed.truncate(before.executed);
        self.columns_read = before.columns;
    }

    /// SELECT on everything that is read, EXECUTE on what is called.
    pub(super) fn reads(&self) -> Vec<Need> {
        let columns = |relation: usize| -> Vec<String> {
            let read = self.columns_read.iter().filter(|(r, _)| *r == relation);
            read.map(|(_, column)| self.defined_name(relation, column))
                .collect()
        };
        let mut needs: Vec<Need> = Vec::new();
        let named = self.origins.iter().map(|origin| {
            let columns = columns(origin.relation);
            Need::select(&origin.schema, &origin.name, columns)
        });
        // The target of an UPDATE is read where its columns are.
        let mut targets: Vec<usize> = self.columns_read.iter().map(|(r, _)| *r).collect();
        targets.dedup();
        targets.retain(|r| self.origins.iter().all(|origin| origin.relation != *r));
        let targets = targets.into_iter().filter_map(|r| {
            let table: &Table = self.relations.get(r)?.table.as_ref()?;
            Some(self.on_target(table, "SELECT", &columns(r)))
        });
        for need in named.chain(targets) {
            let known = needs
                .iter_mut()
                .find(|known| known.schema == need.schema && known.name == need.name);
            match known {
                Some(known) => {
                    let new = need.columns.into_iter();
                    let new: Vec<String> = new.filter(|c| !known.columns.contains(c)).collect();
                    known.columns.extend(new);
                }
                None => needs.push(need),
            }
        }
        needs.extend(self.executed.iter().cloned());
        needs
    }

    /// The name of a column whose SQLite name is known; a view's columns are numbered there.
    fn defined_name(&self, relation: usize, sql_name: &str) -> String {
        let columns = self.relations.get(relation).map(|r| r.columns.as_slice());
        let found = columns
            .unwrap_or_default()
            .iter()
            .find(|column| column.sql_name == sql_name);
        found.map_or(sql_name, |column| &column.name).to_owned()
    }

    /// The privileges that a change itself needs; on the view, if it is written through one.
    pub(super) fn writes(&self, action: &Action, or_update: bool) -> Vec<Need> {
        match action {
            Action::Write(write) => {
                let need = |privilege| self.on_target(&write.table, privilege, &write.columns);
                match write.kind {
                    WriteKind::Insert if or_update => vec![need("INSERT"), need("UPDATE")],
                    WriteKind::Insert => vec![need("INSERT")],
                    WriteKind::Update => vec![need("UPDATE")],
                    WriteKind::Delete => vec![need("DELETE")],
                }
            }
            Action::Truncate { table, .. } => vec![self.on_target(table, "DELETE", &[])],
            _ => Vec::new(),
        }
    }

    fn on_target(&self, table: &Table, privilege: &'static str, columns: &[String]) -> Need {
        let (schema, name) = match &self.target {
            Some((schema, name)) => (schema, name),
            None => (&table.schema, &table.name),
        };
        Need {
            schema: schema.clone(),
            name: name.clone(),
            privilege,
            columns: columns.to_vec(),
        }
    }
}

/// The schema and name of what a statement changes, as it is written there.
pub(super) fn written_name(statement: &Statement) -> Option<(String, String)> {
    let name = match statement {
        Statement::Insert(insert) => match &insert.table {
            InsertTarget::Named(name) => name,
            InsertTarget::Subquery(_) => return None,
        },
        Statement::Update(update) => &update.table,
        Statement::Delete(delete) => &delete.table,
        _ => return None,
    };
    let (schema, name) = qualified(name);
    Some((schema.to_owned(), name.to_owned()))
}

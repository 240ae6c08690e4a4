//! Refuses with -99 what the user is not privileged for.

use crate::Connection;
use crate::ast::{ObjectName, RoutineKind, Statement};
use crate::catalog::{Catalog, qualified};
use crate::error::{Result, SqlError};
use crate::plan::{Action, Need, Plan};
use crate::security::{Object, Rights};

impl Connection {
    /// Runs `check` with the privileges of the user, unless it has all of them.
    fn with_rights(&self, check: impl FnOnce(&Rights<'_>) -> Result<()>) -> Result<()> {
        let state = self.session.instance.state();
        if !self.session.is_restricted(&state) {
            return Ok(());
        }
        let rights = self.session.rights(&state);
        if rights.has_everything() {
            return Ok(());
        }
        check(&rights)
    }

    /// -99 for a user that does not have every privilege.
    pub(crate) fn require_everything(&self, action: &str) -> Result<()> {
        self.with_rights(|_| Err(self.refused(action)))
    }

    fn refused(&self, action: &str) -> SqlError {
        let user = &self.session.user;
        SqlError::new(-99, format!("User {user} is not privileged for {action}"))
    }

    /// What a query or a change needs.
    pub(crate) fn check_needs(&self, plan: &Plan) -> Result<()> {
        if plan.needs.is_empty() {
            return Ok(());
        }
        self.with_rights(|rights| {
            let catalog = self.catalog();
            for need in &plan.needs {
                let owned = owns(&catalog, need, &self.session.user);
                let system = crate::information_schema::find(&need.schema, &need.name)
                    .or_else(|| crate::information_schema::find_query(&need.schema, &need.name));
                let held = match system {
                    Some(relation) => relation.is_public(),
                    None => owned || holds(rights, need),
                };
                if !held {
                    let text = format!("{} on {}.{}", need.privilege, need.schema, need.name);
                    return Err(self.refused(&text));
                }
            }
            let besides = match &plan.action {
                Action::Truncate { .. } => Some("%NOTRIGGER"),
                Action::Write(write) if write.restrictions.no_check => Some("%NOCHECK"),
                _ => None,
            };
            match besides {
                Some(name) if !rights.has(name, &Object::None, "") => Err(self.refused(name)),
                _ => Ok(()),
            }
        })
    }

    /// What DDL needs: the right to make such a thing, or the thing's own.
    pub(crate) fn require_definition(&self, statement: &Statement) -> Result<()> {
        let (privilege, object): (&str, Option<&ObjectName>) = match statement {
            Statement::CreateTable(_) | Statement::CreateTableAs { .. } => ("%CREATE_TABLE", None),
            Statement::CreateView(_) => ("%CREATE_VIEW", None),
            Statement::AlterTable { table, .. } | Statement::CreateIndex { table, .. } => {
                ("%ALTER_TABLE", Some(table))
            }
            Statement::AlterView(def) => ("%ALTER_VIEW", Some(&def.name)),
            Statement::CreateTrigger(_) => ("%CREATE_TRIGGER", None),
            Statement::DropTrigger { .. } => ("%DROP_TRIGGER", None),
            Statement::CreateRoutine(routine) => (routine_privilege(routine.kind, true), None),
            Statement::DropRoutine { kind, .. } => (routine_privilege(*kind, false), None),
            Statement::DropIndex { table, .. } => ("%ALTER_TABLE", table.as_ref()),
            Statement::DropTable { name, .. } => ("%DROP_TABLE", Some(name)),
            Statement::DropView { name, .. } => ("%DROP_VIEW", Some(name)),
            _ => return self.require_everything("this definition"),
        };
        self.with_rights(|rights| {
            let catalog = self.catalog();
            let by_object = object.is_some_and(|name| {
                let (schema, table) = qualified(name);
                catalog.is_owner(schema, table, &self.session.user)
                    || privilege == "%ALTER_TABLE"
                        && rights.has("%ALTER", &Object::named(schema, table), "")
            });
            if !by_object && !rights.has(privilege, &Object::None, "") {
                return Err(self.refused(privilege));
            }
            let query = match statement {
                Statement::CreateTableAs { query, .. } => query,
                Statement::CreateView(view) | Statement::AlterView(view) => &view.query,
                _ => return Ok(()),
            };
            let needs = crate::binder::needs(query, &catalog, self.namespace.version);
            let missing = needs
                .iter()
                .find(|need| !owns(&catalog, need, &self.session.user) && !holds(rights, need));
            match missing {
                Some(need) => {
                    Err(self.refused(&format!("SELECT on {}.{}", need.schema, need.name)))
                }
                None => Ok(()),
            }
        })
    }

    /// Privileges on a table or view go with it.
    pub(crate) fn forget_dropped(&self, statement: &Statement) -> Result<()> {
        let (Statement::DropTable { name, .. }
        | Statement::DropView { name, .. }
        | Statement::DropRoutine { name, .. }) = statement
        else {
            return Ok(());
        };
        let (schema, name) = qualified(name);
        let namespace = &self.session.namespace;
        let instance = &self.session.instance;
        if !instance.state().security.mentions(namespace, schema, name) {
            return Ok(());
        }
        instance.change(|state| {
            state.security.forget_object(namespace, schema, name);
            Ok(())
        })
    }
}

fn routine_privilege(kind: RoutineKind, create: bool) -> &'static str {
    match (kind, create) {
        (RoutineKind::Function, true) => "%CREATE_FUNCTION",
        (RoutineKind::Function, false) => "%DROP_FUNCTION",
        (RoutineKind::Procedure, true) => "%CREATE_PROCEDURE",
        (RoutineKind::Procedure, false) => "%DROP_PROCEDURE",
        (RoutineKind::Method, true) => "%CREATE_METHOD",
        (RoutineKind::Method, false) => "%DROP_METHOD",
        (RoutineKind::Query, true) => "%CREATE_QUERY",
        (RoutineKind::Query, false) => "%DROP_QUERY",
    }
}

/// Does the user own what the privilege is needed on?
fn owns(catalog: &Catalog, need: &Need, user: &str) -> bool {
    if need.privilege == "EXECUTE" {
        return catalog.is_routine_owner(&need.schema, &need.name, user);
    }
    catalog.is_owner(&need.schema, &need.name, user)
}

/// On the object, or on each of the columns; without columns, on any of them.
fn holds(rights: &Rights<'_>, need: &Need) -> bool {
    let object = Object::named(&need.schema, &need.name);
    if need.columns.is_empty() {
        return rights.has_some(need.privilege, &object);
    }
    need.columns
        .iter()
        .all(|column| rights.has(need.privilege, &object, column))
}

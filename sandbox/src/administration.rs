//! Executes statements on users, roles, privileges and databases.

use std::sync::Arc;

use crate::Connection;
use crate::ast::{Account, Database, Grant, GrantMode, GrantObject, Granted, PrivilegeCheck};
use crate::catalog::{Catalog, not_found, qualified};
use crate::error::Result;
use crate::security::{Grantor, Keeping, Object, Security};

impl Connection {
    pub(crate) fn account(&self, account: &Account) -> Result<()> {
        self.require_everything("%Admin_Secure")?;
        let keeping = if self.session.durable {
            Keeping::File
        } else {
            Keeping::Memory
        };
        self.session.instance.change(|state| {
            let security = &mut state.security;
            match account {
                Account::CreateUser { name, password } => {
                    security.create_user(name, password, keeping)
                }
                Account::AlterUser { name, password } => {
                    security.alter_user(name, password, keeping)
                }
                Account::DropUser { name } => security.drop_user(name),
                Account::CreateRole { name } => security.create_role(name),
                Account::DropRole { name } => security.drop_role(name),
            }
        })
    }

    pub(crate) fn grant(&self, grant: &Grant) -> Result<()> {
        let catalog = self.catalog();
        let session = &self.session;
        session.instance.change(|state| {
            let (user, namespace) = (session.user.as_str(), session.namespace.as_str());
            let restricted = session.is_restricted(state);
            match &grant.what {
                Granted::Names(names) => {
                    let grantor = Grantor {
                        user,
                        namespace,
                        restricted,
                        owner: false,
                    };
                    let grantees = &grant.grantees;
                    state
                        .security
                        .grant_names(names, grantees, grant.mode, &grantor)
                }
                Granted::Objects {
                    privileges,
                    objects,
                } => {
                    for object in objects {
                        let (object, owner) = found(object, &catalog, user)?;
                        let grantor = Grantor {
                            user,
                            namespace,
                            restricted,
                            owner,
                        };
                        for privilege in privileges {
                            grant_columns(
                                &mut state.security,
                                &object,
                                privilege,
                                (&grant.grantees, grant.mode, &grantor),
                            )?;
                        }
                    }
                    Ok(())
                }
            }
        })
    }

    /// 0, or 100 if a privilege is missing.
    pub(crate) fn check_privilege(&self, check: &PrivilegeCheck) -> i32 {
        let catalog = self.catalog();
        let state = self.session.instance.state();
        let user = &self.session.user;
        let rights = self.session.rights(&state);
        let Some(name) = &check.object else {
            let held = check.privileges.iter().all(|privilege| {
                let name = privilege.name.to_uppercase();
                let known = state.security.has_role(&name);
                known && rights.has_role(&name, check.with_option)
                    || !known
                        && crate::security::STANDALONE.contains(&name.as_str())
                        && if check.with_option {
                            rights.may_grant(&name, &Object::None, "")
                        } else {
                            rights.has(&name, &Object::None, "")
                        }
            });
            return if held { 0 } else { 100 };
        };
        let (schema, table) = qualified(name);
        let owner =
            catalog.is_owner(schema, table, user) || catalog.is_routine_owner(schema, table, user);
        let known = catalog.find_table(name).is_some()
            || catalog.find_view(name).is_some()
            || catalog.find_routine(name).is_some();
        let system = crate::information_schema::find(schema, table);
        if !known {
            let readable =
                system.is_some_and(|relation| relation.is_public() || rights.has_everything());
            let reads = check.privileges.iter().all(|p| p.name == "SELECT");
            return if readable && reads { 0 } else { 100 };
        }
        let object = Object::named(schema, table);
        let held = |privilege: &str, column: &str| {
            if check.with_option {
                rights.may_grant(privilege, &object, column)
            } else {
                rights.has(privilege, &object, column)
            }
        };
        let all = check.privileges.iter().all(|privilege| {
            let name = privilege.name.as_str();
            held(name, "")
                || !privilege.columns.is_empty()
                    && privilege.columns.iter().all(|column| held(name, column))
        });
        if owner || all { 0 } else { 100 }
    }

    pub(crate) fn database(&mut self, statement: &Database) -> Result<()> {
        let instance = Arc::clone(&self.session.instance);
        match statement {
            Database::Create { name } => {
                self.require_everything("%Admin_Manage")?;
                instance.create(name)
            }
            Database::Drop { name, keep_file } => {
                self.require_everything("%Admin_Manage")?;
                instance.drop_namespace(name, &self.session.namespace, *keep_file)
            }
            Database::Use { name } => self.enter(name),
        }
    }
}

/// The object of a GRANT, and whether `user` owns it; -30 if a table does not exist.
fn found(object: &GrantObject, catalog: &Catalog, user: &str) -> Result<(Object, bool)> {
    Ok(match object {
        GrantObject::All => (Object::All, false),
        GrantObject::Schema(schema) => (Object::Schema(schema.to_uppercase()), false),
        GrantObject::Named(name) => {
            let (schema, table) = qualified(name);
            let system = crate::information_schema::find(schema, table).is_some();
            let routine = catalog.find_routine(name).is_some();
            let relation = catalog.find_table(name).is_some() || catalog.find_view(name).is_some();
            if !relation && !routine && !system {
                return Err(not_found(name));
            }
            let owner = catalog.is_owner(schema, table, user)
                || catalog.is_routine_owner(schema, table, user);
            (Object::named(schema, table), owner)
        }
    })
}

fn grant_columns(
    security: &mut Security,
    object: &Object,
    privilege: &crate::ast::Privilege,
    (grantees, mode, grantor): (&[String], GrantMode, &Grantor<'_>),
) -> Result<()> {
    let name = privilege.name.as_str();
    if privilege.columns.is_empty() {
        return security.grant_object(object, name, "", grantees, (mode, grantor));
    }
    privilege.columns.iter().try_for_each(|column| {
        security.grant_object(object, name, column, grantees, (mode, grantor))
    })
}

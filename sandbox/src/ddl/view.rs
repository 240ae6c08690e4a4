//! CREATE VIEW, ALTER VIEW and DROP VIEW.

use std::sync::Arc;

use super::Change;
use crate::Version;
use crate::ast::{DropBehaviour, ObjectName, ViewDef, ViewOption};
use crate::catalog::{Catalog, View, not_found, qualified};
use crate::error::{Result, SqlError};

impl Change {
    /// -201 for a name that is taken, -142 for the number of columns, -36 for a check that cannot be.
    pub(super) fn create_view(&mut self, def: &ViewDef, version: Version) -> Result<bool> {
        let existing = self.catalog.find_view(&def.name).cloned();
        let taken = existing.is_some() && !def.replace;
        if self.catalog.find_table(&def.name).is_some() || taken {
            return Err(SqlError::new(-201, &def.name.name));
        }
        if let Some(view) = existing {
            // A view is not to be made of itself.
            self.catalog.remove_view(&view);
        }
        let (_, bound) = crate::binder::bind_query(&def.query, &self.catalog, version)?;
        if !def.columns.is_empty() && def.columns.len() != bound.len() {
            return Err(SqlError::code(-142));
        }
        let checked = matches!(def.option, ViewOption::Check | ViewOption::LocalCheck);
        if checked && !crate::binder::is_updatable(&def.query, &self.catalog, version) {
            return Err(SqlError::new(-36, &def.name.name));
        }
        self.catalog.put_view(def.clone().into());
        Ok(true)
    }

    /// -30 if there is no such view.
    pub(super) fn alter_view(&mut self, def: &ViewDef, version: Version) -> Result<bool> {
        if self.catalog.find_view(&def.name).is_none() {
            return Err(not_found(&def.name));
        }
        self.create_view(def, version)
    }

    /// -321 while other views are made of it; CASCADE drops them.
    pub(super) fn drop_view(
        &mut self,
        name: &ObjectName,
        if_exists: bool,
        behaviour: DropBehaviour,
        version: Version,
    ) -> Result<bool> {
        let Some(view) = self.catalog.find_view(name).cloned() else {
            return if if_exists {
                Ok(false)
            } else {
                Err(not_found(name))
            };
        };
        let (schema, plain) = qualified(name);
        let full = format!("{schema}.{plain}");
        self.release_views(&full, behaviour, version)?;
        self.catalog.remove_view(&view);
        Ok(true)
    }

    /// -321 if views are made of this table or view; CASCADE drops them and what is made of them.
    pub(super) fn release_views(
        &mut self,
        full_name: &str,
        behaviour: DropBehaviour,
        version: Version,
    ) -> Result<()> {
        for view in dependents(&self.catalog, full_name, version) {
            let name = format!("{}.{}", view.schema, view.name);
            if behaviour == DropBehaviour::Restrict {
                return Err(SqlError::new(-321, name));
            }
            self.catalog.remove_view(&view);
        }
        Ok(())
    }
}

/// The views that mean nothing any more without this table or view.
fn dependents(catalog: &Catalog, full_name: &str, version: Version) -> Vec<Arc<View>> {
    let mut without = catalog.clone();
    without.forget(full_name);
    let broken = |view: &Arc<View>| {
        let before = crate::binder::bind_query(&view.query, catalog, version);
        before.is_ok() && crate::binder::bind_query(&view.query, &without, version).is_err()
    };
    let others = without.views().filter(|view| broken(view));
    others.cloned().collect()
}

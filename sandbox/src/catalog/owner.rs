//! Who made a table or view; owners may do everything with it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::store::differing;
use super::{Catalog, object_key, same};
use crate::error::{Result, SqlError};

/// The owner of what has no other.
const NOBODY_ELSE: &str = "_SYSTEM";

/// Stands before the keys of routines: they may have the name of a table.
const ROUTINE: &str = "()";

fn routine_key(key: &str) -> String {
    format!("{ROUTINE}{key}")
}

impl Catalog {
    /// The owner of an object.
    pub(crate) fn owner(&self, schema: &str, name: &str) -> &str {
        self.owners
            .get(&object_key(schema, name))
            .map_or(NOBODY_ELSE, String::as_str)
    }

    /// Does the user own the table or view?
    pub(crate) fn is_owner(&self, schema: &str, name: &str, user: &str) -> bool {
        let owned = self.find_object(&object_key(schema, name));
        owned && same(self.owner(schema, name), user)
    }

    /// Does the user own the routine?
    pub(crate) fn is_routine_owner(&self, schema: &str, name: &str, user: &str) -> bool {
        let key = routine_key(&object_key(schema, name));
        let owner = self.owners.get(&key).map_or(NOBODY_ELSE, String::as_str);
        self.find_object(&key) && same(owner, user)
    }

    fn find_object(&self, key: &str) -> bool {
        match key.strip_prefix(ROUTINE) {
            Some(key) => self.routines.contains_key(key),
            None => self.tables.contains_key(key) || self.views.contains_key(key),
        }
    }

    /// After a change of `before`: what is new belongs to `user`, what was
    /// renamed to whom it belonged, and what is gone to nobody.
    pub(crate) fn settle_owners(&mut self, before: &Self, user: &str) {
        let (mut lost, mut gained) = (Vec::new(), Vec::new());
        for key in changed_keys(before, self) {
            match (before.find_object(&key), self.find_object(&key)) {
                (true, false) => lost.push(key),
                (false, true) => gained.push(key),
                _ => {}
            }
        }
        let lost: Vec<Option<String>> = lost.iter().map(|key| self.owners.remove(key)).collect();
        if let ([owner], [key]) = (lost.as_slice(), gained.as_slice()) {
            if let Some(owner) = owner {
                self.owners.insert(key.clone(), owner.clone());
            }
            return;
        }
        for key in gained {
            if !same(user, NOBODY_ELSE) {
                self.owners.insert(key, user.to_owned());
            }
        }
    }
}

/// The keys of tables, views and routines that are not the same objects as before.
fn changed_keys(before: &Catalog, after: &Catalog) -> BTreeSet<String> {
    let tables = differing(&before.tables, &after.tables, Arc::ptr_eq);
    let views = differing(&before.views, &after.views, Arc::ptr_eq);
    let routines = differing(&before.routines, &after.routines, Arc::ptr_eq);
    let tables = tables.into_iter().map(|(key, _)| key.to_owned());
    let views = views.into_iter().map(|(key, _)| key.to_owned());
    let routines = routines.into_iter().map(|(key, _)| routine_key(key));
    tables.chain(views).chain(routines).collect()
}

/// The owners that the file holds.
pub(crate) fn load(connection: &rusqlite::Connection) -> Result<BTreeMap<String, String>> {
    let read = || -> rusqlite::Result<BTreeMap<String, String>> {
        connection
            .prepare("SELECT object, owner FROM iris_owners")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    };
    read().map_err(|error| SqlError::new(-461, error.to_string()))
}

//! How a catalog is kept in the file: rows for each object, of which a change writes those that differ.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::{Connection, params};

use super::{Catalog, Table, index_ddl, quoted, render, routine, table_ddl};

/// The tables that keep catalogs. A table's definition is part 0 and its indexes follow, so that
/// the order of the primary key is the one in which definitions are read back.
pub(crate) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS iris_objects (
        kind INTEGER NOT NULL, object TEXT NOT NULL, part INTEGER NOT NULL, definition TEXT NOT NULL,
        PRIMARY KEY (kind, object, part)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS iris_generation (generation INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS iris_owners (object TEXT PRIMARY KEY, owner TEXT NOT NULL);";

/// In the order in which they are read back: each after what it may depend on.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Schema,
    Table,
    View,
    Routine,
    Trigger,
}

/// All definitions, in the order in which [`Catalog::load`] takes them.
pub(crate) fn load(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare("SELECT definition FROM iris_objects ORDER BY kind, object, part")?
        .query_map([], |row| row.get(0))?
        .collect()
}

/// Writes what differs from `before`, which the file holds, within the caller's transaction.
pub(crate) fn store(
    connection: &Connection,
    before: &Catalog,
    after: &Catalog,
) -> rusqlite::Result<()> {
    let write = |kind, object: &str, parts: &[String]| put(connection, kind, object, parts);
    for schema in before.schemas.difference(&after.schemas) {
        write(Kind::Schema, schema, &[])?;
    }
    for schema in after.schemas.difference(&before.schemas) {
        let text = format!("CREATE SCHEMA {}", quoted(schema));
        write(Kind::Schema, schema, &[text])?;
    }
    for (object, table) in differing(&before.tables, &after.tables, Arc::ptr_eq) {
        write(
            Kind::Table,
            object,
            &table.map_or_else(Vec::new, |t| parts(t)),
        )?;
    }
    for (object, view) in differing(&before.views, &after.views, Arc::ptr_eq) {
        let text = view.map(|view| render::view_ddl(view));
        write(Kind::View, object, text.as_slice())?;
    }
    for (object, found) in differing(&before.routines, &after.routines, Arc::ptr_eq) {
        let text = found.map(|routine| routine.text.clone());
        write(Kind::Routine, object, text.as_slice())?;
    }
    for (object, trigger) in differing(&before.triggers, &after.triggers, Arc::ptr_eq) {
        let text = trigger.map(|trigger| routine::trigger_ddl(trigger));
        write(Kind::Trigger, object, text.as_slice())?;
    }
    store_owners(connection, before, after)?;
    store_generation(connection, after.generation)
}

/// Brings a file whose catalog is one list of definitions, rewritten as a whole, to the present form.
pub(crate) fn convert_list(
    connection: &Connection,
    load: impl FnOnce(&[String]) -> crate::error::Result<Catalog>,
) -> crate::error::Result<()> {
    let failed = |error: rusqlite::Error| crate::SqlError::new(-461, error.to_string());
    let has_list = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'iris_definitions')";
    let old = connection.query_row(has_list, [], |row| row.get::<_, bool>(0));
    if !old.map_err(failed)? {
        return Ok(());
    }
    let read = || -> rusqlite::Result<Vec<String>> {
        connection
            .prepare("SELECT definition FROM iris_definitions ORDER BY position")?
            .query_map([], |row| row.get(0))?
            .collect()
    };
    let catalog = load(&read().map_err(failed)?)?;
    let write = || -> rusqlite::Result<()> {
        connection.execute_batch("DELETE FROM iris_owners")?;
        store(connection, &Catalog::default(), &catalog)?;
        connection.execute_batch("DROP TABLE iris_definitions")
    };
    write().map_err(failed)
}

/// A table and its indexes.
fn parts(table: &Table) -> Vec<String> {
    let indexes = table.indexes.iter().map(|index| index_ddl(table, index));
    std::iter::once(table_ddl(table)).chain(indexes).collect()
}

/// Puts these parts in the place of the object's; none at all removes it.
fn put(
    connection: &Connection,
    kind: Kind,
    object: &str,
    parts: &[String],
) -> rusqlite::Result<()> {
    let kind = kind as i64;
    connection
        .prepare_cached("DELETE FROM iris_objects WHERE kind = ?1 AND object = ?2")?
        .execute(params![kind, object])?;
    let mut insert =
        connection.prepare_cached("INSERT INTO iris_objects VALUES (?1, ?2, ?3, ?4)")?;
    for (part, definition) in (0_i64..).zip(parts) {
        insert.execute(params![kind, object, part, definition])?;
    }
    Ok(())
}

fn store_owners(
    connection: &Connection,
    before: &Catalog,
    after: &Catalog,
) -> rusqlite::Result<()> {
    for (object, owner) in differing(&before.owners, &after.owners, |a, b| a == b) {
        match owner {
            None => connection.execute("DELETE FROM iris_owners WHERE object = ?1", [object])?,
            Some(owner) => connection.execute(
                "INSERT OR REPLACE INTO iris_owners VALUES (?1, ?2)",
                [object, owner],
            )?,
        };
    }
    Ok(())
}

fn store_generation(connection: &Connection, generation: u64) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM iris_generation", [])?;
    connection.execute(
        "INSERT INTO iris_generation VALUES (?1)",
        [i64::try_from(generation).unwrap_or(0)],
    )?;
    Ok(())
}

/// What `after` has new or otherwise, and with `None` what it has no more; in one walk over both.
pub(super) fn differing<'a, V>(
    before: &'a BTreeMap<String, V>,
    after: &'a BTreeMap<String, V>,
    same: impl Fn(&V, &V) -> bool,
) -> Vec<(&'a str, Option<&'a V>)> {
    let (mut old, mut new) = (before.iter().peekable(), after.iter().peekable());
    let mut found = Vec::new();
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return found,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((a, _)), Some((b, _))) => a.cmp(b),
        };
        let gone = if order.is_le() { old.next() } else { None };
        let come = if order.is_ge() { new.next() } else { None };
        match (gone, come) {
            (Some((_, a)), Some((_, b))) if same(a, b) => {}
            (_, Some((key, value))) => found.push((key.as_str(), Some(value))),
            (Some((key, _)), None) => found.push((key.as_str(), None)),
            (None, None) => return found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_changed_or_gone_differs() {
        let map = |text: &str| -> BTreeMap<String, char> {
            let pairs = text.split(' ').filter_map(|pair| {
                let (key, value) = pair.split_once('=')?;
                Some((key.to_owned(), value.chars().next()?))
            });
            pairs.collect()
        };
        let (before, after) = (map("a=1 b=1 d=1 e=1"), map("b=1 c=1 d=2 f=1"));
        let found = differing(&before, &after, |a, b| a == b);
        let wanted = [
            ("a", None),
            ("c", Some(&'1')),
            ("d", Some(&'2')),
            ("e", None),
            ("f", Some(&'1')),
        ];
        assert_eq!(found, wanted);
        assert_eq!(differing(&after, &after, |a, b| a == b), []);
    }
}

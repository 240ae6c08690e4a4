//! Foreign keys as triggers: they know IRIS's four codes and its actions, and
//! `%NOCHECK` can pass them by.

use crate::Version;
use crate::ast::ReferenceAction;
use crate::catalog::{Catalog, Foreign, Table, quoted};
use crate::error::{Result, SqlError};

/// The names of a foreign key's triggers.
fn trigger_name(table: &Table, foreign: &Foreign, kind: &str) -> String {
    quoted(&format!("{}#{}:{kind}", table.full_name(), foreign.name))
}

/// Removes the triggers of a foreign key.
pub(crate) fn drop_triggers(table: &Table, foreign: &Foreign) -> Vec<String> {
    let kinds = ["insert", "update", "delete", "move"];
    kinds
        .iter()
        .map(|kind| {
            format!(
                "DROP TRIGGER IF EXISTS {}",
                trigger_name(table, foreign, kind)
            )
        })
        .collect()
}

/// The triggers of a foreign key, on both tables.
pub(crate) fn create_triggers(
    table: &Table,
    foreign: &Foreign,
    catalog: &Catalog,
    version: Version,
) -> Result<Vec<String>> {
    if foreign.no_check || table.temporary {
        return Ok(Vec::new());
    }
    let target = catalog.tables().find(|target| foreign.points_to(target));
    let target = target.ok_or_else(|| SqlError::new(-310, &foreign.target_table))?;
    let target_columns = match foreign.target_columns.as_slice() {
        [] => vec![target.row_id.clone()],
        columns => columns.to_vec(),
    };
    let pairs: Vec<(String, String)> = foreign
        .columns
        .iter()
        .zip(&target_columns)
        .map(|(own, theirs)| (quoted(own), quoted(theirs)))
        .collect();
    let join = |test: &dyn Fn(&(String, String)) -> String, word: &str| {
        pairs.iter().map(test).collect::<Vec<_>>().join(word)
    };
    let (child, parent) = (quoted(&table.full_name()), quoted(&target.full_name()));
    let present = join(&|(own, _)| format!("NEW.{own} IS NOT NULL"), " AND ");
    let referred = join(&|(own, theirs)| format!("p.{theirs} = NEW.{own}"), " AND ");
    let referring = join(&|(own, theirs)| format!("{own} = OLD.{theirs}"), " AND ");
    let own_columns = join(&|(own, _)| own.clone(), ",");
    let their_columns = join(&|(_, theirs)| theirs.clone(), ",");
    let moved = join(
        &|(_, theirs)| format!("OLD.{theirs} IS NOT NEW.{theirs}"),
        " OR ",
    );
    let message = |code: i32| {
        let fields: Vec<&str> = foreign.columns.iter().map(String::as_str).collect();
        let detail = format!(
            "Table '{}', Foreign Key Constraint '{}', Field(s) {}; failed referential check",
            table.full_name(),
            foreign.name,
            fields.join(",")
        );
        SqlError::new(code, detail).to_string().replace('\'', "''")
    };
    let on = |kind: &str, event: &str, when: &str, body: &str| {
        let name = trigger_name(table, foreign, kind);
        format!(
            "CREATE TRIGGER {name} AFTER {event} WHEN iris_no_check() = 0 AND ({when}) BEGIN {body}; END"
        )
    };
    let missing = |code| {
        let text = message(code);
        format!(
            "SELECT RAISE(ABORT, '{text}') WHERE NOT EXISTS (SELECT 1 FROM {parent} AS p WHERE {referred})"
        )
    };
    let still = |code| {
        let text = message(code);
        format!(
            "SELECT RAISE(ABORT, '{text}') WHERE EXISTS (SELECT 1 FROM {child} WHERE {referring})"
        )
    };
    let set = |default: bool| -> Result<String> {
        let mut sets = Vec::new();
        for name in &foreign.columns {
            let column = table.required_column(name)?;
            let value = match (&column.default, default) {
                (Some((expr, _)), true) => crate::binder::bind_default(expr, &column.ty, version)?,
                _ => "NULL".to_owned(),
            };
            sets.push(format!("{} = {value}", quoted(name)));
        }
        Ok(format!(
            "UPDATE {child} SET {} WHERE {referring}",
            sets.join(",")
        ))
    };
    let deleted = match foreign.on_delete {
        ReferenceAction::NoAction => still(-124),
        ReferenceAction::Cascade => format!("DELETE FROM {child} WHERE {referring}"),
        ReferenceAction::SetNull => set(false)?,
        ReferenceAction::SetDefault => set(true)?,
    };
    let updated = match foreign.on_update {
        ReferenceAction::NoAction => still(-123),
        ReferenceAction::Cascade => {
            let sets = join(&|(own, theirs)| format!("{own} = NEW.{theirs}"), ",");
            format!("UPDATE {child} SET {sets} WHERE {referring}")
        }
        ReferenceAction::SetNull => set(false)?,
        ReferenceAction::SetDefault => set(true)?,
    };
    Ok(vec![
        on(
            "insert",
            &format!("INSERT ON {child}"),
            &present,
            &missing(-121),
        ),
        on(
            "update",
            &format!("UPDATE OF {own_columns} ON {child}"),
            &present,
            &missing(-122),
        ),
        on("delete", &format!("DELETE ON {parent}"), "1", &deleted),
        on(
            "move",
            &format!("UPDATE OF {their_columns} ON {parent}"),
            &moved,
            &updated,
        ),
    ])
}

//! Schemas and namespaces.

use std::collections::BTreeMap;

use super::{Row, World};
use crate::catalog::key;
use crate::information_schema::directory::Directory;

/// The schemas that own something that the user may see.
pub(super) fn schemata(world: &World<'_>) -> Vec<Row> {
    let state = world.session.instance.state();
    let rights = world.session.rights(&state);
    let directory = Directory::of(world.catalog);
    let mut schemas: BTreeMap<String, &str> = BTreeMap::new();
    for item in directory
        .items
        .iter()
        .filter(|item| world.sees(item, &rights))
    {
        schemas.entry(key(item.schema())).or_insert(item.schema());
    }
    let row = |name: &&str| Row::default().text("SCHEMA_NAME", *name);
    schemas.values().map(row).collect()
}

/// `%SYS.Namespace_List()`: all are up, none is remote.
pub(super) fn namespaces(world: &World<'_>) -> Vec<Row> {
    let row = |name: String| {
        Row::default()
            .text("Nsp", name)
            .number("Status", 1)
            .number("Remote", 0)
    };
    world
        .session
        .instance
        .names()
        .into_iter()
        .map(row)
        .collect()
}

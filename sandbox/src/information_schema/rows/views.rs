//! Views and what they read.

use super::{Row, World};
use crate::ast::ViewOption;
use crate::catalog::View;
use crate::information_schema::directory::Item;
use crate::plan::Need;

pub(super) fn views(world: &World<'_>, item: &Item, rows: &mut Vec<Row>) {
    let Item::View(view) = item else { return };
    let row = Row::about(item)
        .text("VIEW_DEFINITION", &view.text)
        .flag("IS_UPDATABLE", is_updatable(world, view))
        .text("CLASSNAME", item.class_name())
        .text("OWNER", world.catalog.owner(&view.schema, &view.name));
    rows.push(row);
}

/// May it be written through?
pub(super) fn is_updatable(world: &World<'_>, view: &View) -> bool {
    view.option != ViewOption::ReadOnly
        && crate::binder::is_updatable(&view.query, world.catalog, world.version())
}

fn usage(item: &Item, schema: &str, name: &str) -> Row {
    Row::default()
        .text("VIEW_SCHEMA", item.schema())
        .text("VIEW_NAME", item.name())
        .text("TABLE_SCHEMA", schema)
        .text("TABLE_NAME", name)
}

/// The tables and views that it reads.
fn reads(world: &World<'_>, view: &View) -> Vec<Need> {
    let mut needs = crate::binder::needs(&view.query, world.catalog, world.version());
    needs.retain(|need| need.privilege == "SELECT");
    needs
}

pub(super) fn table_usage(world: &World<'_>, item: &Item, rows: &mut Vec<Row>) {
    let Item::View(view) = item else { return };
    for need in reads(world, view) {
        rows.push(usage(item, &need.schema, &need.name));
    }
}

pub(super) fn column_usage(world: &World<'_>, item: &Item, rows: &mut Vec<Row>) {
    let Item::View(view) = item else { return };
    for need in reads(world, view) {
        let columns = need.columns.iter();
        rows.extend(
            columns.map(|column| usage(item, &need.schema, &need.name).text("COLUMN_NAME", column)),
        );
    }
}

//! ROUTINES, PARAMETERS and TRIGGERS.
//!
//! Their columns are documented; the class and method behind a routine made by
//! DDL are inferred from the manual's examples.

use std::sync::Arc;

use super::{Row, World, tables};
use crate::ast::{
    Code, RoutineDef, RoutineKind, RoutineParameter, TriggerDef, TriggerEvent, TriggerScope,
    TriggerTime, TypeName,
};
use crate::catalog::{Table, class_name, qualified};
use crate::datatype::{Type, resolve};
use crate::information_schema::directory::Item;
use crate::security::Object;

/// The routines that SQL can see and the user may execute.
fn visible(world: &World<'_>) -> Vec<Arc<RoutineDef>> {
    let state = world.session.instance.state();
    let rights = world.session.rights(&state);
    let routines = world.catalog.routines().filter(|routine| {
        let (schema, name) = qualified(&routine.name);
        let owned = || {
            let user = &world.session.user;
            world.catalog.is_routine_owner(schema, name, user)
        };
        routine.callable && (rights.sees(&Object::named(schema, name)) || owned())
    });
    routines.cloned().collect()
}

fn specific(routine: &RoutineDef) -> Row {
    let (schema, name) = qualified(&routine.name);
    Row::default()
        .text("SPECIFIC_SCHEMA", schema)
        .text("SPECIFIC_NAME", name)
}

/// The words of CREATE in the name of the class that it makes.
fn class_of(routine: &RoutineDef) -> String {
    let (schema, name) = qualified(&routine.name);
    let prefix = match routine.kind {
        RoutineKind::Function => "func",
        RoutineKind::Procedure => "proc",
        RoutineKind::Method => "meth",
        RoutineKind::Query => "query",
    };
    class_name(schema, &format!("{prefix}{name}"))
}

pub(super) fn routines(world: &World<'_>) -> Vec<Row> {
    let rows = visible(world).into_iter().map(|routine| {
        let (schema, name) = qualified(&routine.name);
        let kind = match routine.returns {
            Some(_) => "FUNCTION",
            None => "PROCEDURE",
        };
        let body = match routine.code {
            Code::Sql(_) => "SQL",
            Code::ObjectScript(_) => "EXTERNAL",
        };
        let row = specific(&routine)
            .text("ROUTINE_SCHEMA", schema)
            .text("ROUTINE_NAME", name)
            .text("ROUTINE_TYPE", kind)
            .text("ROUTINEBODY", body)
            .flag("IS_USER_DEFINED_CAST", false)
            .text("CLASSNAME", class_of(&routine))
            .text(
                "METHOD_OR_QUERY_NAME",
                super::dictionary::property_name(name),
            );
        typed(row, "DATATYPE", routine.returns.as_ref(), world)
    });
    rows.collect()
}

pub(super) fn parameters(world: &World<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for routine in visible(world) {
        for (position, parameter) in routine.parameters.iter().enumerate() {
            rows.push(parameter_row(world, &routine, parameter, position + 1));
        }
    }
    rows
}

fn parameter_row(
    world: &World<'_>,
    routine: &RoutineDef,
    parameter: &RoutineParameter,
    position: usize,
) -> Row {
    let row = specific(routine)
        .number("ORDINAL_POSITION", position)
        .text(
            "PARAMETER_MODE",
            if parameter.output { "INOUT" } else { "IN" },
        )
        .flag("IS_RESULT", false)
        .text("PARAMETER_NAME", &parameter.name);
    typed(row, "DATA_TYPE", Some(&parameter.type_name), world)
}

/// These relations spell the limits without underscores.
fn typed(row: Row, column: &'static str, name: Option<&TypeName>, world: &World<'_>) -> Row {
    let Some(ty) = name.and_then(|name| resolve(name, world.version()).ok()) else {
        return row;
    };
    let described = ty.base.describe();
    let row = row.text(column, ty.base.name());
    match &ty.base {
        Type::Bit => row,
        number if number.is_number() => row
            .number("NUMERICPRECISION", described.precision)
            .number("NUMERICPRECISIONRADIX", 10)
            .number("NUMERICSCALE", described.scale),
        other => match tables::text_length(other) {
            Some(length) => row
                .number("CHARACTERMAXIMUMLENGTH", length)
                .number("CHARACTER_OCTET_LENGTH", length),
            None => row,
        },
    }
}

pub(super) fn triggers(world: &World<'_>, item: &Item, table: &Table, rows: &mut Vec<Row>) {
    let triggers = world.catalog.triggers_of(table);
    rows.extend(triggers.iter().map(|trigger| trigger_row(item, trigger)));
}

fn trigger_row(item: &Item, trigger: &TriggerDef) -> Row {
    let events = trigger.events.iter().map(|event| match event {
        TriggerEvent::Insert => "INSERT",
        TriggerEvent::Update => "UPDATE",
        TriggerEvent::Delete => "DELETE",
    });
    let events: Vec<&str> = events.collect();
    let time = match trigger.time {
        TriggerTime::Before => "BEFORE",
        TriggerTime::After => "AFTER",
    };
    let scope = match trigger.scope {
        TriggerScope::Row => "ROW",
        TriggerScope::Statement => "STATEMENT",
    };
    Row::about(item)
        .text("TRIGGER_NAME", &trigger.name.name)
        .text("EVENT_MANIPULATION", events.join("/"))
        .number("ACTION_ORDER", trigger.order)
        .text("ACTION_ORIENTATION", scope)
        .text("ACTION_TIMING", time)
}

//! Steps and arguments, made briefly.

use super::*;

/// A step whose `?` take `arguments`.
pub(super) fn step(text: &str, arguments: Vec<Argument>, rows: RowUse) -> wit_plan::Step {
    let counted = text.starts_with("INSERT");
    wit_plan::Step {
        statement: wit_plan::Statement {
            pieces: text.split('?').map(str::to_owned).collect(),
            arguments,
        },
        repetition: Repetition::Once,
        rows,
        counted,
        tolerated: Vec::new(),
        if_empty: None,
        if_repeated: None,
        only_tolerated: None,
        kept_if: None,
        computed: Vec::new(),
        arrangement: None,
    }
}

pub(super) fn error(sqlstate: &str) -> wit_plan::Diagnostic {
    wit_plan::Diagnostic {
        severity: wit_plan::Severity::Error,
        sqlstate: sqlstate.to_owned(),
        message: "not so".to_owned(),
        detail: None,
        hint: None,
        position: None,
        schema: None,
        table: None,
        column: None,
        constraint: None,
    }
}

/// An integer that is bound.
pub(super) fn constant(value: u32) -> Argument {
    Argument::Constant(wit_plan::Constant {
        type_oid: 23,
        value: Some(value.to_string()),
    })
}

/// A step that runs for each of these values.
pub(super) fn for_each(values: &[u32], step: wit_plan::Step) -> wit_plan::Step {
    wit_plan::Step {
        repetition: Repetition::ForValues(values.iter().map(|v| vec![constant(*v)]).collect()),
        ..step
    }
}

pub(super) fn insert_each(values: &[u32]) -> wit_plan::Step {
    let step = step(
        "INSERT INTO t (a) VALUES (?)",
        vec![constant(0)],
        RowUse::Discard,
    );
    wit_plan::Step {
        tolerated: vec![-119],
        ..for_each(values, step)
    }
}

pub(super) fn kept(slot: u32, column: u32) -> Argument {
    Argument::Kept(wit_plan::KeptValue { slot, column })
}

pub(super) fn insert(value: u32) -> wit_plan::Step {
    step(
        &format!("INSERT INTO t (a) VALUES ({value})"),
        vec![],
        RowUse::Discard,
    )
}

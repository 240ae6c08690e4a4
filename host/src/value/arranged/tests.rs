//! Arrangements of rows, with what PostgreSQL 15 makes of them.

mod aggregates;
mod expansions;
mod slots;
mod soundness;
mod stages;
mod windows;

use super::*;
use crate::rules::wit_plan::{Aggregate, Call, Function};

/// `a|b`, of which `~` is NULL.
fn row(text: &str) -> Row {
    let value = |value: &str| (value != "~").then(|| Bytes::from(value.to_owned()));
    text.split('|').map(value).collect()
}

fn shown(row: &Row) -> String {
    let value = |value: &Option<Bytes>| match value {
        Some(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        None => "~".to_owned(),
    };
    row.iter().map(value).collect::<Vec<_>>().join("|")
}

/// What comes of rows.
fn arranged(stages: Vec<Stage>, rows: &[&str]) -> Result<Vec<String>, Stopped> {
    let mut pipeline = Pipeline::new(stages, Memory::new(1 << 20));
    let mut all = Vec::new();
    for text in rows {
        pipeline.push(row(text))?;
        all.extend(pipeline.take().iter().map(shown));
    }
    all.extend(finished(&mut pipeline)?);
    Ok(all)
}

/// What is made of all rows together, and what was ready before.
fn finished(pipeline: &mut Pipeline) -> Result<Vec<String>, Stopped> {
    let mut all = Vec::new();
    loop {
        let finished = pipeline.finish()?;
        all.extend(pipeline.take().iter().map(shown));
        if finished == Finished::Whole {
            return Ok(all);
        }
    }
}

fn typed(number: u32, type_oid: u32) -> TypedValue {
    TypedValue { number, type_oid }
}

fn ascending(number: u32, type_oid: u32) -> SortKey {
    SortKey {
        value: typed(number, type_oid),
        descending: false,
        nulls_first: false,
    }
}

fn descending(number: u32, type_oid: u32) -> SortKey {
    SortKey {
        descending: true,
        nulls_first: true,
        ..ascending(number, type_oid)
    }
}

fn aggregate(name: &str, operands: Vec<TypedValue>) -> Aggregate {
    Aggregate {
        name: name.to_owned(),
        operands,
        distinct: false,
        order: Vec::new(),
        filter: None,
    }
}

fn column(number: u32) -> Arc<[Instruction]> {
    [Instruction::Column(number)].into()
}

fn constant(value: &str) -> Instruction {
    Instruction::Constant(Some(value.to_owned()))
}

fn call(function: Function, operand_type: u32) -> Instruction {
    Instruction::Call(Call {
        function,
        operand_type,
    })
}

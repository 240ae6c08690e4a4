//! What the broker makes of the rows of a step.

use pgiris::rules::wit_plan::{
    Aggregate, Argument, Arrangement, Grouping, RowLimit, SortKey, Stage, TypedValue,
};

use super::{argument, labels};

/// One line for each stage.
pub(super) fn lines(arrangement: &Arrangement) -> Vec<String> {
    let mut lines = vec!["-- of its rows the broker makes others:".to_owned()];
    lines.extend(arrangement.stages.iter().map(stage));
    lines.push(format!("-- columns: {}", labels(&arrangement.columns)));
    lines
}

fn stage(stage: &Stage) -> String {
    match stage {
        Stage::Computed(values) => format!("-- computes {} values of each row", values.len()),
        Stage::KeptIf(_) => "-- chooses among the rows".to_owned(),
        Stage::Expanded(expansion) => format!(
            "-- puts the rows of {} behind each row{}",
            expansion.name,
            if expansion.outer { ", or NULL" } else { "" }
        ),
        Stage::Grouped(grouping) => grouped(grouping),
        Stage::Distinct(values) => format!("-- leaves one row of those equal in {}", list(values)),
        Stage::Sorted(keys) => format!("-- sorts the rows by {}", sorting(keys)),
        Stage::Limited(limit) => limited(limit),
    }
}

fn grouped(grouping: &Grouping) -> String {
    let aggregates: Vec<String> = grouping.aggregates.iter().map(aggregate).collect();
    let of = match grouping.keys.as_slice() {
        [] => "all rows".to_owned(),
        keys => format!("the rows by {}", list(keys)),
    };
    format!("-- groups {of}: {}", aggregates.join(", "))
}

fn aggregate(aggregate: &Aggregate) -> String {
    let distinct = if aggregate.distinct { "distinct " } else { "" };
    let operands = match aggregate.operands.as_slice() {
        [] => "*".to_owned(),
        operands => list(operands),
    };
    format!("{}({distinct}{operands})", aggregate.name)
}

fn sorting(keys: &[SortKey]) -> String {
    let keys: Vec<String> = keys
        .iter()
        .map(|key| {
            let direction = if key.descending { " descending" } else { "" };
            format!("{}{direction}", number(&key.value))
        })
        .collect();
    keys.join(", ")
}

fn limited(limit: &RowLimit) -> String {
    let shown = |argument_of: &Option<Argument>, otherwise: &str| {
        argument_of
            .as_ref()
            .map_or_else(|| otherwise.to_owned(), argument)
    };
    format!(
        "-- leaves {} rows, behind {}",
        shown(&limit.limit, "all"),
        shown(&limit.offset, "none")
    )
}

fn list(values: &[TypedValue]) -> String {
    let numbers: Vec<String> = values.iter().map(number).collect();
    numbers.join(", ")
}

/// Counted from 1, as columns are.
fn number(value: &TypedValue) -> String {
    format!("value {}", value.number + 1)
}

//! What is made of the rows of a step.

use pgiris_rules::wit::{Aggregate, Arrangement, Expansion, SortKey, Stage, TypedValue};

use super::{computation, values};

/// A line for each stage, and one for the columns.
pub(super) fn lines(arrangement: &Arrangement) -> Vec<String> {
    let mut lines: Vec<String> = arrangement.stages.iter().map(stage).collect();
    let columns = arrangement.columns.iter();
    let columns = columns.map(|column| format!("{}: {}", column.label, column.type_oid));
    lines.push(format!(
        "columns {}",
        columns.collect::<Vec<_>>().join(", ")
    ));
    lines
}

fn stage(stage: &Stage) -> String {
    match stage {
        Stage::Computed(computed) => {
            let computed: Vec<String> = computed.iter().map(|one| computation(one)).collect();
            format!("computed ({})", computed.join("; "))
        }
        Stage::KeptIf(condition) => format!("kept if {}", computation(condition)),
        Stage::Expanded(expansion) => expanded(expansion),
        Stage::Grouped(grouping) => {
            let aggregates: Vec<String> = grouping.aggregates.iter().map(aggregate).collect();
            format!(
                "grouped by ({}): {}",
                list(&grouping.keys),
                aggregates.join(", ")
            )
        }
        Stage::Distinct(values) => format!("distinct ({})", list(values)),
        Stage::Sorted(keys) => format!("sorted by {}", sorting(keys)),
        Stage::Limited(limit) => format!(
            "limited to {}, offset {}",
            values(limit.limit.as_slice()),
            values(limit.offset.as_slice())
        ),
    }
}

fn expanded(expansion: &Expansion) -> String {
    let operands: Vec<String> = expansion
        .operands
        .iter()
        .map(|one| computation(one))
        .collect();
    let mut text = format!("expanded by {} ({})", expansion.name, operands.join("; "));
    if expansion.ordinality {
        text.push_str(", numbered");
    }
    if expansion.outer {
        text.push_str(", or NULL");
    }
    text
}

fn aggregate(aggregate: &Aggregate) -> String {
    let mut text = format!("{}({})", aggregate.name, list(&aggregate.operands));
    if aggregate.distinct {
        text.push_str(" distinct");
    }
    if !aggregate.order.is_empty() {
        text.push_str(&format!(" by {}", sorting(&aggregate.order)));
    }
    if let Some(filter) = aggregate.filter {
        text.push_str(&format!(" if {filter}"));
    }
    text
}

fn sorting(keys: &[SortKey]) -> String {
    let key = |key: &SortKey| {
        let direction = if key.descending { " desc" } else { "" };
        let nulls = if key.nulls_first { "first" } else { "last" };
        format!("{}{direction} nulls {nulls}", value(&key.value))
    };
    keys.iter().map(key).collect::<Vec<_>>().join(", ")
}

fn list(values: &[TypedValue]) -> String {
    values.iter().map(value).collect::<Vec<_>>().join(", ")
}

fn value(value: &TypedValue) -> String {
    format!("{}: {}", value.number, value.type_oid)
}

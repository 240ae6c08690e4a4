//! What is made of the rows of a step.

use pgiris_rules::wit::{
    Aggregate, Arrangement, Expansion, FrameBound, SortKey, Stage, TypedValue, Window, WindowFrame,
};

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
        Stage::Windowed(windows) => {
            let windows: Vec<String> = windows.iter().map(window).collect();
            format!("windows {}", windows.join("; "))
        }
        Stage::Appended(slot) => format!("then the rows of {slot}"),
        Stage::Matched(rule) => format!(
            "{}{} the rows of {} by ({})",
            if rule.except { "without" } else { "only" },
            if rule.all { " as many as" } else { "" },
            rule.slot,
            list(&rule.values)
        ),
        Stage::Attached(rule) => {
            let keys = rule.keys.iter();
            let keys: Vec<String> = keys
                .map(|key| format!("{} = {}", key.kept, value(&key.value)))
                .collect();
            format!(
                "attached to the rows of {} by ({}), {} values{}",
                rule.slot,
                keys.join(", "),
                rule.width,
                if rule.outer { ", or NULL" } else { "" }
            )
        }
    }
}

fn window(window: &Window) -> String {
    let mut text = format!("{}({})", window.name, list(&window.operands));
    if let Some(filter) = window.filter {
        text.push_str(&format!(" if {filter}"));
    }
    if !window.partition.is_empty() {
        text.push_str(&format!(" of ({})", list(&window.partition)));
    }
    if !window.order.is_empty() {
        text.push_str(&format!(" by {}", sorting(&window.order)));
    }
    let WindowFrame {
        mode, start, end, ..
    } = &window.frame;
    format!("{text} {mode:?} {} to {}", bound(start), bound(end))
}

fn bound(bound: &FrameBound) -> String {
    match bound {
        FrameBound::UnboundedPreceding => "the first".to_owned(),
        FrameBound::Preceding(offset) => format!("{} before", value(offset)),
        FrameBound::CurrentRow => "this".to_owned(),
        FrameBound::Following(offset) => format!("{} behind", value(offset)),
        FrameBound::UnboundedFollowing => "the last".to_owned(),
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

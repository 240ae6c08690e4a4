//! What the broker makes of the rows of a step.

use pgiris::rules::wit_plan::{
    Aggregate, Argument, Arrangement, Attachment, FrameBound, FrameExclusion, FrameMode, Grouping,
    RowLimit, RowMatch, SortKey, Stage, TypedValue, Window, WindowFrame,
};

use super::{argument, labels, slot_name};

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
        Stage::Windowed(windows) => {
            let windows: Vec<String> = windows.iter().map(window).collect();
            format!("-- puts behind each row: {}", windows.join("; "))
        }
        Stage::Appended(slot) => format!("-- puts {} behind the rows", slot_name(*slot)),
        Stage::Matched(rule) => matched(rule),
        Stage::Attached(rule) => attached(rule),
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
    let operands = operands(&aggregate.name, &aggregate.operands);
    format!("{}({distinct}{operands})", aggregate.name)
}

/// Of `count` without operands as it is written.
fn operands(name: &str, operands: &[TypedValue]) -> String {
    match (name, operands) {
        ("count", []) => "*".to_owned(),
        _ => list(operands),
    }
}

fn window(window: &Window) -> String {
    let operands = operands(&window.name, &window.operands);
    let mut shown = format!("{}({operands})", window.name);
    if let Some(filter) = window.filter {
        shown += &format!(" if value {}", filter + 1);
    }
    if !window.partition.is_empty() {
        shown += &format!(" by {}", list(&window.partition));
    }
    if !window.order.is_empty() {
        shown += &format!(" sorted by {}", sorting(&window.order));
    }
    shown + &frame(&window.frame)
}

/// Nothing of the frame that a window has if nothing is said.
fn frame(frame: &WindowFrame) -> String {
    let mode = match frame.mode {
        FrameMode::Rows => "rows",
        FrameMode::Range => "range",
        FrameMode::Groups => "groups",
    };
    let exclusion = match frame.exclusion {
        FrameExclusion::NoOthers => "",
        FrameExclusion::CurrentRow => " without the row",
        FrameExclusion::Group => " without its peers and itself",
        FrameExclusion::Ties => " without its peers",
    };
    match (frame.mode, &frame.start, &frame.end, frame.exclusion) {
        (
            FrameMode::Range,
            FrameBound::UnboundedPreceding,
            FrameBound::CurrentRow,
            FrameExclusion::NoOthers,
        ) => String::new(),
        (_, start, end, _) => format!(
            " in {mode} from {} to {}{exclusion}",
            bound(start),
            bound(end)
        ),
    }
}

fn bound(bound: &FrameBound) -> String {
    match bound {
        FrameBound::UnboundedPreceding => "the first".to_owned(),
        FrameBound::Preceding(offset) => format!("{} before", number(offset)),
        FrameBound::CurrentRow => "the current".to_owned(),
        FrameBound::Following(offset) => format!("{} behind", number(offset)),
        FrameBound::UnboundedFollowing => "the last".to_owned(),
    }
}

fn matched(rule: &RowMatch) -> String {
    let which = if rule.except { "not " } else { "" };
    let count = match rule.all {
        true => ", each of which counts once",
        false => ", one row of equal ones",
    };
    let (values, slot) = (list(&rule.values), slot_name(rule.slot));
    format!("-- leaves the rows that are {which}in {slot} by {values}{count}")
}

fn attached(rule: &Attachment) -> String {
    let slot = slot_name(rule.slot);
    let outer = if rule.outer { ", or NULL" } else { "" };
    let keys: Vec<String> = rule
        .keys
        .iter()
        .map(|key| format!("column {} = {}", key.kept + 1, number(&key.value)))
        .collect();
    let by = match keys.as_slice() {
        [] => "all rows".to_owned(),
        keys => format!("the rows of {}", keys.join(", ")),
    };
    format!("-- puts {by} behind each of {slot}{outer}")
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

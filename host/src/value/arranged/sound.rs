//! Whether an arrangement keeps what `wit/` says of it.

use super::{aggregate, expanded, windowed};
use crate::rules::wit_plan as wit;
use crate::value::computed;

/// How many values the rows have that a stage works on; none if only the server knows.
type Width = Option<u32>;

/// What an arrangement may use of its sequence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surroundings<'a> {
    /// How many parameters the sequence has.
    pub(crate) parameters: u32,
    /// How many values the rows have that each slot keeps, if it is of an earlier step with an
    /// arrangement.
    pub(crate) slots: &'a [Option<u32>],
}

/// Whether an arrangement can be carried out.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn is_sound(
    arrangement: &wit::Arrangement,
    surroundings: Surroundings<'_>,
) -> Result<(), &'static str> {
    let mut width = None;
    for stage in &arrangement.stages {
        width = behind(stage, width, surroundings)?;
    }
    let columns = u32::try_from(arrangement.columns.len()).unwrap_or(u32::MAX);
    match width.is_some_and(|width| columns > width) {
        true => Err("an arrangement has more columns than its rows have values"),
        false => Ok(()),
    }
}

/// The width of the rows that a stage leaves.
fn behind(
    stage: &wit::Stage,
    width: Width,
    surroundings: Surroundings<'_>,
) -> Result<Width, &'static str> {
    let parameters = surroundings.parameters;
    let instructions = |instructions: &[wit::Instruction]| match computed::is_sound(
        instructions,
        width,
        parameters,
    ) {
        true => Ok(()),
        false => Err("instructions of an arrangement are not sound"),
    };
    match stage {
        wit::Stage::Computed(columns) => {
            columns.iter().try_for_each(|column| instructions(column))?;
            Ok(length(columns.len()))
        }
        wit::Stage::KeptIf(condition) => {
            instructions(condition)?;
            Ok(width)
        }
        wit::Stage::Expanded(expansion) => {
            let mut operands = expansion.operands.iter();
            operands.try_for_each(|operand| instructions(operand))?;
            expanded(expansion, width)
        }
        wit::Stage::Grouped(grouping) => grouped(grouping, width),
        wit::Stage::Distinct(values) => {
            typed(values, width)?;
            Ok(width)
        }
        wit::Stage::Sorted(keys) => {
            sorted(keys, width)?;
            Ok(width)
        }
        wit::Stage::Limited(limit) => {
            limited(limit, parameters)?;
            Ok(width)
        }
        wit::Stage::Windowed(windows) => windowed(windows, width),
        wit::Stage::Appended(slot) => {
            same(width, surroundings.width_of(*slot)?)?;
            Ok(width)
        }
        wit::Stage::Matched(rule) => {
            let kept = surroundings.width_of(rule.slot)?;
            typed(&rule.values, width)?;
            same(length(rule.values.len()), kept)?;
            Ok(width)
        }
        wit::Stage::Attached(rule) => attached(rule, width, surroundings.width_of(rule.slot)?),
    }
}

fn length(length: usize) -> Width {
    u32::try_from(length).ok()
}

impl Surroundings<'_> {
    fn width_of(&self, slot: u32) -> Result<u32, &'static str> {
        let width = self.slots.get(slot as usize).copied().flatten();
        width.ok_or("an arrangement uses a slot that no earlier step with an arrangement keeps")
    }
}

fn same(width: Width, kept: u32) -> Result<(), &'static str> {
    match width.is_some_and(|width| width != kept) {
        true => Err("an arrangement uses a slot whose rows are not as long as its own"),
        false => Ok(()),
    }
}

/// So many more values.
fn with(width: Width, more: Width) -> Width {
    width?.checked_add(more?)
}

fn windowed(windows: &[wit::Window], width: Width) -> Result<Width, &'static str> {
    for window in windows {
        typed(&window.operands, width)?;
        typed(&window.partition, width)?;
        sorted(&window.order, width)?;
        if let Some(filter) = window.filter {
            number(filter, width)?;
        }
        for offset in windowed::offsets(&window.frame) {
            number(offset.value.number, width)?;
        }
        windowed::is_sound_frame(window)?;
        if !windowed::is_known(window) {
            return Err("an arrangement calls a window function that is not known");
        }
    }
    Ok(with(width, length(windows.len())))
}

fn attached(rule: &wit::Attachment, width: Width, kept: u32) -> Result<Width, &'static str> {
    same(width, rule.width)?;
    for key in &rule.keys {
        number(key.kept, Some(kept))?;
        number(key.value.number, Some(rule.width))?;
    }
    Ok(with(Some(kept), Some(rule.width)))
}

fn expanded(expansion: &wit::Expansion, width: Width) -> Result<Width, &'static str> {
    let own = expanded::width_of(&expansion.name, expansion.operands.len())
        .filter(|_| expanded::takes(&expansion.name, expansion.operands.len()))
        .ok_or("an arrangement calls a function that returns rows and is not known")?;
    let more = length(own + usize::from(expansion.ordinality));
    Ok(with(width, more))
}

fn grouped(grouping: &wit::Grouping, width: Width) -> Result<Width, &'static str> {
    typed(&grouping.keys, width)?;
    for aggregate in &grouping.aggregates {
        typed(&aggregate.operands, width)?;
        sorted(&aggregate.order, width)?;
        if let Some(filter) = aggregate.filter {
            number(filter, width)?;
        }
        if !aggregate::is_known(aggregate) {
            return Err("an arrangement calls an aggregate function that is not known");
        }
    }
    Ok(length(grouping.keys.len() + grouping.aggregates.len()))
}

fn typed(values: &[wit::TypedValue], width: Width) -> Result<(), &'static str> {
    let mut values = values.iter();
    values.try_for_each(|value| number(value.number, width))
}

fn sorted(keys: &[wit::SortKey], width: Width) -> Result<(), &'static str> {
    let mut keys = keys.iter();
    keys.try_for_each(|key| number(key.value.number, width))
}

fn number(number: u32, width: Width) -> Result<(), &'static str> {
    match width.is_some_and(|width| number >= width) {
        true => Err("an arrangement takes a value that its rows do not have"),
        false => Ok(()),
    }
}

fn limited(limit: &wit::RowLimit, parameters: u32) -> Result<(), &'static str> {
    use wit::Argument::{Constant, Limit, Offset};
    let is_known = |number: u32| (1..=parameters).contains(&number);
    let is_count = |constant: &wit::Constant| {
        let value = constant.value.as_deref();
        value.is_none_or(|value| value.parse::<u64>().is_ok())
    };
    let limit_is_sound = match &limit.limit {
        None => true,
        Some(Limit(number)) => is_known(*number),
        Some(Constant(constant)) => is_count(constant),
        Some(_) => false,
    };
    let offset_is_sound = match &limit.offset {
        None => true,
        Some(Offset(number)) => is_known(*number),
        Some(Constant(constant)) => is_count(constant),
        Some(_) => false,
    };
    match limit_is_sound && offset_is_sound {
        true => Ok(()),
        false => Err("a limit of an arrangement is no number of rows"),
    }
}

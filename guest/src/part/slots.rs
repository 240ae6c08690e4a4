//! The numbers of slots: a plan has them in the order in which they are filled, the rules
//! give them as they go.

use std::collections::HashMap;

use crate::wit::{Argument, Repetition, RowUse, Stage, Step};

/// Numbers the slots of a sequence anew.
pub(super) fn number(steps: &mut [Step]) {
    let mut numbers: HashMap<u32, u32> = HashMap::new();
    for step in steps.iter() {
        if let Some(slot) = filled(&step.rows) {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            numbers.entry(slot).or_insert(next);
        }
    }
    let renumber = |slot: &mut u32| {
        if let Some(number) = numbers.get(slot) {
            *slot = *number;
        }
    };
    for step in steps {
        match &mut step.rows {
            RowUse::Keep(slot) | RowUse::KeepFirst(slot) => renumber(slot),
            RowUse::KeepCurrent(kept) => renumber(&mut kept.slot),
            RowUse::Discard | RowUse::Emit => {}
        }
        let mut arguments: Vec<&mut Argument> = step.statement.arguments.iter_mut().collect();
        match &mut step.repetition {
            Repetition::ForEach(slot) | Repetition::IfAny(slot) | Repetition::IfNone(slot) => {
                renumber(slot);
            }
            Repetition::ForValues(lists) => arguments.extend(lists.iter_mut().flatten()),
            _ => {}
        }
        for stage in step
            .arrangement
            .iter_mut()
            .flat_map(|made| &mut made.stages)
        {
            match stage {
                Stage::Appended(slot) => renumber(slot),
                Stage::Matched(rule) => renumber(&mut rule.slot),
                Stage::Attached(rule) => renumber(&mut rule.slot),
                _ => {}
            }
        }
        for argument in arguments {
            if let Argument::Kept(kept) | Argument::AllKept(kept) = argument {
                renumber(&mut kept.slot);
            }
        }
    }
}

/// The slot that a step fills.
fn filled(rows: &RowUse) -> Option<u32> {
    match rows {
        RowUse::Keep(slot) | RowUse::KeepFirst(slot) => Some(*slot),
        RowUse::KeepCurrent(kept) => Some(kept.slot),
        RowUse::Discard | RowUse::Emit => None,
    }
}

//! Sequences as the broker carries them out.

use std::sync::Arc;

use super::{
    Broken, Sequence, Step, argument, arrangement, computed, diagnostic, instructions, required,
    slot_of, statement, tag,
};
use crate::rules::wit_plan;
use crate::value::arranged::Surroundings;

/// How many values the rows in a slot have that the step keeps which was the last to do so, if it has
/// an arrangement.
#[derive(Default)]
struct Widths(Vec<Option<u32>>);

impl Widths {
    /// Slots are numbered in order.
    fn keep(&mut self, slot: u32, arrangement: Option<&wit_plan::Arrangement>) {
        let slot = slot as usize;
        self.0.resize(self.0.len().max(slot + 1), None);
        if let Some(width) = self.0.get_mut(slot) {
            *width = arrangement.map(arrangement::width);
        }
    }

    fn surroundings(&self, parameters: usize) -> Surroundings<'_> {
        Surroundings {
            parameters: u32::try_from(parameters).unwrap_or(u32::MAX),
            slots: &self.0,
        }
    }
}

pub(super) fn checked(plan: wit_plan::Sequence) -> Result<Sequence, Broken> {
    let parameters = plan.parameters.len();
    let mut slots = 0;
    let mut widths = Widths::default();
    let mut steps = Vec::with_capacity(plan.steps.len());
    for step in plan.steps {
        arrangement::check(&step, widths.surroundings(parameters))?;
        let (statement, arguments) = statement(step.statement, parameters, slots)?;
        repetition(&step.repetition, arguments.len(), parameters, slots)?;
        order(&step.repetition, step.only_tolerated, steps.len())?;
        if let Some(computed) = &step.kept_if {
            instructions(computed, None, parameters)?;
            if slot_of(&step.rows).is_none() {
                return Err("a step that keeps no rows chooses among them");
            }
        }
        for column in &step.computed {
            instructions(&column.instructions, None, parameters)?;
            if slot_of(&step.rows).is_none() {
                return Err("a step that keeps no rows computes values of them");
            }
        }
        if let Some(slot) = slot_of(&step.rows) {
            if slot > slots {
                return Err("slots are not numbered in order");
            }
            slots = slots.max(slot + 1);
            widths.keep(slot, step.arrangement.as_ref());
        }
        steps.push(Step {
            statement,
            arguments,
            repetition: step.repetition,
            rows: step.rows,
            counted: step.counted,
            tolerated: step.tolerated,
            if_empty: step.if_empty.map(diagnostic).transpose()?,
            if_repeated: step.if_repeated.map(diagnostic).transpose()?,
            only_tolerated: step.only_tolerated,
            kept_if: step.kept_if.map(Arc::from),
            computed: step.computed,
            arrangement: step.arrangement,
        });
    }
    computed(&plan.columns, parameters)?;
    Ok(Sequence {
        required: required(plan.required, parameters)?,
        steps,
        parameters: plan.parameters,
        columns: plan.columns,
        tag: tag(plan.tag)?,
        effect: plan.effect,
        temporary: plan.temporary,
    })
}

/// A step may depend on earlier ones alone.
fn order(
    repetition: &wit_plan::Repetition,
    only_tolerated: Option<u32>,
    before: usize,
) -> Result<(), Broken> {
    use wit_plan::Repetition::{AfterEach, IfTolerated, UnlessTolerated};
    let earlier = match *repetition {
        IfTolerated(earlier) | UnlessTolerated(earlier) => Some(earlier),
        AfterEach => Some(0),
        _ => None,
    };
    let mut all = earlier.into_iter().chain(only_tolerated);
    if all.any(|earlier| earlier as usize >= before) {
        return Err("a step depends on one that is not before it");
    }
    Ok(())
}

fn repetition(
    repetition: &wit_plan::Repetition,
    arguments: usize,
    parameters: usize,
    slots: u32,
) -> Result<(), Broken> {
    use wit_plan::Repetition::{AtEnd, ForEach, ForValues, IfAny, IfNone};
    match repetition {
        ForEach(slot) | IfAny(slot) | IfNone(slot) if *slot >= slots => {
            Err("a step uses a slot that no earlier step keeps")
        }
        AtEnd if arguments > 0 => Err("a step at the end of the transaction takes arguments"),
        ForValues(lists) if lists.iter().any(|list| list.len() != arguments) => {
            Err("a list of values is not as long as the statement's arguments")
        }
        ForValues(lists) => lists
            .iter()
            .flatten()
            .try_for_each(|argument| argument::check(argument, parameters, slots)),
        _ => Ok(()),
    }
}

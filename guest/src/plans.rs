//! What stands in plans.

use crate::wit::{Argument, Plan, Repetition};

/// All arguments of the statements of a plan, list by list.
pub(crate) fn arguments(plan: &mut Plan) -> Vec<&mut Vec<Argument>> {
    match plan {
        Plan::Forward(forward) => vec![&mut forward.statement.arguments],
        Plan::Sequence(sequence) => {
            let mut lists = Vec::with_capacity(sequence.steps.len());
            for step in &mut sequence.steps {
                lists.push(&mut step.statement.arguments);
                if let Repetition::ForValues(values) = &mut step.repetition {
                    lists.extend(values);
                }
            }
            lists
        }
        _ => Vec::new(),
    }
}

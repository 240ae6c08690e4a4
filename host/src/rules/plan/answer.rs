//! What `wit/` demands of rows that the host makes itself.

use super::{Answer, Broken, tag};
use crate::rules::wit_plan::{Argument, Cell};

pub(super) fn checked(plan: Answer) -> Result<Answer, Broken> {
    if plan.rows.iter().any(|row| row.len() != plan.columns.len()) {
        return Err("a row of an answer has not as many values as there are columns");
    }
    let is_unknown = |cell: &Cell| match cell {
        Cell::Slept(Argument::Constant(_)) => false,
        Cell::Slept(Argument::Parameter(number)) => {
            *number == 0 || *number as usize > plan.parameters.len()
        }
        Cell::Slept(_) => true,
        _ => false,
    };
    if plan.rows.iter().flatten().any(is_unknown) {
        return Err("a pause is as long as neither a parameter nor a constant");
    }
    Ok(Answer {
        tag: tag(plan.tag)?,
        ..plan
    })
}

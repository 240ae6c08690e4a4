//! What `wit/` demands of rows that the host makes itself.

use super::{Answer, Broken, argument, tag};
use crate::rules::wit_plan::{AdvisoryAction, AdvisoryLock, Argument, Cell};

pub(super) fn checked(plan: Answer) -> Result<Answer, Broken> {
    if plan.rows.iter().any(|row| row.len() != plan.columns.len()) {
        return Err("a row of an answer has not as many values as there are columns");
    }
    let parameters = plan.parameters.len();
    plan.rows
        .iter()
        .flatten()
        .try_for_each(|cell| check(cell, parameters))?;
    Ok(Answer {
        tag: tag(plan.tag)?,
        ..plan
    })
}

fn check(cell: &Cell, parameters: usize) -> Result<(), Broken> {
    match cell {
        Cell::Slept(Argument::Constant(_)) => Ok(()),
        Cell::Slept(Argument::Parameter(number))
            if *number > 0 && *number as usize <= parameters =>
        {
            Ok(())
        }
        Cell::Slept(_) => Err("a pause is as long as neither a parameter nor a constant"),
        Cell::AdvisoryLock(lock) => check_lock(lock, parameters),
        _ => Ok(()),
    }
}

fn check_lock(lock: &AdvisoryLock, parameters: usize) -> Result<(), Broken> {
    let is_whole = match lock.action {
        AdvisoryAction::UnlockAll => lock.key.is_empty(),
        _ => matches!(lock.key.len(), 1 | 2),
    };
    if !is_whole {
        return Err("an advisory lock has not the numbers that it is called by");
    }
    lock.key
        .iter()
        .try_for_each(|argument| argument::check(argument, parameters, 0))
}

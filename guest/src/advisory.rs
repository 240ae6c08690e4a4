//! Calls of the functions for advisory locks, which the broker keeps.

use sqlparser::ast::Expr;

use crate::build;
use crate::computed::{self, known};
use crate::diagnostic::Diagnosed;
use crate::rule::Pass;
use crate::types::oid;
use crate::wit::{
    AdvisoryAction, AdvisoryLock, Argument, ComputedArgument, Constant, Instruction, Oid,
};

/// What a function does.
struct Known {
    name: &'static str,
    action: AdvisoryAction,
    shared: bool,
    of_transaction: bool,
}

const fn known(
    name: &'static str,
    action: AdvisoryAction,
    shared: bool,
    of_transaction: bool,
) -> Known {
    Known {
        name,
        action,
        shared,
        of_transaction,
    }
}

const ALL: &[Known] = {
    use AdvisoryAction::{Lock, TryLock, Unlock, UnlockAll};
    &[
        known("pg_advisory_lock", Lock, false, false),
        known("pg_advisory_lock_shared", Lock, true, false),
        known("pg_advisory_xact_lock", Lock, false, true),
        known("pg_advisory_xact_lock_shared", Lock, true, true),
        known("pg_try_advisory_lock", TryLock, false, false),
        known("pg_try_advisory_lock_shared", TryLock, true, false),
        known("pg_try_advisory_xact_lock", TryLock, false, true),
        known("pg_try_advisory_xact_lock_shared", TryLock, true, true),
        known("pg_advisory_unlock", Unlock, false, false),
        known("pg_advisory_unlock_shared", Unlock, true, false),
        known("pg_advisory_unlock_all", UnlockAll, false, false),
    ]
};

/// What a call does, and the type that it gives; none if it is no such call, or its arguments are more
/// than the broker computes.
///
/// # Errors
/// What PostgreSQL says of a literal.
pub(crate) fn of(expression: &Expr, pass: &mut Pass<'_>) -> Diagnosed<Option<(AdvisoryLock, Oid)>> {
    let Expr::Function(function) = expression else {
        return Ok(None);
    };
    let name = known!(build::function_name(function));
    let known = known!(ALL.iter().find(|known| known.name == name));
    let arguments = build::arguments(function);
    let taken = match (known.action, arguments.len()) {
        (AdvisoryAction::UnlockAll, 0) => oid::VOID,
        (AdvisoryAction::UnlockAll, _) => return Ok(None),
        (_, 1) => oid::INT8,
        (_, 2) => oid::INT4,
        _ => return Ok(None),
    };
    let mut key = Vec::with_capacity(arguments.len());
    for argument in arguments {
        key.push(known!(number(argument, taken, pass)?));
    }
    let gives = match known.action {
        AdvisoryAction::TryLock | AdvisoryAction::Unlock => oid::BOOL,
        AdvisoryAction::Lock | AdvisoryAction::UnlockAll => oid::VOID,
    };
    let lock = AdvisoryLock {
        action: known.action,
        shared: known.shared,
        of_transaction: known.of_transaction,
        key,
    };
    Ok(Some((lock, gives)))
}

/// A number that the lock is called by.
fn number(expression: &Expr, type_oid: Oid, pass: &mut Pass<'_>) -> Diagnosed<Option<Argument>> {
    let value = known!(computed::without_columns(expression, pass)?);
    let value = known!(computed::settle(value, type_oid, pass));
    Ok(Some(match value.instructions.as_slice() {
        [Instruction::Constant(value)] => Argument::Constant(Constant {
            type_oid,
            value: value.clone(),
        }),
        [Instruction::Parameter(number)] => Argument::Parameter(*number),
        _ => Argument::Computed(ComputedArgument {
            type_oid,
            instructions: value.instructions,
        }),
    }))
}

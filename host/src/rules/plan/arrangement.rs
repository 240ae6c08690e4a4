//! Arrangements as the broker carries them out.

use super::Broken;
use crate::rules::wit_plan::{Arrangement, ColumnRule, Repetition, RowUse, Step};
use crate::value::arranged::{self, Surroundings};

/// What the broker makes of rows of the server's, if the step does nothing else with them.
pub(super) fn check(step: &Step, surroundings: Surroundings<'_>) -> Result<(), Broken> {
    let Some(arrangement) = &step.arrangement else {
        return Ok(());
    };
    let is_plain = matches!(step.repetition, Repetition::Once)
        && matches!(step.rows, RowUse::Emit | RowUse::Keep(_))
        && step.kept_if.is_none()
        && step.computed.is_empty();
    if !is_plain {
        return Err("rows are arranged of a step that does more with them");
    }
    let computes =
        |rule: &ColumnRule| matches!(rule, ColumnRule::One(change) if change.computed.is_some());
    if arrangement.rows.iter().any(computes) {
        return Err("columns of rows to be arranged are computed");
    }
    arranged::is_sound(arrangement, surroundings)
}

/// How many values the rows have that a step with an arrangement keeps.
pub(super) fn width(arrangement: &Arrangement) -> u32 {
    u32::try_from(arrangement.columns.len()).unwrap_or(u32::MAX)
}

//! Arrangements as the broker carries them out.

use super::Broken;
use crate::rules::wit_plan::{Arrangement, ColumnRule};
use crate::value::arranged;

/// What the broker makes of rows of the server's.
pub(super) fn check(arrangement: &Arrangement, parameters: usize) -> Result<(), Broken> {
    let computes =
        |rule: &ColumnRule| matches!(rule, ColumnRule::One(change) if change.computed.is_some());
    if arrangement.rows.iter().any(computes) {
        return Err("columns of rows to be arranged are computed");
    }
    arranged::is_sound(arrangement, u32::try_from(parameters).unwrap_or(u32::MAX))
}

//! What tables are joined by.

use sqlparser::ast::{Join, JoinConstraint, JoinOperator};

/// ON, USING or NATURAL; none where a join of that kind has no such clause.
pub(crate) fn constraint(join: &Join) -> Option<&JoinConstraint> {
    match &join.join_operator {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint) => Some(constraint),
        _ => None,
    }
}

/// The same, to be changed.
pub(crate) fn constraint_mut(join: &mut Join) -> Option<&mut JoinConstraint> {
    match &mut join.join_operator {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint) => Some(constraint),
        _ => None,
    }
}

/// Whether a join has USING or NATURAL.
pub(crate) fn is_merging(join: &Join) -> bool {
    matches!(
        constraint(join),
        Some(JoinConstraint::Using(_) | JoinConstraint::Natural)
    )
}

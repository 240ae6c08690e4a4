//! What a query says of its groups, before it is known which columns there are.

pub(crate) mod names;

use sqlparser::ast::{JoinConstraint, JoinOperator, OrderByKind, Query, SetExpr, TableWithJoins};

use crate::aggregates::has_aggregate;

/// Whether a join has columns of both sides as one.
pub(crate) fn has_merged_columns(table: &TableWithJoins) -> bool {
    table.joins.iter().any(|join| {
        !matches!(
            join.join_operator,
            JoinOperator::Join(JoinConstraint::On(_))
                | JoinOperator::Inner(JoinConstraint::On(_))
                | JoinOperator::Left(JoinConstraint::On(_))
                | JoinOperator::LeftOuter(JoinConstraint::On(_))
                | JoinOperator::Right(JoinConstraint::On(_))
                | JoinOperator::RightOuter(JoinConstraint::On(_))
                | JoinOperator::FullOuter(JoinConstraint::On(_))
                | JoinOperator::CrossJoin(_)
        )
    })
}

/// Whether an aggregate orders the one row, or the groups, of a query's select.
pub(crate) fn is_ordered_by_aggregate(query: &Query) -> bool {
    let kind = query.order_by.as_ref().map(|order| &order.kind);
    match (&*query.body, kind) {
        (SetExpr::Select(_), Some(OrderByKind::Expressions(items))) => {
            items.iter().any(|item| has_aggregate(&item.expr))
        }
        _ => false,
    }
}

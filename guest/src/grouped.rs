//! What a query says of its groups, before it is known which columns there are.

pub(crate) mod names;

use sqlparser::ast::{
    GroupByExpr, JoinConstraint, JoinOperator, OrderByKind, Query, SelectItem, SetExpr,
    TableWithJoins,
};

use crate::aggregates::has_aggregate;
use crate::labels;
use crate::look::Node;

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

/// Whether a select has `*` beside groups, so that its columns must be known.
pub(crate) fn has_star_beside_groups(node: &Node<'_>) -> bool {
    let Node::Query(query) = node else {
        return false;
    };
    let SetExpr::Select(select) = &*query.body else {
        return false;
    };
    let is_star = |item: &SelectItem| labels::of_item(item).is_none();
    select.projection.iter().any(is_star)
        && (select.having.is_some()
            || is_ordered_by_aggregate(query)
            || !matches!(&select.group_by, GroupByExpr::Expressions(keys, _) if keys.is_empty())
            || select.projection.iter().any(|item| match item {
                SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                    has_aggregate(expr)
                }
                _ => false,
            }))
}

//! What is written in another way before the broker and IRIS share a query.

use sqlparser::ast::{
    Expr, Ident, JoinConstraint, JoinOperator, Query, Select, SelectItem, TableFactor,
    TableWithJoins,
};

use crate::build;
use crate::computed::condition::{all_of, conjuncts};
use crate::computed::{accesses, documents};
use crate::labels;
use crate::scope::Scopes;
use crate::walk;

/// The only source of a select, if it is a subquery whose rows the broker has to arrange.
pub(super) fn source_beneath(select: &Select) -> Option<(Ident, &Query)> {
    match select.from.as_slice() {
        [
            TableWithJoins {
                relation:
                    TableFactor::Derived {
                        lateral: false,
                        subquery,
                        alias: Some(alias),
                        sample: None,
                    },
                joins,
            },
        ] if joins.is_empty() && alias.columns.is_empty() && accesses(&**subquery) => {
            Some((alias.name.clone(), subquery))
        }
        _ => None,
    }
}

/// Functions that take a row as a document.
const OF_ROWS: &[&str] = &[
    "json_agg",
    "jsonb_agg",
    "row_to_json",
    "to_json",
    "to_jsonb",
];

/// Writes the name of a source that stands for its row as names and values.
pub(super) fn name_whole_rows(select: &mut Select, scopes: &Scopes<'_>) {
    let row = |expression: &Expr| {
        let Expr::Identifier(name) = expression else {
            return None;
        };
        if scopes.column(expression).is_some() {
            return None;
        }
        let source = scopes
            .sources()
            .iter()
            .find(|source| source.is_called(name))?;
        let mut pairs = Vec::new();
        for column in source.columns.as_ref()? {
            let column = column.name.as_ref()?;
            let value = vec![name.clone(), labels::identifier(column)];
            pairs.extend([build::string(column), Expr::CompoundIdentifier(value)]);
        }
        Some(build::call(documents::WHOLE_ROW, pairs))
    };
    for item in &mut select.projection {
        let (SelectItem::UnnamedExpr(expression)
        | SelectItem::ExprWithAlias {
            expr: expression, ..
        }) = item
        else {
            continue;
        };
        walk::outside_queries(expression, &mut |inner| {
            let Expr::Function(function) = inner else {
                return;
            };
            let name = build::function_name(function);
            if name.is_some_and(|name| OF_ROWS.contains(&name.as_str())) {
                for argument in build::arguments_mut(function) {
                    if let Some(row) = row(argument) {
                        *argument = row;
                    }
                }
            }
        });
    }
}

/// Moves what the broker must decide out of the conditions of joins: into WHERE, where that means
/// the same.
pub(super) fn move_conditions(select: &mut Select) {
    use JoinOperator as J;
    let keeps_rows = |table: &TableWithJoins| {
        table.joins.iter().any(|join| {
            matches!(
                join.join_operator,
                J::Right(_) | J::RightOuter(_) | J::FullOuter(_)
            )
        })
    };
    if select.from.iter().any(keeps_rows) {
        return;
    }
    for join in select.from.iter_mut().flat_map(|table| &mut table.joins) {
        let (J::Join(JoinConstraint::On(on)) | J::Inner(JoinConstraint::On(on))) =
            &mut join.join_operator
        else {
            continue;
        };
        if !accesses(on) {
            continue;
        }
        let (moved, left): (Vec<_>, Vec<_>) =
            conjuncts(build::take(on)).into_iter().partition(accesses);
        join.join_operator = match all_of(left) {
            Some(left) => J::Inner(JoinConstraint::On(left)),
            None => J::CrossJoin(JoinConstraint::None),
        };
        let selection = select.selection.take();
        select.selection = all_of(selection.into_iter().chain(moved).collect());
    }
}

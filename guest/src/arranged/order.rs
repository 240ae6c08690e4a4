//! The order of the rows of a result, which of them are alike, and how many there are.

use sqlparser::ast::{
    Distinct, Expr, LimitClause, OrderByExpr, OrderByOptions, OrderBySort, Query, Select, Value,
};

use super::groups::Level;
use super::values::typed;
use super::{Arranging, known};
use crate::build;
use crate::computed::Computed;
use crate::derived;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::order_item;
use crate::placeholder;
use crate::rule::Pass;
use crate::types::{self, kept, oid};
use crate::wit::{Argument, Constant, Oid, RowLimit, SortKey, Stage, TypedValue};

/// Whether the broker puts values of a type in the order that PostgreSQL has, and tells equal ones; of `json`
/// PostgreSQL does neither.
pub(super) fn is_sorted(type_oid: Oid) -> bool {
    let is_one = matches!(
        type_oid,
        oid::BOOL
            | oid::BYTEA
            | oid::TEXT
            | oid::VARCHAR
            | oid::BPCHAR
            | oid::DATE
            | oid::TIME
            | oid::TIMESTAMP
            | oid::TIMESTAMPTZ
            | oid::INTERVAL
            | oid::UUID
            | oid::JSONB
    );
    let of_array = |element: Oid| element != oid::JSONB && is_sorted(element);
    is_one || types::is_number(type_oid) || kept::element_of(type_oid).is_some_and(of_array)
}

/// A sort key; none of an operator that is not known.
pub(super) fn key(value: TypedValue, options: &OrderByOptions) -> Option<SortKey> {
    let descending = match &options.sort {
        None | Some(OrderBySort::Asc) => false,
        Some(OrderBySort::Desc) => true,
        Some(OrderBySort::Using(_)) => return None,
    };
    Some(SortKey {
        value,
        descending,
        nulls_first: options.nulls_first.unwrap_or(descending),
    })
}

impl Arranging<'_, '_> {
    /// What is done with the rows of the result; `values` gets those that only the order asks for.
    pub(super) fn ordering(
        &mut self,
        query: &Query,
        select: &Select,
        labels: &[String],
        values: &mut Vec<Computed>,
        level: &mut Level,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Option<Vec<Stage>>> {
        let shown = values.len();
        let mut keys = Vec::new();
        for item in order_item::items(query).unwrap_or_default() {
            let OrderByExpr { expr, options, .. } = item;
            if self.rows.scopes().enum_of(expr).is_some() {
                return Ok(None);
            }
            let value = known!(self.ordered(expr, labels, values, level, pass)?);
            if !is_sorted(value.type_oid) {
                return Ok(None);
            }
            keys.push(known!(key(value, options)));
        }
        let mut stages = Vec::new();
        let sorting = (!keys.is_empty()).then_some(Stage::Sorted(keys));
        match &select.distinct {
            Some(Distinct::On(expressions)) => {
                let mut on = Vec::with_capacity(expressions.len());
                for expression in expressions {
                    let value = known!(self.ordered(expression, labels, values, level, pass)?);
                    on.push(value);
                }
                if !on.iter().all(|value| is_sorted(value.type_oid)) {
                    return Ok(None);
                }
                stages.extend(sorting);
                stages.push(Stage::Distinct(on));
            }
            _ if derived::is_distinct(select) => {
                let all: Vec<TypedValue> = values
                    .iter()
                    .take(shown)
                    .enumerate()
                    .map(|(number, value)| typed(number, value.type_oid))
                    .collect();
                let are_sorted = all.iter().all(|value| is_sorted(value.type_oid));
                if values.len() > shown || !are_sorted {
                    return Ok(None);
                }
                stages.push(Stage::Distinct(all));
                stages.extend(sorting);
            }
            _ => stages.extend(sorting),
        }
        let limit = known!(limit(query, pass));
        stages.extend(limit);
        Ok(Some(stages))
    }

    /// The number of what ORDER BY names: a result column, by its number or its label, or what is
    /// computed besides.
    fn ordered(
        &mut self,
        expression: &Expr,
        labels: &[String],
        values: &mut Vec<Computed>,
        level: &mut Level,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Option<TypedValue>> {
        let called = match expression {
            Expr::Identifier(name) => {
                let name = labels::folded(name);
                labels.iter().position(|label| *label == name)
            }
            other => match order_item::ordinal(other) {
                Some(number) => Some(known!(number.checked_sub(1).filter(|n| *n < labels.len()))),
                None => None,
            },
        };
        if let Some(number) = called {
            return Ok(values
                .get(number)
                .map(|value| typed(number, value.type_oid)));
        }
        let value = known!(self.of_level(expression, level, pass)?);
        let known = values
            .iter()
            .position(|known| known.instructions == value.instructions);
        let type_oid = value.type_oid;
        let number = known.unwrap_or_else(|| {
            values.push(value);
            values.len() - 1
        });
        Ok(Some(typed(number, type_oid)))
    }
}

/// The stage that leaves so many rows as LIMIT and OFFSET say, if they say anything; none if they
/// are computed.
pub(super) fn limit(query: &Query, pass: &mut Pass<'_>) -> Option<Option<Stage>> {
    let (mut limit, mut offset) = (None, None);
    match &query.limit_clause {
        None => {}
        Some(LimitClause::LimitOffset {
            limit: most,
            offset: first,
            limit_by,
        }) if limit_by.is_empty() => {
            limit = count(most.as_ref(), Argument::Limit, pass)?;
            offset = count(
                first.as_ref().map(|first| &first.value),
                Argument::Offset,
                pass,
            )?;
        }
        Some(_) => return None,
    }
    if let Some(fetch) = &query.fetch {
        let one = build::number(1);
        limit = count(
            Some(fetch.quantity.as_ref().unwrap_or(&one)),
            Argument::Limit,
            pass,
        )?;
    }
    let is_limited = limit.is_some() || offset.is_some();
    Some(is_limited.then_some(Stage::Limited(RowLimit { limit, offset })))
}

/// A number of rows; nothing for NULL.
fn count(
    written: Option<&Expr>,
    parameter: fn(u32) -> Argument,
    pass: &mut Pass<'_>,
) -> Option<Option<Argument>> {
    let Some(written) = written else {
        return Some(None);
    };
    let inner = build::unnested(written);
    if let Some(number) = placeholder::number_of(inner) {
        pass.parameter_type(number, oid::INT8);
        return Some(Some(parameter(number)));
    }
    let Expr::Value(value) = inner else {
        return None;
    };
    match &value.value {
        Value::Null => Some(None),
        Value::Number(digits, _) | Value::SingleQuotedString(digits) => {
            let rows: u64 = digits.parse().ok()?;
            Some(Some(Argument::Constant(Constant {
                type_oid: oid::INT8,
                value: Some(rows.to_string()),
            })))
        }
        _ => None,
    }
}

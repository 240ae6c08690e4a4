//! The row that an INSERT with ON CONFLICT proposes, by the names of its columns.

use sqlparser::ast::{
    BinaryOperator, DataType, ExactNumberInfo, Expr, Insert, SelectItem, SetExpr, TimezoneInfo,
    Value,
};

use super::joined::iris_type;
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::part::Times;
use crate::placeholder;
use crate::relations::{Column, Key, Relation};
use crate::rule::Pass;
use crate::types::oid;
use crate::wit::{Argument, Diagnostic};
use crate::writing;

pub(crate) struct Row<'a> {
    pub(crate) relation: &'a Relation,
    values: Vec<(String, Expr)>,
    /// What the values stand for, if there are several rows.
    times: Times,
}

impl<'a> Row<'a> {
    /// # Errors
    /// A refusal if it is not one row, or one for each run.
    pub(crate) fn of(insert: &Insert, relation: &'a Relation, times: &Times) -> Diagnosed<Self> {
        let values = match insert.source.as_ref().map(|source| &*source.body) {
            None => Some(Vec::new()),
            Some(SetExpr::Values(values)) => values.rows.first().map(|row| row.content.clone()),
            Some(SetExpr::Select(select)) if select.from.is_empty() => {
                let values = select.projection.iter().map(|item| match item {
                    SelectItem::UnnamedExpr(value)
                    | SelectItem::ExprWithAlias { expr: value, .. } => Some(value.clone()),
                    _ => None,
                });
                values.collect()
            }
            Some(_) => None,
        };
        let Some(values) = values else {
            return Err(Diagnostic::not_supported(
                "ON CONFLICT is not supported for this query",
                "insert the rows by VALUES",
            ));
        };
        Ok(Self {
            relation,
            values: columns(insert, relation).into_iter().zip(values).collect(),
            times: times.clone(),
        })
    }

    /// Among values a parameter has the type of its column.
    pub(crate) fn type_parameters(&self, pass: &mut Pass<'_>) {
        for (name, value) in &self.values {
            let Some(column) = self.relation.column(name) else {
                continue;
            };
            match (placeholder::argument_of(value), &self.times) {
                (Some(Argument::Parameter(number)), _) => {
                    pass.parameter_type(number, column.type_oid);
                }
                (Some(held), Times::ForRows(rows)) => {
                    let place = placeholder::row_column(&held).unwrap_or(u32::MAX) as usize;
                    for row in rows.iter() {
                        if let Some(Argument::Parameter(number)) = row.get(place) {
                            pass.parameter_type(*number, column.type_oid);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn value(&self, column: &str) -> Option<&Expr> {
        let mut values = self.values.iter();
        let found = values.find(|(name, _)| name.eq_ignore_ascii_case(column));
        found.map(|(_, value)| value)
    }

    /// What the stored row with this key fulfils; none if it cannot be there.
    pub(crate) fn meets(&self, key: &Key) -> Diagnosed<Option<Expr>> {
        let mut condition = None;
        for column in &key.columns {
            let value = match self.value(column) {
                Some(value) if !is_null(value) => value.clone(),
                Some(_) => return Ok(None),
                None if self.has_default(column) => {
                    return Err(Diagnostic::not_supported(
                        format!("ON CONFLICT is not supported with the default of \"{column}\""),
                        "give the column a value",
                    ));
                }
                None => return Ok(None),
            };
            let same = writing::equals(
                Expr::Identifier(labels::identifier(column)),
                build::nested(value),
            );
            condition = Some(match condition {
                None => same,
                Some(before) => build::binary(before, BinaryOperator::And, same),
            });
        }
        Ok(condition)
    }

    /// Whether every row has a value for every column of the key that is not NULL, as far as the text
    /// tells.
    pub(crate) fn gives(&self, key: &Key) -> bool {
        let is_value = |argument: &Argument| matches!(argument, Argument::Constant(constant) if constant.value.is_some());
        key.columns.iter().all(|column| {
            let Some(value) = self.value(column) else {
                return false;
            };
            match (placeholder::argument_of(value), &self.times) {
                (Some(held), Times::ForRows(rows)) => {
                    placeholder::row_column(&held).is_some_and(|place| {
                        let mut rows = rows.iter();
                        rows.all(|row| row.get(place as usize).is_some_and(is_value))
                    })
                }
                (Some(held), _) => is_value(&held),
                (None, _) => matches!(build::unnested(value), Expr::Value(value)
                    if !matches!(value.value, Value::Null | Value::Placeholder(_))),
            }
        })
    }

    fn has_default(&self, column: &str) -> bool {
        let column = self.relation.column(column);
        column.is_some_and(|column| column.has_default && !column.generated)
    }

    /// `excluded.column` in an expression: the value as the column has it.
    pub(crate) fn excluded_in(&self, column: &str, pass: &mut Pass<'_>) -> Diagnosed<Expr> {
        let value = self.excluded(column, pass)?;
        let is_kept = |held: Argument| !matches!(held, Argument::Parameter(_));
        // What is kept has its type.
        let is_kept = placeholder::argument_of(&value).is_some_and(is_kept);
        let known = self.relation.column(column).filter(|_| !is_kept);
        Ok(match known.and_then(type_of) {
            Some(data_type) => build::cast(value, data_type),
            None => value,
        })
    }

    /// `excluded.column`, as it was given or as its default is.
    pub(crate) fn excluded(&self, column: &str, pass: &mut Pass<'_>) -> Diagnosed<Expr> {
        if let Some(value) = self.value(column) {
            return Ok(build::nested(pass.copies.copy(value)?));
        }
        match self.relation.column(column) {
            None => Err(Diagnostic::error(
                "42703",
                format!("column excluded.{column} does not exist"),
            )),
            Some(known) => writing::default_of(known, pass).ok_or_else(|| {
                Diagnostic::not_supported(
                    format!("excluded.{column} is not known"),
                    "give the column a value",
                )
            }),
        }
    }
}

/// The type of a column whose values are not what is written for them; none of others.
fn type_of(column: &Column) -> Option<DataType> {
    Some(match column.type_oid {
        oid::BOOL => return None,
        oid::NUMERIC if column.digits.is_none() => DataType::Numeric(ExactNumberInfo::None),
        oid::TIMESTAMPTZ => DataType::Timestamp(None, TimezoneInfo::WithTimeZone),
        oid::UUID => DataType::Uuid,
        known => iris_type(known, column.digits)?,
    })
}

/// The names of the columns that are given.
pub(crate) fn columns(insert: &Insert, relation: &Relation) -> Vec<String> {
    if insert.columns.is_empty() {
        let all = relation.columns.iter();
        return all.map(|column| column.name.clone()).collect();
    }
    let given = insert.columns.iter();
    given
        .map(|name| labels::of_name(name).unwrap_or_default())
        .collect()
}

fn is_null(value: &Expr) -> bool {
    placeholder::is_null(value)
        || matches!(build::unnested(value), Expr::Value(value)
            if matches!(value.value, Value::Null))
}

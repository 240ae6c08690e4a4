//! Values for columns that must not be NULL and have a default: IRIS would store that
//! in place of a NULL, where PostgreSQL fails.

use sqlparser::ast::{
    BinaryOperator, DataType, Expr, Ident, Select, SelectItem, SetExpr, SetOperator, Value,
};

use super::is_default;
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::placeholder;
use crate::raise;
use crate::relations::{Column, Relation};
use crate::rule::Pass;
use crate::scope::{Output, Scopes};
use crate::wit::{Condition, Diagnostic, Requirement};

/// Makes the statement fail if this value is NULL; tells whether it was changed.
///
/// # Errors
/// A value that always is.
pub(crate) fn value(
    value: &mut Expr,
    column: &Column,
    relation: &Relation,
    scopes: &Scopes<'_>,
    pass: &mut Pass<'_>,
) -> Diagnosed<bool> {
    if !must_be_filled(column) {
        return Ok(false);
    }
    let otherwise = super::null_value(column, relation);
    match strict_parameters(value) {
        Some(Strict::Null) => Err(otherwise),
        Some(Strict::Parameters(numbers)) => {
            pass.required
                .extend(numbers.into_iter().map(|parameter| Requirement {
                    parameter,
                    condition: Condition::NotNull,
                    otherwise: otherwise.clone(),
                }));
            Ok(false)
        }
        None if scopes.may_be_null(value) => {
            let failure = raise::plain("23502", &otherwise.message);
            let failure = match super::joined::iris_type(column.type_oid, column.digits) {
                // A BIT is a number.
                Some(DataType::Bit(_)) => failure,
                Some(data_type) => build::cast(failure, data_type),
                None => build::cast(failure, super::varchar()),
            };
            *value = build::call("COALESCE", vec![build::take(value), failure]);
            Ok(true)
        }
        None => Ok(false),
    }
}

fn must_be_filled(column: &Column) -> bool {
    !column.nullable && (column.has_default || column.generated)
}

/// Whether a column of a query may bring a NULL that must not be.
fn may_fail(output: &Output, column: Option<&Column>) -> bool {
    output.nullable && column.is_some_and(must_be_filled)
}

/// Writes out a `*` that may bring a NULL that must not be.
pub(crate) fn expanded(
    select: &mut Select,
    columns: &[Option<&Column>],
    scopes: &Scopes<'_>,
) -> bool {
    let has_star = |item: &SelectItem| {
        matches!(
            item,
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..)
        )
    };
    if !select.projection.iter().any(has_star) {
        return false;
    }
    let risky = scopes.columns_of_select(select).is_some_and(|outputs| {
        let mut pairs = outputs.iter().zip(columns);
        pairs.any(|(output, column)| may_fail(output, *column))
    });
    let Some(items) = risky.then(|| written_out(select, scopes)).flatten() else {
        return false;
    };
    select.projection = items;
    true
}

fn written_out(select: &Select, scopes: &Scopes<'_>) -> Option<Vec<SelectItem>> {
    let mut items = Vec::new();
    for item in &select.projection {
        let only = match item {
            SelectItem::Wildcard(_) => None,
            SelectItem::QualifiedWildcard(qualifier, _) => Some(labels::qualifier(qualifier)?),
            other => {
                items.push(other.clone());
                continue;
            }
        };
        for source in scopes.sources() {
            let called = Ident::new(source.alias.clone()?);
            if only.as_ref().is_some_and(|only| !source.is_called(only)) {
                continue;
            }
            for column in source.columns.as_ref()? {
                let name = labels::identifier(column.name.as_ref()?);
                items.push(SelectItem::UnnamedExpr(Expr::CompoundIdentifier(vec![
                    called.clone(),
                    name,
                ])));
            }
        }
    }
    Some(items)
}

/// A NULL of one side of an INTERSECT or EXCEPT need not be one of the result.
pub(crate) fn refuse_unknown(
    body: &SetExpr,
    columns: &[Option<&Column>],
    scopes: &mut Scopes<'_>,
) -> Diagnosed<()> {
    let SetExpr::SetOperation {
        op: SetOperator::Intersect | SetOperator::Except | SetOperator::Minus,
        ..
    } = body
    else {
        return Ok(());
    };
    let outputs = scopes.columns_of_body(body).unwrap_or_default();
    let mut pairs = outputs.iter().zip(columns);
    if pairs.any(|(output, column)| may_fail(output, *column)) {
        return Err(Diagnostic::not_supported(
            "INTERSECT and EXCEPT are not supported for a column that must not be NULL and has a default",
            "select from it in a FROM: INSERT ... SELECT ... FROM (... EXCEPT ...) AS q",
        ));
    }
    Ok(())
}

/// When an expression is NULL.
enum Strict {
    Null,
    /// If one of these is, and only then.
    Parameters(Vec<u32>),
}

/// None if it is not known.
fn strict_parameters(value: &Expr) -> Option<Strict> {
    match value {
        Expr::Nested(inner)
        | Expr::Cast { expr: inner, .. }
        | Expr::UnaryOp { expr: inner, .. } => strict_parameters(inner),
        Expr::Value(known) => match &known.value {
            Value::Null => Some(Strict::Null),
            Value::Placeholder(_) if placeholder::is_null(value) => Some(Strict::Null),
            Value::Placeholder(_) => Some(Strict::Parameters(
                placeholder::number_of(value).into_iter().collect(),
            )),
            _ => Some(Strict::Parameters(Vec::new())),
        },
        Expr::BinaryOp {
            left,
            op:
                BinaryOperator::Plus
                | BinaryOperator::Minus
                | BinaryOperator::Multiply
                | BinaryOperator::Divide
                | BinaryOperator::Modulo
                | BinaryOperator::StringConcat,
            right,
        } => match (strict_parameters(left)?, strict_parameters(right)?) {
            (Strict::Parameters(mut left), Strict::Parameters(right)) => {
                left.extend(right);
                Some(Strict::Parameters(left))
            }
            _ => Some(Strict::Null),
        },
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) if is_default(value) => {
            Some(Strict::Parameters(Vec::new()))
        }
        Expr::TypedString(_) | Expr::Interval(_) => Some(Strict::Parameters(Vec::new())),
        Expr::Function(function) => match build::function_name(function)?.as_str() {
            "now" | "count" | "gen_random_uuid" | "current_timestamp" | "current_date"
            | "localtimestamp" | "clock_timestamp" | "random" => {
                Some(Strict::Parameters(Vec::new()))
            }
            // Puts blanks away from what is kept as a `character`.
            "rtrim" => strict_parameters(build::arguments(function).first()?),
            _ => None,
        },
        _ => None,
    }
}

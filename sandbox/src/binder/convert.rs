//! The conversions that IRIS makes without being asked.

use super::typed::{Shape, Typed, text_literal};
use crate::catalog::Column;
use crate::datatype::Type;
use crate::decimal;

/// As text, in logical form: dates become day counts.
pub(super) fn as_text(value: &Typed) -> String {
    let sql = &value.sql;
    match &value.ty {
        _ if value.is_null() => sql.clone(),
        Type::Varchar(_)
        | Type::LongVarchar
        | Type::Guid
        | Type::Timestamp
        | Type::Numeric { .. } => sql.clone(),
        Type::PosixTime => format!("CAST(iris_posix({sql}) AS TEXT)"),
        Type::Double => format!("iris_num({sql})"),
        Type::Time(_) => format!("iris_seconds({sql})"),
        Type::Vector(element, _) => format!("iris_vector_text({sql},'{}')", element.keyword()),
        Type::Varbinary(_) | Type::LongVarbinary => format!("iris_bytes_text({sql})"),
        Type::List => format!("iris_list_text({sql})"),
        _ => format!("CAST({sql} AS TEXT)"),
    }
}

/// As canonical decimal text.
pub(super) fn as_numeric(value: &Typed) -> String {
    let sql = &value.sql;
    match &value.ty {
        _ if value.is_null() => sql.clone(),
        Type::Numeric { .. } => sql.clone(),
        Type::Time(_) => format!("iris_seconds({sql})"),
        Type::PosixTime => format!("CAST(iris_posix({sql}) AS TEXT)"),
        ty if ty.is_integer() || *ty == Type::Date => match &value.shape {
            Shape::Literal(text) => text_literal(text),
            _ => format!("CAST({sql} AS TEXT)"),
        },
        _ => format!("iris_num({sql})"),
    }
}

pub(super) fn as_double(value: &Typed) -> String {
    if value.is_null() || value.ty == Type::Double {
        value.sql.clone()
    } else {
        format!("iris_double({})", value.sql)
    }
}

/// As a whole number, cut towards zero.
pub(super) fn as_integer(value: &Typed) -> String {
    if value.is_null() || value.ty.is_integer() || value.ty == Type::Date {
        return value.sql.clone();
    }
    format!(
        "iris_integer({})",
        if matches!(value.ty, Type::Time(_)) {
            as_numeric(value)
        } else {
            value.sql.clone()
        }
    )
}

/// As a number of whatever kind it is; text counts as NUMERIC.
pub(super) fn as_number(value: &Typed) -> (String, Type) {
    match &value.ty {
        Type::Date => (value.sql.clone(), Type::Integer),
        ty if ty.is_number() => (value.sql.clone(), ty.clone()),
        _ => (as_numeric(value), Type::numeric(18, 9)),
    }
}

/// As a value of `target`, leniently: what cannot be converted counts as IRIS counts it.
pub(super) fn to(value: &Typed, target: &Type) -> String {
    let sql = &value.sql;
    if value.is_null() || value.ty == *target {
        return sql.clone();
    }
    match target {
        Type::Varchar(_) | Type::LongVarchar | Type::Guid | Type::List => as_text(value),
        Type::Numeric { .. } => as_numeric(value),
        Type::Double => as_double(value),
        Type::Date => match &value.ty {
            Type::Timestamp | Type::PosixTime => format!("iris_date(substr({sql},1,10))"),
            ty if ty.is_text() => format!("iris_date({sql})"),
            _ => as_integer(value),
        },
        Type::Time(_) => match &value.ty {
            Type::Timestamp | Type::PosixTime => format!("iris_time(substr({sql},12))"),
            ty if ty.is_text() => format!("iris_time({sql})"),
            Type::Time(_) => sql.clone(),
            _ => format!("iris_time_seconds({})", as_numeric(value)),
        },
        Type::Timestamp | Type::PosixTime => as_timestamp(value),
        Type::Varbinary(_) | Type::LongVarbinary => match value.ty {
            Type::Varbinary(_) | Type::LongVarbinary => sql.clone(),
            _ => format!("CAST({} AS BLOB)", as_text(value)),
        },
        Type::Vector(element, _) => match &value.ty {
            Type::Vector(..) => sql.clone(),
            _ => format!(
                "iris_to_vector({},'{}',NULL)",
                as_text(value),
                element.keyword()
            ),
        },
        _ => as_integer(value),
    }
}

pub(super) fn as_timestamp(value: &Typed) -> String {
    let sql = &value.sql;
    match &value.ty {
        _ if value.is_null() => sql.clone(),
        Type::Timestamp | Type::PosixTime => sql.clone(),
        Type::Date => format!("iris_timestamp_days({sql})"),
        Type::Time(_) => format!("iris_timestamp_time({sql})"),
        ty if ty.is_text() => format!("iris_timestamp({sql})"),
        _ => format!("iris_timestamp_days({})", as_integer(value)),
    }
}

/// As the column of an INSERT or UPDATE takes it: validated, `code` if it does not fit.
pub(super) fn stored_in(value: &Typed, column: &Column, code: i32) -> String {
    stored_as(value, &column.ty, &column.type_ddl(), &column.name, code)
}

/// As a column of type `target` takes it.
pub(super) fn stored(value: &Typed, target: &Type, column: &str, code: i32) -> String {
    stored_as(value, target, &target.ddl(), column, code)
}

fn stored_as(value: &Typed, target: &Type, ddl: &str, column: &str, code: i32) -> String {
    if value.is_null() {
        return value.sql.clone();
    }
    let source = match (&value.ty, target) {
        (Type::Vector(from, _), Type::Vector(to, _)) if from != to => {
            return format!(
                "iris_fail({code},{})",
                text_literal(&format!("Field '{column}': vector type differs"))
            );
        }
        (ty, target) if ty.is_text() || ty.is_number() && target.is_number() => value.sql.clone(),
        // A number is a day if it is whole, and never a moment.
        (ty, Type::Date | Type::Timestamp | Type::PosixTime) if ty.is_number() => value.sql.clone(),
        (
            Type::Date | Type::Time(_) | Type::Timestamp | Type::PosixTime,
            Type::Varchar(_) | Type::LongVarchar,
        ) => super::cast::odbc_text(value),
        _ => to(value, target),
    };
    format!(
        "iris_store({source},{},{},{code})",
        text_literal(ddl),
        text_literal(column)
    )
}

/// A number literal: whole numbers stay integers, others become exact decimals.
pub(super) fn number_literal(text: &str) -> Typed {
    let number = decimal::leading(text);
    let canonical = decimal::canonical(&number);
    if let Ok(whole) = canonical.parse::<i64>() {
        let ty = if i32::try_from(whole).is_ok() {
            Type::Integer
        } else {
            Type::BigInt
        };
        return Typed::literal(canonical.clone(), ty, canonical);
    }
    let digits = canonical.bytes().filter(u8::is_ascii_digit).count();
    let scale = canonical
        .split_once('.')
        .map_or(0, |(_, fraction)| fraction.len());
    let small = |n: usize| u32::try_from(n.min(40)).unwrap_or(40);
    Typed::literal(
        text_literal(&canonical),
        Type::numeric(small(digits), small(scale)),
        canonical,
    )
}

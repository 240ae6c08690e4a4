//! Types as statements write them.

use sqlparser::ast::{ArrayElemTypeDef, CharacterLength, DataType, ExactNumberInfo, TimezoneInfo};

use super::names;
use crate::failure::{Failure, Result};
use crate::types::Type;

/// The type that a cast names.
pub(super) fn resolve(written: &DataType) -> Result<Type> {
    if let Some(kind) = builtin(written) {
        return Ok(kind);
    }
    match written {
        DataType::Array(element) => {
            let element = match element {
                ArrayElemTypeDef::SquareBracket(inner, _)
                | ArrayElemTypeDef::AngleBracket(inner)
                | ArrayElemTypeDef::Parenthesis(inner)
                | ArrayElemTypeDef::Qualified(inner, _) => resolve(inner)?,
                ArrayElemTypeDef::None => Type::TEXT,
            };
            // Brackets after brackets change nothing.
            if element.element().is_some() && !element.is_vector() {
                return Ok(element);
            }
            element.array().ok_or_else(|| unknown(&written.to_string()))
        }
        DataType::Custom(name, _) => custom(&names(name)?),
        _ => Err(unknown(&written.to_string())),
    }
}

/// The length that a cast to a string cuts at.
pub(super) fn length(written: &DataType) -> Option<u64> {
    let (given, default) = match written {
        DataType::Varchar(length)
        | DataType::CharacterVarying(length)
        | DataType::CharVarying(length) => (length, None),
        DataType::Char(length) | DataType::Character(length) => (length, Some(1)),
        _ => return None,
    };
    match given {
        Some(CharacterLength::IntegerLength { length, .. }) => Some(*length),
        _ => default,
    }
}

fn unknown(name: &str) -> Failure {
    Failure::new(
        "42704",
        format!("type \"{}\" does not exist", name.to_lowercase()),
    )
}

fn custom(parts: &[String]) -> Result<Type> {
    let name = parts.last().map(String::as_str).unwrap_or_default();
    let in_reach = match parts {
        [_] => true,
        [schema, _] => schema == "pg_catalog" || schema == "information_schema",
        _ => false,
    };
    Type::named(name)
        .filter(|_| in_reach)
        .ok_or_else(|| unknown(&parts.join(".")))
}

fn builtin(written: &DataType) -> Option<Type> {
    Some(match written {
        DataType::Text => Type::TEXT,
        DataType::Regclass => Type::REGCLASS,
        DataType::Bool | DataType::Boolean => Type::BOOL,
        DataType::SmallInt(_) | DataType::Int2(_) => Type::INT2,
        DataType::Int(_) | DataType::Integer(_) | DataType::Int4(_) => Type::INT4,
        DataType::BigInt(_) | DataType::Int8(_) => Type::INT8,
        DataType::Numeric(_) | DataType::Decimal(_) | DataType::Dec(_) => Type::NUMERIC,
        DataType::Real | DataType::Float4 => Type::FLOAT4,
        DataType::Float(ExactNumberInfo::Precision(bits)) if *bits < 25 => Type::FLOAT4,
        DataType::DoublePrecision | DataType::Float8 | DataType::Float(_) | DataType::Double(_) => {
            Type::FLOAT8
        }
        DataType::Varchar(_) | DataType::CharacterVarying(_) | DataType::CharVarying(_) => {
            Type::VARCHAR
        }
        DataType::Char(_) | DataType::Character(_) => Type::BPCHAR,
        DataType::JSON => Type::JSON,
        DataType::JSONB => Type::JSONB,
        DataType::Bytea => Type::BYTEA,
        DataType::Uuid => Type::UUID,
        DataType::Date => Type::DATE,
        DataType::Interval { .. } => Type::INTERVAL,
        DataType::Bit(_) => Type::BIT,
        DataType::BitVarying(_) | DataType::VarBit(_) => Type::VARBIT,
        DataType::TsVector => Type::TSVECTOR,
        DataType::TsQuery => Type::TSQUERY,
        DataType::Timestamp(_, zone) => match zone {
            TimezoneInfo::WithTimeZone | TimezoneInfo::Tz => Type::TIMESTAMPTZ,
            _ => Type::TIMESTAMP,
        },
        DataType::Time(_, zone) => match zone {
            TimezoneInfo::WithTimeZone | TimezoneInfo::Tz => Type::TIMETZ,
            _ => Type::TIME,
        },
        _ => return None,
    })
}

/// The label of a cast that nothing else names.
pub(super) fn label(written: &DataType) -> Option<String> {
    let kind = resolve(written).ok()?;
    let kind = match kind.element() {
        Some(element) if !kind.is_vector() => element,
        _ => kind,
    };
    kind.name()
}

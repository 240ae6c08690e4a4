//! The data type classes that DDL may name directly, with their parameters.

use super::declared::{Declared, Limits};
use super::names::ColumnType;
use super::{AS_GIVEN, Type};
use crate::ast::TypeName;
use crate::error::{Result, SqlError};
use crate::{decimal, temporal};

/// MAXLEN of %String where none is given.
const STRING_LENGTH: u32 = 50;

/// A system class, also by its short name (`%String`). Class names are case-sensitive; a class
/// that is not among them does not exist.
pub(super) fn resolve(name: &TypeName) -> Result<ColumnType> {
    let short = name.name.strip_prefix("%Library.");
    let class = match short.or_else(|| name.name.strip_prefix('%')) {
        Some(class) if !class.contains('.') => class,
        _ if name.name.starts_with("%Stream.") => name.name.as_str(),
        _ => return Err(missing(&name.name)),
    };
    let parameters = parameters(name)?;
    let base = base(class, &parameters)?.ok_or_else(|| missing(&name.name))?;
    for (key, _) in &parameters {
        if !known(&base, class).contains(&key.as_str()) {
            return Err(SqlError::new(
                -400,
                format!("ERROR #5480: Property parameter not declared: {key}"),
            ));
        }
    }
    let mut column = ColumnType::from(base);
    match class {
        "Counter" => column.serial = true,
        "RowVersion" => column.row_version = true,
        _ => {
            let limits = limits(class, &column.base, &parameters)?;
            // What the type alone says needs no spelling of its own.
            if limits != Limits::default() {
                column.declared = Declared {
                    spelling: Some(spelling(class, &parameters)),
                    limits,
                    embedding: None,
                };
            }
        }
    }
    Ok(column)
}

type Parameters = Vec<(String, String)>;

fn missing(class: &str) -> SqlError {
    let class = if class.contains('.') || class.starts_with('%') {
        class.to_owned()
    } else {
        format!("User.{class}")
    };
    SqlError::new(-400, format!("ERROR #5559: class '{class}' does not exist"))
}

/// `MAXLEN=40` and its like.
fn parameters(name: &TypeName) -> Result<Parameters> {
    let one = |arg: &String| {
        let (key, value) = arg
            .split_once('=')
            .ok_or_else(|| SqlError::new(-400, format!("class parameter {arg} has no name")))?;
        Ok((key.to_owned(), value.to_owned()))
    };
    name.args.iter().map(one).collect()
}

fn value<'p>(parameters: &'p Parameters, wanted: &str) -> Option<&'p str> {
    let found = parameters.iter().find(|(key, _)| key == wanted);
    found.map(|(_, value)| value.as_str())
}

fn number(parameters: &Parameters, wanted: &str) -> Result<Option<u32>> {
    let Some(text) = value(parameters, wanted).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let number = text.parse().map(Some);
    number.map_err(|_| SqlError::new(-400, format!("class parameter {wanted}={text}")))
}

/// The type of a class by its ODBCTYPE.
fn base(class: &str, parameters: &Parameters) -> Result<Option<Type>> {
    let length = |bare: Option<u32>| match value(parameters, "MAXLEN") {
        Some("") => Ok(None),
        Some(_) => number(parameters, "MAXLEN"),
        None => Ok(bare),
    };
    Ok(Some(match class {
        "String" | "EnumString" => Type::Varchar(length(Some(STRING_LENGTH))?),
        "Name" => Type::Varchar(length(Some(255))?),
        "Binary" => Type::Varbinary(length(Some(STRING_LENGTH))?),
        "Boolean" => Type::Bit,
        "TinyInt" => Type::TinyInt,
        "SmallInt" => Type::SmallInt,
        "Integer" => Type::Integer,
        "BigInt" | "Counter" | "RowVersion" => Type::BigInt,
        "Numeric" | "Decimal" => {
            let scale = number(parameters, "SCALE")?;
            let bare = if class == "Numeric" { 2 } else { 0 };
            Type::numeric(19 + scale.unwrap_or(bare).min(18), scale.unwrap_or(bare))
        }
        "Currency" => Type::numeric(19, 4),
        "Double" => Type::Double,
        "Date" => Type::Date,
        "Time" => Type::Time(number(parameters, "PRECISION")?.map_or(AS_GIVEN, |n| n.min(9))),
        "TimeStamp" | "DateTime" => Type::Timestamp,
        "PosixTime" => Type::PosixTime,
        "UniqueIdentifier" => Type::Guid,
        "GlobalCharacterStream" | "%Stream.GlobalCharacter" => Type::LongVarchar,
        "GlobalBinaryStream" | "%Stream.GlobalBinary" => Type::LongVarbinary,
        _ => return Ok(None),
    }))
}

/// The parameters that a class has and that mean something here.
fn known(base: &Type, class: &str) -> &'static [&'static str] {
    match base {
        Type::Varchar(_) => &["MAXLEN", "MINLEN", "VALUELIST", "TRUNCATE"],
        Type::Varbinary(_) => &["MAXLEN", "MINLEN"],
        Type::Numeric { .. } if class != "Currency" => &["MINVAL", "MAXVAL", "SCALE"],
        Type::Time(_) => &["PRECISION", "MINVAL", "MAXVAL"],
        Type::LongVarchar | Type::LongVarbinary => &["LOCATION"],
        Type::Bit | Type::Guid => &[],
        _ => &["MINVAL", "MAXVAL", "VALUELIST"],
    }
}

fn limits(class: &str, base: &Type, parameters: &Parameters) -> Result<Limits> {
    let bound = |wanted: &str| match value(parameters, wanted) {
        None | Some("") => Ok(None),
        Some(text) => logical(base, text)
            .map(Some)
            .ok_or_else(|| SqlError::new(-400, format!("class parameter {wanted}={text}"))),
    };
    let values = value(parameters, "VALUELIST").map(|list| {
        // The first character is the separator.
        let separator = list.chars().next().unwrap_or(',');
        list.split(separator).skip(1).map(str::to_owned).collect()
    });
    Ok(Limits {
        least: bound("MINVAL")?,
        most: bound("MAXVAL")?,
        values,
        shortest: number(parameters, "MINLEN")?.unwrap_or(0) as usize,
        cut: value(parameters, "TRUNCATE") == Some("1"),
        imprecise: class == "DateTime",
    })
}

/// A bound in the logical form of its type.
fn logical(base: &Type, text: &str) -> Option<String> {
    match base {
        Type::Timestamp | Type::PosixTime => {
            temporal::parse_timestamp(text).map(temporal::timestamp_text)
        }
        Type::Date => {
            let days = decimal::exact(text)?;
            (temporal::FIRST_DAY..=temporal::LAST_DAY)
                .contains(&decimal::to_i64(&days))
                .then(|| decimal::canonical(&days))
        }
        Type::Time(_) => {
            let seconds = decimal::exact(text)?;
            Some(decimal::canonical(&(seconds * 1_000_000_000)))
        }
        _ => decimal::exact(text).map(|number| decimal::canonical(&number)),
    }
}

fn spelling(class: &str, parameters: &Parameters) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let parameters: Vec<String> = parameters
        .iter()
        .map(|(key, value)| format!("{key}={}", quoted(value)))
        .collect();
    match parameters.as_slice() {
        [] => format!("%Library.{class}"),
        parameters => format!("%Library.{class}({})", parameters.join(",")),
    }
}

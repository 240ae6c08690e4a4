//! What the type names of DDL mean: the system's mapping to data type classes.

use super::declared::{Declared, Limits};
use super::{AS_GIVEN, Type, class, default_element};
use crate::Version;
use crate::ast::TypeName;
use crate::error::{Result, SqlError};
use crate::vector::Element;

/// A column type, and the two that are more than a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ColumnType {
    pub(crate) base: Type,
    pub(crate) serial: bool,
    pub(crate) row_version: bool,
    pub(crate) declared: Declared,
}

impl From<Type> for ColumnType {
    fn from(base: Type) -> Self {
        Self {
            base,
            serial: false,
            row_version: false,
            declared: Declared::default(),
        }
    }
}

/// What a DDL type name means in `version`. A name that is not mapped is taken for a class.
pub(crate) fn resolve(name: &TypeName, version: Version) -> Result<ColumnType> {
    let args = name.args.as_slice();
    match (name.name.as_str(), args) {
        ("SERIAL", []) => {
            return Ok(ColumnType {
                serial: true,
                ..ColumnType::from(Type::BigInt)
            });
        }
        ("ROWVERSION", []) => {
            return Ok(ColumnType {
                row_version: true,
                ..ColumnType::from(Type::BigInt)
            });
        }
        ("EMBEDDING", [config, source]) if version >= Version::V2024_3 => {
            return Ok(embedding(config, source));
        }
        ("NUMBER", []) => return Ok(spelt("NUMBER", Type::numeric(19, 0), whole_64_bits())),
        ("DATETIME" | "DATETIME2", []) => {
            return Ok(spelt(&name.name, Type::Timestamp, imprecise(None, None)));
        }
        ("SMALLDATETIME", []) => {
            let limits = imprecise(Some("1900-01-01 00:00:00"), Some("2079-06-06 23:59:59"));
            return Ok(spelt("SMALLDATETIME", Type::Timestamp, limits));
        }
        _ => {}
    }
    match plain(name, version)? {
        Some(base) => Ok(base.into()),
        None => class::resolve(name),
    }
}

/// Reads back what [`Type::ddl`] or a spelling wrote.
pub(crate) fn read_back(ddl: &str) -> Result<ColumnType> {
    let name = crate::parser::type_name(ddl)?;
    resolve(&name, Version::NEWEST)
}

fn spelt(spelling: &str, base: Type, limits: Limits) -> ColumnType {
    let declared = Declared {
        spelling: Some(spelling.to_owned()),
        limits,
        embedding: None,
    };
    ColumnType {
        declared,
        ..ColumnType::from(base)
    }
}

fn whole_64_bits() -> Limits {
    Limits {
        least: Some(i64::MIN.to_string()),
        most: Some(i64::MAX.to_string()),
        ..Limits::default()
    }
}

fn imprecise(least: Option<&str>, most: Option<&str>) -> Limits {
    Limits {
        least: least.map(str::to_owned),
        most: most.map(str::to_owned),
        imprecise: true,
        ..Limits::default()
    }
}

fn embedding(config: &str, source: &str) -> ColumnType {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let declared = Declared {
        spelling: Some(format!("EMBEDDING({},{})", quoted(config), quoted(source))),
        limits: Limits::default(),
        embedding: Some((config.to_owned(), source.to_owned())),
    };
    ColumnType {
        declared,
        ..ColumnType::from(Type::Vector(Element::Float, None))
    }
}

/// The mapped names that are no more than a type. How many arguments each has is part of the
/// mapping: another number of them is another name.
fn plain(name: &TypeName, version: Version) -> Result<Option<Type>> {
    let args = name.args.as_slice();
    let unlimited = args
        .first()
        .is_some_and(|arg| arg.eq_ignore_ascii_case("MAX"));
    Ok(Some(match (name.name.as_str(), args.len()) {
        ("BIT", 0) => Type::Bit,
        ("TINYINT", 0 | 1) => Type::TinyInt,
        ("SMALLINT", 0 | 1) => Type::SmallInt,
        ("MEDIUMINT", 0 | 1) => Type::MediumInt,
        ("INT", 0 | 1) | ("INTEGER", 0) => Type::Integer,
        ("BIGINT", 0 | 1) => Type::BigInt,
        ("NUMERIC" | "DECIMAL" | "DEC", 0..=2) | ("NUMBER", 1 | 2) => numeric(args)?,
        ("MONEY" | "SMALLMONEY", 0) => Type::numeric(19, 4),
        ("DOUBLE" | "DOUBLE PRECISION" | "REAL", 0) | ("FLOAT", 0 | 1) => Type::Double,
        ("VARCHAR" | "NVARCHAR", 1) if unlimited => Type::LongVarchar,
        ("VARBINARY", 1) if unlimited => Type::LongVarbinary,
        (
            "CHAR"
            | "CHARACTER"
            | "NCHAR"
            | "NATIONAL CHAR"
            | "NATIONAL CHARACTER"
            | "CHAR VARYING"
            | "CHARACTER VARYING"
            | "NATIONAL CHAR VARYING"
            | "NATIONAL CHARACTER VARYING"
            | "NATIONAL VARCHAR",
            0 | 1,
        )
        | ("VARCHAR" | "NVARCHAR", 0..=2)
        | ("VARCHAR2", 1) => Type::Varchar(length(args)?),
        ("SYSNAME", 0) => Type::Varchar(Some(128)),
        ("LONGVARCHAR" | "LONG VARCHAR", 0 | 1)
        | ("TEXT" | "NTEXT" | "CLOB" | "LONGTEXT" | "MEDIUMTEXT" | "LONG", 0) => Type::LongVarchar,
        ("BINARY" | "VARBINARY" | "BINARY VARYING", 0 | 1) | ("RAW", 1) => {
            Type::Varbinary(length(args)?)
        }
        ("LONGVARBINARY", 0 | 1) | ("BLOB" | "IMAGE" | "LONG BINARY" | "LONG RAW", 0) => {
            Type::LongVarbinary
        }
        ("DATE", 0) => Type::Date,
        ("TIME", 0) => Type::Time(AS_GIVEN),
        ("TIME", 1) => Type::Time(digits(&args[0])?),
        ("TIMESTAMP", 0) => Type::Timestamp,
        ("POSIXTIME" | "TIMESTAMP2", 0) => Type::PosixTime,
        ("UNIQUEIDENTIFIER", 0) => Type::Guid,
        ("VECTOR", 0..=2) if version >= Version::V2024_1 => vector(args, version)?,
        _ => return Ok(None),
    }))
}

/// One character if none is given; the empty string lifts the limit.
fn length(args: &[String]) -> Result<Option<u32>> {
    match args.first().map(String::as_str) {
        None => Ok(Some(1)),
        Some("") => Ok(None),
        Some(text) => text
            .parse()
            .ok()
            .filter(|length| *length > 0)
            .map(Some)
            .ok_or_else(|| SqlError::new(-80, format!("length {text}"))),
    }
}

fn digits(text: &str) -> Result<u32> {
    text.parse()
        .ok()
        .filter(|n| *n <= 9)
        .ok_or_else(|| SqlError::new(-80, format!("precision {text}")))
}

fn numeric(args: &[String]) -> Result<Type> {
    let number = |text: &String| {
        text.parse::<u32>()
            .map_err(|_| SqlError::new(-80, format!("precision {text}")))
    };
    match args {
        [] => Ok(Type::numeric(15, 0)),
        [precision] => Ok(Type::numeric(number(precision)?, 0)),
        [precision, scale, ..] => Ok(Type::numeric(number(precision)?, number(scale)?)),
    }
}

fn vector(args: &[String], version: Version) -> Result<Type> {
    let element = match args.first() {
        None => default_element(version),
        Some(name) => Element::of_keyword(name)
            .ok_or_else(|| SqlError::new(-1, format!("vector type {name}")))?,
    };
    let length = args.get(1).map(|text| {
        let length = text.parse::<u32>().ok().filter(|n| *n > 0);
        length.ok_or_else(|| SqlError::new(-80, format!("length {text}")))
    });
    Ok(Type::Vector(element, length.transpose()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_read_back() {
        for ddl in [
            "NUMBER",
            "SMALLDATETIME",
            "%Library.Integer(MINVAL='0',MAXVAL='9')",
        ] {
            let column = read_back(ddl).unwrap();
            assert_eq!(column.declared.spelling.as_deref(), Some(ddl));
        }
    }
}

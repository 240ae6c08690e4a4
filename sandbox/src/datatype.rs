//! The SQL types: their DDL names, ODBC codes and limits.

use crate::SqlType;
use crate::Version;
use crate::ast::TypeName;
use crate::error::{Result, SqlError};
use crate::vector::Element;

/// An SQL type with what limits its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Bit,
    TinyInt,
    SmallInt,
    MediumInt,
    Integer,
    BigInt,
    Numeric {
        precision: u32,
        scale: u32,
    },
    Double,
    /// `None` is unlimited.
    Varchar(Option<u32>),
    LongVarchar,
    Varbinary(Option<u32>),
    LongVarbinary,
    Date,
    /// Digits of fraction.
    Time(u32),
    Timestamp,
    PosixTime,
    Guid,
    Vector(Element, Option<u32>),
}

/// Length that drivers announce for unlimited strings (`ODBCVarcharMaxlen`).
pub(crate) const UNLIMITED_LENGTH: u32 = 4096;

impl Type {
    /// NUMERIC as the server clips it: scale to 18, precision to 19 + scale.
    pub(crate) fn numeric(precision: u32, scale: u32) -> Self {
        let scale = scale.min(18);
        Self::Numeric {
            precision: precision.clamp(1, 19 + scale),
            scale,
        }
    }

    /// What clients are told of it.
    pub(crate) fn describe(&self) -> SqlType {
        let (code, precision, scale) = match self {
            Self::Bit => (-7, 1, 0),
            Self::TinyInt => (-6, 3, 0),
            Self::SmallInt => (5, 5, 0),
            Self::MediumInt => (4, 7, 0),
            Self::Integer => (4, 10, 0),
            Self::BigInt => (-5, 19, 0),
            Self::Numeric { precision, scale } => (2, *precision, *scale),
            Self::Double => (8, 20, 0),
            Self::Varchar(length) => (12, length.unwrap_or(UNLIMITED_LENGTH), 0),
            Self::LongVarchar => (-1, i32::MAX as u32, 0),
            Self::Varbinary(length) => (-3, length.unwrap_or(UNLIMITED_LENGTH), 0),
            Self::LongVarbinary => (-4, i32::MAX as u32, 0),
            Self::Date => (9, 10, 0),
            Self::Time(digits) => (10, if *digits > 0 { 9 + digits } else { 8 }, *digits),
            Self::Timestamp => (11, 29, 9),
            Self::PosixTime => (11, 26, 6),
            Self::Guid => (-11, 36, 0),
            Self::Vector(_, length) => (
                12,
                length.map_or(UNLIMITED_LENGTH, |n| n.saturating_mul(18)),
                0,
            ),
        };
        SqlType {
            code,
            precision,
            scale,
        }
    }

    /// INFORMATION_SCHEMA's DATA_TYPE.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Bit => "BIT",
            Self::TinyInt => "TINYINT",
            Self::SmallInt => "SMALLINT",
            Self::MediumInt | Self::Integer => "INTEGER",
            Self::BigInt => "BIGINT",
            Self::Numeric { .. } => "NUMERIC",
            Self::Double => "DOUBLE",
            Self::Varchar(_) | Self::Vector(..) => "VARCHAR",
            Self::LongVarchar => "LONGVARCHAR",
            Self::Varbinary(_) => "VARBINARY",
            Self::LongVarbinary => "LONGVARBINARY",
            Self::Date => "DATE",
            Self::Time(_) => "TIME",
            Self::Timestamp | Self::PosixTime => "TIMESTAMP",
            Self::Guid => "GUID",
        }
    }

    /// A DDL spelling that resolves to this type again.
    pub(crate) fn ddl(&self) -> String {
        match self {
            Self::MediumInt => "MEDIUMINT".to_owned(),
            Self::Numeric { precision, scale } => format!("NUMERIC({precision},{scale})"),
            Self::Varchar(Some(length)) => format!("VARCHAR({length})"),
            Self::Varchar(None) => "VARCHAR('')".to_owned(),
            Self::Varbinary(Some(length)) => format!("VARBINARY({length})"),
            Self::Varbinary(None) => "VARBINARY('')".to_owned(),
            Self::Time(digits) => format!("TIME({digits})"),
            Self::PosixTime => "POSIXTIME".to_owned(),
            Self::Guid => "UNIQUEIDENTIFIER".to_owned(),
            Self::Vector(element, Some(length)) => {
                format!("VECTOR({},{length})", element.keyword())
            }
            Self::Vector(element, None) => format!("VECTOR({})", element.keyword()),
            _ => self.name().to_owned(),
        }
    }

    /// Whole numbers, BIT included.
    pub(crate) fn is_integer(&self) -> bool {
        matches!(
            self,
            Self::Bit
                | Self::TinyInt
                | Self::SmallInt
                | Self::MediumInt
                | Self::Integer
                | Self::BigInt
        )
    }

    /// Numbers of any kind.
    pub(crate) fn is_number(&self) -> bool {
        self.is_integer() || matches!(self, Self::Numeric { .. } | Self::Double)
    }

    /// Text that collates.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self, Self::Varchar(_) | Self::Guid | Self::LongVarchar)
    }

    /// LONGVARCHAR and LONGVARBINARY, which take part in hardly anything.
    pub(crate) fn is_stream(&self) -> bool {
        matches!(self, Self::LongVarchar | Self::LongVarbinary)
    }

    /// TIMESTAMP and POSIXTIME share their form here.
    pub(crate) fn is_timestamp(&self) -> bool {
        matches!(self, Self::Timestamp | Self::PosixTime)
    }

    /// Smallest and largest whole number.
    pub(crate) fn integer_range(&self) -> (i64, i64) {
        match self {
            Self::Bit => (0, 1),
            Self::TinyInt => (-128, 127),
            Self::SmallInt => (-32_768, 32_767),
            Self::MediumInt => (-8_388_608, 8_388_607),
            Self::Integer => (-2_147_483_648, 2_147_483_647),
            _ => (i64::MIN, i64::MAX),
        }
    }
}

/// The element type of a VECTOR that names none.
pub(crate) fn default_element(version: Version) -> Element {
    if version >= Version::V2024_3 {
        Element::Float
    } else {
        Element::Double
    }
}

/// A column type, and the two that are more than a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ColumnType {
    pub(crate) base: Type,
    pub(crate) serial: bool,
    pub(crate) row_version: bool,
}

/// What a DDL type name means in `version`. An unknown name is taken for a class.
pub(crate) fn resolve(name: &TypeName, version: Version) -> Result<ColumnType> {
    let plain = |base| {
        Ok(ColumnType {
            base,
            serial: false,
            row_version: false,
        })
    };
    match name.name.as_str() {
        "SERIAL" => {
            return Ok(ColumnType {
                base: Type::BigInt,
                serial: true,
                row_version: false,
            });
        }
        "ROWVERSION" => {
            return Ok(ColumnType {
                base: Type::BigInt,
                serial: false,
                row_version: true,
            });
        }
        _ => {}
    }
    let length = || -> Result<Option<u32>> {
        match name.args.first().map(String::as_str) {
            None => Ok(Some(1)),
            Some("") => Ok(None),
            Some(text) => text
                .parse()
                .map(Some)
                .map_err(|_| SqlError::new(-80, format!("length {text}"))),
        }
    };
    let unlimited = name
        .args
        .first()
        .is_some_and(|arg| arg.eq_ignore_ascii_case("MAX"));
    plain(match name.name.as_str() {
        "BIT" => Type::Bit,
        "TINYINT" => Type::TinyInt,
        "SMALLINT" => Type::SmallInt,
        "MEDIUMINT" => Type::MediumInt,
        "INT" | "INTEGER" => Type::Integer,
        "BIGINT" => Type::BigInt,
        "NUMERIC" | "DECIMAL" | "DEC" => numeric(&name.args, 15)?,
        "NUMBER" => numeric(&name.args, 19)?,
        "MONEY" | "SMALLMONEY" => Type::numeric(19, 4),
        "DOUBLE" | "DOUBLE PRECISION" | "FLOAT" | "REAL" => Type::Double,
        "VARCHAR" | "NVARCHAR" if unlimited => Type::LongVarchar,
        "VARBINARY" if unlimited => Type::LongVarbinary,
        "CHAR"
        | "CHARACTER"
        | "NCHAR"
        | "NATIONAL CHAR"
        | "NATIONAL CHARACTER"
        | "VARCHAR"
        | "NVARCHAR"
        | "VARCHAR2"
        | "CHAR VARYING"
        | "CHARACTER VARYING"
        | "NATIONAL CHAR VARYING"
        | "NATIONAL CHARACTER VARYING"
        | "NATIONAL VARCHAR"
        | "NVARCHAR2" => Type::Varchar(length()?),
        "SYSNAME" => Type::Varchar(Some(128)),
        "LONGVARCHAR" | "LONG VARCHAR" | "TEXT" | "NTEXT" | "CLOB" | "LONGTEXT" | "MEDIUMTEXT"
        | "LONG" => Type::LongVarchar,
        "BINARY" | "VARBINARY" | "BINARY VARYING" | "RAW" => Type::Varbinary(length()?),
        "BLOB" | "IMAGE" | "LONGVARBINARY" | "LONG BINARY" | "LONG RAW" => Type::LongVarbinary,
        "DATE" => Type::Date,
        "TIME" => Type::Time(name.args.first().map_or(Ok(0), |p| digits(p))?),
        "TIMESTAMP" if name.args.is_empty() => Type::Timestamp,
        "DATETIME" | "DATETIME2" | "SMALLDATETIME" => Type::Timestamp,
        "POSIXTIME" | "TIMESTAMP2" => Type::PosixTime,
        "UNIQUEIDENTIFIER" => Type::Guid,
        "VECTOR" if version >= Version::V2024_1 => vector(&name.args, version)?,
        _ => return class_type(name).and_then(plain),
    })
}

fn digits(text: &str) -> Result<u32> {
    text.parse()
        .ok()
        .filter(|n| *n <= 9)
        .ok_or_else(|| SqlError::new(-80, format!("precision {text}")))
}

fn numeric(args: &[String], bare: u32) -> Result<Type> {
    let number = |text: &String| {
        text.parse::<u32>()
            .map_err(|_| SqlError::new(-80, format!("precision {text}")))
    };
    match args {
        [] => Ok(Type::numeric(bare, 0)),
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
        text.parse()
            .map_err(|_| SqlError::new(-80, format!("length {text}")))
    });
    Ok(Type::Vector(element, length.transpose()?))
}

/// The few system classes that DDL in the wild names directly.
fn class_type(name: &TypeName) -> Result<Type> {
    let parameter = |wanted: &str| {
        name.args.iter().find_map(|arg| {
            let (key, value) = arg.split_once('=')?;
            key.eq_ignore_ascii_case(wanted)
                .then(|| value.parse::<u32>().ok())
                .flatten()
        })
    };
    match name
        .name
        .strip_prefix("%Library.")
        .or(name.name.strip_prefix('%'))
        .unwrap_or("")
    {
        "String" => Ok(Type::Varchar(Some(parameter("MAXLEN").unwrap_or(50)))),
        "Integer" => Ok(Type::BigInt),
        "Numeric" => Ok(Type::numeric(19, parameter("SCALE").unwrap_or(2))),
        "Boolean" => Ok(Type::Bit),
        "Date" => Ok(Type::Date),
        "Time" => Ok(Type::Time(0)),
        "TimeStamp" => Ok(Type::Timestamp),
        "Double" => Ok(Type::Double),
        _ => Err(SqlError::new(
            -400,
            format!("ERROR #5559: class 'User.{}' does not exist", name.name),
        )),
    }
}

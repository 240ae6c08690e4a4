//! The SQL types: their ODBC codes, precisions and ranges.

mod class;
mod declared;
mod names;

use crate::SqlType;
use crate::Version;
use crate::vector::Element;

pub(crate) use declared::{Declared, Limits};
pub(crate) use names::{ColumnType, read_back, resolve};

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
    /// Digits of fraction; [`AS_GIVEN`] keeps those of each value.
    Time(u32),
    Timestamp,
    PosixTime,
    Guid,
    Vector(Element, Option<u32>),
    /// A `$LIST`; clients see its elements with commas between them.
    List,
}

/// Length that drivers announce for unlimited strings (`ODBCVarcharMaxlen`).
pub(crate) const UNLIMITED_LENGTH: u32 = 4096;

/// The fraction of a TIME that was declared without one: each value's own digits.
pub(crate) const AS_GIVEN: u32 = 10;

impl Type {
    /// NUMERIC as the server clips it: scale to 18, precision to 19 + scale.
    pub(crate) fn numeric(precision: u32, scale: u32) -> Self {
        let scale = scale.min(18);
        Self::Numeric {
            precision: precision.min(19 + scale),
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
            // The manual calls the scale of a bare TIME undefined.
            Self::Time(digits) if *digits >= AS_GIVEN => (10, 18, 0),
            Self::Time(digits) => (10, if *digits > 0 { 9 + digits } else { 8 }, *digits),
            Self::Timestamp => (11, 29, 9),
            Self::PosixTime => (11, 26, 6),
            Self::Guid => (-11, 36, 0),
            Self::List => (12, UNLIMITED_LENGTH, 0),
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
            Self::Varchar(_) | Self::Vector(..) | Self::List => "VARCHAR",
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
            Self::Varchar(None) | Self::List => "VARCHAR('')".to_owned(),
            Self::Varbinary(Some(length)) => format!("VARBINARY({length})"),
            Self::Varbinary(None) => "VARBINARY('')".to_owned(),
            Self::Time(digits) if *digits >= AS_GIVEN => "TIME".to_owned(),
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

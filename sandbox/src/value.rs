//! Values as they cross the boundary of the stand-in.

use bigdecimal::BigDecimal;
use jiff::civil;

/// A parameter or a value of a result row.
///
/// Vectors cross as text (`1,2,3`), UNIQUEIDENTIFIER as text, as IRIS describes
/// both to clients. A parameter need not have the type that the statement
/// describes; it is converted as IRIS would, or refused with its SQLCODE.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// BIT (0 and 1), TINYINT, SMALLINT, INTEGER, BIGINT.
    Integer(i64),
    /// NUMERIC, exact.
    Numeric(BigDecimal),
    /// DOUBLE.
    Double(f64),
    /// VARCHAR, LONGVARCHAR, GUID, vectors.
    Varchar(String),
    /// VARBINARY, LONGVARBINARY.
    Varbinary(Vec<u8>),
    /// DATE.
    Date(civil::Date),
    /// TIME.
    Time(civil::Time),
    /// TIMESTAMP and POSIXTIME, without a zone.
    Timestamp(civil::DateTime),
}

//! Types as IRIS describes them to a client at prepare time.

/// An SQL type, by what IRIS tells an xDBC client of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlType {
    /// The ODBC type code: -7 BIT, -6 TINYINT, 5 SMALLINT, 4 INTEGER, -5 BIGINT,
    /// 2 NUMERIC, 8 DOUBLE, 12 VARCHAR, -1 LONGVARCHAR, -3 VARBINARY,
    /// -4 LONGVARBINARY, 9 DATE, 10 TIME, 11 TIMESTAMP, -11 GUID.
    pub code: i32,
    /// Length of strings, digits of numbers; 0 where it means nothing.
    pub precision: u32,
    /// Digits after the decimal point.
    pub scale: u32,
}

/// A result column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The label: alias, column name in the case of its definition, or
    /// `Expression_1` and its kin.
    pub label: String,
    /// What the column holds.
    pub sql_type: SqlType,
}

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
    /// May it be NULL?
    pub nullable: Nullable,
}

/// What IRIS says of NULL in a result column; the numbers of ODBC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nullable {
    /// The column of a table is required: 0.
    No,
    /// It is not: 1.
    Yes,
    /// It is computed: 2.
    Unknown,
}

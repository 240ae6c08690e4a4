//! The one error of the stand-in: an SQLCODE and the text of `%msg`.

use std::fmt;

/// An SQL error as IRIS reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlError {
    /// Negative, as in the Error Reference.
    pub sqlcode: i32,
    /// The standard text of the code, and `%msg` where IRIS gives one.
    pub message: String,
}

/// What everything in this crate returns.
pub(crate) type Result<T> = std::result::Result<T, SqlError>;

impl SqlError {
    /// The standard text of `sqlcode`, followed by `detail` as `%msg`.
    pub(crate) fn new(sqlcode: i32, detail: impl AsRef<str>) -> Self {
        let detail = detail.as_ref();
        let text = standard_text(sqlcode);
        let message = if detail.is_empty() {
            text.to_owned()
        } else {
            format!("{text} [%msg: <{detail}>]")
        };
        Self { sqlcode, message }
    }

    /// The standard text alone.
    pub(crate) fn code(sqlcode: i32) -> Self {
        Self::new(sqlcode, "")
    }

    /// Reads back what [`fmt::Display`] wrote, wherever it stands in `text`.
    pub(crate) fn find_in(text: &str) -> Option<Self> {
        let rest = text.split_once("[SQLCODE: <")?.1;
        let (code, rest) = rest.split_once(">:<")?;
        let message = rest.strip_suffix(">]").unwrap_or(rest);
        Some(Self {
            sqlcode: code.parse().ok()?,
            message: message.to_owned(),
        })
    }
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[SQLCODE: <{}>:<{}>]", self.sqlcode, self.message)
    }
}

impl std::error::Error for SqlError {}

/// The Error Reference's text, shortened.
fn standard_text(sqlcode: i32) -> &'static str {
    match sqlcode {
        -1 => "Invalid SQL statement",
        -2 => "Exponent digits missing after 'E'",
        -3 => "Closing quote missing",
        -4 => "A term expected",
        -5 => "Column number specified in ORDER does not match SELECT list",
        -7 => "Exponent out of range",
        -8 => "Invalid DATEPART code",
        -9 => "Incompatible SELECT lists used in set operation",
        -10 => "The SELECT list of the subquery must have exactly one item",
        -11 => "A scalar expression expected, not a condition",
        -12 => "A term expected, beginning with identifier, constant, aggregate, (, + or -",
        -14 => "Comparison operator is required here",
        -19 => "Aggregate function not allowed here",
        -20 => "Name conflict in the FROM list over label",
        -23 => "Label is not listed among the applicable tables",
        -24 => "Ambiguous sort column",
        -25 => "Input encountered after end of query",
        -27 => "Field is ambiguous among the applicable tables",
        -28 => "Host variable name must begin with either % or a letter",
        -29 => "Field not found in the applicable tables",
        -30 => "Table or view not found",
        -31 => "Field not unique or not found in table",
        -35 => "View is not updatable",
        -37 => "SQL scalar/aggregate/unary function not supported for stream fields",
        -36 => "WITH CHECK OPTION not allowed for non-updateable view",
        -44 => "Duplicate method or query characteristics",
        -48 => "Invalid trigger REFERENCING clause for trigger event",
        -49 => "Trigger REFERENCING clause cannot be specified when trigger language is not SQL",
        -50 => "Trigger specifies UPDATE OF clause when trigger language is not SQL",
        -51 => "SQL statement expected",
        -60 => "A privilege expected",
        -52 => "Cursor is (already/not) declared",
        -57 => "Trigger specifies WHEN clause when trigger language is not SQL",
        -58 => "Duplicate field found in trigger UPDATE OF clause",
        -62 => "Value missing for a column in INSERT",
        -63 => "Invalid ESCAPE in LIKE",
        -64 => "Incompatible SELECT list in INSERT",
        -65 | -80 => "Integer expected",
        -72 => "ORDER BY of a stream field",
        -73 => "Aggregate function in ORDER BY not found in SELECT list",
        -76 => "Cardinality mismatch between the SELECT-list and INTO-list",
        -79 => "Key columns mismatch",
        -77 => "Qualified column not allowed in this join",
        -86 => "Data type expected",
        -88 => "Invalid field name",
        -91 => "Transaction mode specified more than once",
        -92 => "Isolation level or READ WRITE incompatible",
        -97 => "Duplicate column name",
        -94 => "Unsupported usage of OUTER JOIN",
        -95 => "Operation disallowed by operation-level checking",
        -96 => "Isolation level not supported",
        -99 => "Privilege violation",
        -104 => "Field validation failed in INSERT",
        -105 => "Field validation failed in UPDATE",
        -107 => "Cannot UPDATE RowID or RowID based on fields",
        -108 => "Required field missing; INSERT or UPDATE not allowed",
        -110 => "Locking conflict in filing",
        -111 => "Cannot INSERT into RowID or RowID based on fields",
        -114 => "One or more matching rows is locked by another user",
        -112 => "Access violation",
        -115 => "Cannot INSERT/UPDATE/DELETE on a read only table",
        -116 => {
            "Cardinality mismatch on INSERT/UPDATE between values list and number of table columns"
        }
        -118 => "Unknown or non-unique User or Role",
        -119 => "UNIQUE or PRIMARY KEY constraint failed uniqueness check upon INSERT",
        -120 => "UNIQUE or PRIMARY KEY constraint failed uniqueness check upon UPDATE",
        -121 => {
            "FOREIGN KEY constraint failed referential check upon INSERT of row in the referencing table"
        }
        -122 => {
            "FOREIGN KEY constraint failed referential check upon UPDATE of row in the referencing table"
        }
        -123 => {
            "FOREIGN KEY constraint failed referential check upon UPDATE of row in the referenced table"
        }
        -124 => {
            "FOREIGN KEY constraint failed referential check upon DELETE of row in the referenced table"
        }
        -125 => {
            "UNIQUE or PRIMARY KEY constraint failed uniqueness check upon creation of the constraint"
        }
        -126 => "REVOKE with RESTRICT failed",
        -127 => "FOREIGN KEY constraint failed referential check upon creation of the constraint",
        -129 => "Illegal value for SET OPTION locale property",
        -130 => "Before Insert trigger failed",
        -131 => "After Insert trigger failed",
        -132 => "Before Update trigger failed",
        -133 => "After Update trigger failed",
        -134 => "Before Delete trigger failed",
        -135 => "After Delete trigger failed",
        -136 => "View's WITH CHECK OPTION validation failed in INSERT",
        -137 => "View's WITH CHECK OPTION validation failed in UPDATE",
        -138 => "Cannot INSERT/UPDATE a value for a read only field",
        -140 => "Invalid length parameter passed to SUBSTRING",
        -141 => "Invalid input value to CONVERT function",
        -142 => "Cardinality mismatch between the SELECT-item list and VIEW-column list",
        -143 => "ORDER BY not valid in subqueries or views",
        -144 => "Subquery not allowed in INSERT statement",
        -146 => "Unable to convert date input to a valid logical date value",
        -147 => "Unable to convert time input to a valid logical time value",
        -148 => "CREATE VIEW, ALTER VIEW: host variables and parameters are not allowed",
        -149 => "SQL Function encountered an error",
        -151 => "Index not found within table",
        -201 => "Table or view name not unique",
        -257 => "VECTOR function arguments must have the same length",
        -258 => "VECTOR function argument is not a vector",
        -259 => "VECTOR function arguments must have the same type",
        -301 => "No savepoint name",
        -302 => "Implicit savepoint names are used internally by the system only",
        -303 => "No implicit conversion of Stream value to non-Stream field",
        -304 => {
            "Attempt to add a NOT NULL field with no default value to a table which contains data"
        }
        -305 => {
            "Attempt to make field required when the table has one or more rows where the column value is NULL"
        }
        -306 => "Column with this name already exists",
        -307 => "Primary key already defined for this table",
        -308 => "Identity column already defined for this table",
        -310 => "Foreign key references non-existent table",
        -311 => "Foreign key with same name already defined for this table",
        -313 => "Illegal use of stream field in SQL condition",
        -314 => "Foreign key references non-unique key/column collection",
        -315 => "Constraint or Key not found",
        -316 => "Foreign key references non-existent key/column collection",
        -317 => {
            "Cannot DROP Constraint - One or more Foreign Key constraints reference this Unique constraint"
        }
        -319 => "Referenced table has no primary key defined",
        -320 => "Cannot DROP Table - One or more Foreign Key constraints reference this table",
        -321 => "Cannot DROP view - One or more views reference this view",
        -322 => "Cannot DROP column - column is defined on one or more indexes or constraints",
        -324 => "Index with this name already defined for this table",
        -327 => "Cannot specify an option more than once",
        -333 => "No such index defined",
        -334 => "Index name is ambiguous",
        -340 => "No such database (namespace) defined",
        -341 => "Database file with this name already exists",
        -342 => "A namespace with this name already exists",
        -343 => "You cannot drop this namespace",
        -344 => "You cannot drop the current namespace",
        -350 => "Unexpected error executing the compute code of a field",
        -356 => "SQL Function is not defined with a return value",
        -357 => "SQL Function is not defined as function procedure",
        -359 => "SQL Function not found",
        -361 => "Method or Query name not unique",
        -362 => "Method or Query not found in class",
        -363 => "Trigger not found in class",
        -365 => "Trigger name not unique",
        -366 => "Schema name mismatch between trigger name and table name",
        -370 => "Too many arguments supplied to CALL",
        -367 => "Window function only allowed in SELECT list or ORDER BY clause",
        -375 => "Cannot roll back to unestablished savepoint",
        -376 => "Unsupported CAST target specified",
        -377 => "Field appears more than once in assignment list",
        -378 => "Datatype mismatch, explicit CAST is required",
        -380 => "Invalid or missing argument supplied to scalar SQL function",
        -381 => "Too many arguments supplied to scalar SQL function",
        -382 => "Duplicate CTE name",
        -383 => "Common table expressions are supported only for SELECT statements",
        -386 => "TOP, LIMIT and FETCH clauses may not be used together",
        -400 => "Fatal error occurred",
        -415 => "Fatal error occurred within the SQL filer",
        -428 => "Stored procedure not found",
        -432 => "Subquery returned more than one row",
        -456 => "Query cancelled by user",
        -460 => "General error",
        -461 => "Communication link failure",
        -473 => "Schema not found",
        -474 | -481 => "EXPLAIN does not support this statement",
        -476 => "Schema already exists",
        -478 => "Query recompiled and its result set has changed",
        -482 => "Schema is not empty",
        _ => "SQL error",
    }
}

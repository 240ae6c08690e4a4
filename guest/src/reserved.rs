//! The words that IRIS reserves although PostgreSQL lets them name a column or a table.
//!
//! IRIS: InterSystems SQL Reference, "Reserved Words"; PostgreSQL manual, appendix C.

/// Sorted; upper case.
const ONLY_IN_IRIS: &[&str] = &[
    "ABSOLUTE", "ADD", "ALLOCATE", "ALTER", "ARE", "ASSERTION", "AT", "AVG", "BEGIN", "BIT",
    "BIT_LENGTH", "BY", "CASCADE", "CHAR", "CHARACTER_LENGTH", "CHAR_LENGTH", "CLOSE", "COMMIT",
    "CONNECT", "CONNECTION", "CONSTRAINTS", "CONTINUE", "CONVERT", "CORRESPONDING", "COUNT",
    "CURRENT", "CURSOR", "DATE", "DEALLOCATE", "DEC", "DECIMAL", "DECLARE", "DEFERRED", "DELETE",
    "DESCRIBE", "DESCRIPTOR", "DIAGNOSTICS", "DISCONNECT", "DOMAIN", "DOUBLE", "DROP", "ENDEXEC",
    "ESCAPE", "EXCEPTION", "EXEC", "EXECUTE", "EXTERNAL", "EXTRACT", "FIRST", "FLOAT", "FOUND",
    "GET", "GLOBAL", "GO", "GOTO", "HOUR", "IDENTITY", "IMMEDIATE", "INDICATOR", "INPUT",
    "INSENSITIVE", "INSERT", "INT", "INTEGER", "INTERVAL", "ISOLATION", "LANGUAGE", "LAST", "LEVEL",
    "LOCAL", "LOWER", "MATCH", "MAX", "MIN", "MINUTE", "MODULE", "NAMES", "NATIONAL", "NCHAR", "NEXT",
    "NO", "NULLIF", "NUMERIC", "OCTET_LENGTH", "OF", "OPEN", "OPTION", "OUTPUT", "PAD", "PARTIAL",
    "PREPARE", "PRESERVE", "PRIOR", "PRIVILEGES", "PROCEDURE", "PUBLIC", "READ", "REAL", "RELATIVE",
    "RESTRICT", "REVOKE", "ROLE", "ROLLBACK", "ROWS", "SCHEMA", "SCROLL", "SECOND", "SECTION", "SET",
    "SHARD", "SMALLINT", "SPACE", "SQLERROR", "SQLSTATE", "STATISTICS", "SUBSTRING", "SUM", "TEMPORARY",
    "TIME", "TIMEZONE_HOUR", "TIMEZONE_MINUTE", "TOP", "TRANSACTION", "TRIM", "UPDATE", "UPPER",
    "VALUES", "VARCHAR", "VARYING", "WHENEVER", "WORK", "WRITE",
];

/// Whether IRIS alone reserves a word, given in upper case.
pub(crate) fn only_in_iris(word: &str) -> bool {
    ONLY_IN_IRIS.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(ONLY_IN_IRIS.is_sorted());
    }
}

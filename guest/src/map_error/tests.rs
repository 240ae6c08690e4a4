//! Errors as IRIS's drivers send them, and as the client sees them.

use super::*;
use crate::wit::FailedStatement;

fn map(sqlcode: i32, message: &str) -> Diagnostic {
    map_error(&UpstreamError {
        sqlcode,
        sqlstate: None,
        message: message.to_owned(),
        statement: None,
    })
}

#[track_caller]
fn says(sqlcode: i32, message: &str, sqlstate: &str, words: &str) {
    let diagnostic = map(sqlcode, message);
    assert_eq!(
        (diagnostic.sqlstate.as_str(), diagnostic.message.as_str()),
        (sqlstate, words)
    );
}

#[test]
fn objects_that_are_missing() {
    let driver = "[SQLCODE: <-30>:<Table or view not found>] [Location: <Prepare>] [%msg: < Table 'SQLUSER.X' not found>]";
    says(-30, driver, "42P01", "relation \"x\" does not exist");
    says(0, driver, "42P01", "relation \"x\" does not exist");
    says(
        -30,
        " Table 'HR.STAFF' not found",
        "42P01",
        "relation \"hr.staff\" does not exist",
    );
    says(
        -29,
        "Field 'BOGUS' not found in the applicable tables",
        "42703",
        "column \"bogus\" does not exist",
    );
    says(
        -359,
        "User defined SQL function 'SQLUSER.FOO' does not exist",
        "42883",
        "function foo does not exist",
    );
    says(
        -201,
        "Table 'SQLUser.T' already exists",
        "42P07",
        "relation \"t\" already exists",
    );
}

#[test]
fn constraints_that_are_violated() {
    let unique = map(
        -119,
        "Table 'SQLUser.T', Constraint 'T_PKEY2', Field(s) id=1; failed unique check",
    );
    assert_eq!(unique.sqlstate, "23505");
    assert_eq!(
        unique.message,
        "duplicate key value violates unique constraint \"T_PKEY2\""
    );
    assert_eq!(
        unique.detail.as_deref(),
        Some("Key (id)=(1) already exists.")
    );
    assert_eq!(unique.schema.as_deref(), Some("public"));
    assert_eq!(unique.table.as_deref(), Some("t"));
    assert_eq!(unique.constraint.as_deref(), Some("T_PKEY2"));

    let null = map(-108, "'NAME' in table 'SQLUSER.T' is missing");
    assert_eq!(null.sqlstate, "23502");
    assert_eq!(
        null.message,
        "null value in column \"name\" of relation \"t\" violates not-null constraint"
    );
    assert_eq!(null.column.as_deref(), Some("name"));
}

#[test]
fn details_that_say_less() {
    says(
        -108,
        "Required field missing; INSERT or UPDATE not allowed [%msg: <Field 'name' is required; INSERT or UPDATE not allowed>]",
        "23502",
        "null value in column \"name\" violates not-null constraint",
    );
    let unique = map(
        -119,
        "UNIQUE or PRIMARY KEY constraint failed [%msg: <Table 'SQLUser.t', Constraint 'T_PKEY2', Field(s) id; failed unique check>]",
    );
    assert_eq!(unique.detail, None);
    assert_eq!(unique.constraint.as_deref(), Some("T_PKEY2"));
    says(
        -25,
        "Input encountered after end of query [%msg: <near RETURNING>]",
        "42601",
        "syntax error",
    );
    says(-1, "Invalid SQL statement", "42601", "syntax error");
}

#[test]
fn other_errors_keep_their_words() {
    says(
        -400,
        "[SQLCODE: <-400>:<Fatal error occurred>] [%msg: <Unexpected error occurred:  <DIVIDE>zf+1>]",
        "22012",
        "division by zero",
    );
    says(
        -12,
        "[SQLCODE: <-12>:<A term expected>] [%msg: < A term expected, beginning with either of: identifier>]",
        "42601",
        "syntax error",
    );
    says(-9999, "something", "XX000", "something");
    says(
        0,
        "",
        "XX000",
        "the upstream reported an error without a text",
    );
}

#[test]
fn a_state_that_the_upstream_gave_is_kept() {
    let mut error = UpstreamError {
        sqlcode: -30,
        sqlstate: Some("57014".to_owned()),
        message: "x".to_owned(),
        statement: None,
    };
    assert_eq!(map_error(&error).sqlstate, "57014");
    error.sqlstate = Some("bogus".to_owned());
    assert_eq!(map_error(&error).sqlstate, "42P01");
}

/// The message, and the position, of an error of a client's statement.
fn of(text: &str, number: u32, sqlcode: i32, message: &str) -> (String, Option<u32>) {
    let diagnostic = map_error(&UpstreamError {
        sqlcode,
        sqlstate: None,
        message: message.to_owned(),
        statement: Some(FailedStatement {
            text: text.to_owned(),
            number,
        }),
    });
    (diagnostic.message, diagnostic.position)
}

#[test]
fn names_are_told_as_the_client_wrote_them_and_where() {
    let missing = "Field 'NOSUCH' not found in the applicable tables";
    for (text, message, position) in [
        ("SELECT nosuch", "column \"nosuch\" does not exist", Some(8)),
        (
            "SELECT 'é', t.NoSuch AS nosuch",
            "column t.nosuch does not exist",
            Some(13),
        ),
        (
            "SELECT \"NoSuch\"",
            "column \"NoSuch\" does not exist",
            Some(8),
        ),
        (
            "UPDATE t SET a = 1, nosuch = 2",
            "column \"nosuch\" of relation \"t\" does not exist",
            Some(21),
        ),
        (
            "INSERT INTO s.t (a, nosuch) VALUES (1, 2)",
            "column \"nosuch\" of relation \"t\" does not exist",
            Some(21),
        ),
        (
            "ALTER TABLE t DROP COLUMN nosuch",
            "column \"nosuch\" of relation \"t\" does not exist",
            None,
        ),
        // Which of them PostgreSQL comes to first is not said here.
        (
            "SELECT a.nosuch FROM t JOIN u ON u.nosuch = 1",
            "column \"nosuch\" does not exist",
            None,
        ),
        ("EXECUTE p", "column \"nosuch\" does not exist", None),
    ] {
        let (found, place) = of(text, 0, -29, missing);
        assert_eq!((found.as_str(), place), (message, position), "{text}");
    }
    let second = of("SELECT nosuch; SELECT 1, nosuch", 1, -29, missing);
    assert_eq!(second.1, Some(26));
}

#[test]
fn what_is_no_statement_of_the_text_has_no_place() {
    for (text, number) in [("", 0), ("SELECT 1", 7), ("SELECT 'x", 0), ("\0", 0)] {
        let (_, place) = of(text, number, -29, "Field 'A' not found");
        assert_eq!(place, None, "{text}");
    }
}

#[test]
fn syntax_errors_are_told_as_postgresql_does() {
    for (text, message, position) in [
        ("SELECT * FORM t", "syntax error at or near \"FORM\"", 10),
        ("SELECT 1 +", "syntax error at end of input", 11),
        ("FOO BAR", "syntax error at or near \"FOO\"", 1),
    ] {
        let (found, place) = of(text, 0, -51, "words of the server");
        assert_eq!((found.as_str(), place), (message, Some(position)), "{text}");
    }
}

fn map_of(sqlcode: i32, message: &str, text: &str) -> Diagnostic {
    map_error(&UpstreamError {
        sqlcode,
        sqlstate: None,
        message: message.to_owned(),
        statement: Some(FailedStatement {
            text: text.to_owned(),
            number: 0,
        }),
    })
}

#[test]
fn a_table_in_place_of_a_value_is_no_missing_column() {
    let message = "Field 'T' not found in the applicable tables";
    for text in [
        "SELECT t FROM t",
        "SELECT t FROM items t",
        "SELECT t FROM items AS t",
    ] {
        let refused = map_of(-29, message, text);
        assert_eq!(refused.sqlstate, "0A000", "{text}");
        assert_eq!(refused.position, Some(8), "{text}");
    }
    assert_eq!(map_of(-29, message, "SELECT t FROM u").sqlstate, "42703");
}

#[test]
fn a_column_is_assigned_once() {
    let message = "Field 'A' appears more than once";
    let error = map_of(-377, message, "UPDATE t SET a = 1, a = 2");
    assert_eq!(error.sqlstate, "42601");
    assert_eq!(error.message, "multiple assignments to same column \"a\"");
}

#[test]
fn a_key_is_told_with_its_values() {
    for (fields, detail) in [
        ("id=1", Some("Key (id)=(1) already exists.")),
        ("a=1,B=x y", Some("Key (a, b)=(1, x y) already exists.")),
        ("t=it's, a=b,", Some("Key (t)=(it's, a=b,) already exists.")),
        ("id", None),
        ("a,b", None),
    ] {
        let message = format!(
            "[%msg: <Table 'SQLUser.t', Constraint 'T_PKEY1', Field(s) {fields}; failed unique check>]"
        );
        let unique = map(-119, &message);
        assert_eq!(unique.detail.as_deref(), detail, "{fields}");
        assert_eq!(unique.table.as_deref(), Some("t"));
    }
}

#[test]
fn waits_for_locks_end_as_in_postgresql() {
    let message = "Locking conflict in filing";
    let waited = map_of(-110, message, "UPDATE t SET a = 1");
    assert_eq!(waited.sqlstate, "55P03");
    assert_eq!(waited.message, "canceling statement due to lock timeout");
    for (text, words) in [
        ("LOCK TABLE s.t IN SHARE MODE NOWAIT", "relation \"t\""),
        ("lock only t nowait", "relation \"t\""),
        ("LOCK a, b NOWAIT", "one of the relations"),
    ] {
        let refused = map_of(-110, message, text);
        assert_eq!(refused.sqlstate, "55P03");
        assert_eq!(refused.message, format!("could not obtain lock on {words}"));
    }
}

#[test]
fn a_column_that_may_not_be_null_is_named() {
    for (sqlcode, text) in [
        (
            -304,
            "ALTER TABLE t ADD COLUMN IF NOT EXISTS k int NOT NULL",
        ),
        (-304, "ALTER TABLE s.t ADD k int NOT NULL"),
        (-305, "ALTER TABLE t ALTER COLUMN K SET NOT NULL"),
    ] {
        let refused = map_of(sqlcode, "Attempt to add a NOT NULL field", text);
        assert_eq!(refused.sqlstate, "23502");
        assert_eq!(
            refused.message,
            "column \"k\" of relation \"t\" contains null values"
        );
        assert_eq!(refused.column.as_deref(), Some("k"));
    }
}

#[test]
fn values_for_identity_columns() {
    let inserted = |text| {
        let refused = map_of(
            -111,
            "Cannot INSERT into RowID or RowID based on fields",
            text,
        );
        assert_eq!(refused.sqlstate, "428C9");
        (refused.message, refused.detail)
    };
    let (message, detail) = inserted("INSERT INTO t (\"Id\") VALUES (1)");
    assert_eq!(
        message,
        "cannot insert a non-DEFAULT value into column \"Id\""
    );
    assert_eq!(
        detail.as_deref(),
        Some("Column \"Id\" is an identity column defined as GENERATED ALWAYS.")
    );
    let (message, _) = inserted("INSERT INTO t (id, a) VALUES (1, 2)");
    assert_eq!(
        message,
        "cannot insert a non-DEFAULT value into an identity column"
    );
    let updated = |text| {
        let told = "Cannot UPDATE RowID or RowID based on fields";
        map_of(-107, told, text).message
    };
    assert_eq!(
        updated("UPDATE t SET id = 1 WHERE a = 2"),
        "column \"id\" cannot be updated"
    );
    assert_eq!(
        updated("UPDATE t SET a = 1, id = 2"),
        "an identity column cannot be updated"
    );
}

#[test]
fn syntax_errors_have_the_place_that_iris_tells() {
    for (text, own, message, position) in [
        (
            "select [1]",
            "A term expected, beginning with identifier: a term expected, [ found ^[1]",
            "syntax error at or near \"[\"",
            Some(8),
        ),
        (
            "SELECT a FROM t WHERE a WHERE b",
            "Comparison operator is required here: comparison operator expected, WHERE found ^WHERE b",
            "syntax error at or near \"WHERE\"",
            Some(25),
        ),
        (
            "create view as select 1",
            "IDENTIFIER expected, reserved word AS found",
            "syntax error at or near \"as\"",
            Some(13),
        ),
        ("SELECT 1", "words of the server", "syntax error", None),
    ] {
        let error = map_of(-1, own, text);
        assert_eq!(
            (error.message.as_str(), error.position),
            (message, position),
            "{text}"
        );
        assert_eq!(error.detail.as_deref(), Some(own));
    }
}

#[test]
fn iris_says_a_thing_once() {
    let error = map(
        -51,
        "[SQLCODE: <-51>:<SQL statement expected>] [%msg: <SQL statement expected, SELEC found ^SELEC>]",
    );
    assert_eq!(
        error.detail.as_deref(),
        Some("SQL statement expected, SELEC found ^SELEC")
    );
}

#[test]
fn keys_to_other_tables_are_told_without_iris_words() {
    let words = "FOREIGN KEY constraint failed referential check upon INSERT: Table 'SQLUser.ch', \
                 Foreign Key Constraint 'ch_p_fkey', Field(s) p; failed referential check";
    let error = map_of(-121, words, "INSERT INTO ch VALUES (1, 9)");
    assert_eq!(
        error.detail.as_deref(),
        Some("Key (p) is not present in the referenced table.")
    );
    let error = map_of(-124, words, "DELETE FROM pa");
    assert_eq!(
        error.detail.as_deref(),
        Some("Key is still referenced from table \"ch\".")
    );
}

#[test]
fn definitions_are_told_by_the_names_of_the_statement() {
    for (sqlcode, own, text, sqlstate, message) in [
        (
            -125,
            "UNIQUE or PRIMARY KEY constraint failed uniqueness check upon creation of the constraint",
            "ALTER TABLE p ADD UNIQUE (a, b)",
            "23505",
            "could not create unique index \"p_a_b_key\"",
        ),
        (
            -125,
            "UNIQUE or PRIMARY KEY constraint failed uniqueness check upon creation of the constraint",
            "ALTER TABLE s.p ADD PRIMARY KEY (a)",
            "23505",
            "could not create unique index \"p_pkey\"",
        ),
        (
            -400,
            "Fatal error occurred: ERROR #5559: class 'User.NOSUCHTYPE' does not exist",
            "CREATE TABLE z (a nosuchtype)",
            "42704",
            "type \"nosuchtype\" does not exist",
        ),
        (
            -306,
            "Column with this name already exists: a",
            "ALTER TABLE tt ADD COLUMN a int",
            "42701",
            "column \"a\" of relation \"tt\" already exists",
        ),
        (
            -307,
            "Primary key already defined for this table",
            "CREATE TABLE bq (a int primary key, b int primary key)",
            "42P16",
            "multiple primary keys for table \"bq\" are not allowed",
        ),
        (
            -310,
            "Foreign key references non-existent table: SQLUser.bt4",
            "CREATE TABLE f (p int REFERENCES bt4)",
            "42P01",
            "relation \"bt4\" does not exist",
        ),
        (
            -428,
            "Stored procedure not found: SQLUser.nope",
            "CALL nope(1, 'x')",
            "42883",
            "procedure nope(integer, unknown) does not exist",
        ),
        (
            -359,
            "User defined SQL function 'SQLUSER.NOFN' does not exist",
            "SELECT nofn(1, 2.5, true)",
            "42883",
            "function nofn(integer, numeric, boolean) does not exist",
        ),
        (
            -104,
            "Field validation failed in INSERT: Field 'e' (value '1235') failed validation",
            "ALTER TABLE at ALTER e TYPE varchar(2)",
            "22001",
            "value too long for type character varying(2)",
        ),
    ] {
        let error = map_of(sqlcode, own, text);
        assert_eq!(
            (error.sqlstate.as_str(), error.message.as_str()),
            (sqlstate, message)
        );
    }
}

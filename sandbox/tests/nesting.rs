//! What a trigger or a routine does within a transaction is right or refused.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::ops::ControlFlow;

use pgiris_sandbox::{Connection, Options, Sandbox, Value};

fn code(connection: &mut Connection, sql: &str) -> i32 {
    let run = |connection: &mut Connection| {
        let statement = connection.prepare(sql)?;
        connection.execute(&statement, &[], &mut |_| ControlFlow::Continue(()))
    };
    run(connection).map_or_else(|error| error.sqlcode, |_| 0)
}

fn count(connection: &mut Connection, table: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM {table}");
    let statement = connection.prepare(&sql).unwrap();
    let mut count = -1;
    let count_rows = &mut |row: &[Value]| {
        if let Value::Integer(n) = row[0] {
            count = n;
        }
        ControlFlow::Continue(())
    };
    connection.execute(&statement, &[], count_rows).unwrap();
    count
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::open(Options::default()).unwrap();
    let mut connection = sandbox.connect("_SYSTEM").unwrap();
    for sql in [
        "CREATE TABLE t (a INTEGER)",
        "CREATE TABLE u (a INTEGER)",
        "CREATE TABLE audit (a INTEGER)",
        "INSERT INTO u VALUES (1)",
        "CREATE PROCEDURE add_one() BEGIN INSERT INTO u VALUES (2); END",
        "CREATE PROCEDURE empty_u() BEGIN TRUNCATE TABLE u; INSERT INTO u VALUES (3); END",
        "CREATE PROCEDURE make() BEGIN INSERT INTO u VALUES (4); CREATE TABLE made (a INTEGER); INSERT INTO made VALUES (1); END",
    ] {
        assert_eq!(code(&mut connection, sql), 0, "{sql}");
    }
    sandbox
}

#[test]
fn a_trigger_that_does_more_than_change_rows_fails_with_its_statement() {
    for step in [
        "TRUNCATE TABLE u",
        "CALL add_one()",
        "CREATE TABLE made (a INTEGER)",
        "DROP TABLE u",
        "COMMIT",
        "ROLLBACK",
        "START TRANSACTION",
        "SAVEPOINT s",
        "LOCK TABLE u IN EXCLUSIVE MODE",
    ] {
        let sandbox = sandbox();
        let mut connection = sandbox.connect("_SYSTEM").unwrap();
        let trigger = format!(
            "CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO audit VALUES (1); {step}; END"
        );
        let created = code(&mut connection, &trigger);
        if created != 0 {
            assert!(created < 0, "{step}");
            continue;
        }
        assert_eq!(
            code(&mut connection, "INSERT INTO t VALUES (1)"),
            -131,
            "{step}"
        );
        assert_eq!(code(&mut connection, "START TRANSACTION"), 0);
        assert_eq!(code(&mut connection, "INSERT INTO u VALUES (5)"), 0);
        assert_eq!(
            code(&mut connection, "INSERT INTO t VALUES (1)"),
            -131,
            "{step}"
        );
        assert_eq!(connection.transaction_level(), 1, "{step}");
        assert_eq!(code(&mut connection, "COMMIT"), 0);
        let counts = ["t", "audit", "u"].map(|table| count(&mut connection, table));
        assert_eq!(counts, [0, 0, 2], "{step}");
        let mut other = sandbox.connect("_SYSTEM").unwrap();
        assert_eq!(code(&mut other, "INSERT INTO u VALUES (6)"), 0, "{step}");
    }
}

#[test]
fn what_a_trigger_inserts_is_rolled_back_with_what_others_saw() {
    let sandbox = sandbox();
    let mut connection = sandbox.connect("_SYSTEM").unwrap();
    let mut other = sandbox.connect("_SYSTEM").unwrap();
    let trigger = "CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO audit VALUES (1); \
        UPDATE u SET a = a + 1; DELETE FROM u WHERE a > 2; END";
    assert_eq!(code(&mut connection, trigger), 0);
    assert_eq!(code(&mut connection, "START TRANSACTION"), 0);
    for _ in 0..3 {
        assert_eq!(code(&mut connection, "INSERT INTO t VALUES (1)"), 0);
    }
    let seen = ["t", "audit", "u"].map(|table| count(&mut other, table));
    assert_eq!(seen, [3, 3, 0]);
    assert_eq!(code(&mut connection, "ROLLBACK"), 0);
    let seen = ["t", "audit", "u"].map(|table| count(&mut other, table));
    assert_eq!(seen, [0, 0, 1]);
}

#[test]
fn what_a_routine_does_belongs_to_the_transaction_except_definitions() {
    let sandbox = sandbox();
    let mut connection = sandbox.connect("_SYSTEM").unwrap();
    let mut other = sandbox.connect("_SYSTEM").unwrap();
    for (call, within) in [("CALL add_one()", 2), ("CALL empty_u()", 1)] {
        assert_eq!(code(&mut connection, "START TRANSACTION"), 0);
        assert_eq!(code(&mut connection, call), 0, "{call}");
        assert_eq!(connection.transaction_level(), 1);
        assert_eq!(count(&mut other, "u"), within, "{call}");
        assert_eq!(code(&mut connection, "ROLLBACK"), 0);
        assert_eq!(count(&mut other, "u"), 1, "{call}");
    }
    assert_eq!(code(&mut connection, "START TRANSACTION"), 0);
    assert_eq!(code(&mut connection, "CALL make()"), 0);
    assert_eq!(connection.transaction_level(), 1);
    assert_eq!(code(&mut connection, "ROLLBACK"), 0);
    assert_eq!([count(&mut other, "u"), count(&mut other, "made")], [1, 0]);
    assert_eq!(code(&mut other, "INSERT INTO u VALUES (6)"), 0);
}

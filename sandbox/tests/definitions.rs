//! Compute code, routines, triggers and views with a check are found again in a file.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::ops::ControlFlow;

use pgiris_sandbox::{Connection, Options, Sandbox, SqlError, Storage, Value, Version};

fn run(connection: &mut Connection, sql: &str) -> Result<Vec<Vec<Value>>, SqlError> {
    let statement = connection.prepare(sql)?;
    let mut rows = Vec::new();
    connection.execute(&statement, &[], &mut |row| {
        rows.push(row.to_vec());
        ControlFlow::Continue(())
    })?;
    Ok(rows)
}

#[test]
fn definitions_with_code_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let open = || {
        let options = Options {
            version: Version::V2025_1,
            storage: Storage::File(directory.path().join("s.sqlite")),
            statement_log: None,
        };
        Sandbox::open(options).unwrap().connect("_SYSTEM").unwrap()
    };
    let mut before = open();
    for sql in [
        "CREATE TABLE t (a INTEGER, s INTEGER COMPUTECODE {set {*}={a}+1} COMPUTEONCHANGE (a), c INTEGER COMPUTECODE {set {*}={s}*2} CALCULATED)",
        "CREATE TABLE l (a INTEGER)",
        "CREATE FUNCTION f(n INTEGER) RETURNS INTEGER LANGUAGE OBJECTSCRIPT { quit n*10 }",
        "CREATE TRIGGER g AFTER INSERT ON t REFERENCING NEW n INSERT INTO l VALUES (n.s)",
        "CREATE VIEW v AS SELECT a FROM t WHERE a > 0 WITH CHECK OPTION",
        "ALTER TABLE t RENAME tt",
        "DROP VIEW v",
        "CREATE VIEW v AS SELECT a FROM tt WHERE a > 0 WITH CHECK OPTION",
    ] {
        run(&mut before, sql).unwrap();
    }
    drop(before);
    let mut after = open();
    run(&mut after, "INSERT INTO v VALUES (4)").unwrap();
    assert_eq!(
        run(&mut after, "INSERT INTO v VALUES (0)")
            .unwrap_err()
            .sqlcode,
        -136
    );
    let row = run(&mut after, "SELECT a, s, c, f(a) FROM tt").unwrap();
    let wanted = [4, 5, 10, 40].map(Value::Integer).to_vec();
    assert_eq!(row, [wanted]);
    let logged = run(&mut after, "SELECT a FROM l").unwrap();
    assert_eq!(logged, [vec![Value::Integer(5)]]);
}

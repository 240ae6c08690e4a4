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

/// As files were before each object had rows of its own.
const AS_ONE_LIST: &str = "
    CREATE TABLE iris_definitions (position INTEGER PRIMARY KEY, definition TEXT NOT NULL);
    INSERT INTO iris_definitions (definition)
        SELECT definition FROM iris_objects ORDER BY kind, part > 0, object, part;
    DROP TABLE iris_objects;";

#[test]
fn files_with_one_list_of_definitions_are_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s.sqlite");
    let open = || {
        let options = Options {
            version: Version::V2025_1,
            storage: Storage::File(path.clone()),
            statement_log: None,
        };
        Sandbox::open(options).unwrap().connect("_SYSTEM").unwrap()
    };
    let mut before = open();
    for sql in [
        "CREATE TABLE z (id INTEGER PRIMARY KEY, b VARCHAR(9))",
        "CREATE TABLE a (id INTEGER PRIMARY KEY, z INTEGER REFERENCES z (id))",
        "CREATE INDEX i ON a (z)",
        "CREATE VIEW v AS SELECT id FROM a",
        "INSERT INTO z (id) VALUES (1)",
    ] {
        run(&mut before, sql).unwrap();
    }
    drop(before);
    let sqlite = rusqlite::Connection::open(&path).unwrap();
    sqlite.execute_batch(AS_ONE_LIST).unwrap();
    drop(sqlite);
    for n in 1..3 {
        let mut after = open();
        run(&mut after, &format!("INSERT INTO a VALUES ({n}, 1)")).unwrap();
        let ids = run(&mut after, "SELECT id FROM v").unwrap();
        assert_eq!(ids.len(), usize::try_from(n).unwrap());
        assert_eq!(
            run(&mut after, "CREATE INDEX i ON a (z)")
                .unwrap_err()
                .sqlcode,
            -324
        );
    }
}

/// Only what a definition changes is written: the others keep their rows.
#[test]
fn each_change_of_a_definition_is_found_again() {
    let directory = tempfile::tempdir().unwrap();
    let open = || {
        let options = Options {
            version: Version::V2025_1,
            storage: Storage::File(directory.path().join("s.sqlite")),
            statement_log: None,
        };
        Sandbox::open(options).unwrap().connect("_SYSTEM").unwrap()
    };
    for (sql, query, columns) in [
        ("CREATE TABLE t (a INTEGER)", "SELECT * FROM t", 1),
        ("CREATE TABLE u (a INTEGER)", "SELECT * FROM u", 1),
        ("ALTER TABLE t ADD COLUMN b INTEGER", "SELECT * FROM t", 2),
        ("CREATE VIEW v AS SELECT a FROM t", "SELECT * FROM v", 1),
        ("ALTER VIEW v AS SELECT a, b FROM t", "SELECT * FROM v", 2),
        ("DROP VIEW v", "SELECT * FROM t", 2),
        ("ALTER TABLE t RENAME w", "SELECT * FROM w", 2),
        ("CREATE VIEW v AS SELECT a FROM w", "SELECT * FROM v", 1),
        ("CREATE INDEX i ON w (a)", "SELECT * FROM u", 1),
        ("DROP INDEX i ON w", "SELECT * FROM v", 1),
    ] {
        run(&mut open(), sql).unwrap();
        let mut after = open();
        let statement = after.prepare(query).unwrap();
        assert_eq!(statement.columns().unwrap().len(), columns, "{sql}");
    }
    let mut last = open();
    for gone in ["SELECT * FROM t", "DROP INDEX i ON w"] {
        assert!(run(&mut last, gone).is_err(), "{gone}");
    }
}

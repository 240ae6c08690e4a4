//! An instance in a file: its namespaces, users and owners after it was closed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use pgiris_sandbox::{Connection, Options, Sandbox, SqlError, Storage, Value, Version};

fn open(path: &Path) -> Sandbox {
    Sandbox::open(Options {
        version: Version::V2025_1,
        storage: Storage::File(path.to_owned()),
        statement_log: None,
    })
    .unwrap()
}

fn run(connection: &mut Connection, sql: &str) -> Result<Vec<Vec<Value>>, SqlError> {
    let statement = connection.prepare(sql)?;
    let mut rows = Vec::new();
    connection.execute(&statement, &[], &mut |row| {
        rows.push(row.to_vec());
        ControlFlow::Continue(())
    })?;
    Ok(rows)
}

fn code(result: Result<Vec<Vec<Value>>, SqlError>) -> i32 {
    result.unwrap_err().sqlcode
}

#[test]
fn namespaces_and_users_outlive_the_process() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("db");
    {
        let sandbox = open(&path);
        let mut system = sandbox.connect("_SYSTEM").unwrap();
        run(&mut system, "CREATE TABLE t (a INTEGER)").unwrap();
        assert!(!directory.path().join("db-instance").exists());
        run(&mut system, "CREATE DATABASE Other").unwrap();
        run(&mut system, "CREATE USER ann IDENTIFY BY 'Secret'").unwrap();
        run(&mut system, "CREATE USER bob IDENTIFY BY x").unwrap();
        run(&mut system, "GRANT %CREATE_TABLE TO ann").unwrap();
        run(&mut system, "GRANT SELECT ON t TO ann WITH GRANT OPTION").unwrap();
        let mut ann = sandbox.connect("ann").unwrap();
        run(&mut ann, "CREATE TABLE own (a INTEGER)").unwrap();
        run(&mut ann, "INSERT INTO own VALUES (1)").unwrap();
        let mut other = sandbox.connect_to("_SYSTEM", "other").unwrap();
        run(&mut other, "CREATE TABLE t (b INTEGER IDENTITY, c INTEGER)").unwrap();
        run(&mut other, "INSERT INTO t (c) VALUES (7)").unwrap();
        assert!(directory.path().join("db.OTHER").exists());
    }
    let sandbox = open(&path);
    assert_eq!(sandbox.namespaces(), ["%SYS", "OTHER", "USER"]);
    assert!(sandbox.authenticate("ANN", "Secret"));
    assert!(!sandbox.authenticate("ann", "secret"));
    assert!(sandbox.authenticate("_SYSTEM", "SYS"));
    assert!(!sandbox.authenticate("nobody", ""));
    let mut ann = sandbox.connect("Ann").unwrap();
    assert_eq!(run(&mut ann, "SELECT a FROM own").unwrap().len(), 1);
    run(&mut ann, "GRANT SELECT ON t TO bob").unwrap();
    run(&mut sandbox.connect("bob").unwrap(), "SELECT a FROM t").unwrap();
    assert_eq!(code(run(&mut ann, "DELETE FROM t")), -99);
    let mut other = sandbox.connect_to("_SYSTEM", "OTHER").unwrap();
    run(&mut other, "INSERT INTO t (c) VALUES (8)").unwrap();
    let rows = run(&mut other, "SELECT b, c FROM t WHERE c = 8").unwrap();
    assert_eq!(rows, [[Value::Integer(2), Value::Integer(8)]]);
    let mut bob = sandbox.connect_to("bob", "OTHER").unwrap();
    assert_eq!(code(run(&mut bob, "SELECT c FROM t")), -99);
}

#[test]
fn two_processes_see_each_others_namespaces_and_users() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("db");
    let (one, two) = (open(&path), open(&path));
    one.create_namespace("Made").unwrap();
    one.create_namespace("MADE").unwrap();
    let mut made = two.connect_to("x", "made").unwrap();
    run(&mut made, "CREATE USER ann IDENTIFY BY a").unwrap();
    assert!(one.authenticate("ann", "a"));
    run(&mut made, "ALTER USER _SYSTEM IDENTIFY BY changed").unwrap();
    assert!(!one.authenticate("_SYSTEM", "SYS"));
    assert!(one.authenticate("_system", "changed"));
    let mut system = one.connect("_SYSTEM").unwrap();
    run(&mut system, "DROP USER ann").unwrap();
    assert!(!two.authenticate("ann", "a"));
    run(&mut system, "DROP DATABASE Made").unwrap();
    let left = std::fs::read_dir(directory.path()).unwrap();
    let left = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let left: Vec<String> = left.filter(|name| name.starts_with("db.MADE")).collect();
    assert_eq!(left, [""; 0]);
    assert_eq!(two.connect_to("x", "made").err().unwrap().sqlcode, -340);
}

#[test]
fn a_file_in_the_way_is_not_taken_over() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("db");
    std::fs::write(directory.path().join("db.TAKEN"), "mine").unwrap();
    let mut system = open(&path).connect("_SYSTEM").unwrap();
    assert_eq!(code(run(&mut system, "CREATE DATABASE Taken")), -341);
    for name in ["..", "a/b", "1a", ""] {
        assert!(open(&path).create_namespace(name).is_err(), "{name}");
    }
}

#[test]
fn a_statement_follows_its_connection_to_another_namespace() {
    let directory = tempfile::tempdir().unwrap();
    let sandbox = open(&directory.path().join("db"));
    sandbox.create_namespace("other").unwrap();
    let mut connection = sandbox.connect("a").unwrap();
    let interrupt = connection.interrupt_handle();
    run(&mut connection, "CREATE TABLE t (a INTEGER)").unwrap();
    let statement = connection.prepare("SELECT a FROM t").unwrap();
    run(&mut connection, "USE other").unwrap();
    let mut row = |_: &[Value]| ControlFlow::Continue(());
    let error = connection.execute(&statement, &[], &mut row).unwrap_err();
    assert_eq!(error.sqlcode, -30);
    run(&mut connection, "CREATE TABLE t (a INTEGER)").unwrap();
    run(&mut connection, "INSERT INTO t VALUES (1)").unwrap();
    connection.execute(&statement, &[], &mut row).unwrap();
    // The handle of before ends what runs in the new namespace.
    let error = connection.execute(&statement, &[], &mut |_| {
        interrupt.interrupt();
        ControlFlow::Continue(())
    });
    assert!(error.is_ok() || error.unwrap_err().sqlcode == -456);
    run(&mut connection, "START TRANSACTION").unwrap();
    assert_eq!(code(run(&mut connection, "USE DATABASE \"USER\"")), -400);
    run(&mut connection, "ROLLBACK").unwrap();
    run(&mut connection, "USE DATABASE \"USER\"").unwrap();
    assert!(run(&mut connection, "SELECT a FROM t").unwrap().is_empty());
}

#[test]
fn a_table_is_found_among_many_without_reading_them_all() {
    let directory = tempfile::tempdir().unwrap();
    let sandbox = open(&directory.path().join("db"));
    let mut connection = sandbox.connect("_SYSTEM").unwrap();
    run(&mut connection, "START TRANSACTION").unwrap();
    let columns: Vec<String> = (0..12).map(|n| format!("c{n} VARCHAR(40)")).collect();
    for n in 0..150 {
        let sql = format!(
            "CREATE TABLE S{}.T{n} (id INTEGER PRIMARY KEY, {})",
            n % 5,
            columns.join(",")
        );
        run(&mut connection, &sql).unwrap();
    }
    run(&mut connection, "COMMIT").unwrap();
    let all = "SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA LIKE 'S_'";
    let one = "SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 's3' AND TABLE_NAME = 't13'";
    let time = |connection: &mut Connection, sql: &str, rows: usize| -> Duration {
        let fastest = (0..5).map(|_| {
            let start = Instant::now();
            assert_eq!(run(connection, sql).unwrap().len(), rows);
            start.elapsed()
        });
        fastest.min().unwrap()
    };
    let (all, one) = (
        time(&mut connection, all, 150 * 13),
        time(&mut connection, one, 13),
    );
    assert!(one * 5 < all, "one table {one:?}, all of them {all:?}");
}

/// Statements cut anywhere, and their words in any order, give an answer or an SQLCODE.
#[test]
fn no_text_of_administration_panics() {
    let sandbox = Sandbox::open(Options {
        version: Version::V2025_1,
        storage: Storage::Memory,
        statement_log: None,
    })
    .unwrap();
    let mut connection = sandbox.connect("_SYSTEM").unwrap();
    let statements = [
        "GRANT SELECT (a, \"b\"), INSERT, %ALTER ON SCHEMA s, t, * TO ann, *, _PUBLIC WITH GRANT OPTION",
        "REVOKE GRANT OPTION FOR ALL PRIVILEGES ON s.t FROM ann, * CASCADE",
        "GRANT %DB_OBJECT_DEFINITION, %All, r TO ann WITH ADMIN OPTION",
        "%CHECKPRIV ADMIN OPTION FOR SELECT (a), UPDATE ON s.t",
        "CREATE DATABASE Made ON DIRECTORY 'x'",
        "USE DATABASE Made",
        "SET OPTION DEFAULT_SCHEMA = x",
        "SET OPTION TIME_PRECISION = 99999999999999999999",
        "SELECT * FROM %SYS.Namespace_List() n, INFORMATION_SCHEMA.COLUMNS c WHERE c.TABLE_NAME = 5 AND c.TABLE_SCHEMA = NULL",
    ];
    let words: Vec<&str> = statements.iter().flat_map(|s| s.split(' ')).collect();
    let check = |connection: &mut Connection, sql: &str| {
        if let Err(error) = run(connection, sql) {
            assert!(error.sqlcode < 0, "{sql}");
        }
    };
    for sql in statements {
        for end in 0..=sql.len() {
            check(&mut connection, &sql[..end]);
        }
    }
    let mut seed: usize = 7;
    let mut below = |limit: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) % limit
    };
    for _ in 0..3_000 {
        let first = ["GRANT", "REVOKE", "%CHECKPRIV", "SET OPTION", "DROP", "USE"][below(6)];
        let rest: Vec<&str> = (0..below(9)).map(|_| words[below(words.len())]).collect();
        check(&mut connection, &format!("{first} {}", rest.join(" ")));
    }
}

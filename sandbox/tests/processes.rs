//! Several connections at once, interruption, the statement log, and a killed process.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::fs;
use std::ops::ControlFlow;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use pgiris_sandbox::{Connection, Options, Sandbox, SqlError, Storage, Value, Version};

/// A connection may move to another thread, and any thread may interrupt it.
const _: () = {
    const fn is_send<T: Send>() {}
    const fn is_sync<T: Send + Sync>() {}
    is_send::<Connection>();
    is_sync::<pgiris_sandbox::InterruptHandle>();
    is_sync::<Sandbox>();
    is_sync::<pgiris_sandbox::Statement>();
};

fn options(storage: Storage) -> Options {
    Options {
        version: Version::V2025_1,
        storage,
        statement_log: None,
    }
}

fn run(
    connection: &mut Connection,
    sql: &str,
    parameters: &[Value],
) -> Result<Vec<Vec<Value>>, SqlError> {
    let statement = connection.prepare(sql)?;
    let mut rows = Vec::new();
    connection.execute(&statement, parameters, &mut |row| {
        rows.push(row.to_vec());
        ControlFlow::Continue(())
    })?;
    Ok(rows)
}

fn count(connection: &mut Connection, table: &str) -> i64 {
    match run(connection, &format!("SELECT COUNT(*) FROM {table}"), &[]).unwrap()[0][0] {
        Value::Integer(count) => count,
        ref other => panic!("{other:?}"),
    }
}

#[test]
fn readers_beside_a_writer_are_never_refused() {
    let sandbox = Sandbox::open(options(Storage::Memory)).unwrap();
    let mut writer = sandbox.connect("writer").unwrap();
    run(&mut writer, "CREATE TABLE t (a INTEGER)", &[]).unwrap();
    let done = AtomicBool::new(false);
    let committed = AtomicI64::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut reader = sandbox.connect("reader").unwrap();
                while !done.load(Ordering::SeqCst) {
                    let before = committed.load(Ordering::SeqCst);
                    let seen = count(&mut reader, "t");
                    let after = committed.load(Ordering::SeqCst);
                    assert!(seen >= before, "{seen} of {before} committed rows are seen");
                    // READ UNCOMMITTED: the ten rows of the open transaction, whether it is
                    // going to be committed or not, may be seen too.
                    let most = after + 10;
                    assert!(
                        seen <= most,
                        "{seen} of {most} rows: a rollback is not seen"
                    );
                }
            });
        }
        let insert = writer.prepare("INSERT INTO t (a) VALUES (?)").unwrap();
        for round in 0..200 {
            run(&mut writer, "START TRANSACTION", &[]).unwrap();
            for n in 0..10 {
                writer
                    .execute(&insert, &[Value::Integer(n)], &mut |_| {
                        ControlFlow::Continue(())
                    })
                    .unwrap();
            }
            let end = ["COMMIT", "ROLLBACK"][round % 2];
            run(&mut writer, end, &[]).unwrap();
            if end == "COMMIT" {
                committed.fetch_add(10, Ordering::SeqCst);
            }
        }
        done.store(true, Ordering::SeqCst);
    });
    assert_eq!(count(&mut writer, "t"), 1_000);
}

#[test]
fn many_writers_take_turns() {
    let sandbox = Sandbox::open(options(Storage::Memory)).unwrap();
    let mut first = sandbox.connect("a").unwrap();
    run(&mut first, "CREATE TABLE t (a INTEGER)", &[]).unwrap();
    thread::scope(|scope| {
        for n in 0..4 {
            let sandbox = &sandbox;
            scope.spawn(move || {
                let mut connection = sandbox.connect("w").unwrap();
                for _ in 0..50 {
                    run(
                        &mut connection,
                        "INSERT INTO t VALUES (?)",
                        &[Value::Integer(n)],
                    )
                    .unwrap();
                }
            });
        }
    });
    let ids = run(&mut first, "SELECT COUNT(DISTINCT %ID) FROM t", &[]).unwrap();
    assert_eq!(ids, [[Value::Integer(200)]]);
}

#[test]
fn a_writer_of_the_same_row_that_waits_too_long_is_110_and_its_transaction_goes_on() {
    let sandbox = Sandbox::open(options(Storage::Memory)).unwrap();
    let (mut a, mut b) = (sandbox.connect("a").unwrap(), sandbox.connect("b").unwrap());
    run(&mut a, "CREATE TABLE t (a INTEGER)", &[]).unwrap();
    run(&mut a, "START TRANSACTION", &[]).unwrap();
    run(&mut a, "INSERT INTO t VALUES (1)", &[]).unwrap();
    b.set_lock_timeout(Duration::from_millis(50)).unwrap();
    run(&mut b, "START TRANSACTION", &[]).unwrap();
    run(&mut b, "INSERT INTO t VALUES (2)", &[]).unwrap();
    assert_eq!(
        run(&mut b, "UPDATE t SET a = a + 10", &[])
            .unwrap_err()
            .sqlcode,
        -110
    );
    assert_eq!(count(&mut b, "t"), 2);
    run(&mut a, "COMMIT", &[]).unwrap();
    run(&mut b, "UPDATE t SET a = a + 10", &[]).unwrap();
    run(&mut b, "COMMIT", &[]).unwrap();
    assert_eq!(
        run(&mut a, "SELECT SUM(a) FROM t", &[]).unwrap(),
        [[Value::Integer(23)]]
    );
}

#[test]
fn a_dropped_connection_rolls_back() {
    let sandbox = Sandbox::open(options(Storage::Memory)).unwrap();
    let mut a = sandbox.connect("a").unwrap();
    run(&mut a, "CREATE TABLE t (a INTEGER)", &[]).unwrap();
    run(&mut a, "START TRANSACTION", &[]).unwrap();
    run(&mut a, "INSERT INTO t VALUES (1)", &[]).unwrap();
    drop(a);
    let mut b = sandbox.connect("b").unwrap();
    assert_eq!(count(&mut b, "t"), 0);
    run(&mut b, "INSERT INTO t VALUES (1)", &[]).unwrap();
}

#[test]
fn an_interrupted_statement_is_456_and_the_connection_goes_on() {
    let sandbox = Sandbox::open(options(Storage::Memory)).unwrap();
    let mut connection = sandbox.connect("a").unwrap();
    run(&mut connection, "CREATE TABLE t (a INTEGER)", &[]).unwrap();
    run(
        &mut connection,
        "INSERT INTO t SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3",
        &[],
    )
    .unwrap();
    for _ in 0..6 {
        run(
            &mut connection,
            "INSERT INTO t SELECT x.a FROM t x, t y",
            &[],
        )
        .ok();
        if count(&mut connection, "t") > 1_000 {
            break;
        }
    }
    let handle = connection.interrupt_handle();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                handle.interrupt();
                thread::yield_now();
            }
        });
        let error = run(
            &mut connection,
            "SELECT COUNT(*) FROM t a, t b, t c WHERE a.a + b.a > c.a",
            &[],
        )
        .unwrap_err();
        done.store(true, Ordering::Relaxed);
        assert_eq!(error.sqlcode, -456);
    });
    assert!(count(&mut connection, "t") > 1_000);
}

#[test]
fn a_prepared_statement_survives_a_change_of_the_table() {
    let sandbox = Sandbox::open(options(Storage::Memory)).unwrap();
    let (mut a, mut b) = (sandbox.connect("a").unwrap(), sandbox.connect("b").unwrap());
    run(&mut a, "CREATE TABLE t (x INTEGER)", &[]).unwrap();
    let named = a.prepare("SELECT x FROM t").unwrap();
    let star = a.prepare("SELECT * FROM t").unwrap();
    run(&mut b, "ALTER TABLE t ADD COLUMN y INTEGER DEFAULT 2", &[]).unwrap();
    run(&mut b, "INSERT INTO t (x) VALUES (1)", &[]).unwrap();
    let completion = a
        .execute(&named, &[], &mut |_| ControlFlow::Continue(()))
        .unwrap();
    assert_eq!(completion.row_count, 1);
    let error = a
        .execute(&star, &[], &mut |_| ControlFlow::Continue(()))
        .unwrap_err();
    assert_eq!(error.sqlcode, -478);
}

#[test]
fn the_log_has_one_line_per_execution() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    let options = Options {
        statement_log: Some(log.clone()),
        ..options(Storage::Memory)
    };
    let mut connection = Sandbox::open(options).unwrap().connect("a").unwrap();
    run(
        &mut connection,
        "CREATE TABLE t (a INTEGER,\n\tb VARCHAR(9))",
        &[],
    )
    .unwrap();
    let insert = connection.prepare("INSERT INTO t VALUES (?, ?)").unwrap();
    for n in 0..2 {
        let parameters = [Value::Integer(n), Value::Varchar("it's \"x\"".to_owned())];
        connection
            .execute(&insert, &parameters, &mut |_| ControlFlow::Continue(()))
            .unwrap();
    }
    assert!(connection.prepare("SELECT nonsense FROM t").is_err());
    assert_eq!(
        fs::read_to_string(log).unwrap(),
        "CREATE TABLE t (a INTEGER,\\n\\tb VARCHAR(9))\t-- job 1\n\
         INSERT INTO t VALUES (?, ?)\t[0,\"it's \\\"x\\\"\"]\t-- job 1\n\
         INSERT INTO t VALUES (?, ?)\t[1,\"it's \\\"x\\\"\"]\t-- job 1\n\
         SELECT nonsense FROM t\t-- job 1\n\
         -- job 1: SQLCODE -29\n"
    );
}

#[test]
fn a_file_is_found_again_with_everything_in_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("iris.db");
    let open = || {
        Sandbox::open(options(Storage::File(path.clone())))
            .unwrap()
            .connect("a")
            .unwrap()
    };
    let mut first = open();
    run(
        &mut first,
        "CREATE TABLE z (id INTEGER PRIMARY KEY, name VARCHAR(9) COLLATE %EXACT DEFAULT 'x')",
        &[],
    )
    .unwrap();
    run(
        &mut first,
        "CREATE TABLE a (z INTEGER REFERENCES z (id) ON DELETE CASCADE)",
        &[],
    )
    .unwrap();
    run(&mut first, "CREATE INDEX i ON a (z)", &[]).unwrap();
    run(&mut first, "CREATE VIEW v AS SELECT id FROM z", &[]).unwrap();
    run(&mut first, "INSERT INTO z (id) VALUES (1)", &[]).unwrap();
    run(&mut first, "INSERT INTO a VALUES (1)", &[]).unwrap();
    run(&mut first, "DELETE FROM a", &[]).unwrap();
    drop(first);
    let mut second = open();
    assert_eq!(
        run(&mut second, "SELECT id FROM v", &[]).unwrap(),
        [[Value::Integer(1)]]
    );
    run(&mut second, "INSERT INTO a VALUES (1)", &[]).unwrap();
    assert_eq!(
        run(&mut second, "SELECT %ID FROM a", &[]).unwrap(),
        [[Value::Integer(2)]],
        "ids are not used twice"
    );
    run(&mut second, "DELETE FROM z", &[]).unwrap();
    assert_eq!(count(&mut second, "a"), 0);
}

#[test]
fn a_file_of_somebody_else_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("text");
    fs::write(
        &path,
        "this is not a database, and long enough to be sure of that".repeat(100),
    )
    .unwrap();
    assert_eq!(
        Sandbox::open(options(Storage::File(path)))
            .unwrap_err()
            .sqlcode,
        -461
    );
}

/// The child of the next test: commits rows and says so until it is killed.
#[test]
fn child_that_commits_until_killed() {
    let Some(path) = std::env::var_os("PGIRIS_SANDBOX_KILL_TEST") else {
        return;
    };
    let mut connection = Sandbox::open(options(Storage::File(path.clone().into())))
        .unwrap()
        .connect("a")
        .unwrap();
    for n in 0..1_000_000 {
        run(
            &mut connection,
            "INSERT INTO t VALUES (?)",
            &[Value::Integer(n)],
        )
        .unwrap();
        fs::write(format!("{}.said", path.display()), n.to_string()).unwrap();
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("iris.db");
    let mut connection = Sandbox::open(options(Storage::File(path.clone())))
        .unwrap()
        .connect("a")
        .unwrap();
    run(&mut connection, "CREATE TABLE t (a INTEGER)", &[]).unwrap();
    drop(connection);
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_that_commits_until_killed", "--nocapture"])
        .env("PGIRIS_SANDBOX_KILL_TEST", &path)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let said = || {
        let text = fs::read_to_string(format!("{}.said", path.display())).unwrap_or_default();
        text.parse::<i64>().unwrap_or(-1)
    };
    let deadline = Instant::now() + Duration::from_secs(60);
    while said() < 50 {
        assert!(
            Instant::now() < deadline && child.try_wait().unwrap().is_none(),
            "the child does not get on"
        );
        thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let acknowledged = said();
    let mut connection = Sandbox::open(options(Storage::File(path.clone())))
        .unwrap()
        .connect("a")
        .unwrap();
    assert!(
        count(&mut connection, "t") > acknowledged,
        "{acknowledged} was acknowledged and is gone"
    );
}

//! Transactions of several connections: against a model, under contention, and killed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod interleavings;

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use pgiris_sandbox::{Connection, Options, Sandbox, SqlError, Storage, Value, Version};

fn open(storage: Storage) -> Sandbox {
    Sandbox::open(Options {
        version: Version::V2025_1,
        storage,
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

/// A table `t` of `rows` rows: id, n = 0.
fn numbers(sandbox: &Sandbox, rows: i64) -> Connection {
    let mut connection = sandbox.connect("a").unwrap();
    run(
        &mut connection,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)",
    )
    .unwrap();
    for id in 0..rows {
        run(&mut connection, &format!("INSERT INTO t VALUES ({id}, 0)")).unwrap();
    }
    connection
}

#[test]
fn writers_of_different_rows_have_open_transactions_at_once() {
    let sandbox = open(Storage::Memory);
    let mut first = numbers(&sandbox, 4);
    let all_wrote = Barrier::new(4);
    thread::scope(|scope| {
        for id in 0..4 {
            let (sandbox, all_wrote) = (&sandbox, &all_wrote);
            scope.spawn(move || {
                let mut connection = sandbox.connect("w").unwrap();
                for round in 1..=20 {
                    run(&mut connection, "START TRANSACTION").unwrap();
                    let update = format!("UPDATE t SET n = n + 1 WHERE id = {id}");
                    run(&mut connection, &update).unwrap();
                    all_wrote.wait();
                    let end = if round % 2 == 0 { "COMMIT" } else { "ROLLBACK" };
                    run(&mut connection, end).unwrap();
                }
            });
        }
    });
    let rows = run(&mut first, "SELECT n FROM t").unwrap();
    assert_eq!(rows, vec![vec![Value::Integer(10)]; 4]);
}

#[test]
fn money_moves_and_does_not_vanish() {
    let sandbox = open(Storage::Memory);
    let mut first = numbers(&sandbox, 5);
    thread::scope(|scope| {
        for worker in 0..4_u64 {
            let sandbox = &sandbox;
            scope.spawn(move || {
                let mut connection = sandbox.connect("w").unwrap();
                connection
                    .set_lock_timeout(Duration::from_millis(20))
                    .unwrap();
                let mut random = interleavings::Random(worker + 1);
                for _ in 0..100 {
                    let (from, to) = (random.below(5), random.below(5));
                    run(&mut connection, "START TRANSACTION").unwrap();
                    let mut move_money = || -> Result<(), SqlError> {
                        let take = format!("UPDATE t SET n = n - 7 WHERE id = {from}");
                        let give = format!("UPDATE t SET n = n + 7 WHERE id = {to}");
                        run(&mut connection, &take)?;
                        run(&mut connection, &give).map(drop)
                    };
                    let end = match move_money() {
                        Ok(()) if random.below(4) > 0 => "COMMIT",
                        Ok(()) => "ROLLBACK",
                        Err(error) => {
                            assert_eq!(error.sqlcode, -110, "{error}");
                            "ROLLBACK"
                        }
                    };
                    run(&mut connection, end).unwrap();
                }
            });
        }
    });
    let sum = run(&mut first, "SELECT SUM(n) FROM t").unwrap();
    assert_eq!(sum, [[Value::Integer(0)]]);
}

#[test]
fn committed_readers_never_see_half_a_transaction() {
    let sandbox = open(Storage::Memory);
    let mut writer = numbers(&sandbox, 2);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut reader = sandbox.connect("r").unwrap();
                run(
                    &mut reader,
                    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
                )
                .unwrap();
                while !done.load(Ordering::Relaxed) {
                    let rows = run(&mut reader, "SELECT n FROM t").unwrap();
                    assert_eq!(rows[0], rows[1]);
                }
            });
        }
        for round in 0..300 {
            run(&mut writer, "START TRANSACTION").unwrap();
            run(&mut writer, "UPDATE t SET n = n + 1 WHERE id = 0").unwrap();
            run(&mut writer, "UPDATE t SET n = n + 1 WHERE id = 1").unwrap();
            let end = if round % 3 == 0 { "ROLLBACK" } else { "COMMIT" };
            run(&mut writer, end).unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn an_interrupt_ends_a_wait_for_a_lock() {
    let sandbox = open(Storage::Memory);
    let mut holder = numbers(&sandbox, 1);
    run(&mut holder, "START TRANSACTION").unwrap();
    run(&mut holder, "UPDATE t SET n = 1").unwrap();
    let mut waiter = sandbox.connect("w").unwrap();
    let handle = waiter.interrupt_handle();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                handle.interrupt();
                thread::yield_now();
            }
        });
        let error = run(&mut waiter, "UPDATE t SET n = 2").unwrap_err();
        done.store(true, Ordering::Relaxed);
        assert_eq!(error.sqlcode, -456);
    });
    run(&mut holder, "COMMIT").unwrap();
    run(&mut waiter, "UPDATE t SET n = n + 2").unwrap();
    assert_eq!(
        run(&mut holder, "SELECT n FROM t").unwrap(),
        [[Value::Integer(3)]]
    );
}

#[test]
fn an_interrupted_statement_leaves_the_rest_of_its_transaction() {
    let sandbox = open(Storage::Memory);
    let mut connection = numbers(&sandbox, 300);
    run(&mut connection, "START TRANSACTION").unwrap();
    run(&mut connection, "UPDATE t SET n = 1 WHERE id = 0").unwrap();
    let handle = connection.interrupt_handle();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                handle.interrupt();
                thread::yield_now();
            }
        });
        let insert =
            "INSERT INTO t SELECT 1000 + a.id + 1000 * b.id + 1000000 * c.id, 0 FROM t a, t b, t c";
        let error = run(&mut connection, insert).unwrap_err();
        done.store(true, Ordering::Relaxed);
        assert_eq!(error.sqlcode, -456);
    });
    assert!(!done.load(Ordering::Relaxed) || connection.transaction_level() == 1);
    run(&mut connection, "COMMIT").unwrap();
    let counted = run(&mut connection, "SELECT COUNT(*), SUM(n) FROM t").unwrap();
    assert_eq!(counted, [[Value::Integer(300), Value::Integer(1)]]);
}

/// The child of the next test: leaves a published transaction open until it is killed.
#[test]
fn child_that_publishes_and_waits() {
    let Some(path) = std::env::var_os("PGIRIS_SANDBOX_PUBLISH_TEST") else {
        return;
    };
    let sandbox = open(Storage::File(path.clone().into()));
    let mut writer = sandbox.connect("a").unwrap();
    let mut reader = sandbox.connect("b").unwrap();
    run(&mut writer, "START TRANSACTION").unwrap();
    for sql in [
        "INSERT INTO t VALUES (7, 7)",
        "UPDATE t SET n = 9 WHERE id = 1",
        "DELETE FROM t WHERE id = 2",
        "UPDATE t SET id = 2 WHERE id = 1",
        "INSERT INTO t VALUES (8, 8)",
    ] {
        run(&mut writer, sql).unwrap();
        run(&mut reader, "SELECT n FROM t").unwrap();
    }
    run(&mut reader, "UPDATE t SET n = 5 WHERE id = 0").unwrap();
    fs::write(said(Path::new(&path)), "ready").unwrap();
    loop {
        thread::park();
    }
}

fn said(path: &Path) -> String {
    format!("{}.said", path.display())
}

#[test]
fn what_was_published_and_not_committed_is_gone_after_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("iris.db");
    drop(numbers(&open(Storage::File(path.clone())), 3));
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_that_publishes_and_waits", "--nocapture"])
        .env("PGIRIS_SANDBOX_PUBLISH_TEST", &path)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while !Path::new(&said(&path)).exists() {
        assert!(
            Instant::now() < deadline && child.try_wait().unwrap().is_none(),
            "the child does not get on"
        );
        thread::yield_now();
    }
    let rows = |connection: &mut Connection| {
        let rows = run(connection, "SELECT id, n FROM t ORDER BY id").unwrap();
        let number = |value: &Value| match value {
            Value::Integer(number) => *number,
            other => panic!("{other:?}"),
        };
        rows.iter()
            .map(|row| (number(&row[0]), number(&row[1])))
            .collect::<Vec<_>>()
    };
    // While the other process lives, its transaction is its own affair.
    let mut beside = open(Storage::File(path.clone())).connect("c").unwrap();
    assert_eq!(rows(&mut beside), [(0, 5), (2, 9), (7, 7), (8, 8)]);
    drop(beside);
    child.kill().unwrap();
    child.wait().unwrap();
    let mut after = open(Storage::File(path)).connect("a").unwrap();
    assert_eq!(rows(&mut after), [(0, 5), (1, 0), (2, 0)]);
    run(&mut after, "INSERT INTO t VALUES (7, 1)").unwrap();
}

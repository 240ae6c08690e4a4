//! Injected faults befall what they name, as often as they say.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use pgiris_sandbox::{Connection, Options, Sandbox};

fn sandbox() -> (Sandbox, Connection) {
    let sandbox = Sandbox::open(Options::default()).unwrap();
    let mut connection = sandbox.connect("_SYSTEM").unwrap();
    run(&mut connection, "CREATE TABLE t (a INTEGER)").unwrap();
    for n in 0..5 {
        run(&mut connection, &format!("INSERT INTO t VALUES ({n})")).unwrap();
    }
    (sandbox, connection)
}

/// How many rows came, or the SQLCODE and how many had come before.
fn run(connection: &mut Connection, sql: &str) -> Result<u32, (i32, u32)> {
    let mut rows = 0;
    let statement = connection
        .prepare(sql)
        .map_err(|error| (error.sqlcode, 0))?;
    let outcome = connection.execute(&statement, &[], &mut |_| {
        rows += 1;
        ControlFlow::Continue(())
    });
    outcome.map(|_| rows).map_err(|error| (error.sqlcode, rows))
}

#[test]
fn a_statement_fails_with_the_code_and_changes_nothing() {
    let (sandbox, mut connection) = sandbox();
    sandbox.inject("fail:-110*2@delete".parse().unwrap());
    assert_eq!(run(&mut connection, "SELECT a FROM t"), Ok(5));
    assert_eq!(run(&mut connection, "DELETE FROM t"), Err((-110, 0)));
    assert_eq!(run(&mut connection, "SELECT a FROM t"), Ok(5));
    assert_eq!(run(&mut connection, "DELETE FROM t"), Err((-110, 0)));
    assert_eq!(run(&mut connection, "DELETE FROM t"), Ok(0));
    assert_eq!(run(&mut connection, "SELECT a FROM t"), Ok(0));
}

#[test]
fn a_statement_is_delayed_until_faults_are_cleared() {
    let (sandbox, mut connection) = sandbox();
    sandbox.inject("delay:50*all".parse().unwrap());
    let started = Instant::now();
    run(&mut connection, "SELECT 1").unwrap();
    assert!(started.elapsed() >= Duration::from_millis(50));
    sandbox.inject("fail:-1*all".parse().unwrap());
    sandbox.clear_faults();
    assert_eq!(run(&mut connection, "SELECT 1"), Ok(1));
}

#[test]
fn a_lost_connection_rolls_back_and_stays_lost() {
    let (sandbox, mut connection) = sandbox();
    run(&mut connection, "START TRANSACTION").unwrap();
    run(&mut connection, "DELETE FROM t WHERE a = 1").unwrap();
    sandbox.inject("drop".parse().unwrap());
    assert_eq!(run(&mut connection, "DELETE FROM t"), Err((-461, 0)));
    assert!(connection.is_lost());
    assert_eq!(run(&mut connection, "SELECT 1"), Err((-461, 0)));
    let mut other = sandbox.connect("_SYSTEM").unwrap();
    assert_eq!(run(&mut other, "SELECT a FROM t"), Ok(5));
    assert_eq!(run(&mut other, "DELETE FROM t"), Ok(0));
}

#[test]
fn a_connection_is_lost_in_the_middle_of_rows() {
    let (sandbox, mut connection) = sandbox();
    sandbox.inject("drop:3".parse().unwrap());
    assert_eq!(run(&mut connection, "SELECT a FROM t"), Err((-461, 3)));
    assert!(connection.is_lost());
}

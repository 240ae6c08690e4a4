//! How fast the sandbox is at what a development database is asked for:
//! `cargo run --release -p pgiris-sandbox --example measure`.

use std::ops::ControlFlow;
use std::time::Instant;

use pgiris_sandbox::{Connection, Options, Sandbox, SqlError, Storage, Value, Version};

const ROWS: i64 = 1_000_000;
const LOOK_UPS: i64 = 100_000;
const VECTORS: i64 = 100_000;
const DIMENSIONS: i64 = 384;

fn main() -> Result<(), SqlError> {
    let options = Options {
        version: Version::V2025_1,
        storage: Storage::Memory,
        statement_log: None,
    };
    let mut connection = Sandbox::open(options)?.connect("_SYSTEM")?;
    run(
        &mut connection,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, n NUMERIC(12,2))",
        &[],
    )?;
    run(&mut connection, "START TRANSACTION", &[])?;
    let insert = connection.prepare("INSERT INTO t (id, name, n) VALUES (?, ?, ?)")?;
    timed("1,000,000 inserts in one transaction", ROWS, || {
        for n in 0..ROWS {
            let row = [
                Value::Integer(n),
                Value::Varchar(format!("name {n}")),
                Value::Integer(n % 1000),
            ];
            connection.execute(&insert, &row, &mut |_| ControlFlow::Continue(()))?;
        }
        Ok(())
    })?;
    run(&mut connection, "COMMIT", &[])?;
    let look_up = connection.prepare("SELECT name, n FROM t WHERE id = ?")?;
    timed("look-ups by key", LOOK_UPS, || {
        for n in 0..LOOK_UPS {
            connection.execute(&look_up, &[Value::Integer(n * 7)], &mut |_| {
                ControlFlow::Continue(())
            })?;
        }
        Ok(())
    })?;
    timed("scan and sum of decimals", ROWS, || {
        run(&mut connection, "SELECT SUM(n), COUNT(*) FROM t", &[])
    })?;
    timed("rows streamed", ROWS, || {
        run(&mut connection, "SELECT id, name, n FROM t", &[])
    })?;
    let create = format!("CREATE TABLE v (id INTEGER PRIMARY KEY, e VECTOR(FLOAT, {DIMENSIONS}))");
    run(&mut connection, &create, &[])?;
    run(&mut connection, "START TRANSACTION", &[])?;
    let insert = connection.prepare("INSERT INTO v VALUES (?, TO_VECTOR(?, FLOAT))")?;
    let vector = |seed: i64| {
        let parts = (0..DIMENSIONS).map(|n| format!("0.{:03}", (seed * 31 + n * 17) % 997));
        Value::Varchar(parts.collect::<Vec<_>>().join(","))
    };
    timed("vectors inserted", VECTORS, || {
        for n in 0..VECTORS {
            connection.execute(&insert, &[Value::Integer(n), vector(n)], &mut |_| {
                ControlFlow::Continue(())
            })?;
        }
        Ok(())
    })?;
    run(&mut connection, "COMMIT", &[])?;
    let search = "SELECT TOP 5 id FROM v ORDER BY VECTOR_COSINE(e, TO_VECTOR(?, FLOAT)) DESC";
    timed("vectors searched by full scan", VECTORS, || {
        run(&mut connection, search, &[vector(5)])
    })
}

fn run(connection: &mut Connection, sql: &str, parameters: &[Value]) -> Result<(), SqlError> {
    let statement = connection.prepare(sql)?;
    connection
        .execute(&statement, parameters, &mut |_| ControlFlow::Continue(()))
        .map(drop)
}

fn timed(
    what: &str,
    count: i64,
    work: impl FnOnce() -> Result<(), SqlError>,
) -> Result<(), SqlError> {
    let started = Instant::now();
    work()?;
    let elapsed = started.elapsed();
    println!(
        "{what}: {elapsed:.2?}, {:.2} µs each",
        elapsed.as_secs_f64() * 1e6 / count as f64
    );
    Ok(())
}

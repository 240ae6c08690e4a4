//! The work as the sandbox does it.

use std::ops::ControlFlow;

use anyhow::Result;
use pgiris_sandbox::{Connection, Options, Sandbox, SqlError, Storage, Value, Version};

use crate::{DIMENSIONS, Database, LOOK_UPS, ROWS, VECTORS, key, name, vector};

/// A sandbox in memory.
pub(crate) struct Strict {
    connection: Connection,
}

impl Strict {
    /// With empty tables.
    pub(crate) fn open() -> Result<Self, SqlError> {
        let options = Options {
            version: Version::NEWEST,
            storage: Storage::Memory,
            statement_log: None,
        };
        let connection = Sandbox::open(options)?.connect("_SYSTEM")?;
        let mut strict = Self { connection };
        let rows =
            "CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, n NUMERIC(12,2))";
        let vectors =
            format!("CREATE TABLE v (id INTEGER PRIMARY KEY, e VECTOR(FLOAT, {DIMENSIONS}))");
        strict.run(rows, &[])?;
        strict.run(&vectors, &[])?;
        Ok(strict)
    }

    /// The number of rows that came or were changed.
    fn run(&mut self, sql: &str, parameters: &[Value]) -> Result<i64, SqlError> {
        self.run_all(sql, std::iter::once(parameters.to_vec()))
    }

    /// One statement with one set of parameters after the other.
    fn run_all(
        &mut self,
        sql: &str,
        parameters: impl Iterator<Item = Vec<Value>>,
    ) -> Result<i64, SqlError> {
        let statement = self.connection.prepare(sql)?;
        let mut count = 0;
        for parameters in parameters {
            let done = self
                .connection
                .execute(&statement, &parameters, &mut |row| {
                    std::hint::black_box(row);
                    ControlFlow::Continue(())
                })?;
            count += done.row_count;
        }
        Ok(count)
    }

    fn in_transaction(
        &mut self,
        sql: &str,
        parameters: impl Iterator<Item = Vec<Value>>,
    ) -> Result<i64> {
        self.run("START TRANSACTION", &[])?;
        let count = self.run_all(sql, parameters)?;
        self.run("COMMIT", &[])?;
        Ok(count)
    }
}

impl Database for Strict {
    fn insert(&mut self) -> Result<i64> {
        let row = |n| {
            vec![
                Value::Integer(n),
                Value::Varchar(name(n)),
                Value::Integer(n % 1000),
            ]
        };
        self.in_transaction(
            "INSERT INTO t (id, name, n) VALUES (?, ?, ?)",
            (0..ROWS).map(row),
        )
    }

    fn look_up(&mut self) -> Result<i64> {
        let keys = (0..LOOK_UPS).map(|n| vec![Value::Integer(key(n))]);
        Ok(self.run_all("SELECT name, n FROM t WHERE id = ?", keys)?)
    }

    fn filter_and_sum(&mut self) -> Result<i64> {
        let sql = "SELECT COUNT(*), SUM(n) FROM t WHERE n >= 500 AND name <> 'name 1'";
        let statement = self.connection.prepare(sql)?;
        let mut found = 0;
        self.connection.execute(&statement, &[], &mut |row| {
            if let Some(Value::Integer(count)) = row.first() {
                found = *count;
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    fn stream(&mut self) -> Result<i64> {
        Ok(self.run("SELECT id, name, n FROM t", &[])?)
    }

    fn insert_vectors(&mut self) -> Result<i64> {
        let row = |n| vec![Value::Integer(n), Value::Varchar(vector(n).to_owned())];
        self.in_transaction(
            "INSERT INTO v (id, e) VALUES (?, TO_VECTOR(?, FLOAT))",
            (0..VECTORS).map(row),
        )
    }

    fn search_vectors(&mut self) -> Result<i64> {
        let sql = "SELECT TOP 5 id FROM v ORDER BY VECTOR_COSINE(e, TO_VECTOR(?, FLOAT)) DESC";
        Ok(self.run(sql, &[Value::Varchar(vector(5).to_owned())])?)
    }
}

//! The work as SQLite does it when nobody asks for the rules of IRIS.

use anyhow::Result;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::{Connection, Params, params};
use tempfile::TempDir;

use crate::{Database, LOOK_UPS, ROWS, VECTORS, key, name, vector};

/// A file that nobody else opens, with the settings of a sandbox in memory.
pub(crate) struct Plain {
    connection: Connection,
    _directory: TempDir,
}

impl Plain {
    /// With empty tables, and a function for what SQLite lacks.
    pub(crate) fn open() -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let connection = Connection::open(directory.path().join("plain.sqlite"))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        connection.create_scalar_function("cosine", 2, flags, cosine)?;
        connection.execute_batch(
            "CREATE TABLE t (id INTEGER NOT NULL, name TEXT NOT NULL, n INTEGER);
             CREATE UNIQUE INDEX t_key ON t (id);
             CREATE TABLE v (id INTEGER NOT NULL, e BLOB);
             CREATE UNIQUE INDEX v_key ON v (id);",
        )?;
        Ok(Self {
            connection,
            _directory: directory,
        })
    }

    fn in_transaction<P: Params>(
        &mut self,
        sql: &str,
        parameters: impl Iterator<Item = P>,
    ) -> Result<i64> {
        let transaction = self.connection.transaction()?;
        let mut count = 0;
        let mut statement = transaction.prepare(sql)?;
        for parameters in parameters {
            count += i64::try_from(statement.execute(parameters)?)?;
        }
        drop(statement);
        transaction.commit()?;
        Ok(count)
    }
}

impl Database for Plain {
    fn insert(&mut self) -> Result<i64> {
        let rows = (0..ROWS).map(|n| (n, name(n), n % 1000));
        self.in_transaction("INSERT INTO t (id, name, n) VALUES (?, ?, ?)", rows)
    }

    fn look_up(&mut self) -> Result<i64> {
        let mut statement = self
            .connection
            .prepare("SELECT name, n FROM t WHERE id = ?")?;
        let mut count = 0;
        for n in 0..LOOK_UPS {
            let mut rows = statement.query([key(n)])?;
            while let Some(row) = rows.next()? {
                let found: (String, i64) = (row.get(0)?, row.get(1)?);
                std::hint::black_box(found);
                count += 1;
            }
        }
        Ok(count)
    }

    fn filter_and_sum(&mut self) -> Result<i64> {
        let sql = "SELECT COUNT(*), SUM(n) FROM t WHERE n >= 500 AND name <> 'name 1'";
        let (count, _): (i64, i64) = self
            .connection
            .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(count)
    }

    fn stream(&mut self) -> Result<i64> {
        let mut statement = self.connection.prepare("SELECT id, name, n FROM t")?;
        let mut rows = statement.query([])?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            let found: (i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            std::hint::black_box(found);
            count += 1;
        }
        Ok(count)
    }

    fn insert_vectors(&mut self) -> Result<i64> {
        let rows = (0..VECTORS).map(|n| (n, floats(vector(n))));
        self.in_transaction("INSERT INTO v (id, e) VALUES (?, ?)", rows)
    }

    fn search_vectors(&mut self) -> Result<i64> {
        let mut statement = self
            .connection
            .prepare("SELECT id FROM v ORDER BY cosine(e, ?) DESC LIMIT 5")?;
        let mut rows = statement.query(params![floats(vector(5))])?;
        let mut count = 0;
        while rows.next()?.is_some() {
            count += 1;
        }
        Ok(count)
    }
}

/// The bytes of comma-separated numbers.
fn floats(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for part in text.split(',') {
        bytes.extend_from_slice(&part.parse::<f32>().unwrap_or_default().to_le_bytes());
    }
    bytes
}

/// The cosine of the angle between two vectors of floats, summed as doubles.
fn cosine(context: &mut Context<'_>) -> rusqlite::Result<f64> {
    let (a, b) = (context.get_raw(0).as_blob()?, context.get_raw(1).as_blob()?);
    let (mut product, mut a_squared, mut b_squared) = (0.0, 0.0, 0.0);
    for (a, b) in a.as_chunks::<4>().0.iter().zip(b.as_chunks::<4>().0) {
        let (a, b) = (
            f64::from(f32::from_le_bytes(*a)),
            f64::from(f32::from_le_bytes(*b)),
        );
        product += a * b;
        a_squared += a * a;
        b_squared += b * b;
    }
    Ok(product / (a_squared * b_squared).sqrt())
}

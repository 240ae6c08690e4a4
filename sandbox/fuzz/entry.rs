//! What is fuzzed: any bytes get an answer or an SQLCODE. The tests run the same functions over
//! texts of their own.

use std::cell::RefCell;
use std::ops::ControlFlow;

use pgiris_sandbox::{Connection, Options, Sandbox, Value, Version};

/// Rows after which an execution is ended.
const MOST_ROWS: usize = 1_000;

thread_local! {
    /// One connection for each version.
    static CONNECTIONS: RefCell<Vec<Connection>> = RefCell::new(Version::ALL.map(connect).into());
}

/// A connection to tables of every kind.
pub fn connect(version: Version) -> Connection {
    let options = Options {
        version,
        ..Options::default()
    };
    let opened = Sandbox::open(options).and_then(|sandbox| sandbox.connect("_SYSTEM"));
    let mut connection = opened.expect("a sandbox in memory opens");
    for sql in [
        "CREATE TABLE t (a INTEGER, b VARCHAR(20), n NUMERIC(10,2), d DATE, ts TIMESTAMP, f DOUBLE)",
        "CREATE TABLE k (id BIGINT IDENTITY, a VARCHAR(10) DEFAULT 'x' NOT NULL, b VARBINARY(20), UNIQUE (a))",
        "INSERT INTO t VALUES (1, 'x', 1.5, '2020-01-01', '2020-01-01 10:00:00', 0.5)",
        "INSERT INTO t (b) VALUES ('')",
    ] {
        assert!(run(&mut connection, sql).is_ok(), "{sql}");
    }
    connection
}

/// Prepares the text in every version.
pub fn parse(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    CONNECTIONS.with_borrow_mut(|connections| {
        for connection in connections {
            if let Err(error) = connection.prepare(&text) {
                assert!(error.sqlcode < 0, "{error}");
            }
        }
    });
}

/// Executes each line as a statement of the newest version.
pub fn execute(data: &[u8]) {
    let mut connection = connect(Version::NEWEST);
    for line in String::from_utf8_lossy(data).lines().take(50) {
        if let Err(sqlcode) = run(&mut connection, line) {
            assert!(sqlcode < 0, "{line}");
        }
    }
}

/// The number of rows, or the SQLCODE.
pub fn run(connection: &mut Connection, sql: &str) -> Result<i64, i32> {
    let statement = connection.prepare(sql).map_err(|error| error.sqlcode)?;
    let values = vec![Value::Integer(1); statement.parameters().len()];
    let mut rows = 0;
    let outcome = connection.execute(&statement, &values, &mut |_| {
        rows += 1;
        if rows < MOST_ROWS {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    outcome
        .map(|completion| completion.row_count)
        .map_err(|error| error.sqlcode)
}

//! Parameters out of all proportion, wherever a parameter can stand.

use std::ops::ControlFlow;
use std::time::Instant;

use pgiris_sandbox::{Connection, Value, Version};

use crate::{PATIENCE, entry, on_a_usual_stack};

/// Each with one parameter.
const PLACES: [&str; 22] = [
    "SELECT ?",
    "SELECT ? + 1",
    "SELECT ? || 'x'",
    "SELECT CAST(? AS INTEGER)",
    "SELECT CAST(? AS NUMERIC(36,18))",
    "SELECT CAST(? AS DOUBLE)",
    "SELECT CAST(? AS VARCHAR(10))",
    "SELECT CAST(? AS TIMESTAMP)",
    "SELECT a FROM t WHERE a = ?",
    "SELECT a FROM t WHERE n < ?",
    "SELECT a FROM t WHERE d = ?",
    "SELECT a FROM t WHERE ts > ?",
    "SELECT a FROM t WHERE f = ?",
    "SELECT a FROM t WHERE b LIKE ?",
    "SELECT TOP ? a FROM t",
    "SELECT REPEAT('x', ?)",
    "SELECT DATEADD('dd', ?, d) FROM t",
    "SELECT ROUND(n, ?) FROM t",
    "INSERT INTO t (n) VALUES (?)",
    "INSERT INTO t (b) VALUES (?)",
    "UPDATE t SET d = ?",
    "SELECT TO_VECTOR(?, DOUBLE)",
];

fn hostile_values() -> Vec<Value> {
    let numeric = |text: &str| Value::Numeric(text.parse().unwrap());
    let mut values = vec![
        Value::Null,
        Value::Integer(i64::MIN),
        Value::Integer(i64::MAX),
        Value::Double(f64::NAN),
        Value::Double(f64::INFINITY),
        Value::Double(-f64::MAX),
        Value::Double(5e-324),
        numeric("1e2000000000"),
        numeric("-1e-2000000000"),
        numeric("1e400"),
        numeric(&"9".repeat(20_000)),
        Value::Varchar(String::new()),
        Value::Varchar("\0\u{1F600}%_[\\".to_owned()),
        Value::Varchar("1e2000000000".to_owned()),
        Value::Varchar("9".repeat(200_000)),
        Value::Varchar("%".repeat(100_000)),
        Value::Varchar("1,".repeat(200_000)),
        Value::Varbinary(vec![0xFF; 1 << 20]),
    ];
    values.push(Value::Date("9999-12-31".parse().unwrap()));
    values.push(Value::Date("-009999-01-01".parse().unwrap()));
    values.push(Value::Timestamp("-009999-01-01T00:00:00".parse().unwrap()));
    values
}

#[test]
fn hostile_values_are_taken_or_refused_everywhere() {
    on_a_usual_stack(|| {
        for version in [Version::ALL[0], Version::NEWEST] {
            let mut connection = entry::connect(version);
            for place in PLACES {
                for value in hostile_values() {
                    execute(&mut connection, place, &[value]);
                }
            }
        }
    });
}

#[test]
fn the_wrong_number_of_values_is_refused() {
    on_a_usual_stack(|| {
        let mut connection = entry::connect(Version::NEWEST);
        assert!(execute(&mut connection, "SELECT ?", &[]));
        assert!(execute(&mut connection, "SELECT 1", &[Value::Null]));
        assert!(execute(
            &mut connection,
            "SELECT ?",
            &vec![Value::Null; 100_000]
        ));
    });
}

/// Whether it was refused.
fn execute(connection: &mut Connection, sql: &str, values: &[Value]) -> bool {
    let started = Instant::now();
    let Ok(statement) = connection.prepare(sql) else {
        return true;
    };
    let outcome = connection.execute(&statement, values, &mut |_| ControlFlow::Continue(()));
    let elapsed = started.elapsed();
    let value = || format!("{values:?}").chars().take(100).collect::<String>();
    assert!(elapsed < PATIENCE, "{elapsed:?} for {sql} with {}", value());
    if let Err(error) = &outcome {
        assert!(error.sqlcode < 0, "{sql} with {}", value());
    }
    outcome.is_err()
}

//! Hostile text for the forms that repeat, nest or look to the left: LATERAL, JSON_TABLE,
//! arrows, `FOR SOME`, `%PATTERN`, HAVING without GROUP BY, comment options.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use pgiris_sandbox::{Connection, Options, Sandbox, Storage, Value, Version};

fn connect() -> Connection {
    let options = Options {
        version: Version::NEWEST,
        storage: Storage::Memory,
        statement_log: None,
    };
    let mut connection = Sandbox::open(options).unwrap().connect("_SYSTEM").unwrap();
    for sql in [
        "CREATE TABLE t (a INTEGER PRIMARY KEY, b VARCHAR(20), r INTEGER REFERENCES t (a))",
        "INSERT INTO t VALUES (1, 'x', 1)",
    ] {
        run(&mut connection, sql).unwrap();
    }
    connection
}

fn run(connection: &mut Connection, sql: &str) -> Result<i64, i32> {
    let statement = connection.prepare(sql).map_err(|error| error.sqlcode)?;
    let parameters = vec![Value::Integer(1); statement.parameters().len()];
    let mut rows = 0;
    let completion = connection.execute(&statement, &parameters, &mut |_| {
        rows += 1;
        if rows < 100 {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    completion
        .map(|completion| completion.row_count)
        .map_err(|error| error.sqlcode)
}

fn ends(connection: &mut Connection, sql: &str) {
    let started = Instant::now();
    let outcome = run(connection, sql);
    let start: String = sql.chars().take(80).collect();
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{start} took too long"
    );
    if let Err(code) = outcome {
        assert!(code < 0, "{start}");
    }
}

#[test]
fn nesting_is_bounded() {
    let mut connection = connect();
    let deep = |open: &str, core: &str, close: &str, n: usize| {
        format!("{}{core}{}", open.repeat(n), close.repeat(n))
    };
    for n in [5, 25, 55, 1_000, 20_000] {
        for sql in [
            format!(
                "SELECT * FROM {}",
                deep("t, LATERAL (SELECT 1 AS q FROM ", "t", ")", n)
            ),
            format!(
                "SELECT * FROM {}",
                deep(
                    "JSON_TABLE((SELECT b FROM ",
                    "t",
                    "), '$' COLUMNS (b VARCHAR(9) PATH '$'))",
                    n
                )
            ),
            format!(
                "SELECT a FROM t WHERE {}",
                deep("FOR SOME (t) (", "a = 1", ")", n)
            ),
            format!("SELECT r{} FROM t", "->r".repeat(n)),
            format!(
                "SELECT a FROM {}",
                deep(
                    "(SELECT a, COUNT(*) AS c, SUM(a) AS s FROM ",
                    "t",
                    " HAVING a > 0)",
                    n
                )
            ),
            format!(
                "SELECT a FROM t WHERE b %PATTERN '{}'",
                deep("1.9(", "1A", ")", n)
            ),
            format!(
                "SELECT a FROM t WHERE b %PATTERN '{}'",
                "999999999.E".repeat(n)
            ),
            format!("SELECT 1 /*#OPTIONS {} */", deep("{\"a\":", "1", "}", n)),
            format!(
                "SELECT a FROM t UNION SELECT a FROM t LIMIT 1{}",
                " UNION SELECT 1".repeat(n)
            ),
            format!(
                "SELECT 1 FROM t t0 {}",
                "LEFT JOIN t ON COALESCE(t0.a, 1) = 1 ".repeat(n)
            ),
        ] {
            ends(&mut connection, &sql);
        }
    }
    assert_eq!(run(&mut connection, "SELECT a FROM t"), Ok(1));
}

#[test]
fn patterns_do_not_multiply_their_work() {
    let mut connection = connect();
    let value = "a".repeat(20_000);
    for pattern in [
        "99999999999999999999.E",
        ".(.(.(.(.(1A)))))",
        ".(1\"\")",
        "99999999(1\"\",1A)",
        ".A.A.A.A.A.A.A.A.A1N",
        "0A",
        "3.2A",
    ] {
        let sql = format!("SELECT 1 FROM t WHERE '{value}' %PATTERN '{pattern}'");
        ends(&mut connection, &sql);
    }
}

const PIECES: [&str; 67] = [
    "SELECT",
    "a",
    "b",
    "t",
    "FROM",
    "WHERE",
    "LATERAL",
    "JSON_TABLE",
    "COLUMNS",
    "PATH",
    "'$'",
    "'$.a'",
    "'[1,{\"a\":2}]'",
    "(",
    ")",
    "(",
    ")",
    ",",
    "->",
    "r",
    "FOR",
    "SOME",
    "%PATTERN",
    "%ELEMENT(",
    "%VALUE",
    "$LISTBUILD(1,2)",
    "'1A.N'",
    "%STARTSWITH",
    "NOT",
    "=",
    "<",
    "[",
    "]",
    "&",
    "!",
    "1",
    "?",
    "'x'",
    "HAVING",
    "COUNT(*)",
    "SUM(a)",
    "GROUP BY",
    "ORDER BY",
    "LIMIT",
    "OFFSET",
    "FETCH",
    "TOP",
    "ALL",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "JOIN",
    "LEFT JOIN",
    "ON",
    "USING",
    "NATURAL",
    "AS",
    "q",
    "WITH",
    "OVER (",
    "ROWS",
    "%ROWLIMIT",
    "%ROWOFFSET",
    "DISTINCT",
    "BY",
    "%VID",
    "EXISTS",
];

#[test]
fn random_queries_never_panic() {
    let mut connection = connect();
    let mut state: u64 = 88_172_645_463_325_252;
    let mut below = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % bound as u64).unwrap()
    };
    for _ in 0..20_000 {
        let mut sql = String::from(
            [
                "SELECT a FROM t ",
                "SELECT a FROM t WHERE ",
                "SELECT * FROM t, ",
                "SELECT ",
                "WITH x AS (SELECT a FROM t) ",
            ][below(5)],
        );
        for _ in 0..below(12) {
            sql.push_str(PIECES[below(PIECES.len())]);
            sql.push(' ');
        }
        if let Err(code) = run(&mut connection, &sql) {
            assert!(code < 0, "{sql}");
        }
    }
}

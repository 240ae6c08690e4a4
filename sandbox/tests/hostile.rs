//! Any text gets an answer or an SQLCODE: no panic, no overflow, no endless work.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use pgiris_sandbox::{Connection, Options, Sandbox, Storage, Value, Version};

fn connect(version: Version) -> Connection {
    let options = Options {
        version,
        storage: Storage::Memory,
        statement_log: None,
    };
    let mut connection = Sandbox::open(options).unwrap().connect("_SYSTEM").unwrap();
    for sql in [
        "CREATE TABLE t (a INTEGER, b VARCHAR(20), n NUMERIC(10,2), d DATE)",
        "INSERT INTO t VALUES (1, 'x', 1.5, '2020-01-01')",
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
        if rows < 1_000 {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    completion
        .map(|completion| completion.row_count)
        .map_err(|error| error.sqlcode)
}

#[test]
fn nesting_of_any_kind_is_bounded() {
    let mut connection = connect(Version::V2025_1);
    let deep = |open: &str, core: &str, close: &str, n: usize| {
        format!("{}{core}{}", open.repeat(n), close.repeat(n))
    };
    for n in [50, 70, 1_000, 10_000] {
        for text in [
            format!("SELECT {}", deep("(", "1", ")", n)),
            format!("SELECT {}", deep("(SELECT ", "1", ")", n)),
            format!("SELECT {}", deep("-", "1", "", n)),
            format!("SELECT {}", deep("UPPER(", "'a'", ")", n)),
            format!("SELECT {}", deep("CAST(", "1", " AS INT)", n)),
            format!("SELECT {}", deep("CASE WHEN 1=1 THEN ", "1", " END", n)),
            format!(
                "SELECT {}",
                deep("CASE ", "1", " WHEN 1 THEN 2 WHEN 2 THEN 3 END", n)
            ),
            format!("SELECT {}", deep("{fn ABS(", "1", ")}", n)),
            format!("SELECT 1 FROM t WHERE {}", deep("(", "a = 1", ")", n)),
            format!("SELECT 1 FROM t WHERE {}", deep("NOT ", "a = 1", "", n)),
            format!(
                "SELECT 1 FROM t WHERE {}",
                deep("EXISTS (SELECT 1 WHERE ", "1=1", ")", n)
            ),
            format!(
                "SELECT 1 FROM t WHERE {}",
                deep("a BETWEEN (SELECT 1 WHERE ", "1=1", ") AND 2", n)
            ),
            format!(
                "SELECT 1 FROM t WHERE {}",
                deep("a IN (SELECT a FROM t WHERE ", "a=1", ")", n)
            ),
            format!("SELECT * FROM {}", deep("(SELECT * FROM ", "t", ")", n)),
            deep("(", "SELECT 1", ")", n),
            format!("SELECT {}1", "1 + ".repeat(n)),
            format!("SELECT {}'a'", "'a' || ".repeat(n)),
            format!("SELECT 1{}", " UNION SELECT 1".repeat(n)),
            format!("SELECT 1 FROM t{}", " JOIN t ON 1=1".repeat(n)),
            format!("SELECT 1 FROM t WHERE a = 1{}", " OR a = 1".repeat(n)),
            format!("SELECT 1 FROM t WHERE a IN (1{})", ", 1".repeat(n)),
            format!("EXPLAIN {}SELECT 1", "EXPLAIN ".repeat(n)),
        ] {
            let started = Instant::now();
            let outcome = run(&mut connection, &text);
            let start: String = text.chars().take(60).collect();
            assert!(
                started.elapsed() < Duration::from_secs(10),
                "{n} of {start} took too long"
            );
            if let Err(code) = outcome {
                assert!(code < 0, "{start}");
            }
        }
    }
    assert_eq!(run(&mut connection, "SELECT a FROM t"), Ok(1));
}

#[test]
fn size_alone_breaks_nothing() {
    let mut connection = connect(Version::V2025_1);
    let megabyte = "x".repeat(1 << 20);
    assert_eq!(run(&mut connection, &format!("SELECT '{megabyte}'")), Ok(1));
    assert!(run(&mut connection, &format!("SELECT {megabyte} FROM t")).is_err());
    assert_eq!(
        run(&mut connection, &format!("SELECT a FROM t -- {megabyte}")),
        Ok(1)
    );
    assert_eq!(
        run(
            &mut connection,
            &format!("SELECT '{}'", "x".repeat(10 << 20))
        ),
        Err(-400)
    );
    let parameters = vec!["?"; 100_000].join(",");
    assert!(
        run(
            &mut connection,
            &format!("SELECT a FROM t WHERE a IN ({parameters})")
        )
        .is_err()
    );
    assert_eq!(
        run(&mut connection, "SELECT a FROM t WHERE a IN (?,?,?)"),
        Ok(1)
    );
}

#[test]
fn values_that_double_themselves_end() {
    let mut connection = connect(Version::V2025_1);
    let mut query = format!("SELECT '{}' AS x", "y".repeat(1 << 20));
    for _ in 0..15 {
        query = format!("SELECT x || x AS x FROM ({query})");
    }
    assert_eq!(run(&mut connection, &query), Err(-400));
    let mut sums = "SELECT a AS x FROM t".to_owned();
    for _ in 0..12 {
        sums = format!("SELECT x{} AS x FROM ({sums})", " + x".repeat(100));
    }
    assert_eq!(run(&mut connection, &sums), Err(-400));
    let mut replaced = "'xxxxxxxxxx'".to_owned();
    for _ in 0..12 {
        replaced = format!("REPLACE({replaced}, 'x', 'xxxxxxxxxx')");
    }
    assert_eq!(
        run(&mut connection, &format!("SELECT {replaced}")),
        Err(-400)
    );
    assert_eq!(
        run(
            &mut connection,
            "SELECT REPEAT(REPEAT('x', 1000000), 1000000)"
        ),
        Err(-400)
    );
    assert_eq!(
        run(&mut connection, "SELECT LPAD('x', 2000000000)"),
        Err(-400)
    );
}

/// A small generator of random numbers; the same run every time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

const PIECES: [&str; 108] = [
    "SELECT",
    "FROM",
    "WHERE",
    "t",
    "a",
    "b",
    "n",
    "d",
    "(",
    ")",
    ",",
    "*",
    "=",
    "<",
    ">",
    "<>",
    "+",
    "-",
    "/",
    "\\",
    "#",
    "||",
    "[",
    "]",
    "'x'",
    "''",
    "1",
    "1.5",
    "1E5",
    "?",
    "NULL",
    "NOT",
    "AND",
    "OR",
    "IN",
    "BETWEEN",
    "LIKE",
    "IS",
    "EXISTS",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST",
    "AS",
    "INTEGER",
    "VARCHAR",
    "GROUP",
    "BY",
    "ORDER",
    "HAVING",
    "DISTINCT",
    "TOP",
    "UNION",
    "ALL",
    "INTERSECT",
    "EXCEPT",
    "JOIN",
    "LEFT",
    "ON",
    "INSERT",
    "INTO",
    "VALUES",
    "UPDATE",
    "SET",
    "DELETE",
    "CREATE",
    "TABLE",
    "DROP",
    "COUNT",
    "SUM",
    "MAX",
    "OVER",
    "PARTITION",
    "ROW_NUMBER",
    "%ID",
    "%VID",
    "%EXACT",
    "%STARTSWITH",
    "{",
    "}",
    "fn",
    "ABS",
    "COALESCE",
    "DATEADD",
    "'dd'",
    "TO_CHAR",
    "$PIECE(",
    "$EXTRACT(",
    "$LISTBUILD(",
    "$LISTGET(",
    "JSON_ARRAY(",
    "XMLELEMENT(",
    "%FOREACH(",
    "%AFTERHAVING",
    "%DLIST(",
    "IS JSON",
    "LIMIT",
    "WITH",
    ";",
    ":",
    "::",
    "\"",
    "'",
    "\u{e9}",
    "\0",
    "/*",
];

#[test]
fn random_statements_never_panic() {
    let mut random = Random(2);
    for version in Version::ALL {
        let mut connection = connect(version);
        for _ in 0..6_000 {
            let mut sql = String::from(
                ["SELECT ", "SELECT a FROM t WHERE ", "INSERT INTO t ", ""][random.below(4)],
            );
            for _ in 0..random.below(14) {
                sql.push_str(PIECES[random.below(PIECES.len())]);
                sql.push_str([" ", "", " "][random.below(3)]);
            }
            if let Err(code) = run(&mut connection, &sql) {
                assert!(code < 0, "{sql}");
            }
        }
    }
}

#[test]
fn random_characters_never_panic() {
    let mut random = Random(5);
    let mut connection = connect(Version::V2024_3);
    for _ in 0..20_000 {
        let length = random.below(40);
        let sql: String = (0..length)
            .filter_map(|_| char::from_u32(u32::try_from(random.below(300)).unwrap()))
            .collect();
        if let Err(code) = run(&mut connection, &sql) {
            assert!(code < 0, "{sql}");
        }
    }
}

/// Cut every valid statement everywhere: each prefix is an answer or an SQLCODE.
#[test]
fn truncated_statements_never_panic() {
    let mut connection = connect(Version::V2025_1);
    for sql in [
        "WITH x AS (SELECT a, COUNT(*) AS c FROM t GROUP BY a HAVING COUNT(*) > 0) SELECT x.c FROM x ORDER BY 1 DESC LIMIT 5 OFFSET 1",
        "SELECT CASE WHEN a IN (1,2) THEN {fn CONCAT(b,'x')} ELSE b END, SUM(n) OVER (PARTITION BY b ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t LEFT OUTER JOIN (SELECT TOP 1 a AS z FROM t) q ON q.z = t.a WHERE b LIKE 'x%' ESCAPE '\\'",
        "CREATE TABLE zz (id BIGINT IDENTITY, a VARCHAR(10) DEFAULT 'x' NOT NULL, CONSTRAINT p PRIMARY KEY (id), FOREIGN KEY (a) REFERENCES t (b) ON DELETE CASCADE) WITH %CLASSPARAMETER X = 1",
    ] {
        for end in 0..sql.len() {
            if let Err(code) = run(&mut connection, &sql[..end]) {
                assert!(code < 0);
            }
        }
    }
}

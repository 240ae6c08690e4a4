//! Depth bombs of every construct that nests.

use pgiris_sandbox::Version;

use crate::{check, entry, on_a_usual_stack};

/// What opens, what stands inside, what closes.
const NESTS: [(&str, &str, &str); 34] = [
    ("SELECT |(", "1", ")"),
    ("SELECT |(SELECT ", "1", ")"),
    ("SELECT |+", "1", ""),
    ("SELECT |- ", "1", ""),
    ("SELECT |%EXACT ", "b", " FROM t"),
    ("SELECT |COALESCE(a, ", "1", ") FROM t"),
    ("SELECT |$PIECE(", "b", ", 'x')"),
    ("SELECT |CAST(", "1", " AS NUMERIC(9,2))"),
    ("SELECT |CASE WHEN 1=1 THEN ", "1", " END"),
    (
        "SELECT |CASE WHEN (CASE 1 WHEN ",
        "1",
        " THEN 1 END) = 1 THEN 1 END",
    ),
    ("SELECT |{fn CONCAT('x', ", "'x'", ")}"),
    ("SELECT |JSON_ARRAY(", "1", ")"),
    ("SELECT |JSON_OBJECT('a':", "1", ")"),
    ("SELECT |$LISTBUILD(", "1", ")"),
    ("SELECT |XMLELEMENT(\"a\", ", "1", ")"),
    ("SELECT |SUM(", "a", ") FROM t"),
    ("SELECT |SUM(a) OVER (ORDER BY ", "a", ") FROM t"),
    ("SELECT 1 FROM t WHERE |(", "a = 1", ")"),
    ("SELECT 1 FROM t WHERE |NOT ", "a = 1", ""),
    ("SELECT 1 FROM t WHERE |(a = 1 AND ", "a = 1", ")"),
    (
        "SELECT 1 FROM t WHERE |EXISTS (SELECT 1 FROM t WHERE ",
        "1=1",
        ")",
    ),
    (
        "SELECT 1 FROM t WHERE |a = ANY (SELECT a FROM t WHERE ",
        "1=1",
        ")",
    ),
    (
        "SELECT 1 FROM t WHERE |a IN (SELECT a FROM t WHERE ",
        "1=1",
        ")",
    ),
    ("SELECT 1 FROM t WHERE a IN (|(", "1", "))"),
    ("SELECT 1 FROM t GROUP BY |(", "a", ")"),
    ("SELECT 1 FROM t ORDER BY |(", "a", ")"),
    ("SELECT * FROM |(SELECT * FROM ", "t", ")"),
    ("SELECT * FROM |(t JOIN ", "t", " ON 1=1)"),
    ("|(", "SELECT 1", ")"),
    ("|WITH c AS (", "SELECT 1 AS a", ") SELECT a FROM c"),
    ("SELECT 1 UNION |(SELECT 1 UNION ", "SELECT 1", ")"),
    ("INSERT INTO t (a) VALUES (|(", "1", "))"),
    ("UPDATE t SET a = |(", "1", ")"),
    (
        "SELECT * FROM JSON_TABLE('[]', '$' COLUMNS (|NESTED PATH '$' COLUMNS (",
        "a INTEGER PATH '$'",
        "))) j",
    ),
];

#[test]
fn depth_of_every_construct_is_bounded() {
    on_a_usual_stack(|| {
        let mut connection = entry::connect(Version::NEWEST);
        for n in [10, 59, 61, 20_000] {
            for (open, core, close) in NESTS {
                let (before, open) = open.split_once('|').unwrap();
                let sql = format!("{before}{}{core}{}", open.repeat(n), close.repeat(n));
                check(&mut connection, &sql);
            }
        }
        assert_eq!(entry::run(&mut connection, "SELECT 1"), Ok(1));
    });
}

#[test]
fn depth_that_grows_by_views_is_bounded() {
    on_a_usual_stack(|| {
        let mut connection = entry::connect(Version::NEWEST);
        check(&mut connection, "CREATE VIEW w0 AS SELECT a FROM t");
        for n in 1..200 {
            let below = n - 1;
            check(
                &mut connection,
                &format!(
                    "CREATE VIEW w{n} AS SELECT a FROM w{below} WHERE a IN (SELECT a FROM w{below})"
                ),
            );
            check(&mut connection, &format!("SELECT COUNT(*) FROM w{n}"));
        }
    });
}

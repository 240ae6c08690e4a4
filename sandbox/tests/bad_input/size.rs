//! Long statements of many shapes, in a process of their own whose memory is measured.

use std::process::Command;
use std::time::{Duration, Instant};

use pgiris_sandbox::{Connection, Version};

use crate::{check, entry, on_a_usual_stack};

/// Set for the process whose memory is measured.
const CHILD: &str = "PGIRIS_BAD_INPUT_CHILD";

/// Most memory that the process may have had at once, in kilobytes.
const MOST_MEMORY: u64 = 1 << 20;

/// Long, but of a length that all shapes together take a few seconds for.
const LONG: usize = 30_000;

/// Near to what IRIS takes at most, for shapes that need the most memory of all.
const LONGEST: usize = 3_600_000;

/// In this time a text that is too long is made and refused.
const QUICKLY: Duration = Duration::from_secs(5);

/// Longer than IRIS takes.
const TOO_LONG: usize = 10 << 20;

/// What is repeated; `|` marks where.
const SHAPES: [&str; 49] = [
    "SELECT 1|,1",
    "SELECT 1|, a FROM t",
    "SELECT '|x'",
    "SELECT '|'''",
    "SELECT |1",
    "SELECT 1.|1",
    "SELECT 1E|1",
    "SELECT |x FROM t",
    "SELECT \"|x\" FROM t",
    "SELECT a FROM t WHERE a IN (1|,1)",
    "SELECT a FROM t WHERE a IN (?|,?)",
    "SELECT a FROM t WHERE a = 1| OR a = 1",
    "SELECT a FROM t WHERE a = 1| AND NOT a = 1",
    "SELECT 1| + 1",
    "SELECT 'x'| || 'x'",
    "SELECT 1| UNION ALL SELECT 1",
    "SELECT 1| UNION SELECT a FROM t",
    "SELECT 1 FROM t|, t",
    "SELECT 1 FROM t| JOIN t ON 1=1",
    "SELECT 1 FROM t| NATURAL JOIN t",
    "SELECT CASE a| WHEN 1 THEN 2 END FROM t",
    "SELECT COALESCE(1|,1)",
    "SELECT CONCAT('a'|,'a')",
    "SELECT $LISTBUILD(1|,1)",
    "SELECT JSON_ARRAY(1|,1)",
    "SELECT a FROM t GROUP BY a|, a",
    "SELECT a FROM t ORDER BY a|, a",
    "SELECT a FROM t ORDER BY 1|, 1",
    "WITH c AS (SELECT 1 AS a)|, c AS (SELECT 1 AS a) SELECT 1",
    "CREATE TABLE w (c INTEGER|, c INTEGER)",
    "CREATE TABLE w (c INTEGER|, UNIQUE (c))",
    "INSERT INTO t (a|, a) VALUES (1)",
    "INSERT INTO t (a) VALUES (1|, 1)",
    "UPDATE t SET a = 1|, a = 1",
    "SELECT a FROM t |/* x */",
    "SELECT a FROM t |-- x\n",
    "SELECT a FROM t|;",
    "|( ",
    "|\0",
    "SELECT a FROM t|[",
    "SELECT COUNT(a)|, COUNT(a) FROM t",
    "SELECT a+1|, a+1 FROM t",
    "SELECT ?|, ?",
    "SELECT t.*|, t.* FROM t",
    "SELECT a FROM t WHERE a = 1| OR a = ?",
    "SELECT COUNT(*) FROM t HAVING COUNT(*) > 1| AND COUNT(*) > 1",
    "CREATE PROCEDURE p() BEGIN |SELECT 1; END",
    "CREATE VIEW w AS SELECT a FROM t WHERE a = 1| OR a = 1",
    "EXPLAIN SELECT 1|, 1",
];

/// Those of which the longest texts are tried.
const HUNGRIEST: [&str; 3] = [
    "SELECT 1|,1",
    "SELECT a FROM t WHERE a = 1| OR a = 1",
    "SELECT $LISTBUILD(1|,1)",
];

#[test]
fn long_statements_need_little_memory() {
    if std::env::var_os(CHILD).is_some() {
        return on_a_usual_stack(all_shapes);
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "size::long_statements_need_little_memory",
            "--nocapture",
        ])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success(),
        "{output}{}",
        String::from_utf8_lossy(&child.stderr)
    );
    if cfg!(target_os = "linux") {
        let peak = output.lines().find_map(|line| line.strip_prefix("peak "));
        let peak: u64 = peak.expect("it says so").parse().unwrap();
        assert!(peak < MOST_MEMORY, "{peak} kB");
    }
}

/// Long statements, and some that are longer than IRIS takes.
fn all_shapes() {
    let mut connection = entry::connect(Version::NEWEST);
    for shape in SHAPES {
        check(&mut connection, &grown(shape, LONG));
        let started = Instant::now();
        let refused = entry::run(&mut connection, &grown(shape, TOO_LONG));
        assert_eq!(refused, Err(-400), "{shape}");
        assert!(started.elapsed() < QUICKLY, "{shape}");
    }
    for shape in HUNGRIEST {
        check(&mut connection, &grown(shape, LONGEST));
    }
    counted(&mut connection);
    assert_eq!(entry::run(&mut connection, "SELECT 1"), Ok(1));
    println!("\npeak {}", peak_memory().unwrap_or(0));
}

fn grown(shape: &str, length: usize) -> String {
    let (before, rest) = shape.split_once('|').unwrap();
    // What is repeated ends where a bracket, a quote or a clause closes the whole.
    let ends = [
        " FROM t",
        " END FROM t",
        ") SELECT 1",
        ") VALUES (1)",
        ")",
        "'",
        "\" FROM t",
        " END",
    ];
    let end = ends
        .iter()
        .filter(|end| rest.len() > end.len() && rest.ends_with(*end))
        .max_by_key(|end| end.len());
    let end = end.map_or("", |end| *end);
    let repeated = &rest[..rest.len() - end.len()];
    format!("{before}{}{end}", repeated.repeat(length / repeated.len()))
}

/// Lists, columns, keys, parameters and names at their limits and beyond.
fn counted(connection: &mut Connection) {
    let list = |item: &str, count| vec![item; count].join(",");
    let mut code = |sql: String| {
        check(connection, &sql);
        entry::run(connection, &sql).err().unwrap_or(0)
    };
    let within = |items| format!("SELECT a FROM t WHERE a IN ({items})");
    assert_eq!(code(within(list("1", 100_000))), 0);
    assert_eq!(code(within(list("1", 100_001))), -400);
    assert_eq!(code(within(list("'1'", 100_001))), -400);
    assert_eq!(code(within(list("?", 32_766))), 0);
    assert_eq!(code(within(list("?", 32_767))), -400);
    assert_eq!(code(within(list("?", 100_000))), -400);
    let columns = |count| {
        let columns: Vec<String> = (0..count).map(|n| format!("c{n} INTEGER")).collect();
        format!(
            "CREATE TABLE IF NOT EXISTS wide{count} ({})",
            columns.join(",")
        )
    };
    assert_eq!(code(columns(1_000)), 0);
    assert_eq!(code("SELECT * FROM wide1000".to_owned()), 0);
    assert_eq!(code(columns(1_001)), -400);
    assert_eq!(code(columns(100_000)), -400);
    let keys = |count| {
        let keys = list("UNIQUE (c)", count);
        format!("CREATE TABLE IF NOT EXISTS keys (c INTEGER, {keys})")
    };
    assert_eq!(code(keys(401)), -400);
    assert_eq!(code(keys(400)), 0);
    let text = "x".repeat(3_000_000);
    assert_eq!(code(format!("SELECT a FROM t WHERE b = '{text}'")), 0);
    let name = "n".repeat(100_000);
    assert_eq!(code(format!("CREATE TABLE {name} ({name} INTEGER)")), -1);
}

/// In kilobytes.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn shapes_grow_as_they_are_meant_to() {
    assert_eq!(grown("SELECT 1|, a FROM t", 9), "SELECT 1, a, a, a FROM t");
    assert_eq!(grown("SELECT '|'''", 4), "SELECT ''''''");
    assert_eq!(grown("SELECT a FROM t|;", 2), "SELECT a FROM t;;");
    assert_eq!(grown("B |S; END", 4), "B S;S; END");
}

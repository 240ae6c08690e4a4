//! Texts that no client should send, and some do.

/// Texts of which most are nothing at all.
pub(crate) fn texts() -> Vec<String> {
    let repeated = |part: &str, times: usize| part.repeat(times);
    let mut texts: Vec<String> = [
        "'",
        "\"",
        "$$",
        "$a$",
        "$",
        "$1",
        "$0",
        "$99999999999",
        "E'",
        "E'\\",
        "E'\\u",
        "U&'\\",
        "U&\"",
        "U&'\\+12'",
        "/*",
        "--",
        "/*/*",
        "*/",
        "%",
        "%%",
        "%ID",
        "a%ID",
        "?",
        "??",
        "?|",
        ":",
        "::",
        "::int",
        "a::",
        "{",
        "}",
        "{fn",
        "{d",
        "{fn now()",
        "(",
        ")",
        "[",
        "]",
        "\\",
        ".",
        "..",
        "1.",
        ".1.",
        "1e",
        "1e+",
        "0x1F",
        "1_000",
        "`",
        "#",
        "@",
        "!",
        "\u{feff}SELECT 1",
        "\u{1F600}",
        "SELECT \u{0}",
        "SELECT",
        "SELECT ,",
        "SELECT TOP",
        "SELECT TOP ?",
        "TOP",
        "WITH",
        "WITH a AS (",
        "INSERT OR UPDATE",
        "INSERT OR UPDATE t",
        "CREATE",
        "CREATE TABLE",
        "CREATE TABLE t (",
        "DROP",
        "ALTER TABLE t ADD",
        "SET",
        "SET a",
        "SET TIME ZONE",
        "SHOW",
        "BEGIN ISOLATION",
        "ROLLBACK TO",
        "SELECT 1 LIMIT",
        "SELECT 1 OFFSET",
        "SELECT 1 FETCH",
        "SELECT a FROM t LIMIT 99999999999999999999999",
        "SELECT 1 ORDER BY 99999999999999999999",
        "SELECT 1 UNION",
        "VALUES (1)",
        "TABLE t",
        "SELECT",
        "SELECT FROM t",
        "SELECT * FROM (VALUES (1)) q LIMIT 1",
        "SELECT a <=> FROM t",
        "SELECT <=> a",
        "SELECT CASE WHEN a THEN",
        "SELECT '\u{e9}",
        "EXPLAIN SELECT 1",
        "CALL p(1)",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push(format!(
        "SELECT {}1{}",
        repeated("(", 10_000),
        repeated(")", 10_000)
    ));
    texts.push(format!("SELECT {}", repeated("(", 1_000_000)));
    texts.push(repeated("(", 1_000_000));
    texts.push(repeated("SELECT (", 20_000));
    texts.push(format!("SELECT {}1", repeated("NOT ", 20_000)));
    texts.push(format!("SELECT {}1", repeated("- ", 20_000)));
    texts.push(format!("SELECT 1{}", repeated(" + 1", 50_000)));
    texts.push(format!(
        "SELECT a FROM t WHERE a = 1{}",
        repeated(" OR a = 1", 50_000)
    ));
    texts.push(format!("SELECT 1{}", repeated("::int", 20_000)));
    texts.push(format!("SELECT a{}", repeated("[1]", 20_000)));
    texts.push(format!("SELECT a{}", repeated(".a", 20_000)));
    texts.push(format!("SELECT a::int{}", repeated("[]", 20_000)));
    texts.push(format!("SELECT 1{}", repeated(" UNION SELECT 1", 20_000)));
    texts.push(format!("SELECT 1 FROM t{}", repeated(" JOIN t", 20_000)));
    texts.push(format!("SELECT {}1", repeated("CASE WHEN ", 20_000)));
    texts.push(format!(
        "SELECT {}1{}",
        repeated("CASE WHEN 1 = 1 THEN ", 5_000),
        repeated(" END", 5_000)
    ));
    texts.push(format!(
        "SELECT {}1{}",
        repeated("f(", 5_000),
        repeated(")", 5_000)
    ));
    texts.push(format!("SELECT 1{}", repeated(" IS NULL", 20_000)));
    texts.push(format!("SELECT {}", repeated("EXISTS (SELECT ", 10_000)));
    texts.push(format!(
        "{}SELECT 1{}",
        repeated("(", 5_000),
        repeated(")", 5_000)
    ));
    texts.push(format!(
        "SELECT a FROM {}t{}",
        repeated("(", 5_000),
        repeated(")", 5_000)
    ));
    texts.push(format!(
        "SELECT {}1{}",
        repeated("{fn f(", 5_000),
        repeated(")}", 5_000)
    ));
    texts.push(format!("{}1", repeated("EXPLAIN ", 10_000)));
    texts.push(format!("SELECT {}", repeated("INTERVAL ", 10_000)));
    texts.push(format!(
        "SELECT {}a = 1{}",
        repeated("(", 60),
        repeated(") = true", 60)
    ));
    texts.push(format!(
        "SELECT {}a = 1{}",
        repeated("(", 60),
        repeated(")::text = 'true'", 60)
    ));
    texts.push(format!(
        "SELECT {}a{}",
        repeated("(", 60),
        repeated(" IS UNKNOWN)", 60)
    ));
    texts.push(format!("SELECT '{}'", repeated("x", 5_000_000)));
    texts.push(repeated("SELECT 1;", 20_000));
    texts.push(format!(
        "INSERT INTO t VALUES {}",
        repeated("(1, 'a', -1), ", 20_000)
    ));
    texts
}

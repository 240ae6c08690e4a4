//! Statements that are as long as one likes, of each construct that repeats.

/// Name, what comes first, what repeats, what stands between two, what comes last. `#` is
/// the number of the repetition.
pub(crate) type Long = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

/// What may repeat without end.
#[allow(dead_code, reason = "only the bench of lengths goes through them")]
pub(crate) const ENDLESS: &[Long] = &[
    (
        "rows of INSERT",
        "INSERT INTO t (a, b) VALUES ",
        "(#, 'x')",
        ", ",
        "",
    ),
    (
        "rows with casts",
        "INSERT INTO t (a, b) VALUES ",
        "('#'::int, $1)",
        ", ",
        "",
    ),
    (
        "rows of VALUES",
        "SELECT * FROM (VALUES ",
        "(#, 'x')",
        ", ",
        ") v(a, b)",
    ),
    (
        "numbers of IN",
        "SELECT a FROM t WHERE a IN (",
        "#",
        ", ",
        ")",
    ),
    (
        "strings of IN",
        "SELECT a FROM t WHERE b IN (",
        "'x#'",
        ", ",
        ")",
    ),
    (
        "parameters of IN",
        "SELECT a FROM t WHERE a IN (",
        "$1",
        ", ",
        ")",
    ),
    ("a literal", "SELECT a FROM t WHERE b = '", "x#", "", "'"),
    (
        "a literal with escapes",
        "SELECT E'",
        "\\n#''",
        "",
        "' FROM t",
    ),
    ("a dollar quote", "SELECT $q$", "x#", "", "$q$ FROM t"),
    (
        "a vector",
        "SELECT a FROM t ORDER BY v <=> '[",
        "0.#",
        ",",
        "]'",
    ),
    (
        "an array",
        "SELECT a FROM t WHERE a = ANY (ARRAY[",
        "#",
        ", ",
        "])",
    ),
    (
        "an array literal",
        "SELECT a FROM t WHERE a = ANY ('{",
        "#",
        ",",
        "}')",
    ),
    ("columns", "SELECT ", "a AS c#", ", ", " FROM t"),
    ("columns with casts", "SELECT ", "a::text", ", ", " FROM t"),
    ("calls", "SELECT ", "lower(b)", ", ", " FROM t"),
    ("arguments", "SELECT coalesce(", "a", ", ", ") FROM t"),
    (
        "branches of CASE",
        "SELECT CASE ",
        "WHEN a = # THEN b",
        " ",
        " END FROM t",
    ),
    (
        "values of CASE",
        "SELECT CASE a ",
        "WHEN # THEN true",
        " ",
        " END FROM t",
    ),
    ("tables", "SELECT 1 FROM ", "t t#", ", ", ""),
    (
        "joins",
        "SELECT 1 FROM t ",
        "JOIN t t# ON t#.a = t.a",
        " ",
        "",
    ),
    (
        "joins with USING",
        "SELECT 1 FROM t ",
        "JOIN t t# USING (a)",
        " ",
        "",
    ),
    (
        "common tables",
        "WITH ",
        "q# AS (SELECT a FROM t)",
        ", ",
        " SELECT a FROM q1",
    ),
    (
        "subqueries",
        "SELECT ",
        "(SELECT max(a) FROM t)",
        ", ",
        " FROM t",
    ),
    (
        "keys of ORDER BY",
        "SELECT a FROM t ORDER BY ",
        "a",
        ", ",
        "",
    ),
    (
        "keys of GROUP BY",
        "SELECT count(*) FROM t GROUP BY ",
        "a",
        ", ",
        "",
    ),
    (
        "assignments",
        "UPDATE t SET ",
        "a = #",
        ", ",
        " WHERE a = 1",
    ),
    (
        "columns of a table",
        "CREATE TABLE n (",
        "c# text NOT NULL DEFAULT 'x'",
        ", ",
        ")",
    ),
    (
        "keys of a table",
        "CREATE TABLE n (a int, ",
        "UNIQUE (a)",
        ", ",
        ")",
    ),
    ("tables to drop", "DROP TABLE IF EXISTS ", "t#", ", ", ""),
    ("statements", "", "SELECT a::int FROM t", "; ", ""),
    ("comments", "SELECT a::int ", "/* x# */", " ", " FROM t"),
    (
        "nested comments",
        "SELECT a::int ",
        "/* x /* # */ */",
        " ",
        " FROM t",
    ),
    (
        "line comments",
        "SELECT a::int\n",
        "-- x#",
        "\n",
        "\n FROM t",
    ),
    (
        "quoted names",
        "SELECT ",
        "\"a\" AS \"C#\"",
        ", ",
        " FROM t",
    ),
    (
        "windows",
        "SELECT ",
        "sum(a) OVER (ORDER BY a)",
        ", ",
        " FROM t",
    ),
    (
        "aggregates",
        "SELECT ",
        "count(*) FILTER (WHERE a = #)",
        ", ",
        " FROM t",
    ),
    ("text without spaces", "SELECT ", "x", "", " FROM t"),
    ("blanks", "SELECT a::int", " ", "", "FROM t"),
    (
        "row comparisons",
        "SELECT a FROM t WHERE (a, b) IN (",
        "(#, 'x')",
        ", ",
        ")",
    ),
    ("items of a set", "SET search_path TO ", "s#", ", ", ""),
    ("a parenthesised list", "SELECT (", "a", ", ", ") FROM t"),
    (
        "RETURNING",
        "INSERT INTO t (a, b) VALUES (1, 'x') RETURNING ",
        "a",
        ", ",
        "",
    ),
    (
        "rows and ON CONFLICT",
        "INSERT INTO k (id, a) VALUES ",
        "(#, 'x')",
        ", ",
        " ON CONFLICT (id) DO NOTHING",
    ),
    (
        "rows and RETURNING",
        "INSERT INTO k (id, a) VALUES ",
        "(#, 'x')",
        ", ",
        " RETURNING id",
    ),
    ("lines of EXECUTE", "EXECUTE p (", "'x#'", ", ", ")"),
];

/// What is a tree as deep as it is long: beyond a bound it is refused.
pub(crate) const CHAINS: &[Long] = &[
    ("AND", "SELECT a FROM t WHERE ", "a = #", " AND ", ""),
    ("OR", "SELECT a FROM t WHERE ", "a = #", " OR ", ""),
    ("sums", "SELECT ", "a", " + ", " FROM t"),
    ("products and sums", "SELECT ", "a * #", " - ", " FROM t"),
    ("concatenations", "SELECT ", "b", " || ", " FROM t"),
    (
        "concatenations of casts",
        "SELECT ",
        "a::text",
        " || ",
        " FROM t",
    ),
    ("UNION", "", "SELECT a FROM t", " UNION ", ""),
    (
        "UNION ALL",
        "",
        "SELECT a, b FROM t",
        " UNION ALL ",
        " ORDER BY a",
    ),
    ("EXCEPT", "", "SELECT a FROM t", " EXCEPT ", ""),
    ("casts", "SELECT a", "::int", "", " FROM t"),
    ("subscripts", "SELECT a", "[1]", "", " FROM t"),
    ("arrows", "SELECT b::json", "->'a'", "", " FROM t"),
    ("comparisons", "SELECT a", " IS NULL", "", " FROM t"),
    (
        "time zones",
        "SELECT d",
        " AT TIME ZONE 'UTC'",
        "",
        " FROM t",
    ),
    ("collations", "SELECT b", " COLLATE \"C\"", "", " FROM t"),
    (
        "distances",
        "SELECT a FROM t WHERE ",
        "v <=> '[1]' < #",
        " AND ",
        "",
    ),
    ("LIKE", "SELECT a FROM t WHERE ", "b LIKE 'x#%'", " OR ", ""),
    ("divisions", "SELECT ", "a", " / ", " FROM t"),
    ("powers", "SELECT ", "2", " ^ ", " FROM t"),
    ("remainders", "SELECT ", "a", " % ", " FROM t"),
    ("bits", "SELECT ", "a", " & ", " FROM t"),
    ("shifts", "SELECT ", "a", " << ", " FROM t"),
    ("signs", "SELECT ", "@ ", "", "a FROM t"),
];

/// The statement with so many repetitions.
pub(crate) fn text((_, first, repeated, between, last): &Long, times: usize) -> String {
    let mut text = String::with_capacity(first.len() + last.len() + times * (repeated.len() + 8));
    text.push_str(first);
    for number in 1..=times {
        if number > 1 {
            text.push_str(between);
        }
        match repeated.contains('#') {
            true => text.push_str(&repeated.replace('#', &number.to_string())),
            false => text.push_str(repeated),
        }
    }
    text.push_str(last);
    text
}

//! Words of SQL in any order, and statements that a small grammar makes of them.

use crate::entry::{self, world::World};
use crate::on_a_small_stack;
use crate::random::Random;

/// How many of each.
const ROUNDS: usize = 4_000;

const WORDS: [&str; 84] = [
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP BY",
    "ORDER BY",
    "HAVING",
    "LIMIT",
    "OFFSET",
    "UNION",
    "ALL",
    "DISTINCT",
    "ON",
    "USING",
    "JOIN",
    "LEFT JOIN",
    "LATERAL",
    "WITH",
    "AS",
    "INSERT INTO",
    "VALUES",
    "UPDATE",
    "SET",
    "DELETE FROM",
    "RETURNING",
    "ON CONFLICT",
    "DO NOTHING",
    "DO UPDATE",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "AND",
    "OR",
    "NOT",
    "IN",
    "IS",
    "NULL",
    "TRUE",
    "BETWEEN",
    "LIKE",
    "EXISTS",
    "ANY",
    "ARRAY",
    "CAST",
    "INTERVAL",
    "EXTRACT",
    "OVER",
    "PARTITION BY",
    "FILTER",
    "CREATE TABLE",
    "ALTER TABLE",
    "ADD",
    "DROP",
    "PRIMARY KEY",
    "int",
    "text",
    "timestamp",
    "t",
    "k",
    "a",
    "b",
    "id",
    "*",
    "(",
    ")",
    "(",
    ")",
    ",",
    ",",
    ".",
    "=",
    "<",
    "||",
    "+",
    "/",
    "::",
    "->>",
    "<=>",
    "$1",
    "'x'",
    "1",
    "count(*)",
    "lower(",
];

#[test]
fn words_in_any_order_are_answered() {
    on_a_small_stack(|| {
        let mut worlds = entry::VERSIONS.map(|version| World::new(version, entry::TABLES));
        let mut random = Random::new(7);
        for round in 0..ROUNDS {
            let count = 1 + random.below(24);
            let words: Vec<&str> = (0..count).map(|_| random.of(&WORDS)).collect();
            entry::check(&mut worlds[round % 4], &words.join(" "));
        }
    });
}

/// The right side of a rule: words, and names of other rules in angle brackets.
const GRAMMAR: [(&str, &[&str]); 9] = [
    (
        "statement",
        &[
            "<query>",
            "<query>",
            "WITH q AS (<query>) <query>",
            "INSERT INTO k (a) VALUES (<value>), (<value>)",
            "INSERT INTO t (a, b) <query> RETURNING <value>",
            "UPDATE t SET a = <value>, b = <value> WHERE <test>",
            "UPDATE t SET a = k.id FROM k WHERE <test>",
            "DELETE FROM t USING k WHERE <test> RETURNING *",
            "INSERT INTO k (a) VALUES (<value>) ON CONFLICT (a) DO UPDATE SET a = <value> WHERE <test>",
            "CREATE TABLE n AS <query>",
            "EXPLAIN <query>",
            "DECLARE c CURSOR FOR <query>",
            "COPY (<query>) TO STDOUT",
            "PREPARE p AS <query>",
            "CREATE VIEW w AS <query>",
        ],
    ),
    (
        "query",
        &[
            "SELECT <items> FROM <table>",
            "SELECT <items> FROM <table> WHERE <test>",
            "SELECT <items>",
            "SELECT DISTINCT <items> FROM <table> ORDER BY <value> LIMIT <value> OFFSET 2",
            "SELECT <value>, count(*) FROM <table> GROUP BY <value> HAVING <test>",
            "VALUES (<value>, <value>)",
            "<query> UNION <query>",
            "(<query>) INTERSECT ALL <query>",
            "SELECT DISTINCT ON (a) <items> FROM <table>",
            "SELECT <items> FROM <table> FOR UPDATE",
            "TABLE t",
        ],
    ),
    (
        "items",
        &[
            "*",
            "<value>",
            "<value> AS x, <value>",
            "t.*, <value>",
            "<value>, <items>",
        ],
    ),
    (
        "table",
        &[
            "t",
            "k",
            "t x",
            "t JOIN k USING (a)",
            "<table> LEFT JOIN <table> ON <test>",
            "(<query>) q",
            "<table>, LATERAL (<query>) z",
            "(VALUES (1, <value>)) v(a, b)",
            "t NATURAL JOIN k",
            "pg_class",
            "k CROSS JOIN r",
        ],
    ),
    (
        "test",
        &[
            "<value> = <value>",
            "<value> < <value>",
            "<value> IS NULL",
            "NOT <test>",
            "<test> AND <test>",
            "(<test> OR <test>)",
            "<value> IN (<value>, <value>)",
            "<value> IN (<query>)",
            "EXISTS (<query>)",
            "<value> LIKE 'a%'",
            "<value> = ANY ($1)",
            "ok",
            "<value> BETWEEN <value> AND <value>",
            "(<value>, <value>) = (<value>, <value>)",
            "<value> IS NOT DISTINCT FROM <value>",
            "b ~ '^a'",
            "<test> IS UNKNOWN",
        ],
    ),
    (
        "value",
        &[
            "a",
            "b",
            "t.a",
            "k.id",
            "n",
            "d",
            "ts",
            "f",
            "ok",
            "j",
            "1",
            "-2.50",
            "'x'",
            "'it''s'",
            "NULL",
            "$1",
            "$2",
            "true",
            "<number>",
            "<number>",
            "<string>",
            "<string>",
            "(<query>)",
            "CASE WHEN <test> THEN <value> ELSE <value> END",
            "(<test>)",
            "<time>",
            "coalesce(<value>, <value>)",
            "<value>::text",
            "CAST(<value> AS int)",
            "ARRAY[<value>, <value>]",
            "count(*)",
            "max(<value>)",
            "sum(<value>) OVER (PARTITION BY <value> ORDER BY <value>)",
            "\"A\"",
            "E'\\n'",
            "$q$x$q$",
        ],
    ),
    (
        "number",
        &[
            "<value> + <value>",
            "<value> / <value>",
            "- <value>",
            "<value> % 3",
            "abs(<value>)",
            "round(<value>, 1)",
            "length(<value>)",
        ],
    ),
    (
        "string",
        &[
            "<value> || <value>",
            "lower(<value>)",
            "substring(<value> from 1 for 2)",
            "j ->> 'a'",
            "j -> 0",
            "string_agg(<value>, ',')",
            "to_char(<value>, 'YYYY')",
            "position('a' in <value>)",
            "replace(<value>, 'a', <value>)",
        ],
    ),
    (
        "time",
        &[
            "now()",
            "current_date",
            "<value> + interval '1 day'",
            "extract(year from <value>)",
            "date_trunc('month', <value>)",
            "<value> AT TIME ZONE 'UTC'",
            "date '2020-01-01'",
            "age(<value>)",
        ],
    ),
];

/// Expands a rule; what is nested deep becomes a name.
fn expand(rule: &str, depth: usize, random: &mut Random) -> String {
    let Some((_, choices)) = GRAMMAR.iter().find(|(name, _)| *name == rule) else {
        return String::new();
    };
    if depth == 0 {
        return match rule {
            "test" => "a = 1",
            "table" => "t",
            "query" => "SELECT 1",
            _ => "a",
        }
        .to_owned();
    }
    let mut text = String::new();
    let mut rest = random.of(choices);
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        match after
            .split_once('>')
            .filter(|(name, _)| name.chars().all(char::is_alphabetic))
        {
            Some((name, behind)) if !name.is_empty() => {
                text.push_str(&expand(name, depth - 1, random));
                rest = behind;
            }
            _ => {
                text.push('<');
                rest = after;
            }
        }
    }
    text + rest
}

#[test]
fn statements_of_a_grammar_are_answered() {
    on_a_small_stack(|| {
        let mut worlds = entry::VERSIONS.map(|version| World::new(version, entry::TABLES));
        let mut random = Random::new(11);
        for round in 0..ROUNDS {
            let depth = 2 + random.below(5);
            let text = expand("statement", depth, &mut random);
            entry::check(&mut worlds[round % 4], &text);
        }
    });
}

//! Random statements that look right: most have a meaning, many a wrong type.

use pgiris_sandbox::Version;

use crate::random::Random;
use crate::{check, entry, on_a_usual_stack};

/// How many of each version.
const STATEMENTS: usize = 1_500;

#[test]
fn statements_of_the_grammar_are_answered() {
    let threads: Vec<_> = Version::ALL
        .into_iter()
        .enumerate()
        .map(|(seed, version)| {
            std::thread::spawn(move || {
                on_a_usual_stack(move || {
                    let mut random = Random::new(seed as u64 + 11);
                    let mut connection = entry::connect(version);
                    for _ in 0..STATEMENTS {
                        check(&mut connection, &statement(&mut random));
                    }
                });
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("every statement is answered");
    }
}

fn statement(random: &mut Random) -> String {
    match random.below(14) {
        0 => format!(
            "INSERT INTO t (a, b, n) VALUES ({}, {}, {})",
            value(random, 2),
            value(random, 2),
            value(random, 2)
        ),
        1 => format!("INSERT INTO t (a, b) {}", query(random, 2)),
        2 => format!(
            "UPDATE t SET {} = {} WHERE {}",
            column(random),
            value(random, 3),
            condition(random, 2)
        ),
        3 => format!("DELETE FROM t WHERE {}", condition(random, 3)),
        4 => format!(
            "INSERT OR UPDATE k (a, b) VALUES ({}, {})",
            value(random, 2),
            value(random, 1)
        ),
        5 => random
            .of(&[
                "START TRANSACTION",
                "COMMIT",
                "ROLLBACK",
                "SAVEPOINT s",
                "ROLLBACK TO s",
                "TRUNCATE TABLE k",
            ])
            .to_owned(),
        6 => format!(
            "CREATE OR REPLACE VIEW v{} AS {}",
            random.below(3),
            query(random, 2)
        ),
        7 => format!("EXPLAIN {}", query(random, 2)),
        8 => format!(
            "SELECT * FROM v{} WHERE {}",
            random.below(3),
            condition(random, 1)
        ),
        9 => format!("WITH c AS ({}) SELECT * FROM c", query(random, 2)),
        _ => query(random, 3),
    }
}

fn query(random: &mut Random, depth: usize) -> String {
    let distinct = random.of(&["", "", "DISTINCT ", "TOP 3 ", "ALL ", "TOP ? ", "%NOLOCK "]);
    let items: Vec<String> = (0..=random.below(3))
        .map(|n| match random.once_in(3) {
            true => format!("{} AS c{n}", value(random, depth)),
            false => value(random, depth),
        })
        .collect();
    let mut sql = format!(
        "SELECT {distinct}{} FROM {}",
        items.join(", "),
        table(random, depth)
    );
    if random.once_in(2) {
        sql.push_str(&format!(" WHERE {}", condition(random, depth)));
    }
    if random.once_in(4) {
        sql.push_str(&format!(" GROUP BY {}", column(random)));
        if random.once_in(2) {
            sql.push_str(&format!(" HAVING {}", condition(random, depth)));
        }
    }
    if depth > 0 && random.once_in(6) {
        let operator = random.of(&["UNION", "UNION ALL", "INTERSECT", "EXCEPT"]);
        sql.push_str(&format!(" {operator} {}", query(random, depth - 1)));
    }
    if random.once_in(3) {
        let key = random.of(&["1", "2", "a", "b", "c0", "?", "%ID"]);
        sql.push_str(&format!(" ORDER BY {key} {}", random.of(&["", "DESC"])));
    }
    if random.once_in(6) {
        sql.push_str(random.of(&[
            " LIMIT 2",
            " OFFSET 1 ROWS FETCH NEXT 1 ROWS ONLY",
            " LIMIT -1",
        ]));
    }
    sql
}

fn table(random: &mut Random, depth: usize) -> String {
    match random.below(if depth == 0 { 2 } else { 7 }) {
        0 | 1 => random
            .of(&["t", "k", "SQLUser.t", "t x", "INFORMATION_SCHEMA.TABLES"])
            .to_owned(),
        2 => format!("({}) q", query(random, depth - 1)),
        3 => format!(
            "t {} k ON {}",
            random.of(&["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]),
            condition(random, depth - 1)
        ),
        4 => "t, k".to_owned(),
        5 => "t NATURAL JOIN k".to_owned(),
        _ => "JSON_TABLE('[{\"a\":1}]', '$' COLUMNS (a INTEGER PATH '$.a')) AS j".to_owned(),
    }
}

fn condition(random: &mut Random, depth: usize) -> String {
    let left = value(random, depth.saturating_sub(1));
    if depth == 0 {
        return format!("{left} = 1");
    }
    match random.below(11) {
        0 => format!(
            "{left} {} {}",
            random.of(&["=", "<>", "<", ">=", "[", "]"]),
            value(random, depth - 1)
        ),
        1 => format!("{left} IS {}NULL", random.of(&["", "NOT "])),
        2 => format!(
            "{left} IN ({}, {})",
            value(random, depth - 1),
            value(random, depth - 1)
        ),
        3 => format!("{left} IN (SELECT a FROM {})", table(random, depth - 1)),
        4 => format!(
            "{left} BETWEEN {} AND {}",
            value(random, depth - 1),
            value(random, depth - 1)
        ),
        5 => format!(
            "{left} LIKE {}",
            random.of(&["'x%'", "'_'", "?", "NULL", "'%' ESCAPE '\\'"])
        ),
        6 => format!("{left} %STARTSWITH {}", value(random, 0)),
        7 => format!("EXISTS ({})", query(random, depth - 1)),
        8 => format!("NOT ({})", condition(random, depth - 1)),
        9 => format!(
            "{left} > {} ({})",
            random.of(&["ANY", "ALL", "SOME"]),
            query(random, depth - 1)
        ),
        _ => format!(
            "({} {} {})",
            condition(random, depth - 1),
            random.of(&["AND", "OR"]),
            condition(random, depth - 1)
        ),
    }
}

fn column(random: &mut Random) -> &'static str {
    random.of(&[
        "a", "b", "n", "d", "ts", "f", "t.a", "x.b", "%ID", "%VID", "nothing", "id",
    ])
}

const LITERALS: [&str; 22] = [
    "0",
    "1",
    "-1",
    "1.5",
    "1E200",
    "9223372036854775807",
    "-9223372036854775808",
    "99999999999999999999999999999999999999",
    "'x'",
    "''",
    "'2020-01-01'",
    "'2020-02-30'",
    "'é'",
    "NULL",
    "?",
    "{d '2020-01-01'}",
    "{ts '2020-01-01 10:00:00'}",
    "{t '10:00:00'}",
    "CURRENT_DATE",
    "$TLEVEL",
    "'1,2,3'",
    "0.1E-300",
];

const FUNCTIONS: [&str; 52] = [
    "ABS",
    "CEILING",
    "FLOOR",
    "ROUND",
    "TRUNCATE",
    "POWER",
    "SQRT",
    "EXP",
    "LOG",
    "MOD",
    "SIGN",
    "UPPER",
    "LOWER",
    "LENGTH",
    "SUBSTRING",
    "$EXTRACT",
    "$PIECE",
    "$FIND",
    "$LENGTH",
    "$TRANSLATE",
    "REPLACE",
    "REPEAT",
    "SPACE",
    "LPAD",
    "CONCAT",
    "STRING",
    "CHARINDEX",
    "POSITION",
    "REVERSE",
    "DATEADD",
    "DATEDIFF",
    "DATEPART",
    "TO_DATE",
    "TO_CHAR",
    "TO_TIMESTAMP",
    "YEAR",
    "DAYNAME",
    "LAST_DAY",
    "COALESCE",
    "NULLIF",
    "ISNULL",
    "NVL",
    "IFNULL",
    "DECODE",
    "GREATEST",
    "TO_VECTOR",
    "VECTOR_COSINE",
    "VECTOR_DOT_PRODUCT",
    "$LISTBUILD",
    "$LIST",
    "JSON_OBJECT",
    "JSON_ARRAY",
];

fn value(random: &mut Random, depth: usize) -> String {
    if depth == 0 || random.once_in(4) {
        return match random.once_in(2) {
            true => column(random).to_owned(),
            false => random.of(&LITERALS).to_owned(),
        };
    }
    let inner = value(random, depth - 1);
    match random.below(11) {
        0..=3 => {
            let mut arguments: Vec<String> = (0..random.below(3))
                .map(|_| value(random, depth - 1))
                .collect();
            arguments.insert(0, inner);
            let quoted = random.of(&["", "", "'dd', "]);
            format!(
                "{}({quoted}{})",
                random.of(&FUNCTIONS),
                arguments.join(", ")
            )
        }
        4 => {
            let operator = random.of(&["+", "-", "*", "/", "\\", "#", "||"]);
            format!("({inner} {operator} {})", value(random, depth - 1))
        }
        5 => {
            let ty = random.of(&[
                "INTEGER",
                "VARCHAR(3)",
                "NUMERIC(36,18)",
                "NUMERIC(3,2)",
                "DOUBLE",
                "DATE",
                "TIME",
                "TIMESTAMP",
                "BIT",
                "VARBINARY(3)",
                "VECTOR(INT,3)",
                "TINYINT",
            ]);
            format!("CAST({inner} AS {ty})")
        }
        6 => format!(
            "CASE WHEN {} THEN {inner} ELSE {} END",
            condition(random, depth - 1),
            value(random, depth - 1)
        ),
        7 => {
            let aggregate = random.of(&[
                "COUNT",
                "SUM",
                "AVG",
                "MIN",
                "MAX",
                "LIST",
                "STDDEV",
                "JSON_ARRAYAGG",
                "XMLAGG",
                "%DLIST",
            ]);
            format!(
                "{aggregate}({}{inner})",
                random.of(&["", "DISTINCT ", "%FOREACH(a) "])
            )
        }
        8 => {
            let function = random.of(&[
                "SUM(a)",
                "ROW_NUMBER()",
                "RANK()",
                "LAG(a)",
                "FIRST_VALUE(b)",
                "NTILE(2)",
                "COUNT(*)",
            ]);
            let frame = random.of(&[
                "",
                " ROWS BETWEEN 1 PRECEDING AND CURRENT ROW",
                " RANGE UNBOUNDED PRECEDING",
            ]);
            format!(
                "{function} OVER (PARTITION BY {inner} ORDER BY {}{frame})",
                column(random)
            )
        }
        9 => format!("({})", query(random, depth - 1)),
        _ => format!(
            "{} {inner}",
            random.of(&["%EXACT", "%SQLUPPER", "%MVR", "-", "+", "%ALPHAUP"])
        ),
    }
}

//! The catalogue of a namespace of 50 and of 5,000 tables: how long it takes to be built and what memory it holds,
//! and how long the questions take that clients ask most often.
//!
//! The floor of the building is the same rules compiled natively, on rows that are at hand; through the broker they come
//! from the sandbox first. The floor of a question is `SELECT 1`.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use pgiris_benches::{Table, Times, micros, native_context};
use pgiris_rules::catalog;
use pgiris_rules::wit::{MetadataQuery, MetadataRows};
use pgiris_tests::{Broker, WireClient};

/// So many tables, of twelve columns each.
const SIZES: [usize; 2] = [50, 5_000];
const COLUMNS: usize = 12;
/// How often each question is asked.
const TURNS: usize = 200;

/// What psql, pgjdbc, asyncpg, SQLAlchemy and Django ask, about the table `t7`.
const QUESTIONS: &[(&str, &str)] = &[
    ("floor: SELECT 1", "SELECT 1"),
    (
        "psql: a table by its name",
        "SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c \
         LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relname OPERATOR(pg_catalog.~) '^(t7)$' COLLATE pg_catalog.default \
         AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 2, 3",
    ),
    (
        "psql: its columns",
        "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, \
         (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) FROM pg_catalog.pg_attrdef d \
         WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef) \
         FROM pg_catalog.pg_attribute a WHERE a.attrelid = 't7'::regclass AND a.attnum > 0 \
         AND NOT a.attisdropped ORDER BY a.attnum",
    ),
    (
        "psql: its indexes",
        "SELECT c2.relname, i.indisprimary, pg_catalog.pg_get_indexdef(i.indexrelid, 0, true), \
         pg_catalog.pg_get_constraintdef(con.oid, true) \
         FROM pg_catalog.pg_class c, pg_catalog.pg_class c2, pg_catalog.pg_index i \
         LEFT JOIN pg_catalog.pg_constraint con ON conrelid = i.indrelid AND conindid = i.indexrelid \
         WHERE c.oid = 't7'::regclass AND c.oid = i.indrelid AND i.indexrelid = c2.oid \
         ORDER BY i.indisprimary DESC, c2.relname",
    ),
    ("regclass", "SELECT 't7'::regclass::oid"),
    (
        "SQLAlchemy: has_table",
        "SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class \
         JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace \
         WHERE pg_catalog.pg_class.relname = 't7' AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid)",
    ),
    (
        "SQLAlchemy: primary key",
        "SELECT a.attname, c.conname FROM pg_catalog.pg_constraint c \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) \
         WHERE c.contype = 'p' AND c.conrelid = 't7'::regclass",
    ),
    (
        "pgjdbc: columns",
        "SELECT n.nspname, c.relname, a.attname, a.atttypid, a.attnotnull, a.atttypmod, a.attlen, t.typtypmod \
         FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid \
         JOIN pg_catalog.pg_type t ON a.atttypid = t.oid \
         WHERE c.relkind IN ('r', 'p', 'v', 'f', 'm') AND a.attnum > 0 AND NOT a.attisdropped \
         AND n.nspname LIKE 'public' AND c.relname LIKE 't7' ORDER BY nspname, c.relname, attnum",
    ),
    (
        "asyncpg: a type",
        "SELECT t.oid, t.typname, t.typtype, t.typelem, ns.nspname FROM pg_catalog.pg_type t \
         INNER JOIN pg_catalog.pg_namespace ns ON ns.oid = t.typnamespace WHERE t.oid = 1700",
    ),
    (
        "Django: all tables",
        "SELECT c.relname, CASE WHEN c.relispartition THEN 'p' WHEN c.relkind IN ('m', 'v') THEN 'v' ELSE 't' END, \
         obj_description(c.oid, 'pg_class') FROM pg_catalog.pg_class c \
         LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('f', 'm', 'p', 'r', 'v') AND n.nspname NOT IN ('pg_catalog', 'pg_toast') \
         AND pg_catalog.pg_table_is_visible(c.oid)",
    ),
    (
        "information_schema.columns",
        "SELECT column_name, data_type, is_nullable FROM information_schema.columns \
         WHERE table_schema = 'public' AND table_name = 't7' ORDER BY ordinal_position",
    ),
];

fn main() -> Result<()> {
    let mut building = Table::new(&[
        "tables",
        "native, rows at hand",
        "first question through the broker",
        "memory of the broker",
        "goal",
    ]);
    let mut answers: Vec<Vec<Duration>> = Vec::new();
    for tables in SIZES {
        let native = built_natively(tables)?;
        let broker = Broker::start()?;
        let mut client = WireClient::ready(broker.port(), "USER")?;
        for number in 0..tables {
            ask(&mut client, &definition(number))?;
        }
        ask(&mut client, "SELECT 1")?;
        let before = broker.resident_memory()?;
        let start = Instant::now();
        ask(&mut client, QUESTIONS[1].1)?;
        let first = start.elapsed();
        let after = broker.resident_memory()?;
        building.row([
            tables.to_string(),
            milliseconds(native),
            milliseconds(first),
            format!("+{} MB", after.saturating_sub(before) / 1024),
            "2 s, 200 MB".to_owned(),
        ]);
        let mut medians = Vec::with_capacity(QUESTIONS.len());
        for (_, question) in QUESTIONS {
            let mut times = Times::default();
            for _ in 0..TURNS {
                let start = Instant::now();
                ask(&mut client, question)?;
                times.since(start);
            }
            medians.push(times.median());
        }
        answers.push(medians);
    }
    building.print();
    let mut table = Table::new(&["question", "50 tables", "5,000 tables"]);
    for (place, (name, _)) in QUESTIONS.iter().enumerate() {
        let of = |size: usize| {
            answers[size]
                .get(place)
                .map_or(String::new(), |time| micros(*time))
        };
        table.row([(*name).to_owned(), of(0), of(1)]);
    }
    table.print();
    Ok(())
}

fn milliseconds(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1e3)
}

fn definition(number: usize) -> String {
    let columns: Vec<String> = (1..COLUMNS).map(|n| format!("c{n} varchar(40)")).collect();
    format!(
        "CREATE TABLE t{number} (id int PRIMARY KEY, {})",
        columns.join(", ")
    )
}

fn ask(client: &mut WireClient, statement: &str) -> Result<()> {
    client.say(&format!("Query {statement:?}"))?;
    client.count_until(b'Z').context(statement.to_owned())?;
    Ok(())
}

/// Builds a catalogue of rows like those of the sandbox.
fn built_natively(tables: usize) -> Result<Duration> {
    let context = native_context();
    let rows: Vec<MetadataRows> = catalog::metadata(&[])
        .into_iter()
        .map(|query| rows_of(query, tables))
        .collect();
    let mut times = Times::default();
    for _ in 0..5 {
        let start = Instant::now();
        let built = catalog::build(&context, &rows);
        times.since(start);
        ensure!(built.is_ok(), "the catalogue cannot be built");
    }
    Ok(times.median())
}

fn rows_of(query: MetadataQuery, tables: usize) -> MetadataRows {
    let row = |values: &[&str]| -> Vec<Option<String>> {
        values
            .iter()
            .map(|value| Some((*value).to_owned()))
            .collect()
    };
    let (columns, rows): (&[&str], Vec<_>) = match query.name.as_str() {
        "catalog tables" => (
            &["TABLE_SCHEMA", "TABLE_NAME", "TABLE_TYPE"],
            (0..tables)
                .map(|number| row(&["SQLUser", &format!("t{number}"), "BASE TABLE"]))
                .collect(),
        ),
        "catalog columns" => (
            &[
                "TABLE_SCHEMA",
                "TABLE_NAME",
                "COLUMN_NAME",
                "ORDINAL_POSITION",
                "DATA_TYPE",
                "CHARACTER_MAXIMUM_LENGTH",
                "IS_NULLABLE",
            ],
            (0..tables)
                .flat_map(|number| (0..COLUMNS).map(move |column| (number, column)))
                .map(|(number, column)| {
                    let (table, name) = (format!("t{number}"), format!("c{column}"));
                    let place = (column + 1).to_string();
                    row(&["SQLUser", &table, &name, &place, "VARCHAR", "40", "YES"])
                })
                .collect(),
        ),
        "catalog indexes" => (
            &[
                "TABLE_SCHEMA",
                "TABLE_NAME",
                "INDEX_NAME",
                "NON_UNIQUE",
                "ORDINAL_POSITION",
                "COLUMN_NAME",
                "PRIMARY_KEY",
            ],
            (0..tables)
                .map(|number| {
                    let table = format!("t{number}");
                    row(&[
                        "SQLUser",
                        &table,
                        &format!("{table}_pkey"),
                        "0",
                        "1",
                        "c0",
                        "1",
                    ])
                })
                .collect(),
        ),
        _ => (&[], Vec::new()),
    };
    MetadataRows {
        name: query.name,
        columns: columns.iter().map(|label| (*label).to_owned()).collect(),
        rows,
    }
}

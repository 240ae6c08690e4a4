//! Rows that the broker groups, sorts and chooses itself, because IRIS cannot compute by what: 100,000 rows with a
//! document of some hundred characters.
//!
//! The floor is the rows alone, which the broker asks for in any case: what the arrangement adds is the difference. It
//! may be less, because the client is sent less.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use pgiris_benches::{Table, Times};
use pgiris_tests::{Broker, WireClient};

const ROWS: usize = 100_000;
const ROWS_AT_ONCE: usize = 500;
const TURNS: usize = 7;

const QUERIES: &[(&str, &str)] = &[
    ("floor: the rows", "SELECT id, doc FROM events"),
    (
        "a member of the document, in the select list",
        "SELECT id, doc ->> 'kind' FROM events",
    ),
    (
        "groups",
        "SELECT doc ->> 'kind', count(*), sum((doc ->> 'n')::int) FROM events GROUP BY 1",
    ),
    (
        "sorted, the first ten",
        "SELECT id FROM events ORDER BY doc ->> 'user', id LIMIT 10",
    ),
    (
        "sorted, all",
        "SELECT id FROM events ORDER BY doc ->> 'user', id",
    ),
    ("alike", "SELECT DISTINCT doc ->> 'user' FROM events"),
    (
        "taken apart into 200,000 rows, and counted",
        "SELECT tag, count(*) FROM events, jsonb_array_elements_text(doc -> 'tags') AS t(tag) GROUP BY tag",
    ),
];

fn main() -> Result<()> {
    let broker = Broker::start()?;
    let mut client = WireClient::ready(broker.port(), "USER")?;
    ask(
        &mut client,
        "CREATE TABLE events (id int PRIMARY KEY, doc jsonb)",
    )?;
    for first in (0..ROWS).step_by(ROWS_AT_ONCE) {
        let rows: Vec<String> = (first..first + ROWS_AT_ONCE).map(row).collect();
        let statement = format!("INSERT INTO events VALUES {}", rows.join(", "));
        ask(&mut client, &statement)?;
    }
    let mut table = Table::new(&["query", "median", "memory of the broker"]);
    for (name, query) in QUERIES {
        ask(&mut client, query)?;
        let mut times = Times::default();
        for _ in 0..TURNS {
            let start = Instant::now();
            ask(&mut client, query)?;
            times.since(start);
        }
        table.row([
            (*name).to_owned(),
            milliseconds(times.median()),
            format!("{} MB", broker.resident_memory()? / 1024),
        ]);
    }
    table.print();
    Ok(())
}

fn row(number: usize) -> String {
    let kind = ["view", "click", "buy", "leave"][number % 4];
    let user = number * 7_919 % 1_000;
    format!(
        "({number}, jsonb_build_object('kind', '{kind}', 'user', 'u{user:03}', 'n', {}, \
         'tags', jsonb_build_array('t{}', 't{}'), 'agent', 'a browser of some kind'))",
        number % 100,
        number % 10,
        number % 13
    )
}

fn milliseconds(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1e3)
}

fn ask(client: &mut WireClient, statement: &str) -> Result<()> {
    client.say(&format!("Query {statement:?}"))?;
    client.count_until(b'Z').context("a statement failed")?;
    Ok(())
}

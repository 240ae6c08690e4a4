//! A session's work beside the same on PostgreSQL directly: a million rows, pipelined inserts,
//! and a connection for one query.
//!
//! The client counts frames and looks into none, so that it is not what is measured.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use pgiris_benches::{Table, ratio};
use pgiris_tests::{Broker, Postgres, WireClient, rules_file};

/// Rows of three columns.
const ROWS: u64 = 1_000_000;
/// Inserts that are sent before the first answer is read.
const INSERTS: u64 = 10_000;
/// Connections, one after the other.
const CONNECTIONS: u32 = 300;
/// The better of so many.
const TURNS: usize = 3;

/// A way to a database.
struct Way {
    name: &'static str,
    port: u16,
    database: &'static str,
}

/// Takes one measure of one way.
type Measure = fn(&Way) -> Result<Duration>;

fn main() -> Result<()> {
    let postgres = Postgres::start()?;
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", postgres.port());
    let before_postgres = broker(&[&url, "--auth", "trust"])?;
    let before_sandbox = broker(&["sandbox:"])?;
    let ways = [
        ("PostgreSQL directly", postgres.port(), "postgres"),
        ("broker to PostgreSQL", before_postgres.port(), "postgres"),
        ("broker to the sandbox", before_sandbox.port(), "USER"),
    ]
    .map(|(name, port, database)| Way {
        name,
        port,
        database,
    });
    fill(&ways[0])?;
    fill(&ways[2])?;

    let mut table = Table::new(&["", "each", "to direct"]);
    let measures: [(&str, u64, Measure); 4] = [
        ("1,000,000 rows, text", ROWS, |way| stream(way, 0)),
        ("1,000,000 rows, binary", ROWS, |way| stream(way, 1)),
        ("10,000 pipelined inserts", INSERTS, insert),
        ("connect, SELECT 1, close", u64::from(CONNECTIONS), connect),
    ];
    for (what, count, measure) in measures {
        let mut floor = None;
        for way in &ways {
            // The rules ask for the columns of the table, in IRIS's catalogue.
            if count == INSERTS && way.name == ways[1].name {
                continue;
            }
            let time = best(|| measure(way)).with_context(|| format!("{what}, {}", way.name))?;
            let floor = *floor.get_or_insert(time);
            let each = time.as_secs_f64() * 1e6 / count as f64;
            table.row([
                format!("{what}, {}", way.name),
                format!("{each:.2} µs"),
                ratio(time, floor),
            ]);
        }
    }
    table.print();
    Ok(())
}

fn best(measure: impl Fn() -> Result<Duration>) -> Result<Duration> {
    let times: Result<Vec<_>> = (0..TURNS).map(|_| measure()).collect();
    times?.into_iter().min().context("there are turns")
}

fn broker(upstream: &[&str]) -> Result<Broker> {
    let rules = rules_file("iris-2025.1")?;
    let arguments = ["--rules".into(), rules.into(), OsString::from("--upstream")];
    Broker::with(
        arguments
            .into_iter()
            .chain(upstream.iter().map(OsString::from)),
    )
}

fn message(tag: u8, body: &[u8]) -> Result<Vec<u8>> {
    let length = u32::try_from(body.len() + 4)?.to_be_bytes();
    Ok([&[tag], &length[..], body].concat())
}

fn query(client: &mut WireClient, sql: &str) -> Result<u64> {
    client.send(&message(b'Q', format!("{sql}\0").as_bytes())?)?;
    client.count_until(b'Z')
}

/// The same table on each: by COPY, as rows come.
fn fill(way: &Way) -> Result<()> {
    let mut client = WireClient::ready(way.port, way.database)?;
    for table in ["streamed", "inserted"] {
        let columns = "id INTEGER PRIMARY KEY, name VARCHAR(40), n NUMERIC(12,2)";
        query(&mut client, &format!("CREATE TABLE {table} ({columns})"))?;
    }
    client.send(&message(b'Q', b"COPY streamed FROM STDIN\0")?)?;
    client.count_until(b'G')?;
    for first in (0..ROWS).step_by(1000) {
        let rows = first..first + 1000;
        let lines: String = rows.map(|n| format!("{n}\tname {n}\t{n}.25\n")).collect();
        client.send(&message(b'd', lines.as_bytes())?)?;
    }
    client.send(&message(b'c', &[])?)?;
    client.count_until(b'Z')?;
    Ok(())
}

/// `format`: 0 is text, 1 binary.
fn stream(way: &Way, format: u8) -> Result<Duration> {
    let mut client = WireClient::ready(way.port, way.database)?;
    let start = Instant::now();
    let request = [
        message(b'P', b"\0SELECT id, name, n FROM streamed\0\0\0")?,
        message(b'B', &[0, 0, 0, 0, 0, 0, 0, 1, 0, format])?,
        message(b'E', &[0, 0, 0, 0, 0])?,
        message(b'S', &[])?,
    ];
    client.send(&request.concat())?;
    let frames = client.count_until(b'Z')?;
    let time = start.elapsed();
    // Beside ParseComplete, BindComplete and CommandComplete.
    ensure!(frames == ROWS + 3, "{frames} frames came");
    Ok(time)
}

fn insert(way: &Way) -> Result<Duration> {
    let mut client = WireClient::ready(way.port, way.database)?;
    query(&mut client, "DELETE FROM inserted")?;
    let sql = b"in\0INSERT INTO inserted (id, name, n) VALUES ($1, $2, $3)\0\0\0";
    client.send(&[message(b'P', sql)?, message(b'S', &[])?].concat())?;
    client.count_until(b'Z')?;
    let mut requests = Vec::new();
    for n in 0..INSERTS {
        let mut body = b"\0in\0\0\0\0\x03".to_vec();
        for value in [format!("{n}"), format!("name {n}"), format!("{n}.25")] {
            body.extend_from_slice(&u32::try_from(value.len())?.to_be_bytes());
            body.extend_from_slice(value.as_bytes());
        }
        body.extend_from_slice(&[0, 0]);
        requests.extend(message(b'B', &body)?);
        requests.extend(message(b'E', &[0, 0, 0, 0, 0])?);
    }
    requests.extend(message(b'S', &[])?);
    let start = Instant::now();
    // Sent in pieces that a socket holds, and answers read between: neither side may block.
    let mut sent = requests.chunks(64 * 1024);
    std::thread::scope(|scope| -> Result<()> {
        let mut writer = client.writer()?;
        let sender = scope.spawn(move || sent.try_for_each(|piece| writer.send(piece)));
        let frames = client.count_until(b'Z')?;
        ensure!(frames == 2 * INSERTS, "{frames} frames came");
        sender
            .join()
            .map_err(|_| anyhow::anyhow!("the sender failed"))?
    })?;
    Ok(start.elapsed())
}

fn connect(way: &Way) -> Result<Duration> {
    let start = Instant::now();
    for _ in 0..CONNECTIONS {
        let mut client = WireClient::ready(way.port, way.database)?;
        ensure!(query(&mut client, "SELECT 1")? == 3);
        client.send(&message(b'X', &[])?)?;
        ensure!(client.receive()?.is_none());
    }
    Ok(start.elapsed())
}

//! `SELECT 1` by a client that is connected already: through the broker, and without it.
//!
//! The floor is the same client on the same PostgreSQL, directly. The two take turns, so that
//! whatever else the machine does meets both.

use std::ffi::OsString;
use std::time::Instant;

use anyhow::{Result, ensure};
use pgiris_benches::{Table, Times, micros, ratio};
use pgiris_tests::{Broker, Postgres, connect, rules_file};
use tokio_postgres::{Client, SimpleQueryMessage};

/// Turns that each client takes, and statements in each: few, so that turns are close together.
const TURNS: usize = 400;
const STATEMENTS: usize = 25;

/// What is measured of one client.
#[derive(Clone, Copy)]
enum Protocol {
    /// A Query message: parsed, and here translated, each time.
    Simple,
    /// Bind and Execute of a statement prepared before.
    Prepared,
}

/// A way to a database.
struct Way {
    name: &'static str,
    client: Client,
    times: Times,
}

// One thread: the client is not to compete with what it measures.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let postgres = Postgres::start()?;
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", postgres.port());
    let before_postgres = broker(&[&url, "--auth", "trust"])?;
    let before_sandbox = broker(&["sandbox:"])?;

    let mut table = Table::new(&["SELECT 1", "p50", "p95", "p50 to direct", "p95 to direct"]);
    for (protocol, name) in [
        (Protocol::Simple, "simple"),
        (Protocol::Prepared, "prepared"),
    ] {
        let mut ways = vec![
            way("PostgreSQL directly", postgres.port(), "postgres").await?,
            way("broker to PostgreSQL", before_postgres.port(), "postgres").await?,
            way("broker to the sandbox", before_sandbox.port(), "USER").await?,
        ];
        measure(protocol, &mut ways).await?;
        let floor = ways[0].times.clone();
        for way in &ways {
            let (median, slow) = (way.times.median(), way.times.quantile(95));
            table.row([
                format!("{name}, {}", way.name),
                micros(median),
                micros(slow),
                ratio(median, floor.median()),
                ratio(slow, floor.quantile(95)),
            ]);
        }
    }
    table.print();
    Ok(())
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

async fn way(name: &'static str, port: u16, database: &str) -> Result<Way> {
    Ok(Way {
        name,
        client: connect(port, database).await?,
        times: Times::default(),
    })
}

/// The first turn warms up and does not count.
async fn measure(protocol: Protocol, ways: &mut [Way]) -> Result<()> {
    for turn in 0..=TURNS {
        for way in &mut *ways {
            let mut times = Times::default();
            take_turn(protocol, &way.client, &mut times).await?;
            if turn > 0 {
                way.times.append(times);
            }
        }
    }
    Ok(())
}

async fn take_turn(protocol: Protocol, client: &Client, times: &mut Times) -> Result<()> {
    match protocol {
        Protocol::Simple => {
            for _ in 0..STATEMENTS {
                let start = Instant::now();
                let messages = client.simple_query("SELECT 1").await?;
                times.since(start);
                ensure!(
                    messages
                        .iter()
                        .any(|message| matches!(message, SimpleQueryMessage::Row(_)))
                );
            }
        }
        Protocol::Prepared => {
            let statement = client.prepare("SELECT 1").await?;
            for _ in 0..STATEMENTS {
                let start = Instant::now();
                let row = client.query_one(&statement, &[]).await?;
                times.since(start);
                ensure!(row.get::<_, i32>(0) == 1);
            }
        }
    }
    Ok(())
}

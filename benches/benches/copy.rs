//! Rows by COPY, into the sandbox through the broker and out of it.
//!
//! The floor of copying in is the sandbox itself, told to insert the same rows by one prepared
//! statement in one transaction. Beside it stands what the broker's memory grew by.

use std::ffi::OsString;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use pgiris_benches::{Table, ratio};
use pgiris_sandbox::{Connection, Options, Sandbox, Storage, Value, Version};
use pgiris_tests::{Broker, WireClient, rules_file};

/// Three columns each.
const ROWS: i64 = 200_000;
/// Rows in one CopyData message.
const ROWS_IN_A_MESSAGE: i64 = 100;

const TABLE: &str =
    "CREATE TABLE copied (id INTEGER PRIMARY KEY, name VARCHAR(40), n NUMERIC(12,2))";

fn main() -> Result<()> {
    let rules = rules_file("iris-2025.1")?;
    let arguments = [
        OsString::from("--rules"),
        rules.into(),
        "--upstream".into(),
        "sandbox:".into(),
    ];
    let broker = Broker::with(arguments)?;
    let mut client = WireClient::ready(broker.port(), "USER")?;
    query(&mut client, TABLE)?;
    let before = broker.resident_memory()?;
    let taken = copy_in(&mut client)?;
    let grown = broker.resident_memory()?.saturating_sub(before);
    let given = copy_out(&mut client)?;
    let floor = inserted()?;

    let mut table = Table::new(&["COPY of 200,000 rows", "rows/s", "to the sandbox alone"]);
    for (name, time) in [
        ("in, through the broker", taken),
        ("in, the sandbox alone", floor),
        ("out, through the broker", given),
    ] {
        table.row([name.to_owned(), per_second(time), ratio(time, floor)]);
    }
    table.print();
    println!(
        "the broker, with the sandbox and its table in it, grew by {} MiB",
        grown / 1024
    );
    Ok(())
}

fn per_second(time: Duration) -> String {
    format!("{:.0}", ROWS as f64 / time.as_secs_f64())
}

fn message(tag: u8, body: &[u8]) -> Result<Vec<u8>> {
    let length = u32::try_from(body.len() + 4)?.to_be_bytes();
    Ok([&[tag], &length[..], body].concat())
}

fn send_query(client: &mut WireClient, sql: &str) -> Result<()> {
    client.send(&message(b'Q', format!("{sql}\0").as_bytes())?)
}

fn query(client: &mut WireClient, sql: &str) -> Result<()> {
    send_query(client, sql)?;
    until(client, b'Z').map(|_| ())
}

/// Reads up to a message of this type; gives how many came before it.
fn until(client: &mut WireClient, tag: u8) -> Result<u64> {
    let mut count = 0;
    loop {
        let frame = client.receive()?.context("the broker left")?;
        match frame.tag {
            b'E' => bail!("{frame}"),
            found if found == tag => return Ok(count),
            _ => count += 1,
        }
    }
}

fn copy_in(client: &mut WireClient) -> Result<Duration> {
    let mut messages = Vec::new();
    for first in (0..ROWS).step_by(ROWS_IN_A_MESSAGE as usize) {
        let rows = first..first + ROWS_IN_A_MESSAGE;
        let lines: String = rows.map(|n| format!("{n}\tname {n}\t{n}.25\n")).collect();
        messages.push(message(b'd', lines.as_bytes())?);
    }
    send_query(client, "COPY copied FROM STDIN")?;
    until(client, b'G')?;
    let start = Instant::now();
    for message in &messages {
        client.send(message)?;
    }
    client.send(&message(b'c', &[])?)?;
    until(client, b'Z')?;
    Ok(start.elapsed())
}

fn copy_out(client: &mut WireClient) -> Result<Duration> {
    let start = Instant::now();
    send_query(client, "COPY copied TO STDOUT")?;
    until(client, b'H')?;
    let rows = until(client, b'c')?;
    ensure!(rows == ROWS as u64, "{rows} rows came");
    until(client, b'Z')?;
    Ok(start.elapsed())
}

fn inserted() -> Result<Duration> {
    let options = Options {
        version: Version::NEWEST,
        storage: Storage::Memory,
        statement_log: None,
    };
    let mut connection = Sandbox::open(options)?.connect("_SYSTEM")?;
    run(&mut connection, TABLE, std::iter::once(Vec::new()))?;
    let start = Instant::now();
    run(
        &mut connection,
        "START TRANSACTION",
        std::iter::once(Vec::new()),
    )?;
    let row = |n| {
        vec![
            Value::Integer(n),
            Value::Varchar(format!("name {n}")),
            Value::Varchar(format!("{n}.25")),
        ]
    };
    let insert = "INSERT INTO copied (id, name, n) VALUES (?, ?, ?)";
    run(&mut connection, insert, (0..ROWS).map(row))?;
    run(&mut connection, "COMMIT", std::iter::once(Vec::new()))?;
    Ok(start.elapsed())
}

/// One statement with one set of parameters after the other.
fn run(
    connection: &mut Connection,
    sql: &str,
    sets: impl Iterator<Item = Vec<Value>>,
) -> Result<()> {
    let statement = connection.prepare(sql)?;
    for parameters in sets {
        connection.execute(&statement, &parameters, &mut |_| ControlFlow::Continue(()))?;
    }
    Ok(())
}

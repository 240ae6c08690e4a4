//! More than the broker may hold, by COPY and by a client that does not read: what does not fit in
//! memory waits with the sender.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Result, ensure};
use pgiris_tests::{Broker, WireClient, rules_directory};

/// What a COPY may add to the broker's memory at any time, in KiB.
const LIMIT: u64 = 64 * 1024;

/// What more of the same may add to that: nothing, but for what an allocator does.
const GROWTH: u64 = 4 * 1024;

/// Rows of one KiB: a gibibyte, of which an eighth shows what a COPY needs.
const ROWS: usize = 1024 * 1024;
const FIRST_ROWS: usize = ROWS / 8;
const ROWS_IN_A_MESSAGE: usize = 64;

fn message(tag: u8, body: &[u8]) -> Result<Vec<u8>> {
    let length = u32::try_from(body.len() + 4)?.to_be_bytes();
    Ok([&[tag], &length[..], body].concat())
}

fn query(client: &mut WireClient, sql: &str) -> Result<()> {
    client.send(&message(b'Q', format!("{sql}\0").as_bytes())?)
}

#[test]
fn a_large_copy_needs_little_memory() -> Result<()> {
    // The table is in a file: the sandbox lives in the same process.
    let directory = tempfile::tempdir()?;
    let mut upstream = OsString::from("sandbox:");
    upstream.push(directory.path().join("large.db"));
    let arguments = ["--upstream".into(), upstream, "--rules".into()];
    let broker = Broker::with(arguments.into_iter().chain([rules_directory()?.into()]))?;
    let mut client = WireClient::ready(broker.port(), "USER")?;
    query(
        &mut client,
        "CREATE TABLE large (id int, text varchar(2000))",
    )?;
    client.count_until(b'Z')?;

    broker.forget_peak_memory()?;
    let before = broker.resident_memory()?;
    query(&mut client, "COPY large FROM STDIN")?;
    client.count_until(b'G')?;
    let text = "x".repeat(1000);
    let mut needed = 0;
    for first in (0..ROWS).step_by(ROWS_IN_A_MESSAGE) {
        let rows = first..first + ROWS_IN_A_MESSAGE;
        let lines: String = rows.map(|id| format!("{id}\t{text}\n")).collect();
        client.send(&message(b'd', lines.as_bytes())?)?;
        if first == FIRST_ROWS {
            needed = broker.peak_memory()?.saturating_sub(before);
        }
    }
    client.send(&message(b'c', b"")?)?;
    client.count_until(b'Z')?;
    let taken = broker.peak_memory()?.saturating_sub(before);
    ensure!(taken < LIMIT, "{taken} KiB more for what came in");
    ensure!(
        taken < needed + GROWTH,
        "{needed} KiB more for the first rows that came in, {taken} for all"
    );

    query(&mut client, "COPY large TO STDOUT")?;
    client.count_until(b'H')?;
    for _ in 0..FIRST_ROWS {
        client.count_until(b'd')?;
    }
    let needed = broker.peak_memory()?.saturating_sub(before);
    ensure!(client.count_until(b'c')? == (ROWS - FIRST_ROWS) as u64);
    client.count_until(b'Z')?;
    let given = broker.peak_memory()?.saturating_sub(before);
    ensure!(given < LIMIT, "{given} KiB more for what went out");
    ensure!(
        given < needed + GROWTH,
        "{needed} KiB more for the first rows that went out, {given} for all"
    );
    Ok(())
}

/// What replies that nobody reads may add, in KiB.
const UNREAD: u64 = 16 * 1024;

/// Requests without a Sync between them: their replies would be thousands of times as long.
const REQUESTS: usize = 20_000;
const REQUESTS_AT_ONCE: usize = 1000;

#[test]
fn replies_that_nobody_reads_wait() -> Result<()> {
    let broker = Broker::with([
        "--upstream".into(),
        "sandbox:".into(),
        "--rules".into(),
        rules_directory()?.into(),
    ])?;
    let mut client = TcpStream::connect(("127.0.0.1", broker.port()))?;
    let start = [
        &196_608_u32.to_be_bytes()[..],
        b"user\0_SYSTEM\0database\0USER\0\0",
    ]
    .concat();
    client.write_all(&u32::try_from(start.len() + 4)?.to_be_bytes())?;
    client.write_all(&start)?;
    let columns: Vec<String> = (0..600)
        .map(|number| format!("1 AS {}{number}", "c".repeat(40)))
        .collect();
    let parse = format!("s\0SELECT {}\0\0\0", columns.join(", "));
    client.write_all(&message(b'P', parse.as_bytes())?)?;
    client.write_all(&message(b'S', b"")?)?;
    // It is prepared when the second ReadyForQuery has come.
    client.set_read_timeout(Some(Duration::from_secs(2)))?;
    let mut replies = Vec::new();
    let mut piece = [0; 4096];
    while replies
        .windows(6)
        .filter(|bytes| *bytes == b"Z\0\0\0\x05I")
        .count()
        < 2
    {
        let length = client.read(&mut piece)?;
        ensure!(length > 0);
        replies.extend_from_slice(&piece[..length]);
    }
    broker.forget_peak_memory()?;
    let before = broker.resident_memory()?;
    client.set_write_timeout(Some(Duration::from_secs(2)))?;
    let many = message(b'D', b"Ss\0")?.repeat(REQUESTS_AT_ONCE);
    // Sooner or later nothing more is taken.
    let mut sent = 0;
    while sent < REQUESTS && client.write_all(&many).is_ok() {
        sent += REQUESTS_AT_ONCE;
    }
    // What was taken is answered as far as it can be.
    std::thread::sleep(Duration::from_secs(2));
    let taken = broker.peak_memory()?.saturating_sub(before);
    ensure!(taken < UNREAD, "{taken} KiB more for {sent} replies");
    Ok(())
}

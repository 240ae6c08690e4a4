//! COPY of more than the broker may hold: what does not fit in memory waits with the sender.

use std::ffi::OsString;

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

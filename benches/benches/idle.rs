//! What clients cost that are connected and say nothing: ten thousand of them, who share twenty
//! connections to the database and have each run a statement.
//!
//! The floor is the broker before the first of them.

use std::fs;

use anyhow::{Context, Result, ensure};
use pgiris_benches::Table;
use pgiris_tests::{Broker, WireClient, configuration};

const CLIENTS: usize = 10_000;
const CONNECTIONS: usize = 20;

fn main() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("pgiris.toml");
    fs::write(
        &file,
        format!(
            "[clients]\nconnections = 0\n[pool]\nmode = 'transaction'\nsize = {CONNECTIONS}\nminimum = {CONNECTIONS}\n"
        ),
    )?;
    let broker = Broker::with(configuration(&file)?)?;
    let mut first = WireClient::ready(broker.port(), "USER")?;
    run(&mut first, "CREATE TABLE t (a int)")?;
    run(&mut first, "SELECT a FROM t")?;
    let before = broker.resident_memory()?;
    let mut clients = Vec::with_capacity(CLIENTS);
    for number in 0..CLIENTS {
        let client = WireClient::ready(broker.port(), "USER");
        let mut client = client.with_context(|| format!("client {number}"))?;
        run(&mut client, "SELECT a FROM t")?;
        clients.push(client);
    }
    let with_clients = broker.resident_memory()?;
    // None of them was forgotten.
    for client in &mut clients {
        run(client, "SELECT a FROM t")?;
    }
    let connections = broker.threads("sandbox")?;
    ensure!(connections <= CONNECTIONS, "{connections} connections");
    let mut table = Table::new(&["clients", "resident memory", "each"]);
    let megabytes = |kilobytes: u64| format!("{} MB", kilobytes / 1024);
    table.row(["1".to_owned(), megabytes(before), String::new()]);
    let each = (with_clients - before) as f64 / CLIENTS as f64;
    table.row([
        (CLIENTS + 1).to_string(),
        megabytes(with_clients),
        format!("{each:.1} kB"),
    ]);
    table.print();
    Ok(())
}

fn run(client: &mut WireClient, statement: &str) -> Result<()> {
    client.say(&format!("Query \"{statement}\""))?;
    client.count_until(b'Z')?;
    Ok(())
}

//! CancelRequest: a connection of its own, a secret, and a statement that ends with 57014.
//!
//! PostgreSQL manual, "Canceling Requests in Progress".

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, DEADLINE, Frame, Postgres, Script, WireClient};

/// Logs in, and gives the BackendKeyData.
fn ready(port: u16, database: &str) -> Result<(WireClient, Vec<u8>)> {
    let mut client = WireClient::connect(port)?;
    let parameters = format!("user\0postgres\0database\0{database}\0\0");
    let length = u32::try_from(parameters.len() + 8)?.to_be_bytes();
    client.send(&[&length[..], b"\0\x03\0\0", parameters.as_bytes()].concat())?;
    let mut key = None;
    while let Some(frame) = client.receive()? {
        match frame.tag {
            b'K' => key = Some(frame.body),
            b'Z' => return Ok((client, key.context("there is a key")?)),
            _ => {}
        }
    }
    anyhow::bail!("the server left")
}

/// Sends a CancelRequest, and waits until the server closes that connection.
fn cancel(port: u16, key: &[u8]) -> Result<()> {
    let mut client = WireClient::connect(port)?;
    let length = u32::try_from(key.len() + 8)?.to_be_bytes();
    client.send(&[&length[..], &80_877_102_u32.to_be_bytes(), key].concat())?;
    ensure!(client.receive()?.is_none(), "it is not answered");
    Ok(())
}

fn play(client: &mut WireClient, script: &str) -> Result<()> {
    let transcript = Script::parse(script)?.play(client)?;
    ensure!(transcript.came == transcript.expected, "{transcript:?}");
    Ok(())
}

const USABLE: &str = "> Query \"SELECT 1 AS one\"\n< RowDescription one:23:text\n< DataRow \"1\"\n\
                      < CommandComplete \"SELECT 1\"\n< ReadyForQuery I";

/// A COPY that waits for its client ends with the next row that comes.
fn copy_ends(port: u16, database: &str) -> Result<()> {
    let (mut client, key) = ready(port, database)?;
    play(
        &mut client,
        "> Query \"CREATE TABLE waited (a int)\"\n< CommandComplete \"CREATE TABLE\"\n< ReadyForQuery I\n\
         > Query \"COPY waited FROM STDIN\"\n< CopyInResponse text 1\n> CopyData \"1\\n\"",
    )?;
    let mut wrong = key.clone();
    wrong[7] ^= 1;
    cancel(port, &wrong)?;
    cancel(port, &key)?;
    // PostgreSQL is told by a signal, which may come after the next row.
    let error = loop {
        client.send(b"d\0\0\0\x062\n")?;
        client.set_patience(std::time::Duration::from_millis(100))?;
        match client.receive() {
            Ok(frame) => break frame.context("the session goes on")?,
            Err(_) => continue,
        }
    };
    client.set_patience(DEADLINE)?;
    is_cancelled(&error)?;
    client.send(b"c\0\0\0\x04")?;
    play(&mut client, "< ReadyForQuery I")?;
    play(&mut client, USABLE)?;
    play(
        &mut client,
        "> Query \"SELECT count(*) AS n FROM waited\"\n< RowDescription n:20:text\n< DataRow \"0\"\n\
         < CommandComplete \"SELECT 1\"\n< ReadyForQuery I",
    )
}

fn is_cancelled(error: &Frame) -> Result<()> {
    ensure!(error.field(b'C').as_deref() == Some("57014"), "{error}");
    let message = error.field(b'M');
    ensure!(
        message.as_deref() == Some("canceling statement due to user request"),
        "{message:?}"
    );
    Ok(())
}

#[test]
fn copy_that_waits_for_its_client_is_cancelled() -> Result<()> {
    copy_ends(Broker::start()?.port(), "USER")
}

#[test]
fn postgres_does_the_same() -> Result<()> {
    copy_ends(Postgres::start()?.port(), "postgres")
}

#[test]
fn a_request_that_comes_between_statements_cancels_none() -> Result<()> {
    let broker = Broker::start()?;
    let (mut client, key) = ready(broker.port(), "USER")?;
    cancel(broker.port(), &key)?;
    play(&mut client, USABLE)
}

/// A broker behind the same address as others.
fn beside(peers: &[u16]) -> Result<Broker> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("pgiris.toml");
    let peers: Vec<_> = peers
        .iter()
        .map(|port| format!("'localhost:{port}'"))
        .collect();
    std::fs::write(&file, format!("peers = [{}]\n", peers.join(", ")))?;
    Broker::configured(&file)
}

#[test]
fn a_request_that_comes_to_another_broker_is_passed_on_once() -> Result<()> {
    let home = Broker::start()?;
    let between = beside(&[home.port()])?;
    let far = beside(&[between.port()])?;
    let (mut client, key) = ready(home.port(), "USER")?;
    client.say("Query \"SELECT pg_sleep(600)\"")?;
    let mut wrong = key.clone();
    wrong[7] ^= 1;
    cancel(between.port(), &wrong)?;
    // Whoever was asked by a peer asks nobody.
    cancel(far.port(), &key)?;
    client.set_patience(std::time::Duration::from_millis(300))?;
    ensure!(client.receive().is_err(), "it sleeps on");
    client.set_patience(DEADLINE)?;
    cancel(between.port(), &key)?;
    let error = loop {
        let frame = client.receive()?.context("the session goes on")?;
        if frame.tag == b'E' {
            break frame;
        }
    };
    is_cancelled(&error)?;
    play(&mut client, "< ReadyForQuery I")?;
    play(&mut client, USABLE)
}

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

/// Statements of one Query message, and bytes that each returns: more than waits on the way to a
/// client that does not read.
const STATEMENTS: usize = 600;
const VALUE: usize = 60_000;

/// The server is between two statements, or will be: none of them takes long.
fn statements_end(port: u16, database: &str) -> Result<()> {
    let (mut client, key) = ready(port, database)?;
    let value = "x".repeat(VALUE);
    play(
        &mut client,
        &format!(
            "> Query \"SET my.text = '{value}'\"\n< CommandComplete \"SET\"\n< ReadyForQuery I"
        ),
    )?;
    client.say(&format!("Query \"{}\"", "SHOW my.text;".repeat(STATEMENTS)))?;
    client.count_until(b'C')?;
    cancel(port, &key)?;
    let mut completed = 1;
    let error = loop {
        let frame = client.receive()?.context("the session goes on")?;
        match frame.tag {
            b'C' => completed += 1,
            b'E' => break frame,
            b'Z' => anyhow::bail!("all of {completed} statements are carried out"),
            _ => {}
        }
    };
    is_cancelled(&error)?;
    ensure!(completed < STATEMENTS);
    play(&mut client, "< ReadyForQuery I")?;
    play(&mut client, USABLE)
}

#[test]
fn statements_that_follow_each_other_are_cancelled() -> Result<()> {
    statements_end(Broker::start()?.port(), "USER")
}

#[test]
fn postgres_cancels_them_as_well() -> Result<()> {
    statements_end(Postgres::start()?.port(), "postgres")
}

/// Rows of one INSERT: for IRIS as many statements, each of which is short, and all of which take
/// longer than there is time.
const ROWS: usize = 20_000;

#[test]
fn steps_that_follow_each_other_end_in_time() -> Result<()> {
    let broker = Broker::start()?;
    let (mut client, _) = ready(broker.port(), "USER")?;
    let rows: Vec<_> = (0..ROWS).map(|row| format!("({row})")).collect();
    let rows = rows.join(", ");
    play(
        &mut client,
        &format!(
            "> Query \"CREATE TABLE steps (a int PRIMARY KEY)\"\n< CommandComplete \"CREATE TABLE\"\n< ReadyForQuery I\n\
             > Parse \"many\" \"INSERT INTO steps VALUES {rows} RETURNING a\"\n> Sync\n< ParseComplete\n< ReadyForQuery I\n\
             > Query \"SET statement_timeout = 40\"\n< CommandComplete \"SET\"\n< ReadyForQuery I\n\
             > Bind \"\" \"many\"\n> Execute \"\" 0\n> Sync\n< BindComplete\n< ErrorResponse ERROR 57014\n< ReadyForQuery I\n\
             > Query \"SET statement_timeout = 0\"\n< CommandComplete \"SET\"\n< ReadyForQuery I\n\
             > Query \"SELECT count(*) AS n FROM steps\"\n< RowDescription n:20:text\n< DataRow \"0\"\n\
             < CommandComplete \"SELECT 1\"\n< ReadyForQuery I"
        ),
    )
}

/// Rows without end, which the broker makes of one: others are answered meanwhile, and a time-out
/// or a request ends it.
fn rows_end(port: u16, database: &str) -> Result<()> {
    const ENDLESS: &str = "SELECT count(*) AS n FROM far, generate_series(1, far.n) AS g";
    let mut clients = Vec::new();
    for _ in 0..4 {
        clients.push(ready(port, database)?);
    }
    play(
        &mut clients[0].0,
        &format!(
            "> Query \"CREATE TABLE far (n bigint)\"\n< CommandComplete \"CREATE TABLE\"\n< ReadyForQuery I\n\
             > Query \"INSERT INTO far VALUES (1000000000000)\"\n< CommandComplete \"INSERT 0 1\"\n< ReadyForQuery I\n\
             > Query \"SET statement_timeout = 150\"\n< CommandComplete \"SET\"\n< ReadyForQuery I\n\
             > Query \"{ENDLESS}\"\n< RowDescription n:20:text\n< ErrorResponse ERROR 57014\n< ReadyForQuery I"
        ),
    )?;
    for (client, _) in &mut clients[1..] {
        client.say(&format!("Query \"{ENDLESS}\""))?;
    }
    for (client, key) in &mut clients[1..] {
        // It may come before the statement does: then it is one for nothing.
        client.set_patience(std::time::Duration::from_millis(100))?;
        let error = loop {
            cancel(port, key)?;
            match client.receive() {
                Ok(Some(frame)) if frame.tag == b'E' => break frame,
                Ok(Some(_)) | Err(_) => {}
                Ok(None) => anyhow::bail!("the session ends"),
            }
        };
        is_cancelled(&error)?;
        client.set_patience(DEADLINE)?;
        // The last request may have come behind the end, and be one for the next statement.
        play(client, "< ReadyForQuery I")?;
    }
    Ok(())
}

#[test]
fn rows_that_the_broker_makes_are_cancelled() -> Result<()> {
    rows_end(Broker::start()?.port(), "USER")
}

#[test]
fn postgres_ends_them_too() -> Result<()> {
    rows_end(Postgres::start()?.port(), "postgres")
}

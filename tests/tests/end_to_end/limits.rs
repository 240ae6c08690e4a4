//! How many clients are served at a time, and what happens to the others.

use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, Frame, WireClient, eventually};
use tempfile::TempDir;

/// Connections without a place that are listened to (`TURNED_AWAY` in host/src/admission.rs).
const TURNED_AWAY: usize = 100;

/// A broker with these limits.
struct Limited {
    broker: Broker,
    _directory: TempDir,
}

impl Limited {
    fn serve(limits: &str) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("pgiris.toml");
        std::fs::write(&file, format!("[clients]\n{limits}\n"))?;
        Ok(Self {
            broker: Broker::configured(&file)?,
            _directory: directory,
        })
    }

    fn enter(&self) -> Result<WireClient> {
        WireClient::ready(self.broker.port(), "USER")
    }

    /// The next client is refused, with 53300 and this message.
    fn refuses(&self, message: &str) -> Result<()> {
        let mut client = WireClient::connect(self.broker.port())?;
        client.say("Startup 3.0 user=postgres database=USER")?;
        let told = client.receive_all()?;
        let is_said = |frame: &Frame| {
            frame.field(b'C').as_deref() == Some("53300")
                && frame.field(b'M').as_deref() == Some(message)
        };
        ensure!(told.iter().any(is_said), "{told:?}");
        Ok(())
    }
}

#[test]
fn clients_are_limited_in_all() -> Result<()> {
    let limited = Limited::serve("connections = 2")?;
    let first = limited.enter()?;
    let second = limited.enter()?;
    limited.refuses("sorry, too many clients already")?;
    // A request to cancel needs no place; it is never answered.
    let mut cancel = WireClient::connect(limited.broker.port())?;
    cancel.say("CancelRequest 1 1")?;
    ensure!(cancel.receive()?.is_none());
    drop(first);
    let entered = eventually(|| limited.enter().ok());
    entered.context("the place of a client that left does not come back")?;
    drop(second);
    Ok(())
}

#[test]
fn clients_are_limited_by_user_and_address() -> Result<()> {
    let limited = Limited::serve("connections_per_user = 1")?;
    let _client = limited.enter()?;
    limited.refuses("too many connections for role \"postgres\"")?;
    let limited = Limited::serve("connections_per_address = 1")?;
    let _client = limited.enter()?;
    limited.refuses("too many connections from this address")
}

#[test]
fn a_flood_of_connections_is_closed_at_once() -> Result<()> {
    const FLOOD: usize = 300;
    let limited = Limited::serve("connections = 1")?;
    let mut client = limited.enter()?;
    let mut flood = (0..FLOOD)
        .map(|_| Ok(TcpStream::connect(("127.0.0.1", limited.broker.port()))?))
        .collect::<Result<Vec<_>>>()?;
    for stream in &flood {
        stream.set_read_timeout(Some(Duration::from_millis(1)))?;
    }
    let is_open = |stream: &mut TcpStream| match stream.read(&mut [0]) {
        Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        Ok(_) => false,
    };
    let settled = eventually(|| {
        let open = flood
            .iter_mut()
            .filter_map(|stream| is_open(stream).then_some(()));
        (open.count() == TURNED_AWAY).then_some(())
    });
    settled.context("not as many connections are open as are listened to")?;
    pgiris_tests::answers(&mut client)
}

#[test]
fn terminating_waits_for_transactions() -> Result<()> {
    let mut limited = Limited::serve("")?;
    let mut idle = limited.enter()?;
    let mut busy = limited.enter()?;
    run(&mut busy, "CREATE TABLE drained (a int)")?;
    run(&mut busy, "BEGIN")?;
    limited.broker.signal("TERM")?;
    is_ended(&mut idle)?;
    ensure!(WireClient::connect(limited.broker.port()).is_err());
    run(&mut busy, "INSERT INTO drained VALUES (1)")?;
    run(&mut busy, "COMMIT")?;
    ensure!(busy.receive_all()?.iter().any(|frame| frame.tag == b'E'));
    ensure!(limited.broker.ended()?.success());
    Ok(())
}

#[test]
fn transactions_end_with_the_time_for_draining() -> Result<()> {
    let mut limited = Limited::serve("drain_timeout = '100ms'")?;
    let mut busy = limited.enter()?;
    run(&mut busy, "BEGIN")?;
    limited.broker.signal("TERM")?;
    is_ended(&mut busy)?;
    ensure!(limited.broker.ended()?.success());
    Ok(())
}

/// The client is told, as PostgreSQL says it, and let go.
fn is_ended(client: &mut WireClient) -> Result<()> {
    let told = client.receive_all()?;
    let is_said = |frame: &Frame| frame.field(b'C').as_deref() == Some("57P01");
    ensure!(told.iter().any(is_said), "{told:?}");
    Ok(())
}

/// Runs a statement that must not fail.
fn run(client: &mut WireClient, statement: &str) -> Result<()> {
    client.say(&format!("Query \"{statement}\""))?;
    loop {
        let frame = client.receive()?.context("the connection was closed")?;
        ensure!(frame.tag != b'E', "{statement}: {frame}");
        if frame.tag == b'Z' {
            return Ok(());
        }
    }
}

/// What comes for a long statement under this name.
fn prepare(client: &mut WireClient, name: &str) -> Result<Frame> {
    let comment = "x".repeat(300_000);
    client.say(&format!("Parse \"{name}\" \"SELECT 1 /* {comment} */\""))?;
    client.say("Sync")?;
    let answer = client.receive()?.context("an answer")?;
    let end = client.receive()?.context("an end")?;
    ensure!(end.tag == b'Z', "{end}");
    Ok(answer)
}

#[test]
fn what_one_client_holds_is_limited() -> Result<()> {
    let limited = Limited::serve("memory = '1MB'")?;
    let mut client = limited.enter()?;
    for name in ["one", "two", "three"] {
        let prepared = prepare(&mut client, name)?;
        ensure!(prepared.tag == b'1', "{prepared}");
    }
    let refused = prepare(&mut client, "four")?;
    ensure!(refused.field(b'C').as_deref() == Some("53200"), "{refused}");
    // Nobody else is concerned.
    let other = prepare(&mut limited.enter()?, "one")?;
    ensure!(other.tag == b'1', "{other}");
    client.say("Close S \"one\"")?;
    client.say("Sync")?;
    for tag in [b'3', b'Z'] {
        ensure!(client.receive()?.is_some_and(|frame| frame.tag == tag));
    }
    let prepared = prepare(&mut client, "four")?;
    ensure!(prepared.tag == b'1', "{prepared}");
    Ok(())
}

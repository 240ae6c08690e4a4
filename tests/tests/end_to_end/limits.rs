//! How many clients are served at a time, and what happens to the others.

use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures_util::TryStreamExt;
use pgiris_tests::{
    Broker, Frame, Postgres, WireClient, connect, eventually, rules_file, trusting,
};
use tempfile::TempDir;
use tokio_postgres::Client;

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

async fn copied(client: &Client) -> Result<(), tokio_postgres::Error> {
    let stream = client.copy_out("COPY wide (b) TO STDOUT").await?;
    stream.try_for_each(async |_| Ok(())).await
}

/// Connections that say nothing.
struct Flood(Vec<TcpStream>);

impl Flood {
    fn of(count: usize, broker: &Broker) -> Result<Self> {
        let open = || {
            let stream = TcpStream::connect(("127.0.0.1", broker.port()))?;
            stream.set_read_timeout(Some(Duration::from_millis(1)))?;
            Ok(stream)
        };
        (0..count).map(|_| open()).collect::<Result<_>>().map(Self)
    }

    /// Waits until so many of them are open; they must be those that came last.
    fn settles(&mut self, expected: usize) -> Result<()> {
        let is_open = |stream: &mut TcpStream| match stream.read(&mut [0]) {
            Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
            Ok(_) => false,
        };
        let settled = eventually(|| {
            let open: Vec<bool> = self.0.iter_mut().map(is_open).collect();
            let count = open.iter().filter(|open| **open).count();
            (count == expected).then_some(open)
        });
        let open = settled.with_context(|| format!("not {expected} are left open"))?;
        let closed = open.len() - expected;
        ensure!(open.iter().skip(closed).all(|open| *open), "{open:?}");
        Ok(())
    }
}

#[test]
fn who_says_nothing_keeps_nobody_out() -> Result<()> {
    for limit in ["startups = 20", "startups_per_address = 20"] {
        // Silent connections are no clients: there are more of them than there may be clients.
        let limited = Limited::serve(&format!("connections = 3\n{limit}"))?;
        let mut before = limited.enter()?;
        let mut flood = Flood::of(300, &limited.broker)?;
        flood.settles(20)?;
        pgiris_tests::answers(&mut before)?;
        // Who logs in takes the place of the oldest, and gives it back.
        let mut clients = [limited.enter()?, limited.enter()?];
        for client in &mut clients {
            pgiris_tests::answers(client)?;
        }
        limited.refuses("sorry, too many clients already")?;
        let mut more = Flood::of(300, &limited.broker)?;
        more.settles(20)?;
        flood.settles(0)?;
        pgiris_tests::answers(&mut clients[0])?;
    }
    Ok(())
}

#[test]
fn a_long_statement_is_refused_and_the_session_goes_on() -> Result<()> {
    let limited = Limited::serve("statement = '1kB'")?;
    let mut client = limited.enter()?;
    let long = format!("SELECT 1 /* {} */", "x".repeat(1024));
    for messages in [
        &[format!("Query \"{long}\"")][..],
        &[format!("Parse \"\" \"{long}\""), "Sync".to_owned()],
    ] {
        for message in messages {
            client.say(message)?;
        }
        let refused = client.receive()?.context("an error")?;
        ensure!(refused.field(b'C').as_deref() == Some("54000"), "{refused}");
        ensure!(client.receive()?.is_some_and(|frame| frame.tag == b'Z'));
        pgiris_tests::answers(&mut client)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_row_is_refused_and_the_connection_goes_on() -> Result<()> {
    const TABLE: &str = "CREATE TABLE wide (a int, b varchar(3000000))";
    let postgres = Postgres::start()?;
    // Rules write for IRIS how texts are compared.
    let direct = connect(postgres.port(), "postgres").await?;
    direct.batch_execute(TABLE).await?;
    for upstream in ["sandbox:", &postgres.url()] {
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("pgiris.toml");
        std::fs::write(&file, "[clients]\nrow = '1MB'\nrows_in_memory = '1kB'\n")?;
        let broker = Broker::with(trusting(&file, upstream, &rules_file("iris-2025.1")?))?;
        let client = connect(broker.port(), "USER").await?;
        if upstream == "sandbox:" {
            client.batch_execute(TABLE).await?;
        }
        let insert = client
            .prepare("INSERT INTO wide (a, b) VALUES ($1, $2)")
            .await?;
        for (number, length) in [(1, 10), (2, 2_000_000), (3, 10), (4, 1_000_000)] {
            let wide = "x".repeat(length);
            client.execute(&insert, &[&number, &wide]).await?;
        }
        let all = "SELECT b FROM wide ORDER BY a";
        for outcome in [
            client.simple_query(all).await.map(drop),
            client.query(all, &[]).await.map(drop),
            copied(&client).await,
            client
                .batch_execute("BEGIN; DECLARE c CURSOR FOR SELECT b FROM wide; FETCH ALL FROM c")
                .await,
        ] {
            let error = outcome.err().context("an error")?;
            let error = error.as_db_error().with_context(|| format!("{error:?}"))?;
            ensure!(error.code().code() == "54000", "{error:?}");
            ensure!(
                error
                    .hint()
                    .is_some_and(|hint| hint.contains("clients.row")),
                "{error:?}"
            );
            client.batch_execute("ROLLBACK").await?;
            let short = client
                .query("SELECT b FROM wide WHERE a <> 2 ORDER BY a", &[])
                .await?;
            let lengths: Vec<usize> = short
                .iter()
                .map(|row| row.get::<_, &str>(0).len())
                .collect();
            ensure!(lengths == [10, 10, 1_000_000], "{lengths:?}");
        }
        let console = connect(broker.port(), "pgiris").await?;
        let servers = console.simple_query("SHOW SERVERS").await?;
        let first = servers.iter().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get("server").map(str::to_owned),
            _ => None,
        });
        ensure!(
            first.as_deref() == Some("1"),
            "another connection: {servers:?}"
        );
    }
    Ok(())
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

//! A database that says nonsense, falls silent or breaks off, by a link that is in the way
//! between the broker and a real PostgreSQL.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use futures_util::SinkExt;
use pgiris_tests::Postgres;
use tokio_postgres::Client;
use tokio_postgres::error::{DbError, Severity};

use super::site::{Site, run, same, value};

/// A request with this text is followed by the fault.
const MARK: &str = "fatal_mark";

/// What happens then.
#[derive(Clone, Copy)]
enum Fault {
    /// These bytes come in the place of an answer.
    Says(&'static [u8]),
    /// So many bytes of the answer come, then the connection is closed.
    EndsAfter(usize),
    /// The connection is closed before the request has arrived.
    Ends,
    /// Nothing comes any more; the connection stays open.
    IsSilent,
    /// The request arrives, and nothing of the answer comes back.
    LosesAnswer,
}

/// The text, and what it brings about.
type Marked = (&'static str, Fault);

/// Passes bytes on.
struct Link {
    port: u16,
    /// How often it has struck.
    struck: Arc<AtomicU64>,
}

impl Link {
    fn to(port: u16, mark: &'static str, fault: Fault) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let own = listener.local_addr()?.port();
        let struck = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&struck);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let count = Arc::clone(&count);
                // An error is the end of one of both, which the other hears of.
                thread::spawn(move || pass(&client, port, (mark, fault), &count));
            }
        });
        Ok(Self { port: own, struck })
    }
}

/// Both directions of one connection.
fn pass(client: &TcpStream, port: u16, fault: Marked, struck: &AtomicU64) -> Result<()> {
    let server = TcpStream::connect(("127.0.0.1", port))?;
    let left = AtomicU64::new(u64::MAX);
    thread::scope(|scope| {
        scope.spawn(|| requests(client, &server, fault, struck, &left));
        let _ = answers(&server, client, &left);
        let _ = client.shutdown(Shutdown::Both);
        let _ = server.shutdown(Shutdown::Both);
    });
    Ok(())
}

/// `left`: how many bytes of answers still pass.
fn requests(
    mut client: &TcpStream,
    mut server: &TcpStream,
    (mark, fault): Marked,
    struck: &AtomicU64,
    left: &AtomicU64,
) -> Result<()> {
    let mut buffer = [0; 16 * 1024];
    loop {
        let length = client.read(&mut buffer)?;
        let request = &buffer[..length];
        if length == 0 {
            return Ok(server.shutdown(Shutdown::Both)?);
        }
        let is_marked = |part: &[u8]| part == mark.as_bytes();
        if request.windows(mark.len()).any(is_marked) {
            struck.fetch_add(1, Ordering::SeqCst);
            match fault {
                Fault::Says(nonsense) => {
                    client.write_all(nonsense)?;
                    continue;
                }
                Fault::Ends => return Ok(client.shutdown(Shutdown::Both)?),
                Fault::IsSilent => continue,
                Fault::EndsAfter(bytes) => left.store(bytes as u64, Ordering::SeqCst),
                Fault::LosesAnswer => left.store(0, Ordering::SeqCst),
            }
        }
        server.write_all(request)?;
    }
}

fn answers(mut server: &TcpStream, mut client: &TcpStream, left: &AtomicU64) -> Result<()> {
    let mut buffer = [0; 16 * 1024];
    loop {
        let length = server.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        let allowed = left.load(Ordering::SeqCst);
        let passes = length.min(usize::try_from(allowed).unwrap_or(usize::MAX));
        client.write_all(&buffer[..passes])?;
        if allowed != u64::MAX {
            left.store(allowed - passes as u64, Ordering::SeqCst);
            ensure!(passes == length, "the connection breaks off");
        }
    }
}

/// A broker whose database is behind such a link.
struct Faulty {
    site: Site,
    link: Link,
    postgres: Postgres,
}

const SHARED: &str = "mode = 'transaction'\nsize = 2";

impl Faulty {
    fn new(fault: Fault) -> Result<Self> {
        Self::at(MARK, fault)
    }

    fn at(mark: &'static str, fault: Fault) -> Result<Self> {
        let postgres = Postgres::start()?;
        let link = Link::to(postgres.port(), mark, fault)?;
        let url = format!(
            "postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable",
            link.port
        );
        let pool = format!("{SHARED}\ncancel_timeout = '200ms'");
        let site = Site::before(&url, &pool)?;
        Ok(Self {
            site,
            link,
            postgres,
        })
    }

    async fn client(&self) -> Result<Client> {
        self.site.client().await
    }

    /// The table as the database itself sees it.
    async fn rows(&self) -> Result<String> {
        let direct = pgiris_tests::connect(self.postgres.port(), "postgres").await?;
        value(&direct, "SELECT count(*) FROM t").await
    }

    fn struck(&self) -> u64 {
        self.link.struck.load(Ordering::SeqCst)
    }
}

fn told<T>(outcome: Result<T, tokio_postgres::Error>) -> Result<DbError> {
    let error = outcome.err().context("an error")?;
    let told = error.as_db_error().with_context(|| format!("{error:?}"))?;
    Ok(told.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_costs_a_statement_and_its_connection() -> Result<()> {
    for nonsense in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        b"Z\0\0\0\x05I",
        b"D\0\0\0\x02",
        b"T\xff\xff\xff\xff",
        b"1\0\0\0\x04D\0\0\0\x06\0\x01",
    ] {
        let faulty = Faulty::new(Fault::Says(nonsense))?;
        let (client, other) = (faulty.client().await?, faulty.client().await?);
        run(&client, "CREATE TABLE t (a int); SET DateStyle = 'German'").await?;
        let error = told(client.batch_execute("SELECT a AS fatal_mark FROM t").await)?;
        same(&error.code().code(), &"08006")?;
        same(&error.parsed_severity(), &Some(Severity::Error))?;
        // Nothing was executed: other connections were tried, but not for ever.
        same(&faulty.struck(), &3)?;
        // Both go on, on other connections.
        run(&other, "INSERT INTO t VALUES (1)").await?;
        same(
            &value(&client, "SHOW DateStyle").await?,
            &"German, DMY".to_owned(),
        )?;
        same(&value(&client, "SELECT a FROM t").await?, &"1".to_owned())?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_break_off_end_in_an_error() -> Result<()> {
    let faulty = Faulty::new(Fault::EndsAfter(300_000))?;
    let client = faulty.client().await?;
    run(&client, "CREATE TABLE t (a int)").await?;
    let many: Vec<String> = (1..=300).map(|id| format!("({id})")).collect();
    run(
        &client,
        &format!("INSERT INTO t VALUES {}", many.join(", ")),
    )
    .await?;
    let all = "SELECT x.a AS fatal_mark FROM t x CROSS JOIN t y";
    let error = told(client.simple_query(all).await)?;
    same(&error.code().code(), &"08006")?;
    same(
        &value(&client, "SELECT count(*) FROM t").await?,
        &"300".to_owned(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_commit_is_told_as_an_unknown_outcome() -> Result<()> {
    for (fault, rows) in [(Fault::LosesAnswer, "1"), (Fault::Ends, "0")] {
        // As it ends a message: IRIS's %COMMITMODE is another.
        let faulty = Faulty::at("COMMIT\0", fault)?;
        let client = faulty.client().await?;
        run(&client, "CREATE TABLE t (a int)").await?;
        run(&client, "BEGIN; INSERT INTO t VALUES (1)").await?;
        let error = told(client.batch_execute("COMMIT").await)?;
        same(&error.code().code(), &"08007")?;
        same(&error.parsed_severity(), &Some(Severity::Fatal))?;
        ensure!(
            error.hint().is_some_and(|hint| hint.contains("or not")),
            "{error:?}"
        );
        // Once or not at all.
        same(&faulty.struck(), &1)?;
        same(&faulty.rows().await?, &rows.to_owned())?;
        // Several statements of one message are a transaction of their own; their session goes on.
        let client = faulty.client().await?;
        let several = "INSERT INTO t VALUES (2); INSERT INTO t VALUES (3)";
        let error = told(client.batch_execute(several).await)?;
        same(&error.code().code(), &"08007")?;
        same(&error.parsed_severity(), &Some(Severity::Error))?;
        same(&faulty.struck(), &2)?;
        let expected = if rows == "1" { "3" } else { "0" };
        same(
            &value(&client, "SELECT count(*) FROM t").await?,
            &expected.to_owned(),
        )?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_answered_is_not_sent_again() -> Result<()> {
    for (fault, rows) in [(Fault::LosesAnswer, "1"), (Fault::Ends, "0")] {
        // The mark is the value itself, as it is sent: what carries it is executed.
        let faulty = Faulty::at("mark", fault)?;
        let client = faulty.client().await?;
        run(&client, "CREATE TABLE t (a int)").await?;
        let insert = client.prepare("INSERT INTO t VALUES ($1)").await?;
        let marked = i32::from_be_bytes(*b"mark");
        let error = told(client.execute(&insert, &[&marked]).await)?;
        same(&error.code().code(), &"08006")?;
        same(&error.parsed_severity(), &Some(Severity::Error))?;
        same(&faulty.struck(), &1)?;
        same(&faulty.rows().await?, &rows.to_owned())?;
        client.execute(&insert, &[&1]).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn copy_that_breaks_off_leaves_nothing_behind() -> Result<()> {
    // Before a row is inserted, and after it.
    for fault in ["drop@INSERT", "drop:1@INSERT"] {
        let site = Site::before(&format!("sandbox:?fault={fault}"), SHARED)?;
        let client = site.client().await?;
        run(&client, "CREATE TABLE t (a int)").await?;
        let sink = client.copy_in("COPY t FROM STDIN").await?;
        let mut sink = std::pin::pin!(sink);
        for _ in 0..10 {
            // The error may come before all of it is sent.
            let _ = sink.send(Bytes::from("1\n".repeat(5_000))).await;
        }
        let error = told(sink.finish().await)?;
        same(&error.code().code(), &"08006")?;
        same(&error.parsed_severity(), &Some(Severity::Error))?;
        same(
            &value(&client, "SELECT count(*) FROM t").await?,
            &"0".to_owned(),
        )?;
        run(&client, "INSERT INTO t VALUES (2)").await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_falls_silent_is_given_up_at_the_time_limit() -> Result<()> {
    let faulty = Faulty::new(Fault::IsSilent)?;
    let client = faulty.client().await?;
    run(
        &client,
        "CREATE TABLE t (a int); SET statement_timeout = '100ms'",
    )
    .await?;
    let error = told(client.batch_execute("SELECT a AS fatal_mark FROM t").await)?;
    same(&error.code().code(), &"57014")?;
    same(&error.parsed_severity(), &Some(Severity::Error))?;
    // The session goes on, and the place in the pool is free again.
    same(
        &value(&client, "SHOW statement_timeout").await?,
        &"100ms".to_owned(),
    )?;
    let clients = [faulty.client().await?, faulty.client().await?];
    for client in &clients {
        run(client, "BEGIN; SELECT a FROM t").await?;
    }
    Ok(())
}

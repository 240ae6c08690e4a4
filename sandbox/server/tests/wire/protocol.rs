//! Both protocols, types, portals, cancelling, ending.

use std::io::Read as _;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use postgres_protocol::message::frontend;

use crate::client::{Client, Parameter, Seen, bind, parse, sqlcode};
use crate::process::{Server, command};

fn text(value: &str) -> Parameter {
    (0, Some(value.to_owned()))
}

fn row(values: &[&str]) -> Seen {
    Seen::Row(
        values
            .iter()
            .map(|value| Some((*value).to_owned()))
            .collect(),
    )
}

fn complete(tag: &str) -> Seen {
    Seen::Complete(tag.to_owned())
}

fn connect(server: &Server) -> Client {
    Client::connect(server.port, "_SYSTEM", "USER").unwrap()
}

/// A table with the numbers from 1 to `count`, which is a power of two.
fn with_numbers(client: &mut Client, count: u32) {
    client.query("CREATE TABLE n (n INTEGER, filler VARCHAR(200))");
    client.query("INSERT INTO n VALUES (1, REPEAT('x', 200))");
    let mut size = 1;
    while size < count {
        client.query(&format!("INSERT INTO n SELECT n + {size}, filler FROM n"));
        size *= 2;
    }
}

#[test]
fn parameters_and_columns_are_described_without_running() {
    let server = Server::start(&[]);
    let mut client = connect(&server);
    client.query("CREATE TABLE t (a INTEGER PRIMARY KEY, b VARCHAR(20), n NUMERIC(10,2), d DATE, x BIT, g UNIQUEIDENTIFIER, f DOUBLE, y VARBINARY(9), ts TIMESTAMP, ti TIME, s SMALLINT, i BIGINT, l LONGVARCHAR)");
    client.send(|out| {
        parse("", "INSERT INTO t (b, a, d) VALUES ($2, $1, ?)", &[], out);
        frontend::describe(b'S', "", out).unwrap();
        parse("", "SELECT * FROM t WHERE n > $1", &[], out);
        frontend::describe(b'S', "", out).unwrap();
        frontend::sync(out);
    });
    let seen = client.until_ready();
    assert_eq!(
        seen[..2],
        [Seen::Parameters(vec![23, 1043, 1082]), Seen::NoData]
    );
    assert_eq!(seen[2], Seen::Parameters(vec![1700]));
    let Seen::Columns(columns) = &seen[3] else {
        panic!("{seen:?}");
    };
    let types: Vec<u32> = columns.iter().map(|(_, ty)| *ty).collect();
    assert_eq!(
        types,
        [
            23, 1043, 1700, 1082, 16, 2950, 701, 17, 1114, 1083, 21, 20, 25
        ]
    );
    assert_eq!(client.query("SELECT COUNT(*) AS n FROM t")[1], row(&["0"]));
}

#[test]
fn numbers_have_the_digits_that_were_described() {
    let server = Server::start(&[]);
    let mut client = connect(&server);
    client.query("CREATE TABLE t (n NUMERIC(8,2), i INTEGER)");
    client.query("INSERT INTO t VALUES (1.5, 2)");
    let seen = client.query("SELECT n, n*i, i, '' FROM t");
    assert_eq!(seen[1], row(&["1.50", "3.00", "2", ""]));
}

#[test]
fn text_parameters_are_read_as_described_and_may_repeat() {
    let server = Server::start(&[]);
    let mut client = connect(&server);
    client.query("CREATE TABLE t (a INTEGER, b VARCHAR(20), d DATE)");
    let insert = client.execute(
        "INSERT INTO t VALUES ($2, '$1 ?' || $1, $3) -- $9",
        &[text("x"), text("7"), text("2024-02-29")],
    );
    assert!(insert.contains(&complete("INSERT 0 1")), "{insert:?}");
    let seen = client.execute("SELECT * FROM t WHERE a = $1 OR a > $1", &[text("7")]);
    assert_eq!(seen[2], row(&["7", "$1 ?x", "2024-02-29"]));
    let wrong = client.execute("SELECT * FROM t WHERE a = $1", &[text("seven")]);
    assert!(
        matches!(&wrong[2], Seen::Error(state, _) if state == "22P02"),
        "{wrong:?}"
    );
    let few = client.execute("SELECT * FROM t WHERE a = $2", &[text("7")]);
    assert!(
        few.iter()
            .any(|seen| matches!(seen, Seen::Error(state, _) if state == "08P01"))
    );
}

#[test]
fn errors_carry_the_sqlcode_and_the_transaction_goes_on() {
    let server = Server::start(&[]);
    let mut client = connect(&server);
    client.query("CREATE TABLE t (a INTEGER PRIMARY KEY)");
    let seen = client.query("START TRANSACTION;");
    assert_eq!(seen, [complete("START"), Seen::Ready('T')]);
    let seen = client.query("SELECT x::int FROM nothing");
    assert!(matches!(&seen[0], Seen::Error(state, _) if state == "XX000"));
    assert!(sqlcode(&seen[0]).is_some());
    assert_eq!(seen[1], Seen::Ready('T'));
    let seen = client.execute("SELECT a FROM nothing", &[]);
    assert_eq!(
        (sqlcode(&seen[0]), &seen[1]),
        (Some(-30), &Seen::Ready('T'))
    );
    assert_eq!(
        client.query("INSERT INTO t VALUES (1)")[0],
        complete("INSERT 0 1")
    );
    assert_eq!(client.query("COMMIT")[1], Seen::Ready('I'));
    assert_eq!(
        sqlcode(&client.query("INSERT INTO t VALUES (1)")[0]),
        Some(-119)
    );
    assert_eq!(client.query(" ; ")[0], Seen::Empty);
    assert_eq!(client.query("TRUNCATE TABLE t")[0], complete("TRUNCATE"));
}

#[test]
fn a_suspended_portal_gives_its_rows_while_other_statements_run() {
    let server = Server::start(&[]);
    let mut client = connect(&server);
    with_numbers(&mut client, 4096);
    client.send(|out| {
        parse("", "SELECT n FROM n ORDER BY n", &[], out);
        bind("p", &[], out);
        frontend::execute("p", 2, out).unwrap();
        parse("", "SELECT COUNT(*) AS c FROM n", &[], out);
        bind("", &[], out);
        frontend::execute("", 0, out).unwrap();
        frontend::execute("p", 1, out).unwrap();
        frontend::execute("p", 0, out).unwrap();
        frontend::sync(out);
    });
    let seen = client.until_ready();
    assert_eq!(seen[..3], [row(&["1"]), row(&["2"]), Seen::Suspended]);
    assert_eq!(seen[3..5], [row(&["4096"]), complete("SELECT 1")]);
    assert_eq!(seen[5..7], [row(&["3"]), Seen::Suspended]);
    assert_eq!(seen[7 + 4093], complete("SELECT 4093"));
}

#[test]
fn rows_wait_for_a_slow_client() {
    let server = Server::start(&["--log", "/dev/null"]);
    let mut client = connect(&server);
    with_numbers(&mut client, 65_536);
    let mut other = connect(&server);
    client.send(|out| frontend::query("SELECT n, filler FROM n", out).unwrap());
    // The first is not read, so it waits; the second is served all the same.
    for _ in 0..10 {
        assert_eq!(other.query("SELECT 1")[1], row(&["1"]));
    }
    let rows = client.until_ready();
    assert_eq!(rows.len(), 65_536 + 3);
}

#[test]
fn a_statement_is_cancelled_by_its_key_alone() {
    let server = Server::start(&[]);
    let mut client = connect(&server);
    with_numbers(&mut client, 4096);
    let (process, key) = client.key;
    let cancel = move |key: i32| {
        let mut out = BytesMut::new();
        frontend::cancel_request(process, key, &mut out);
        let mut socket = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        std::io::Write::write_all(&mut socket, &out).unwrap();
        drop(socket.read(&mut [0]));
        server
    };
    let started = Instant::now();
    let canceller = thread::spawn(move || {
        thread::sleep(Duration::from_millis(300));
        cancel(key)
    });
    let seen = client.query("SELECT COUNT(*) AS c FROM n a, n b, n c WHERE a.n + b.n = c.n");
    assert!(
        matches!(&seen[..], [Seen::Columns(_), Seen::Error(state, _), _] if state == "57014"),
        "{seen:?}"
    );
    assert!(started.elapsed() < Duration::from_secs(20));
    drop(canceller.join().unwrap());
}

#[test]
fn a_connection_that_leaves_frees_what_it_held() {
    let server = Server::start(&[]);
    let mut client = connect(&server);
    client.query("CREATE TABLE t (a INTEGER)");
    client.query("START TRANSACTION");
    client.query("INSERT INTO t VALUES (1)");
    drop(client);
    let mut other = connect(&server);
    assert_eq!(
        other.query("INSERT INTO t VALUES (2)")[0],
        complete("INSERT 0 1")
    );
    // The server learns of it when it reads on; until then the row may be seen.
    let expected = [row(&["2"]), complete("SELECT 1")];
    let started = Instant::now();
    while other.query("SELECT a FROM t")[1..3] != expected {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "the row of the one that left is still there"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn it_ends_when_asked_and_keeps_its_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("iris.db");
    let file = file.to_str().unwrap();
    let server = Server::start(&["--file", file, "--iris", "2023.1"]);
    let mut client = connect(&server);
    client.query("CREATE TABLE t (a INTEGER)");
    client.query("INSERT INTO t VALUES (1)");
    assert!(server.terminate());
    let server = Server::start(&["--file", file, "--iris", "2023.1"]);
    let mut client = connect(&server);
    assert_eq!(client.query("SELECT a FROM t")[1], row(&["1"]));
    let unknown = Client::connect(server.port, "_SYSTEM", "NOWHERE").err();
    assert!(
        matches!(&unknown, Some(Seen::Error(state, _)) if state == "3D000"),
        "{unknown:?}"
    );
}

#[test]
fn it_listens_on_this_machine_only_and_knows_its_versions() {
    for arguments in [
        ["--listen", "0.0.0.0:0"],
        ["--iris", "2019.1"],
        ["--fault", "explode"],
    ] {
        let output = command().args(arguments).output().unwrap();
        assert!(!output.status.success());
        assert!(!output.stderr.is_empty());
    }
}

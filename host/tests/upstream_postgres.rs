//! The `postgres://` connector against a PostgreSQL server.

#![allow(
    clippy::panic,
    reason = "a test that sees something else fails with what it saw"
)]

#[path = "support/driver.rs"]
mod driver;

use bytes::Bytes;
use driver::{
    Driver, Seen, connector_of, execute, output, prepare, row, target, text_output, text_parameter,
};
use pgiris::upstream::{
    Event, Format, Operation, Parameter, Statement, UpstreamErrorKind, UpstreamType,
};
use pgiris_tests::Postgres;
use tokio::io::AsyncWriteExt;

const INT4: u32 = 23;
const TEXT: u32 = 25;

fn of_type(type_oid: u32) -> UpstreamType {
    UpstreamType::Postgres {
        type_oid,
        type_modifier: -1,
    }
}

fn sqlstate(seen: &Seen) -> &str {
    match seen {
        Seen::Failed(error) => error.sqlstate.as_deref().unwrap_or_default(),
        other => panic!("not a failure: {other:?}"),
    }
}

#[tokio::test]
async fn a_statement_is_described_and_its_rows_come_in_the_wanted_formats() {
    let server = Postgres::start().expect("PostgreSQL starts");
    let mut driver = Driver::open(&server.url()).await;
    let pieces = ["SELECT ", "::int + 1 AS n, ", "::text AS t, ", "::int * 2"]
        .map(str::to_owned)
        .to_vec();
    let statement = Statement {
        pieces,
        placeholders: vec![4, 9, 4],
    };
    let seen = driver
        .send(vec![prepare(1, statement, vec![0, 0, 0])])
        .await;
    let [Seen::Described(parameters, Some(columns))] = &seen[..] else {
        panic!("{seen:?}")
    };
    assert_eq!(
        parameters[..],
        [of_type(INT4), of_type(TEXT), of_type(INT4)]
    );
    let labels: Vec<&str> = columns.iter().map(|column| column.label.as_str()).collect();
    assert_eq!(labels, ["n", "t", "?column?"]);

    let seven = Parameter {
        type_oid: INT4,
        format: Format::Binary,
        value: Some(Bytes::from_static(&[0, 0, 0, 7])),
    };
    let parameters = vec![seven.clone(), text_parameter(TEXT, None), seven];
    let outputs = vec![
        output(INT4, Format::Binary),
        text_output(),
        output(INT4, Format::Text),
    ];
    let seen = driver.send(vec![execute(1, parameters, outputs, 0)]).await;
    let values = vec![Some(vec![0, 0, 0, 8]), None, Some(b"14".to_vec())];
    assert_eq!(seen, [Seen::Row(values), Seen::Complete(Some(1))]);
}

#[tokio::test]
async fn a_failure_skips_to_the_next_sync() {
    let server = Postgres::start().expect("PostgreSQL starts");
    let mut driver = Driver::open(&server.url()).await;
    let seen = driver
        .send(vec![
            Operation::Run("CREATE TABLE t (a int)".into()),
            Operation::Run("INSERT INTO nowhere VALUES (1)".into()),
            Operation::Run("CREATE TABLE u (a int)".into()),
            prepare(1, Statement::plain("SELECT 1"), vec![]),
        ])
        .await;
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert_eq!(sqlstate(&seen[1]), "42P01");
    // The failure came before a Sync was sent: what follows is skipped all the same.
    driver.submit(vec![Operation::Run("SELECT 1/0".into())]);
    assert_eq!(sqlstate(&driver.until(|_| true).await[0]), "22012");
    let seen = driver
        .send(vec![Operation::Run("CREATE TABLE v (a int)".into())])
        .await;
    assert_eq!(seen, []);
    assert_eq!(
        driver.run("CREATE TABLE t (a int)").await,
        Seen::Complete(None)
    );
}

#[tokio::test]
async fn batches_are_answered_without_a_sync_and_pipelined() {
    let server = Postgres::start().expect("PostgreSQL starts");
    let mut driver = Driver::open(&server.url()).await;
    driver.submit(vec![prepare(1, Statement::plain("SELECT 1"), vec![])]);
    assert!(matches!(driver.next().await, Event::Described { .. }));
    for _ in 0..100 {
        driver.submit(vec![
            execute(1, vec![], vec![text_output()], 0),
            Operation::Sync,
        ]);
    }
    for _ in 0..100 {
        let seen = driver.until(|seen| *seen == Seen::Synced).await;
        assert_eq!(seen[..2], [row(&[Some("1")]), Seen::Complete(Some(1))]);
    }
}

#[tokio::test]
async fn an_id_can_be_used_again() {
    let server = Postgres::start().expect("PostgreSQL starts");
    let mut driver = Driver::open(&server.url()).await;
    for text in ["SELECT 'a'", "SELECT 'b'"] {
        let seen = driver
            .send(vec![prepare(1, Statement::plain(text), vec![])])
            .await;
        assert!(matches!(seen[..], [Seen::Described(..)]), "{seen:?}");
    }
    let seen = driver
        .send(vec![execute(1, vec![], vec![text_output()], 0)])
        .await;
    assert_eq!(seen[0], row(&[Some("b")]));
    driver.submit(vec![Operation::Close(1)]);
    let seen = driver
        .send(vec![execute(1, vec![], vec![text_output()], 0)])
        .await;
    assert_eq!(sqlstate(&seen[0]), "26000");
}

#[tokio::test]
async fn a_row_limit_suspends_until_resumed_or_abandoned() {
    let server = Postgres::start().expect("PostgreSQL starts");
    let mut driver = Driver::open(&server.url()).await;
    driver.run("BEGIN").await;
    let statement = Statement::plain("SELECT generate_series(1, 5)::text");
    driver.send(vec![prepare(1, statement, vec![])]).await;
    let all = || execute(1, vec![], vec![text_output()], 2);
    let seen = driver.send(vec![all()]).await;
    assert_eq!(
        seen,
        [row(&[Some("1")]), row(&[Some("2")]), Seen::Suspended]
    );
    // Something else in between does not disturb it.
    assert_eq!(driver.query("SELECT 7", vec![]).await[0], row(&[Some("7")]));
    let seen = driver.send(vec![Operation::Resume { row_limit: 1 }]).await;
    assert_eq!(seen, [row(&[Some("3")]), Seen::Suspended]);
    let seen = driver.send(vec![Operation::Resume { row_limit: 0 }]).await;
    assert_eq!(
        seen,
        [
            row(&[Some("4")]),
            row(&[Some("5")]),
            Seen::Complete(Some(2))
        ]
    );

    driver
        .send(vec![prepare(
            1,
            Statement::plain("SELECT generate_series(1, 5)::text"),
            vec![],
        )])
        .await;
    driver.send(vec![all()]).await;
    driver.submit(vec![Operation::Abandon]);
    let seen = driver.send(vec![Operation::Resume { row_limit: 0 }]).await;
    assert_eq!(sqlstate(&seen[0]), "34000");
}

#[tokio::test]
async fn many_rows_and_large_ones_arrive_whole() {
    let server = Postgres::start().expect("PostgreSQL starts");
    let mut driver = Driver::open(&server.url()).await;
    let seen = driver
        .query("SELECT generate_series(1, 100000)", vec![])
        .await;
    assert_eq!(seen.len(), 100_001);
    assert_eq!(seen[99_999], row(&[Some("100000")]));
    let seen = driver.query("SELECT repeat('x', 10000000)", vec![]).await;
    let Seen::Row(values) = &seen[0] else {
        panic!("no row")
    };
    assert_eq!(values[0].as_ref().map(Vec::len), Some(10_000_000));
}

#[tokio::test]
async fn both_sides_may_be_busy_writing() {
    let server = Postgres::start().expect("PostgreSQL starts");
    let mut driver = Driver::open(&server.url()).await;
    driver
        .send(vec![prepare(
            1,
            Statement::plain("SELECT repeat('x', 100000)"),
            vec![],
        )])
        .await;
    // More answers than any socket buffers, and more requests than that as well.
    let padding = "/*".to_owned() + &"y".repeat(100_000) + "*/";
    for id in 2..202 {
        let statement = Statement::plain(format!("{padding} SELECT 1"));
        driver.submit(vec![
            execute(1, vec![], vec![text_output()], 0),
            prepare(id, statement, vec![]),
        ]);
    }
    let seen = driver.send(vec![]).await;
    assert_eq!(seen.len(), 600);
}

#[tokio::test]
async fn every_password_method_logs_in_and_a_wrong_password_does_not() {
    let methods = [
        ("clear_user", "password"),
        ("md5_user", "md5"),
        ("scram_user", "scram-sha-256"),
    ];
    let hba: Vec<String> = methods
        .iter()
        .map(|(user, method)| format!("host all {user} 127.0.0.1/32 {method}"))
        .collect();
    let server = Postgres::start_with(&hba.join("\n")).expect("PostgreSQL starts");
    let mut driver = Driver::open(&server.url()).await;
    for (user, method) in methods {
        let stored = if method == "md5" {
            "md5"
        } else {
            "scram-sha-256"
        };
        driver
            .run(&format!("SET password_encryption TO '{stored}'"))
            .await;
        driver
            .run(&format!("CREATE ROLE {user} LOGIN PASSWORD 'p@ss wörd'"))
            .await;
    }
    for (user, _) in methods {
        let url = |password: &str| {
            format!(
                "postgres://{user}{password}@127.0.0.1:{}/postgres",
                server.port()
            )
        };
        let mut driver = Driver::open(&url(":p%40ss%20w%C3%B6rd")).await;
        assert_eq!(
            driver.query("SELECT current_user", vec![]).await[0],
            row(&[Some(user)])
        );
        let refused = connector_of(&url(":wrong"))
            .connect(&target())
            .await
            .err()
            .expect("a wrong password");
        assert_eq!(
            (refused.kind, refused.sqlstate.as_deref()),
            (UpstreamErrorKind::Connection, Some("28P01"))
        );
        let missing = connector_of(&url(""))
            .connect(&target())
            .await
            .err()
            .expect("no password");
        assert_eq!(
            missing.message,
            "the server asks for a password, and none is configured"
        );
    }
}

#[tokio::test]
async fn a_running_statement_can_be_cancelled() {
    let server = Postgres::start().expect("PostgreSQL starts");
    let mut driver = Driver::open(&server.url()).await;
    driver.submit(vec![
        Operation::Run("SELECT pg_sleep(600)".into()),
        Operation::Sync,
    ]);
    let seen = driver.cancelled().await;
    assert_eq!(sqlstate(&seen[0]), "57014");
}

#[tokio::test]
async fn the_end_of_the_server_process_is_an_error_of_the_connection() {
    let server = Postgres::start().expect("PostgreSQL starts");
    let mut driver = Driver::open(&server.url()).await;
    let seen = driver.query("SELECT pg_backend_pid()", vec![]).await;
    let Seen::Row(values) = &seen[0] else {
        panic!("no row")
    };
    let pid = String::from_utf8(values[0].clone().expect("not null")).expect("a number");
    let mut other = Driver::open(&server.url()).await;
    other
        .query(
            &format!("SELECT pg_terminate_backend({pid}, 10000)"),
            vec![],
        )
        .await;
    driver.submit(vec![Operation::Run("SELECT 1".into()), Operation::Sync]);
    let error = driver.0.next().await.expect_err("the connection is gone");
    assert_eq!(
        (error.kind, error.sqlstate.as_deref()),
        (UpstreamErrorKind::Connection, Some("57P01"))
    );
}

/// A server that accepts one connection and answers it with these bytes.
async fn answering(bytes: &'static [u8]) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a loopback port is free");
    let port = listener.local_addr().expect("it is bound").port();
    tokio::spawn(async move {
        if let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.write_all(bytes).await;
            let _ = socket.flush().await;
            std::future::pending::<()>().await;
        }
    });
    format!("postgres://127.0.0.1:{port}/?connect_timeout=1&sslmode=disable")
}

#[tokio::test]
async fn nonsense_from_the_server_is_an_error_of_the_connection() {
    for (bytes, message) in [
        (
            &b"HTTP/1.1 400 Bad Request\r\n"[..],
            "the server broke the protocol",
        ),
        (b"R\x7f\xff\xff\xff", "the server broke the protocol"),
        (b"R\0\0\0\x08\0\0\0\x07", "not supported"),
        (
            b"R\0\0\0\x0c\0\0\0\x0bx=y0",
            "the server broke the protocol",
        ),
        (b"D\0\0\0\x06\0\0", "the server broke the protocol"),
        (b"", "did not answer within 1 s"),
    ] {
        let url = answering(bytes).await;
        let error = connector_of(&url)
            .connect(&target())
            .await
            .err()
            .expect("it is refused");
        assert_eq!(error.kind, UpstreamErrorKind::Connection);
        assert!(error.message.contains(message), "{}", error.message);
    }
}

#[tokio::test]
async fn nonsense_as_the_answer_to_a_request_for_encryption_is_one_as_well() {
    for (bytes, message) in [
        (
            &b"HTTP/1.1 400 Bad Request\r\n"[..],
            "the server broke the protocol",
        ),
        (b"E\0\0\0\x05\0", "does not encrypt connections"),
        // What stands behind the answer cannot be part of a handshake.
        (b"SZ\0\0\0\x05I", "cannot encrypt the connection"),
        (b"", "did not answer within 1 s"),
    ] {
        let url = answering(bytes).await.replace("=disable", "=require");
        let refused = connector_of(&url).connect(&target()).await.err();
        let error = refused.expect("it is refused");
        assert_eq!(error.kind, UpstreamErrorKind::Connection);
        assert!(error.message.contains(message), "{}", error.message);
    }
}

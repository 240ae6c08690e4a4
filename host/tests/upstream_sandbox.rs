//! The `sandbox:` connector: what a session sees of the embedded stand-in.

#![allow(
    clippy::panic,
    reason = "a test that sees something else fails with what it saw"
)]

#[path = "support/driver.rs"]
mod driver;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use driver::{
    Driver, Seen, connector_of, execute, output, prepare, row, target, text_output, text_parameter,
};
use pgiris::upstream::{
    Connector, Event, Format, Operation, Parameter, Statement, UpstreamErrorKind, UpstreamType,
};

const BOOL: u32 = 16;
const INT4: u32 = 23;
const TEXT: u32 = 25;
const DATE: u32 = 1082;
const TIMESTAMP: u32 = 1114;
const NUMERIC: u32 = 1700;

/// A namespace with the numbers from 1 to `count` in the column `n` of a table.
async fn with_numbers(count: i32) -> (Arc<dyn Connector>, Driver) {
    let connector = connector_of("sandbox:");
    let mut driver = Driver::of(&*connector).await;
    assert_complete(
        &driver
            .run("CREATE TABLE Numbers (n INTEGER, label VARCHAR(2000))")
            .await,
    );
    let pieces = ["INSERT INTO Numbers (n, label) VALUES (", ", ", ")"]
        .map(str::to_owned)
        .to_vec();
    let insert = Statement {
        pieces,
        placeholders: vec![0, 1],
    };
    assert!(matches!(
        driver
            .send(vec![prepare(9, insert, vec![INT4, TEXT])])
            .await[..],
        [Seen::Described(..)]
    ));
    let insert = |n: i32| {
        let number = Bytes::copy_from_slice(&n.to_be_bytes());
        let number = Parameter {
            type_oid: INT4,
            format: Format::Binary,
            value: Some(number),
        };
        execute(
            9,
            vec![number, text_parameter(TEXT, Some("label"))],
            vec![],
            0,
        )
    };
    let seen = driver.send((1..=count).map(insert).collect()).await;
    assert_eq!(seen, vec![Seen::Complete(Some(1)); count as usize]);
    (connector, driver)
}

fn assert_complete(seen: &Seen) {
    assert!(matches!(seen, Seen::Complete(_)), "{seen:?}");
}

fn select_numbers() -> Operation {
    prepare(
        1,
        Statement::plain("SELECT n FROM Numbers ORDER BY n"),
        vec![],
    )
}

fn execute_numbers(row_limit: u32) -> Operation {
    execute(1, vec![], vec![text_output()], row_limit)
}

fn number(n: i32) -> Seen {
    row(&[Some(&n.to_string())])
}

fn sqlstate(seen: &Seen) -> &str {
    match seen {
        Seen::Failed(error) => error.sqlstate.as_deref().unwrap_or_default(),
        other => panic!("not a failure: {other:?}"),
    }
}

/// Asks until the answer is the expected one, for at most ten seconds.
async fn assert_eventually(driver: &mut Driver, query: &str, expected: &Seen) {
    for _ in 0..1000 {
        if driver.query(query, vec![]).await.first() == Some(expected) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{query} did not become {expected:?}");
}

#[tokio::test]
async fn types_are_described_by_their_odbc_codes_and_values_come_in_the_announced_types() {
    let mut driver = Driver::open("sandbox:").await;
    let create = "CREATE TABLE T (id INTEGER, name VARCHAR(50), flag BIT, price NUMERIC(10,2), born DATE, met TIMESTAMP)";
    assert_complete(&driver.run(create).await);
    let pieces = [
        "INSERT INTO T (id, name, flag, price, born, met) VALUES (",
        ", ",
        ", ",
        ", ",
        ", ",
        ", ",
        ")",
    ];
    let insert = Statement {
        pieces: pieces.map(str::to_owned).to_vec(),
        placeholders: (0..6).collect(),
    };
    let seen = driver.send(vec![prepare(1, insert, vec![0; 6])]).await;
    let [Seen::Described(parameters, None)] = &seen[..] else {
        panic!("{seen:?}")
    };
    let codes: Vec<i32> = parameters.iter().map(code).collect();
    assert_eq!(codes, [4, 12, -7, 2, 9, 11]);

    // Texts without a type are read as what the placeholders are described to be.
    let texts = [
        "7",
        "grün",
        "true",
        "1.5",
        "2024-02-29",
        "2024-02-29 10:20:30.25",
    ];
    let parameters = texts.map(|text| text_parameter(0, Some(text))).to_vec();
    assert_eq!(
        driver.send(vec![execute(1, parameters, vec![], 0)]).await,
        [Seen::Complete(Some(1))]
    );
    let nulls = texts.map(|_| text_parameter(0, None)).to_vec();
    assert_eq!(
        driver.send(vec![execute(1, nulls, vec![], 0)]).await,
        [Seen::Complete(Some(1))]
    );

    let select =
        Statement::plain("SELECT id, name, flag, price, born, met FROM T ORDER BY id DESC");
    let seen = driver.send(vec![prepare(2, select, vec![])]).await;
    let [Seen::Described(_, Some(columns))] = &seen[..] else {
        panic!("{seen:?}")
    };
    let codes: Vec<i32> = columns
        .iter()
        .map(|column| code(&column.upstream_type))
        .collect();
    assert_eq!(codes, [4, 12, -7, 2, 9, 11]);
    let announced = [INT4, TEXT, BOOL, NUMERIC, DATE, TIMESTAMP];
    let outputs = announced
        .map(|type_oid| output(type_oid, Format::Text))
        .to_vec();
    let seen = driver.send(vec![execute(2, vec![], outputs, 0)]).await;
    let mut values = texts.map(Some);
    values[2] = Some("t");
    assert_eq!(without_trailing_zero(&seen[0]), row(&values));
    assert_eq!(seen[1..], [row(&[None; 6]), Seen::Complete(Some(2))]);
    let outputs = announced
        .map(|type_oid| output(type_oid, Format::Binary))
        .to_vec();
    let seen = driver.send(vec![execute(2, vec![], outputs, 0)]).await;
    let Seen::Row(values) = &seen[0] else {
        panic!("{seen:?}")
    };
    assert_eq!(values[0].as_deref(), Some(&[0, 0, 0, 7][..]));
    assert_eq!(values[2].as_deref(), Some(&[1][..]));
}

fn code(upstream_type: &UpstreamType) -> i32 {
    match upstream_type {
        UpstreamType::Iris { code, .. } => *code,
        other => panic!("not a type of IRIS: {other:?}"),
    }
}

/// A NUMERIC(10,2) may come as 1.5 or as 1.50.
fn without_trailing_zero(seen: &Seen) -> Seen {
    let Seen::Row(values) = seen else {
        panic!("{seen:?}")
    };
    let mut values = values.clone();
    if values[3].as_deref() == Some(b"1.50") {
        values[3] = Some(b"1.5".to_vec());
    }
    Seen::Row(values)
}

#[tokio::test]
async fn a_failure_skips_to_the_next_sync() {
    let (_, mut driver) = with_numbers(0).await;
    let seen = driver
        .send(vec![
            prepare(1, Statement::plain("SELECT a FROM Nowhere"), vec![]),
            Operation::Run("DROP TABLE Numbers".into()),
        ])
        .await;
    let [Seen::Failed(error)] = &seen[..] else {
        panic!("{seen:?}")
    };
    assert_eq!(
        (error.kind, error.sqlcode, &error.sqlstate),
        (UpstreamErrorKind::Statement, -30, &None)
    );
    assert_eq!(
        driver
            .send(vec![select_numbers(), execute_numbers(0)])
            .await[1..],
        [Seen::Complete(Some(0))]
    );
    let seen = driver.send(vec![execute(1, vec![], vec![], 0)]).await;
    assert_eq!(sqlstate(&seen[0]), "08P01");
    driver.submit(vec![Operation::Close(1)]);
    assert_eq!(
        sqlstate(&driver.send(vec![execute_numbers(0)]).await[0]),
        "26000"
    );
}

#[tokio::test]
async fn a_row_that_cannot_be_written_as_announced_fails_after_the_rows_before_it() {
    let (_, mut driver) = with_numbers(0).await;
    for label in ["1", "maybe", "2"] {
        assert_complete(
            &driver
                .run(&format!(
                    "INSERT INTO Numbers (n, label) VALUES (1, '{label}')"
                ))
                .await,
        );
    }
    driver
        .send(vec![prepare(
            1,
            Statement::plain("SELECT label FROM Numbers"),
            vec![],
        )])
        .await;
    let seen = driver
        .send(vec![execute(
            1,
            vec![],
            vec![output(INT4, Format::Text)],
            0,
        )])
        .await;
    assert_eq!(
        (seen.len(), &seen[0], sqlstate(&seen[1])),
        (2, &number(1), "22P02")
    );
    let seen = driver
        .query(
            "SELECT n FROM Numbers WHERE n = ?",
            vec![text_parameter(0, Some("x"))],
        )
        .await;
    assert_eq!(sqlstate(&seen[0]), "22P02");
}

#[tokio::test]
async fn a_row_limit_suspends_until_resumed() {
    let (_, mut driver) = with_numbers(5).await;
    let seen = driver
        .send(vec![select_numbers(), execute_numbers(2)])
        .await;
    assert_eq!(seen[1..], [number(1), number(2), Seen::Suspended]);
    let seen = driver.send(vec![Operation::Resume { row_limit: 2 }]).await;
    assert_eq!(seen, [number(3), number(4), Seen::Suspended]);
    let seen = driver.send(vec![Operation::Resume { row_limit: 1 }]).await;
    assert_eq!(seen, [number(5), Seen::Suspended]);
    let seen = driver.send(vec![Operation::Resume { row_limit: 1 }]).await;
    assert_eq!(seen, [Seen::Complete(Some(0))]);
    let seen = driver.send(vec![Operation::Resume { row_limit: 1 }]).await;
    assert_eq!(sqlstate(&seen[0]), "34000");
}

#[tokio::test]
async fn a_suspended_execution_can_be_abandoned() {
    let (_, mut driver) = with_numbers(5).await;
    driver
        .send(vec![select_numbers(), execute_numbers(2)])
        .await;
    let seen = driver
        .send(vec![Operation::Abandon, execute_numbers(0)])
        .await;
    assert_eq!(seen.len(), 6, "{seen:?}");
    assert_eq!(seen[5], Seen::Complete(Some(5)));
}

#[tokio::test]
async fn the_connection_can_be_used_while_an_execution_is_suspended() {
    let (_, mut driver) = with_numbers(5).await;
    driver
        .send(vec![select_numbers(), execute_numbers(2)])
        .await;
    assert_complete(&driver.run("INSERT INTO Numbers (n) VALUES (6)").await);
    // The rows are those of the time when the execution was suspended.
    let seen = driver.send(vec![Operation::Resume { row_limit: 2 }]).await;
    assert_eq!(seen, [number(3), number(4), Seen::Suspended]);
    // A second one is resumed first.
    let seen = driver
        .send(vec![execute_numbers(5), Operation::Resume { row_limit: 0 }])
        .await;
    assert_eq!(
        seen[5..],
        [Seen::Suspended, number(6), Seen::Complete(Some(1))]
    );
    let seen = driver.send(vec![Operation::Resume { row_limit: 0 }]).await;
    assert_eq!(seen, [number(5), Seen::Complete(Some(1))]);
}

#[tokio::test]
async fn dropping_a_connection_rolls_back_even_while_it_is_suspended() {
    let (connector, mut driver) = with_numbers(5).await;
    assert_complete(&driver.run("START TRANSACTION").await);
    assert_complete(&driver.run("DELETE FROM Numbers WHERE n > 3").await);
    driver
        .send(vec![select_numbers(), execute_numbers(2)])
        .await;
    drop(driver);
    let mut other = Driver::of(&*connector).await;
    assert_eventually(&mut other, "SELECT COUNT(*) FROM Numbers", &number(5)).await;
}

#[tokio::test]
async fn a_client_that_does_not_read_stops_the_rows_and_can_leave() {
    let (connector, mut driver) = with_numbers(100).await;
    assert_complete(&driver.run("START TRANSACTION").await);
    assert_complete(&driver.run("DELETE FROM Numbers WHERE n > 80").await);
    // 512,000 rows, far more than may wait for the client.
    let product = "SELECT a.label FROM Numbers a, Numbers b, Numbers c";
    driver
        .send(vec![prepare(1, Statement::plain(product), vec![])])
        .await;
    driver.submit(vec![execute_numbers(0), Operation::Sync]);
    let Event::Rows { count, .. } = driver.next().await else {
        panic!("no rows")
    };
    assert!(count < 10_000, "rows come in pieces, not {count} at once");
    drop(driver);
    let mut other = Driver::of(&*connector).await;
    assert_eventually(&mut other, "SELECT COUNT(*) FROM Numbers", &number(100)).await;
}

#[tokio::test]
async fn all_rows_of_a_large_result_arrive_in_order() {
    let (_, mut driver) = with_numbers(40).await;
    let product =
        "SELECT a.n * 1600 + b.n * 40 + c.n FROM Numbers a, Numbers b, Numbers c ORDER BY 1";
    let seen = driver.query(product, vec![]).await;
    assert_eq!(seen.len(), 64_001);
    assert_eq!((&seen[0], &seen[63_999]), (&number(1641), &number(65_640)));
    assert_eq!(seen[64_000], Seen::Complete(Some(64_000)));
}

#[tokio::test]
async fn the_url_chooses_version_file_and_statement_log() {
    let directory = tempfile::tempdir().expect("a directory");
    let (file, log) = (directory.path().join("db"), directory.path().join("log"));
    let url = format!(
        "sandbox:{}?iris=2024.1&log={}",
        file.display(),
        log.display()
    );
    let mut driver = Driver::open(&url).await;
    assert_complete(&driver.run("CREATE TABLE Kept (a INTEGER)").await);
    drop(driver);
    let log = std::fs::read_to_string(log).expect("the log was written");
    assert!(
        log.lines().any(|line| line.contains("CREATE TABLE Kept")),
        "{log}"
    );
    let mut driver = Driver::open(&format!("sandbox:{}", file.display())).await;
    assert_eq!(
        driver.query("SELECT COUNT(*) FROM Kept", vec![]).await[0],
        number(0)
    );
}

#[tokio::test]
async fn connections_of_one_sandbox_share_it_and_those_of_two_do_not() {
    let (connector, _driver) = with_numbers(3).await;
    let mut same = Driver(
        connector
            .connect(&target())
            .await
            .expect("the sandbox accepts"),
    );
    assert_eq!(
        same.query("SELECT COUNT(*) FROM Numbers", vec![]).await[0],
        number(3)
    );
    let mut other = Driver::open("sandbox:").await;
    let seen = other.query("SELECT COUNT(*) FROM Numbers", vec![]).await;
    assert!(matches!(seen[..], [Seen::Failed(_)]), "{seen:?}");
}

#[tokio::test]
async fn a_running_statement_can_be_cancelled_and_the_connection_goes_on() {
    let (_, mut driver) = with_numbers(100).await;
    // Nothing runs: nothing happens.
    driver.0.canceller().cancel().await;
    let endless =
        "SELECT COUNT(*) FROM Numbers a, Numbers b, Numbers c, Numbers d, Numbers e, Numbers f";
    let endless = Statement::plain(endless);
    driver.send(vec![prepare(1, endless, vec![])]).await;
    driver.submit(vec![execute_numbers(0), Operation::Sync]);
    let seen = driver.cancelled().await;
    assert!(
        matches!(&seen[0], Seen::Failed(error) if error.sqlcode == -456),
        "{seen:?}"
    );
    let seen = driver.query("SELECT COUNT(*) FROM Numbers", vec![]).await;
    assert_eq!(seen[0], number(100));
}

#[tokio::test]
async fn a_cancel_leaves_a_suspended_execution_alone() {
    let (_, mut driver) = with_numbers(3).await;
    driver
        .send(vec![select_numbers(), execute_numbers(2)])
        .await;
    driver.0.canceller().cancel().await;
    let seen = driver.send(vec![Operation::Resume { row_limit: 0 }]).await;
    assert_eq!(seen, [number(3), Seen::Complete(Some(1))]);
}

#[tokio::test]
async fn dropping_a_connection_ends_what_it_runs() {
    let (connector, mut driver) = with_numbers(100).await;
    assert_complete(&driver.run("START TRANSACTION").await);
    assert_complete(&driver.run("DELETE FROM Numbers WHERE n > 80").await);
    let endless =
        "SELECT COUNT(*) FROM Numbers a, Numbers b, Numbers c, Numbers d, Numbers e, Numbers f";
    driver
        .send(vec![prepare(1, Statement::plain(endless), vec![])])
        .await;
    driver.submit(vec![execute_numbers(0), Operation::Sync]);
    drop(driver);
    let mut other = Driver::of(&*connector).await;
    // Until the writer is gone, others see what it has not committed.
    let mut seen = other.query("SELECT COUNT(*) FROM Numbers", vec![]).await;
    for _ in 0..500 {
        if seen[0] == number(100) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        seen = other.query("SELECT COUNT(*) FROM Numbers", vec![]).await;
    }
    assert_eq!(seen[0], number(100));
    let delete = "DELETE FROM Numbers WHERE n > 99";
    assert_eq!(other.run(delete).await, Seen::Complete(Some(1)));
}

#[tokio::test]
async fn faults_of_the_url_befall_the_statements_that_they_name() {
    let mut driver = Driver::open("sandbox:?fault=fail:-110@CREATE&fault=drop@Two").await;
    let create = "CREATE TABLE One (n INTEGER)";
    match driver.run(create).await {
        Seen::Failed(error) => assert_eq!(error.sqlcode, -110),
        other => panic!("not a failure: {other:?}"),
    }
    assert_complete(&driver.run(create).await);
    driver.submit(vec![Operation::Run("CREATE TABLE Two (n INTEGER)".into())]);
    let error = driver.0.next().await.expect_err("the connection is lost");
    assert_eq!(error.kind, UpstreamErrorKind::Connection);
}

//! `lock_timeout`: how long a statement waits for the locks of others.

use anyhow::{Result, ensure};
use pgiris_tests::{Broker, Postgres, StatementLog, connect, rules_directory};
use tokio_postgres::{Client, Error, SimpleQueryMessage};

/// What one session sees that meets the locks of another.
async fn story(port: u16, database: &str) -> Result<Vec<String>> {
    let holder = connect(port, database).await?;
    let waiter = connect(port, database).await?;
    holder
        .batch_execute("CREATE TABLE held (id int PRIMARY KEY, n int)")
        .await?;
    let rows: Vec<String> = (1..=80).map(|id| format!("({id}, 0)")).collect();
    holder
        .batch_execute(&format!("INSERT INTO held VALUES {}", rows.join(", ")))
        .await?;
    holder
        .batch_execute("BEGIN; UPDATE held SET n = 1 WHERE id = 1")
        .await?;
    let mut told = Vec::new();
    for statement in [
        "SET lock_timeout = '10ms'",
        "UPDATE held SET n = 2 WHERE id = 1",
        "SELECT n FROM held WHERE id = 0",
        "SHOW lock_timeout",
        "BEGIN",
        "LOCK TABLE held IN EXCLUSIVE MODE NOWAIT",
        "SHOW lock_timeout",
        "ROLLBACK",
        "RESET lock_timeout",
        "BEGIN",
        "SET LOCAL lock_timeout = '20ms'",
        "DELETE FROM held WHERE id = 1",
        "COMMIT",
        "SHOW lock_timeout",
    ] {
        told.push(format!(
            "{statement}: {}",
            answer(waiter.simple_query(statement).await)
        ));
    }
    // Without a limit the statement waits longer than the shortest limit there is.
    waiter
        .batch_execute("SET lock_timeout = 10; SET lock_timeout = 0")
        .await?;
    let (waited, ended) = tokio::join!(
        waiter.simple_query("UPDATE held SET n = n + 5 WHERE id = 1"),
        end_later(&holder)
    );
    ended?;
    told.push(answer(waited));
    told.push(answer(
        waiter.simple_query("SELECT n FROM held WHERE id = 1").await,
    ));
    holder.batch_execute("DROP TABLE held").await?;
    Ok(told)
}

/// Ends the transaction of the holder when a shorter limit would have ended the wait: by a
/// time-out of its own, which is longer.
async fn end_later(holder: &Client) -> Result<()> {
    holder
        .batch_execute("SET LOCAL statement_timeout = 1500")
        .await?;
    let slow = "SELECT count(*) FROM held a, held b, held c, held d, held e";
    ensure!(holder.simple_query(slow).await.is_err(), "it ends in time");
    holder.batch_execute("ROLLBACK").await?;
    Ok(())
}

/// The rows, or what PostgreSQL's clients look at of an error.
fn answer(outcome: Result<Vec<SimpleQueryMessage>, Error>) -> String {
    match outcome {
        Ok(messages) => messages
            .iter()
            .filter_map(|message| match message {
                SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or("NULL").to_owned()),
                SimpleQueryMessage::CommandComplete(count) => Some(format!("({count})")),
                _ => None,
            })
            .collect::<Vec<_>>()
            .join(" "),
        Err(error) => match error.as_db_error() {
            Some(told) => format!("{} {}", told.code().code(), told.message()),
            None => error.to_string(),
        },
    }
}

#[tokio::test]
async fn a_wait_ends_as_in_postgresql() -> Result<()> {
    let postgres = Postgres::start()?;
    let expected = story(postgres.port(), "postgres").await?;
    drop(postgres);
    let broker = Broker::start()?;
    let told = story(broker.port(), "USER").await?;
    ensure!(told == expected, "{told:#?}\n{expected:#?}");
    let timed_out = "55P03 canceling statement due to lock timeout";
    ensure!(
        told.iter().filter(|line| line.ends_with(timed_out)).count() == 2,
        "{told:#?}"
    );
    Ok(())
}

#[tokio::test]
async fn iris_is_told_of_each_value_before_a_statement_runs_under_it() -> Result<()> {
    let log = StatementLog::new()?;
    let broker = Broker::with([
        "--upstream".into(),
        log.sandbox("2025.1").into(),
        "--rules".into(),
        rules_directory()?.into(),
    ])?;
    let parameters = format!(
        "host=127.0.0.1 port={} user=postgres dbname=USER options='-c lock_timeout=3s'",
        broker.port()
    );
    let (client, connection) = tokio_postgres::connect(&parameters, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    client.batch_execute("CREATE TABLE t (a int)").await?;
    for statements in [
        "SELECT a FROM t",
        "BEGIN; SET LOCAL lock_timeout = '1500ms'; SELECT a FROM t; COMMIT; SELECT a FROM t",
        "BEGIN; SET lock_timeout = '5s'; ROLLBACK; SELECT a FROM t",
        "SET lock_timeout = 0",
        "SET lock_timeout = '0ms'; SELECT a FROM t",
        "RESET lock_timeout; SELECT a FROM t",
    ] {
        client.batch_execute(statements).await?;
    }
    let shown = client.query_one("SHOW lock_timeout", &[]).await?;
    ensure!(shown.get::<_, String>(0) == "3s", "{shown:?}");
    let told: Vec<String> = log
        .statements()?
        .iter()
        .filter_map(|one| one.strip_prefix("SET OPTION LOCK_TIMEOUT = "))
        .map(ToOwned::to_owned)
        .collect();
    ensure!(told == ["3", "2", "3", "5", "3", "32767", "3"], "{told:?}");
    Ok(())
}

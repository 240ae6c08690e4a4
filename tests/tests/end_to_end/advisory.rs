//! Advisory locks, beside a real PostgreSQL.

use std::time::Duration;

use anyhow::{Result, ensure};
use pgiris_tests::{Broker, Postgres, connect};
use tokio_postgres::{Client, Error, SimpleQueryMessage};

/// What two sessions see that ask for the same locks.
async fn story(port: u16, database: &str) -> Result<Vec<String>> {
    let one = connect(port, database).await?;
    let other = connect(port, database).await?;
    let mut told = Vec::new();
    for (client, name, statement) in steps(&one, &other) {
        let outcome = client.simple_query(statement).await;
        told.push(format!("{name}: {statement}: {}", answer(outcome)));
    }
    // Who waits gets the lock when it is given back.
    one.batch_execute("SELECT pg_advisory_lock(9)").await?;
    let (waited, given) = tokio::join!(
        other.simple_query("SELECT pg_advisory_lock(9), 'had' AS it"),
        later(&one, "SELECT pg_advisory_unlock(9)")
    );
    given?;
    told.push(answer(waited));
    // So it does when the session ends that has it.
    let third = connect(port, database).await?;
    let (waited, ()) = tokio::join!(
        third.simple_query("SELECT pg_advisory_lock(9), 'had' AS it"),
        async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            drop(other);
        }
    );
    told.push(answer(waited));
    told.extend(circle(port, database).await?);
    Ok(told)
}

fn steps<'a>(
    one: &'a Client,
    other: &'a Client,
) -> impl Iterator<Item = (&'a Client, &'static str, &'static str)> {
    let steps = [
        (
            true,
            "SELECT pg_try_advisory_lock(1), pg_try_advisory_lock(1)",
        ),
        (
            false,
            "SELECT pg_try_advisory_lock(1), pg_try_advisory_lock(0, 1)",
        ),
        (false, "SELECT pg_try_advisory_lock_shared(1)"),
        (true, "SELECT pg_advisory_unlock(1)"),
        (false, "SELECT pg_try_advisory_lock(1)"),
        (true, "SELECT pg_advisory_unlock(1), pg_advisory_unlock(1)"),
        (
            false,
            "SELECT pg_try_advisory_lock_shared(1), pg_advisory_unlock_all()",
        ),
        (
            true,
            "SELECT pg_try_advisory_lock_shared(2), pg_try_advisory_lock_shared(2)",
        ),
        (
            false,
            "SELECT pg_try_advisory_lock_shared(2), pg_try_advisory_lock(2)",
        ),
        (false, "SET lock_timeout = '50ms'"),
        (false, "SELECT pg_advisory_lock(2)"),
        (false, "SET lock_timeout = 0"),
        (false, "SET statement_timeout = '50ms'"),
        (false, "SELECT pg_advisory_lock(2)"),
        (false, "SET statement_timeout = 0"),
        (true, "DISCARD ALL"),
        (false, "SELECT pg_try_advisory_lock(2)"),
        (false, "SELECT pg_advisory_unlock_all()"),
        (true, "BEGIN"),
        (
            true,
            "SELECT pg_try_advisory_xact_lock(hashtext('jobs'), 3)",
        ),
        (true, "SAVEPOINT s"),
        (true, "SELECT pg_advisory_xact_lock(4)"),
        (true, "SELECT pg_advisory_lock(5)"),
        (
            false,
            "SELECT pg_try_advisory_lock(hashtext('jobs'), 3), pg_try_advisory_lock(4)",
        ),
        (true, "ROLLBACK TO s"),
        (
            false,
            "SELECT pg_try_advisory_xact_lock(4), pg_try_advisory_lock(5)",
        ),
        (true, "SELECT pg_advisory_unlock(hashtext('jobs'), 3)"),
        (true, "SELECT 1 / 0"),
        (
            false,
            "SELECT pg_try_advisory_xact_lock(hashtext('jobs'), 3)",
        ),
        (true, "ROLLBACK"),
        (false, "SELECT pg_try_advisory_xact_lock(5)"),
        (true, "SELECT pg_advisory_xact_lock(6)"),
        (
            false,
            "SELECT pg_try_advisory_lock(6), pg_advisory_unlock(6)",
        ),
        (true, "SELECT pg_advisory_unlock_all()"),
        (false, "SELECT pg_advisory_unlock_all()"),
        (
            true,
            "SELECT pg_try_advisory_lock(NULL), pg_advisory_lock(1, NULL)",
        ),
    ];
    steps.into_iter().map(move |(is_first, statement)| {
        let (client, name) = match is_first {
            true => (one, "one"),
            false => (other, "other"),
        };
        (client, name, statement)
    })
}

/// Two sessions that wait for each other: one of them is told so, and the other goes on.
async fn circle(port: u16, database: &str) -> Result<Vec<String>> {
    let one = connect(port, database).await?;
    let other = connect(port, database).await?;
    one.batch_execute("BEGIN; SELECT pg_advisory_xact_lock(11)")
        .await?;
    other
        .batch_execute("BEGIN; SELECT pg_advisory_xact_lock(12)")
        .await?;
    let (first, second) = tokio::join!(
        one.simple_query("SELECT pg_advisory_xact_lock(12), 'had' AS it"),
        other.simple_query("SELECT pg_advisory_xact_lock(11), 'had' AS it")
    );
    let mut outcomes = vec![answer(first), answer(second)];
    outcomes.sort();
    Ok(outcomes)
}

async fn later(client: &Client, statement: &str) -> Result<()> {
    tokio::time::sleep(Duration::from_millis(200)).await;
    Ok(client.batch_execute(statement).await?)
}

/// The rows, or what clients look at of an error.
fn answer(outcome: Result<Vec<SimpleQueryMessage>, Error>) -> String {
    let messages = match outcome {
        Ok(messages) => messages,
        Err(error) => {
            return error
                .as_db_error()
                .map_or_else(|| error.to_string(), |error| error.code().code().to_owned());
        }
    };
    let rows = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => {
            let values = (0..row.len()).map(|index| row.get(index).unwrap_or("NULL"));
            Some(values.collect::<Vec<_>>().join("|"))
        }
        _ => None,
    });
    rows.collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn advisory_locks_are_those_of_postgresql() -> Result<()> {
    let postgres = Postgres::start()?;
    let expected = story(postgres.port(), "postgres").await?;
    let broker = Broker::start()?;
    let actual = story(broker.port(), "USER").await?;
    for (expected, actual) in expected.iter().zip(&actual) {
        ensure!(
            expected == actual,
            "PostgreSQL: {expected}\nthe broker: {actual}"
        );
    }
    ensure!(expected.len() == actual.len(), "one story is shorter");
    Ok(())
}

/// They are the session's own, whatever connections it shares.
#[tokio::test]
async fn a_shared_connection_shares_no_locks() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("pgiris.toml");
    std::fs::write(&file, "[pool]\nmode = \"transaction\"\nsize = 1\n")?;
    let broker = Broker::configured(&file)?;
    let one = connect(broker.port(), "USER").await?;
    let other = connect(broker.port(), "USER").await?;
    one.batch_execute("SELECT 1; SELECT pg_advisory_lock(1); SELECT 1")
        .await?;
    let asked = "SELECT pg_try_advisory_lock(1)";
    ensure!(
        answer(other.simple_query(asked).await) == "f",
        "it is had twice"
    );
    drop(one);
    let waited = other.simple_query("SELECT pg_advisory_lock(1)").await;
    ensure!(answer(waited).is_empty(), "it is not had");
    Ok(())
}

/// Where another broker may have given the lock to someone, none is given.
#[tokio::test]
async fn a_broker_with_peers_keeps_none() -> Result<()> {
    for (locks, expected) in [("alone", "0A000"), ("always", "t"), ("never", "0A000")] {
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("pgiris.toml");
        let peers = "peers = [\"127.0.0.1:1\"]\n";
        std::fs::write(
            &file,
            format!("{peers}[clients]\nadvisory_locks = \"{locks}\"\n"),
        )?;
        let broker = Broker::configured(&file)?;
        let client = connect(broker.port(), "USER").await?;
        let told = answer(client.simple_query("SELECT pg_try_advisory_lock(1)").await);
        ensure!(told == expected, "{locks}: {told}");
    }
    Ok(())
}

//! A day in the life of tokio-postgres: what an application does with a driver.

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, connect};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, IsolationLevel};

#[tokio::test]
async fn rows_are_inserted_changed_and_deleted() -> Result<()> {
    let broker = Broker::start()?;
    let client = with_table(&broker).await?;
    let insert = client
        .prepare("INSERT INTO city (id, name, people) VALUES ($1, $2, $3)")
        .await?;
    for (id, name, people) in [
        (1, "Oslo", Some(709_000_i64)),
        (2, "Rome", Some(2_755_000)),
        (3, "Nowhere", None),
    ] {
        ensure!(client.execute(&insert, &[&id, &name, &people]).await? == 1);
    }
    ensure!(names(&client).await? == ["Oslo", "Rome", "Nowhere"]);

    // IRIS does not infer the type of a placeholder in arithmetic from its neighbour, as
    // PostgreSQL does; the cast tells it.
    let update = "UPDATE city SET people = people + $1::bigint WHERE id = $2";
    ensure!(client.execute(update, &[&1_000_i64, &1_i32]).await? == 1);
    let row = client
        .query_one("SELECT people FROM city WHERE id = $1", &[&1_i32])
        .await?;
    ensure!(row.get::<_, i64>("people") == 710_000);
    let row = client
        .query_one("SELECT people FROM city WHERE id = 3", &[])
        .await?;
    ensure!(row.get::<_, Option<i64>>(0).is_none());

    ensure!(
        client
            .execute("DELETE FROM city WHERE id > $1", &[&1_i32])
            .await?
            == 2
    );
    ensure!(names(&client).await? == ["Oslo"]);
    Ok(())
}

#[tokio::test]
async fn transactions_commit_and_roll_back() -> Result<()> {
    let broker = Broker::start()?;
    let mut client = with_table(&broker).await?;
    let insert = "INSERT INTO city (id, name) VALUES ($1, $2)";

    let transaction = client.transaction().await?;
    transaction.execute(insert, &[&1_i32, &"lost"]).await?;
    transaction.rollback().await?;
    ensure!(names(&client).await?.is_empty());

    let mut transaction = client
        .build_transaction()
        .isolation_level(IsolationLevel::ReadCommitted)
        .start()
        .await?;
    transaction.execute(insert, &[&1_i32, &"kept"]).await?;
    let inner = transaction.transaction().await?;
    inner.execute(insert, &[&2_i32, &"undone"]).await?;
    inner.rollback().await?;
    transaction.commit().await?;
    ensure!(names(&client).await? == ["kept"]);

    // Dropped without a word: rolled back.
    let transaction = client.transaction().await?;
    transaction.execute("DELETE FROM city", &[]).await?;
    drop(transaction);
    ensure!(names(&client).await? == ["kept"]);
    Ok(())
}

#[tokio::test]
async fn what_is_not_committed_is_gone_with_its_connection() -> Result<()> {
    let broker = Broker::start()?;
    let client = with_table(&broker).await?;
    let mut other = connect(broker.port(), "USER").await?;
    let transaction = other.transaction().await?;
    transaction
        .execute("INSERT INTO city (id, name) VALUES (1, 'half')", &[])
        .await?;
    // Forgotten, so that no ROLLBACK is sent; the connection goes with its client.
    std::mem::forget(transaction);
    drop(other);
    // Waits for the lock of the open transaction, if it is still open.
    client
        .execute("INSERT INTO city (id, name) VALUES (1, 'whole')", &[])
        .await?;
    ensure!(names(&client).await? == ["whole"]);
    Ok(())
}

#[tokio::test]
async fn errors_carry_the_sqlstate_and_the_session_goes_on() -> Result<()> {
    let broker = Broker::start()?;
    let client = with_table(&broker).await?;
    client
        .execute("INSERT INTO city (id, name) VALUES (1, 'Oslo')", &[])
        .await?;
    let cases = [
        ("SELECT * FROM nothing_there", SqlState::UNDEFINED_TABLE),
        ("SELECT nothing_there FROM city", SqlState::UNDEFINED_COLUMN),
        ("SELECT nothing_there(1)", SqlState::UNDEFINED_FUNCTION),
        ("SELECT FROM WHERE", SqlState::SYNTAX_ERROR),
        (
            "INSERT INTO city (id, name) VALUES (1, 'again')",
            SqlState::UNIQUE_VIOLATION,
        ),
        (
            "INSERT INTO city (id) VALUES (2)",
            SqlState::NOT_NULL_VIOLATION,
        ),
        ("CREATE TABLE city (id int)", SqlState::DUPLICATE_TABLE),
    ];
    for (statement, expected) in cases {
        for extended in [true, false] {
            let result = if extended {
                client.execute(statement, &[]).await.map(drop)
            } else {
                client.batch_execute(statement).await
            };
            let error = result
                .err()
                .with_context(|| format!("{statement} succeeds"))?;
            ensure!(error.code() == Some(&expected), "{statement}: {error:?}");
            ensure!(names(&client).await? == ["Oslo"], "after {statement}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn many_statements_are_pipelined() -> Result<()> {
    let broker = Broker::start()?;
    let client = with_table(&broker).await?;
    let insert = client
        .prepare("INSERT INTO city (id, name) VALUES ($1, $2)")
        .await?;
    let names_sent: Vec<String> = (0..100).map(|id| format!("city {id}")).collect();
    let ids: Vec<i32> = (0..100).collect();
    let inserts = ids.iter().zip(&names_sent).map(|(id, name)| {
        let (client, insert) = (&client, &insert);
        async move { client.execute(insert, &[id, name]).await }
    });
    for inserted in join_all(inserts).await {
        ensure!(inserted? == 1);
    }
    ensure!(names(&client).await? == names_sent);
    Ok(())
}

#[tokio::test]
async fn sessions_run_side_by_side() -> Result<()> {
    let broker = Broker::start()?;
    let client = with_table(&broker).await?;
    let mut tasks = Vec::new();
    for id in 0..20_i32 {
        let port = broker.port();
        tasks.push(tokio::spawn(async move {
            let client = connect(port, "USER").await?;
            client
                .execute("INSERT INTO city (id, name) VALUES ($1, 'side')", &[&id])
                .await?;
            let row = client
                .query_one("SELECT id FROM city WHERE id = $1", &[&id])
                .await?;
            ensure!(row.get::<_, i32>(0) == id);
            Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    ensure!(names(&client).await?.len() == 20);
    Ok(())
}

async fn with_table(broker: &Broker) -> Result<Client> {
    let client = connect(broker.port(), "USER").await?;
    client
        .batch_execute(
            "CREATE TABLE city (id int PRIMARY KEY, name varchar(50) NOT NULL, people bigint)",
        )
        .await?;
    Ok(client)
}

async fn names(client: &Client) -> Result<Vec<String>> {
    let rows = client
        .query("SELECT name FROM city ORDER BY id", &[])
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Polls all of them, so that all requests are sent before the first answer is awaited.
async fn join_all<T>(futures: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut futures: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut results: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, result) in futures.iter_mut().zip(&mut results) {
            if result.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
            {
                *result = Some(value);
            }
        }
        if results.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    results.into_iter().flatten().collect()
}

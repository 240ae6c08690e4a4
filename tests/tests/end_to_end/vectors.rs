//! Vector search: pgvector's operators give the rows that IRIS's own functions give.

use anyhow::{Result, ensure};
use pgiris_tests::{Broker, StatementLog, connect, rules_file};
use tokio_postgres::Client;

#[tokio::test]
async fn cosine_distance_is_vector_cosine() -> Result<()> {
    same_rows(
        "SELECT id FROM item ORDER BY embedding <=> '[0.9,0.1,0.4]' LIMIT 5",
        "SELECT id FROM item ORDER BY VECTOR_COSINE(embedding, TO_VECTOR('0.9,0.1,0.4', DOUBLE)) DESC LIMIT 5",
        "VECTOR_COSINE",
    )
    .await
}

#[tokio::test]
async fn negative_inner_product_is_vector_dot_product() -> Result<()> {
    same_rows(
        "SELECT id FROM item ORDER BY embedding <#> '[0.9,0.1,0.4]' LIMIT 5",
        "SELECT id FROM item ORDER BY VECTOR_DOT_PRODUCT(embedding, TO_VECTOR('0.9,0.1,0.4', DOUBLE)) DESC LIMIT 5",
        "VECTOR_DOT_PRODUCT",
    )
    .await
}

#[tokio::test]
async fn cosine_distance_takes_a_parameter() -> Result<()> {
    let (_broker, client) = with_items("2025.1", None).await?;
    let literal = "SELECT id FROM item ORDER BY embedding <=> '[0.9,0.1,0.4]' LIMIT 5";
    let bound = "SELECT id FROM item ORDER BY embedding <=> $1 LIMIT 5";
    let expected: Vec<i32> = client
        .query(literal, &[])
        .await?
        .iter()
        .map(|row| row.get(0))
        .collect();
    let bound = client
        .prepare_typed(bound, &[tokio_postgres::types::Type::TEXT])
        .await?;
    let rows = client.query(&bound, &[&"[0.9,0.1,0.4]"]).await?;
    ensure!(
        rows.iter().map(|row| row.get(0)).collect::<Vec<i32>>() == expected,
        "{expected:?}"
    );
    Ok(())
}

#[tokio::test]
async fn distance_of_a_row_is_a_value() -> Result<()> {
    let (_broker, client) = with_items("2025.1", None).await?;
    let statement = "SELECT embedding <=> '[1,0,0]' AS distance FROM item WHERE id = 0";
    let distance: f64 = client.query_one(statement, &[]).await?.get("distance");
    ensure!((distance - expected_distance(0)).abs() < 1e-9, "{distance}");
    Ok(())
}

#[tokio::test]
async fn vectors_of_different_lengths_are_refused() -> Result<()> {
    let (_broker, client) = with_items("2025.1", None).await?;
    let statement = "SELECT id FROM item ORDER BY embedding <=> '[1,2]' LIMIT 5";
    let error = client
        .query(statement, &[])
        .await
        .err()
        .map(|error| error.code().cloned());
    ensure!(
        error == Some(Some(tokio_postgres::error::SqlState::DATA_EXCEPTION)),
        "{error:?}"
    );
    Ok(())
}

/// On both versions, each with its own way to limit rows.
async fn same_rows(pgvector: &str, iris: &str, function: &str) -> Result<()> {
    for version in ["2024.1", "2025.1"] {
        let log = StatementLog::new()?;
        let (_broker, client) = with_items(version, Some(&log)).await?;
        let ours: Vec<i32> = client
            .query(pgvector, &[])
            .await?
            .iter()
            .map(|row| row.get(0))
            .collect();
        ensure!(ours.len() == 5, "{version}: {ours:?}");
        let received = log.statement_with(function)?;
        ensure!(
            !received.contains("<=>") && !received.contains("<#>"),
            "{received}"
        );
        let own = client.query(iris, &[]).await?;
        ensure!(
            own.iter().map(|row| row.get(0)).collect::<Vec<i32>>() == ours,
            "{version}: {ours:?}"
        );
        // Neither is the order in which they were stored.
        ensure!(!ours.is_sorted(), "{version}: {ours:?}");
    }
    Ok(())
}

async fn with_items(version: &str, log: Option<&StatementLog>) -> Result<(Broker, Client)> {
    let upstream = log.map_or_else(
        || format!("sandbox:?iris={version}"),
        |log| log.sandbox(version),
    );
    let rules = rules_file(&format!("iris-{version}"))?;
    let broker = Broker::with([
        "--upstream".into(),
        upstream.into(),
        "--rules".into(),
        rules.into(),
    ])?;
    let client = connect(broker.port(), "USER").await?;
    client
        .batch_execute("CREATE TABLE item (id int PRIMARY KEY, embedding VECTOR(DOUBLE, 3))")
        .await?;
    for id in 0..20 {
        let [x, y, z] = embedding(id);
        let insert = format!("INSERT INTO item VALUES ({id}, TO_VECTOR('{x},{y},{z}', DOUBLE))");
        client.batch_execute(&insert).await?;
    }
    Ok((broker, client))
}

/// Points all over the sphere and of different lengths, so that every measure orders them its own way.
fn embedding(id: i32) -> [f64; 3] {
    let angle = f64::from(id) * 2.4;
    let height = f64::from(id) / 10.0 - 0.95;
    let length = 1.0 + f64::from(id % 4);
    [angle.cos() * length, angle.sin() * length, height * length]
}

fn expected_distance(id: i32) -> f64 {
    let [x, y, z] = embedding(id);
    1.0 - x / (x * x + y * y + z * z).sqrt()
}

//! Rules of one's own over those of pgiris, in two languages, swapped into a running broker.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use pgiris_tests::{connect, overlay, rules_file};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::shelf::{Shelf, rules};

/// Composes an overlay with the stock rules.
fn composed(upper: &Path, output: &Path) -> Result<String> {
    rules(&[
        "compose".as_ref(),
        upper.as_ref(),
        "--over".as_ref(),
        rules_file("iris-2025.1")?.as_ref(),
        "--output".as_ref(),
        output.as_ref(),
    ])
}

async fn listen(client: &Client) -> Result<(), tokio_postgres::Error> {
    client.batch_execute("LISTEN jobs").await
}

/// Swaps an overlay in, and out again.
async fn takes_part(language: &str) -> Result<()> {
    let shelf = Shelf::serve()?;
    let client = connect(shelf.port(), "USER").await?;
    client
        .batch_execute("CREATE TABLE kept (n INT PRIMARY KEY, name VARCHAR(20))")
        .await?;
    let insert = client
        .prepare("INSERT INTO kept VALUES ($1, $2) RETURNING n")
        .await?;
    let refused = listen(&client).await.err();
    ensure!(
        refused.as_ref().and_then(|error| error.code()) == Some(&SqlState::FEATURE_NOT_SUPPORTED),
        "{refused:?}"
    );

    let directory = tempfile::tempdir()?;
    let whole = directory.path().join("whole.wasm");
    composed(&overlay(language)?, &whole)?;
    // What it says of itself is what it does, and all that is demanded of rules.
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guest/conformance");
    let checked = rules(&[
        "check".as_ref(),
        whole.as_ref(),
        "--corpus".as_ref(),
        corpus.as_ref(),
    ])?;
    ensure!(checked.contains("listen_acknowledged"), "{checked}");
    ensure!(checked.contains(" 0 failures"), "{checked}");

    shelf.put_file(&whole)?;
    let answered = async {
        while listen(&client).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(pgiris_tests::DEADLINE, answered).await?;
    // Everything else is as it was: statements that were prepared, errors, the catalogue.
    ensure!(
        client
            .query_one(&insert, &[&1, &"a"])
            .await?
            .get::<_, i32>(0)
            == 1
    );
    let twice = client.query_one(&insert, &[&1, &"a"]).await.err();
    ensure!(
        twice.as_ref().and_then(|error| error.code()) == Some(&SqlState::UNIQUE_VIOLATION),
        "{twice:?}"
    );
    let columns = "SELECT count(*) FROM pg_catalog.pg_attribute WHERE attrelid = 'kept'::regclass \
                   AND attnum > 0";
    ensure!(client.query_one(columns, &[]).await?.get::<_, i64>(0) == 2);

    shelf.put(0)?;
    let refused = async {
        while listen(&client).await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(pgiris_tests::DEADLINE, refused).await?;
    Ok(())
}

#[tokio::test]
async fn an_overlay_in_javascript() -> Result<()> {
    takes_part("javascript").await
}

#[tokio::test]
async fn an_overlay_in_rust() -> Result<()> {
    takes_part("rust").await
}

#[test]
fn what_does_not_fit_is_not_composed() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let output = directory.path().join("output.wasm");
    let failed = |upper: &Path| {
        composed(upper, &output)
            .err()
            .map_or_else(String::new, |error| error.to_string())
    };
    // Alone an overlay is no rules.
    let alone = rules(&["check".as_ref(), overlay("javascript")?.as_ref()]);
    let alone = alone
        .err()
        .map_or_else(String::new, |error| error.to_string());
    ensure!(alone.contains("to be composed with"), "{alone}");
    let none = failed(&rules_file("iris-2024.1")?);
    ensure!(none.contains("it delegates nothing to them"), "{none}");
    let text = directory.path().join("text.wasm");
    fs::write(&text, "no component")?;
    let broken = failed(&text);
    ensure!(broken.contains("it is no component"), "{broken}");
    ensure!(!output.exists());
    Ok(())
}

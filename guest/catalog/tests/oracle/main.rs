//! The evaluator beside a real PostgreSQL: both have the same rows of the catalogue, and
//! must answer the same.
//!
//! Queries come from `queries/*.sql` and from psql itself, which shows with `-E` what it
//! asks for a backslash command.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod definitions;
mod ours;
mod psql;
mod theirs;

use std::path::Path;

use anyhow::{Result, bail, ensure};
use pgiris_tests::{Postgres, connect};
use tokio_postgres::Client;

use ours::Ours;

/// A query and where it comes from.
struct Question {
    origin: String,
    text: String,
}

#[tokio::test]
async fn answers_are_postgresqls() -> Result<()> {
    let postgres = Postgres::start()?;
    let client = connect(postgres.port(), "postgres").await?;
    client.batch_execute(include_str!("schema.sql")).await?;
    definitions::compare(&client).await?;
    let ours = Ours::load(&client).await?;
    let mut questions = written()?;
    questions.extend(psql::questions(&postgres)?);
    let mut failures = Vec::new();
    // IRIS tells no sizes.
    questions.retain(|question| !question.text.contains("_size("));
    for question in &questions {
        if let Err(error) = judge(question, &ours, &client).await {
            failures.push(format!(
                "{}\n{}\n-> {error}",
                question.origin, question.text
            ));
        }
    }
    println!(
        "{} of {} queries answered as PostgreSQL does",
        questions.len() - failures.len(),
        questions.len()
    );
    ensure!(
        failures.is_empty(),
        "{} differ:\n\n{}",
        failures.len(),
        failures.join("\n\n")
    );
    Ok(())
}

async fn judge(question: &Question, ours: &Ours, client: &Client) -> Result<()> {
    let expected = theirs::answer(client, &question.text).await?;
    let mut answer = ours.answer(&question.text);
    let mut expected = expected;
    if !question.text.to_uppercase().contains("ORDER BY") {
        answer.sort();
        expected.sort();
    }
    match expected.difference(&answer) {
        None => Ok(()),
        Some(difference) => bail!(difference),
    }
}

/// The queries of the files, one after the other.
fn written() -> Result<Vec<Question>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/queries");
    let mut questions = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let text = std::fs::read_to_string(&path)?;
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        for part in text.split(";\n").filter(|part| !part.trim().is_empty()) {
            questions.push(Question {
                origin: stem.clone(),
                text: part.trim().to_owned(),
            });
        }
    }
    Ok(questions)
}

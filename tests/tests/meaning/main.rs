//! The judge of meaning: every case of the rules' corpus is carried out by the broker
//! on the sandbox of each version and by a real PostgreSQL, and both must answer the
//! same: rows, labels, types, or SQLSTATE; in order where the statement orders.
//!
//! What a case may say behind `sql postgres` in its fence: `judge=iris` (IRIS's own SQL,
//! carried out but not compared), `judge=differs` (a known difference, said in the
//! page's prose; carried out, not compared), `judge=close` (compared, but numbers may differ
//! in the seventh digit, because pgvector sums up in single precision), `judge=words`
//! (compared, and of an error its message and position as well), `judge=none` (not carried
//! out). A case with a refusal must be refused with its SQLSTATE.
//!
//! A setting behind it is set on both servers; with one of the rules' own (`pgiris.…`) a case is
//! carried out, not compared.
//!
//! A page whose setup says `sql setup oracle=pgvector` is judged by a PostgreSQL with that
//! extension, which `cargo xtask test` installs with the Python environment; where there is
//! none, the page is left out and a line says so. The tables of a page with `sql setup oracle=iris` are
//! written in IRIS's SQL, and nothing on it is compared.
//!
//! `PGIRIS_PAGES=a,b` judges those pages alone; `PGIRIS_CORPUS` names another corpus.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod answer;
mod describe;
mod random;
mod verdict;

#[path = "../../../guest/tests/corpus/page.rs"]
#[allow(
    dead_code,
    reason = "the corpus test writes pages, this one reads them"
)]
mod page;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, Postgres, connect, rules_directory};
use tokio::time::timeout;

use answer::{Answer, Server};
use page::{Case, Page};
use verdict::{Care, Tally, Verdict};

/// The extension that a page may ask for.
const PGVECTOR: &str = "pgvector";

/// What a page asks for that PostgreSQL cannot understand.
const IRIS: &str = "iris";

#[tokio::test]
async fn every_case_means_what_it_means_in_postgresql() -> Result<()> {
    let postgres = Postgres::start()?;
    let mut with_vectors = None;
    let mut tally = Tally::default();
    let versions = versions()?;
    for (number, path) in pages()?.iter().enumerate() {
        let text = std::fs::read_to_string(path)?;
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let oracle = Page::read(&text).oracle().map(str::to_owned);
        let postgres = match oracle.as_deref() {
            None | Some(IRIS) => &postgres,
            Some(PGVECTOR) => {
                let started = match with_vectors.take() {
                    Some(started) => started,
                    None => Postgres::start_with_pgvector()?,
                };
                let Some(server) = with_vectors.insert(started) else {
                    println!(
                        "NOT JUDGED: {stem} needs a PostgreSQL with pgvector; run: cargo xtask test"
                    );
                    continue;
                };
                &*server
            }
            Some(other) => anyhow::bail!("{stem}: there is no oracle {other}"),
        };
        for version in &versions {
            let database = format!("{}_{number}", version.replace('.', "_"));
            let admin = connect(postgres.port(), "postgres").await?;
            admin
                .batch_execute(&format!("CREATE DATABASE \"{database}\""))
                .await?;
            let types = (oracle.as_deref() == Some(PGVECTOR)).then(HashMap::new);
            let server = |client, port, database: &str| Server {
                client,
                port,
                database: database.to_owned(),
                types: types.clone(),
                names: std::sync::Mutex::default(),
            };
            let client = connect(postgres.port(), &database).await?;
            let oracle = server(client, postgres.port(), &database);
            let broker = broker(version)?;
            let client = connect(broker.port(), "USER").await?;
            let ours = server(client, broker.port(), "USER");
            let mut page = Page::read(&text);
            judge(&stem, version, &mut page, oracle, &ours, &mut tally)
                .await
                .with_context(|| format!("{stem}, IRIS {version}"))?;
        }
    }
    println!("{}", tally.table());
    ensure!(
        tally.failures.is_empty(),
        "{} cases do not mean the same:\n\n{}",
        tally.failures.len(),
        tally.failures.join("\n\n")
    );
    Ok(())
}

async fn judge(
    stem: &str,
    version: &str,
    page: &mut Page,
    mut oracle: Server,
    ours: &Server,
    tally: &mut Tally,
) -> Result<()> {
    let mut done = String::new();
    let in_iris_alone = page.oracle() == Some(IRIS);
    for (setup, cases) in page.scenes() {
        let fresh = setup.strip_prefix(done.as_str()).unwrap_or(&setup);
        // One after the other: IRIS does not roll a definition back.
        for statement in fresh.split(";\n").filter(|part| !part.trim().is_empty()) {
            if !in_iris_alone {
                let outcome = oracle.client.batch_execute(statement).await;
                outcome.with_context(|| format!("PostgreSQL: {statement}"))?;
            }
            let outcome = ours.client.batch_execute(statement).await;
            if lacks(&outcome) {
                println!("{stem}, IRIS {version}: left out, as it has no {statement}");
                return Ok(());
            }
            outcome.with_context(|| format!("pgiris: {statement}"))?;
        }
        done = setup;
        oracle.forget_names();
        ours.forget_names();
        if let Some(types) = &mut oracle.types {
            *types = describe::types_of(&oracle.client).await?;
        }
        for case in cases {
            let verdict = one(version, case, &oracle, ours).await?;
            tally.add(stem, version, case, verdict);
        }
    }
    Ok(())
}

/// Whether the version has no such tables at all.
fn lacks(outcome: &std::result::Result<(), tokio_postgres::Error>) -> bool {
    outcome.as_ref().is_err_and(|error| {
        error.code() == Some(&tokio_postgres::error::SqlState::FEATURE_NOT_SUPPORTED)
    })
}

async fn one(version: &str, case: &Case, oracle: &Server, ours: &Server) -> Result<Verdict> {
    if case.judge.as_deref() == Some("none") {
        return Ok(Verdict::NotCarriedOut);
    }
    let answer = answer_under(&case.settings, ours, &case.input).await?;
    // A case may leave a transaction or a setting behind.
    for server in [ours, oracle] {
        rolled_back(server).await?;
    }
    if let Some(sqlstate) = refusal(version, case, &answer) {
        return Ok(verdict::refused(&answer, &sqlstate));
    }
    let care = match case.judge.as_deref() {
        Some("close") => Care::Close,
        Some("words") => Care::Words,
        _ => Care::Usual,
    };
    // PostgreSQL knows no settings of the rules.
    let is_ours = |(name, _): &(String, String)| name.contains('.');
    if case.judge.is_some() && care == Care::Usual || case.settings.iter().any(is_ours) {
        return Ok(verdict::carried_out(&answer));
    }
    let expected = answer_under(&case.settings, oracle, &case.input).await?;
    rolled_back(oracle).await?;
    Ok(verdict::compared(&expected, &answer, &case.input, care))
}

/// Ends what a case has left open. A server that still waits for the rows of a COPY does not answer.
async fn rolled_back(server: &Server) -> Result<()> {
    let rollback = server.client.batch_execute("ROLLBACK");
    let outcome = tokio::time::timeout(PATIENCE, rollback).await;
    let outcome = outcome.context("no answer to ROLLBACK: is the case a COPY FROM STDIN?");
    drop(outcome?);
    Ok(())
}

/// How long a server may take over one statement.
const PATIENCE: Duration = Duration::from_secs(120);

async fn answer_under(
    settings: &[(String, String)],
    server: &Server,
    statement: &str,
) -> Result<Answer> {
    for (name, value) in settings {
        server
            .client
            .batch_execute(&format!("SET {name} = '{value}'"))
            .await?;
    }
    let answer = timeout(PATIENCE, Answer::of(server, statement))
        .await
        .with_context(|| {
            format!("no answer to {statement}; of what wants rows of the client, say judge=none")
        })?;
    for (name, _) in settings.iter().rev() {
        drop(server.client.batch_execute("ROLLBACK").await);
        server
            .client
            .batch_execute(&format!("RESET {name}"))
            .await?;
    }
    Ok(answer)
}

/// The SQLSTATE that the page expects of this version, if it expects a refusal. Of several
/// statements it decides about the last; one before may only be refused as long as nothing has made its table.
fn refusal(version: &str, case: &Case, answer: &Answer) -> Option<String> {
    let mut expected = None;
    for block in &case.results {
        let mut words = block.info.split(' ');
        let kind = words.next();
        let mut versions = words.skip_while(|word| *word == "iris").peekable();
        if versions.peek().is_some() && !versions.any(|only| only == version) {
            continue;
        }
        let sqlstate = || block.body.split(':').next().map(str::to_owned);
        let is_answer = |expected: &Option<String>| {
            matches!((answer, expected),
            (Answer::Error(found), Some(expected)) if found.sqlstate == *expected)
        };
        match kind {
            Some("refusal") => expected = sqlstate(),
            Some("notice") => {}
            _ if is_answer(&expected) => {}
            _ => expected = None,
        }
    }
    expected
}

/// The versions that there are rules for.
fn versions() -> Result<Vec<String>> {
    let mut versions = Vec::new();
    for entry in std::fs::read_dir(rules_directory()?)? {
        let path = entry?.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        versions.extend(stem.strip_prefix("iris-").map(str::to_owned));
    }
    versions.sort();
    ensure!(!versions.is_empty(), "there are no rules");
    Ok(versions)
}

fn broker(version: &str) -> Result<Broker> {
    Broker::with([
        "--upstream".into(),
        format!("sandbox:?iris={version}").into(),
        "--rules".into(),
        rules_directory()?.into(),
    ])
}

fn pages() -> Result<Vec<PathBuf>> {
    let directory = std::env::var_os("PGIRIS_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../guest/corpus"),
        PathBuf::from,
    );
    let wanted = std::env::var("PGIRIS_PAGES").unwrap_or_default();
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(&directory)? {
        let path = entry?.path();
        let stem = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let is_page = path.extension().is_some_and(|extension| extension == "md");
        if is_page && (wanted.is_empty() || wanted.split(',').any(|page| page == stem)) {
            pages.push(path);
        }
    }
    pages.sort();
    ensure!(!pages.is_empty(), "no page in {}", directory.display());
    Ok(pages)
}

//! What psql prints: every document psql/*.md is typed into it, and its output compared.
//!
//! A document is one session. A block `sql` goes in, the block `text` behind it comes out. Documents
//! without a block `sql iris` are typed into a real PostgreSQL as well, which must print the same.
//! `UPDATE=1` writes what came into the documents; PostgreSQL's answer where there is one.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Block, Broker, Postgres, blocks, psql};

#[test]
fn broker_prints_what_the_documents_say() -> Result<()> {
    let mut wrong = Vec::new();
    for path in documents()? {
        // Each begins with an empty namespace.
        let broker = Broker::start()?;
        let document = fs::read_to_string(&path)?;
        wrong.extend(replay(&path, broker.port(), "USER", is_iris(&document))?);
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn postgres_prints_the_same() -> Result<()> {
    let postgres = Postgres::start()?;
    let mut wrong = Vec::new();
    for (index, path) in documents()?.into_iter().enumerate() {
        if is_iris(&fs::read_to_string(&path)?) {
            continue;
        }
        let database = format!("document_{index}");
        psql(
            postgres.port(),
            "postgres",
            &format!("CREATE DATABASE {database};"),
        )?;
        wrong.extend(replay(&path, postgres.port(), &database, true)?);
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

fn documents() -> Result<Vec<PathBuf>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/end_to_end/psql");
    let entries = fs::read_dir(directory)?.map(|entry| Ok(entry?.path()));
    let mut paths = entries.collect::<Result<Vec<_>>>()?;
    paths.sort();
    ensure!(!paths.is_empty(), "there are no documents");
    Ok(paths)
}

fn is_iris(document: &str) -> bool {
    blocks(document)
        .iter()
        .any(|block| block.kind == "sql iris")
}

/// Types the document into psql; what came out wrong, block by block.
fn replay(path: &Path, port: u16, database: &str, may_update: bool) -> Result<Vec<String>> {
    let document = fs::read_to_string(path)?;
    let blocks = blocks(&document);
    let name = path
        .file_name()
        .context("a document has a name")?
        .to_string_lossy();
    let outputs = outputs(&blocks, port, database)?;
    let pairs: Vec<(&Block, String)> = expectations(&blocks).zip(outputs).collect();
    let wrong = pairs
        .iter()
        .filter(|(expected, came)| expected.text.trim_end() != came.trim_end());
    let wrong = wrong.map(|(expected, came)| {
        let Block {
            heading,
            line,
            text,
            ..
        } = expected;
        format!("{name}:{line} {heading}\n--- expected\n{text}--- came\n{came}")
    });
    let wrong: Vec<String> = wrong.collect();
    if may_update && !wrong.is_empty() && env::var_os("UPDATE").is_some() {
        fs::write(path, updated(&document, &pairs))?;
        return Ok(Vec::new());
    }
    Ok(wrong)
}

/// The `text` blocks; each stands behind its `sql` block.
fn expectations<'a>(blocks: &'a [Block<'a>]) -> impl Iterator<Item = &'a Block<'a>> {
    blocks.iter().filter(|block| block.kind == "text")
}

/// What psql prints for each `sql` block, all typed into one session.
fn outputs(blocks: &[Block], port: u16, database: &str) -> Result<Vec<String>> {
    let statements = blocks.iter().filter(|block| block.kind.starts_with("sql"));
    ensure!(
        statements.clone().count() == expectations(blocks).count(),
        "every block `sql` needs a block `text`"
    );
    const END: &str = "----- end of block";
    let script: String = statements
        .map(|block| format!("{}\\echo {END}\n", block.text))
        .collect();
    let output = psql(port, database, &script)?;
    let mut outputs: Vec<String> = output
        .split(&format!("{END}\n"))
        .map(str::to_owned)
        .collect();
    let rest = outputs.pop().unwrap_or_default();
    ensure!(
        outputs.len() == expectations(blocks).count(),
        "psql ended early:\n{}{rest}",
        outputs.last().map_or("", String::as_str)
    );
    Ok(outputs)
}

fn updated(document: &str, pairs: &[(&Block, String)]) -> String {
    let mut text = String::new();
    let mut rest = 0;
    for (expected, came) in pairs {
        // A block's text is a part of the document.
        let start = expected.text.as_ptr().addr() - document.as_ptr().addr();
        text.push_str(&document[rest..start]);
        let came = came.trim_end();
        text.push_str(came);
        if !came.is_empty() {
            text.push('\n');
        }
        rest = start + expected.text.len();
    }
    text + &document[rest..]
}

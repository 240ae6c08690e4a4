//! The protocol frame by frame: every script wire/*.md is played, and what comes compared.
//!
//! A block `wire` is one connection. Blocks are played against a real PostgreSQL as well, except
//! those marked `wire iris`; those marked `wire pgvector` against one with that extension, if the
//! Python environment has it.

mod random;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, Postgres, Script, WireClient, blocks};

#[test]
fn broker_follows_the_scripts() -> Result<()> {
    let broker = Broker::start()?;
    play_all(broker.port(), "USER", |kind| kind.starts_with("wire"))
}

#[test]
fn postgres_follows_the_same_scripts() -> Result<()> {
    let postgres = Postgres::start()?;
    play_all(postgres.port(), "postgres", |kind| kind == "wire")
}

#[test]
fn pgvector_follows_the_scripts_of_vectors() -> Result<()> {
    let Some(postgres) = Postgres::start_with_pgvector()? else {
        println!("NOT PLAYED: there is no PostgreSQL with pgvector; run: cargo xtask test");
        return Ok(());
    };
    let script = Script::parse(
        "> Query \"CREATE EXTENSION vector\"\n< CommandComplete \"CREATE EXTENSION\"",
    )?;
    let created = script.play(&mut WireClient::ready(postgres.port(), "postgres")?)?;
    ensure!(created.came == created.expected, "{created:?}");
    play_all(postgres.port(), "postgres", |kind| kind == "wire pgvector")
}

fn play_all(port: u16, database: &str, applies: impl Fn(&str) -> bool) -> Result<()> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/end_to_end/wire");
    let mut wrong = Vec::new();
    let mut played = 0;
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let document = fs::read_to_string(&path)?;
        for block in blocks(&document)
            .into_iter()
            .filter(|block| applies(block.kind))
        {
            played += 1;
            let place = format!("{}:{} {}", path.display(), block.line, block.heading);
            let script = Script::parse(&block.text.replace("DATABASE", database))?;
            // A script that greets starts with the bare connection.
            let mut client = if script.greets() {
                WireClient::connect(port)?
            } else {
                WireClient::ready(port, database)?
            };
            let transcript = script.play(&mut client).with_context(|| place.clone())?;
            if transcript.came != transcript.expected {
                wrong.push(format!("{place}\n{}", transcript.came.join("\n")));
            }
        }
    }
    ensure!(played > 0, "there are no scripts");
    ensure!(
        wrong.is_empty(),
        "what came, up to the first wrong frame:\n{}",
        wrong.join("\n")
    );
    Ok(())
}

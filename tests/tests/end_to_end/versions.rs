//! Other rules are other files: what reaches IRIS changes with them, the broker stays.

use anyhow::{Result, ensure};
use pgiris_tests::{Broker, StatementLog, psql, rules_directory, rules_file};

const TABLE: &str =
    "CREATE TABLE page (id int); INSERT INTO page VALUES (1); INSERT INTO page VALUES (2);";
const QUERY: &str = "SELECT id FROM page ORDER BY id LIMIT 1;";

#[test]
fn rules_decide_between_top_and_limit() -> Result<()> {
    let old = received("2024.1", Rules::File)?;
    ensure!(
        old.contains("TOP 1") && !old.contains("LIMIT"),
        "2024.1 received {old}"
    );
    let new = received("2025.1", Rules::File)?;
    ensure!(
        new.contains("LIMIT 1") && !new.contains("TOP"),
        "2025.1 received {new}"
    );
    Ok(())
}

#[test]
fn the_rules_that_serve_the_version_are_picked_from_a_directory() -> Result<()> {
    let old = received("2024.1", Rules::Directory)?;
    ensure!(
        old.contains("TOP 1") && !old.contains("LIMIT"),
        "2024.1 received {old}"
    );
    let new = received("2025.1", Rules::Directory)?;
    ensure!(
        new.contains("LIMIT 1") && !new.contains("TOP"),
        "2025.1 received {new}"
    );
    Ok(())
}

enum Rules {
    File,
    Directory,
}

/// The query as it reached a sandbox of this version; the row it gave is checked here.
fn received(version: &str, rules: Rules) -> Result<String> {
    let log = StatementLog::new()?;
    let rules = match rules {
        Rules::File => rules_file(&format!("iris-{version}"))?,
        Rules::Directory => rules_directory()?,
    };
    let upstream = log.sandbox(version);
    let broker = Broker::with([
        "--upstream".into(),
        upstream.into(),
        "--rules".into(),
        rules.into(),
    ])?;
    psql(broker.port(), "USER", TABLE)?;
    let answer = psql(broker.port(), "USER", QUERY)?;
    ensure!(answer.trim() == "id \n----\n  1\n(1 row)", "{answer}");
    log.statement_with("FROM page")
}

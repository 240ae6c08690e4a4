//! Every row of `docs/statements.md`, carried out: what the page says becomes of a command
//! is what becomes of it.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, connect, psql, rules_directory};
use tokio_postgres::Error;

const VERSIONS: [&str; 2] = ["2023.1", "2025.1"];

/// What the example of a command needs, or several of them that begin so.
const NEEDS: &[(&str, &[&str])] = &[
    (
        "ALTER GROUP",
        &["CREATE ROLE clerk", "CREATE USER joe PASSWORD 'x'"],
    ),
    ("ALTER ROLE", &["CREATE USER joe PASSWORD 'secret'"]),
    ("ALTER SEQUENCE", &["CREATE SEQUENCE s"]),
    ("ALTER TYPE", &["CREATE TYPE mood AS ENUM ('sad')"]),
    ("ALTER USER", &["CREATE USER joe PASSWORD 'secret'"]),
    ("ALTER", &["CREATE TABLE t (a int)"]),
    (
        "CALL",
        &["CREATE PROCEDURE p(IN x INT) LANGUAGE SQL BEGIN SELECT 1; END"],
    ),
    ("CLOSE", CURSOR),
    ("CREATE TABLE", &[]),
    ("CREATE FOREIGN TABLE", &[]),
    ("CREATE", &["CREATE TABLE t (a int)"]),
    ("DEALLOCATE", &["PREPARE p AS SELECT 1"]),
    ("DECLARE", &["BEGIN"]),
    ("DROP DATABASE", &["CREATE DATABASE d"]),
    (
        "DROP FUNCTION",
        &["CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE OBJECTSCRIPT { QUIT 1 }"],
    ),
    (
        "DROP PROCEDURE",
        &["CREATE PROCEDURE p() LANGUAGE OBJECTSCRIPT { QUIT }"],
    ),
    (
        "DROP TRIGGER",
        &[
            "CREATE TABLE t (a int)",
            "CREATE TRIGGER n AFTER INSERT ON t LANGUAGE OBJECTSCRIPT { SET x = 1 }",
        ],
    ),
    ("SELECT INTO", &["CREATE TABLE t (a int)"]),
    ("DROP GROUP", &["CREATE ROLE clerk"]),
    (
        "DROP INDEX",
        &["CREATE TABLE t (a int)", "CREATE INDEX i ON t (a)"],
    ),
    ("DROP ROLE", &["CREATE ROLE clerk"]),
    ("DROP SCHEMA", &["CREATE SCHEMA s"]),
    ("DROP SEQUENCE", &["CREATE SEQUENCE s"]),
    ("DROP TYPE", &["CREATE TYPE mood AS ENUM ('sad')"]),
    ("DROP USER", &["CREATE USER joe PASSWORD 'x'"]),
    ("DROP VIEW", &["CREATE VIEW v AS SELECT 1 AS a"]),
    ("EXECUTE", &["PREPARE p(int) AS SELECT $1"]),
    ("FETCH", CURSOR),
    ("LOCK", &["CREATE TABLE t (a int)", "BEGIN"]),
    ("MOVE", CURSOR),
    ("RELEASE SAVEPOINT", &["BEGIN", "SAVEPOINT s"]),
    (
        "REVOKE",
        &["CREATE TABLE t (a int)", "GRANT SELECT ON t TO PUBLIC"],
    ),
    ("ROLLBACK TO", &["BEGIN", "SAVEPOINT s"]),
    ("SAVEPOINT", &["BEGIN"]),
    ("SET TRANSACTION", &["BEGIN"]),
    ("", &["CREATE TABLE t (a int)", "CREATE TABLE u (a int)"]),
];

const CURSOR: &[&str] = &["BEGIN", "DECLARE c CURSOR FOR SELECT 1"];

/// Takes away what examples leave behind; most of it is not there.
const CLEARED: &[&str] = &[
    "DROP VIEW v",
    "DROP TABLE t",
    "DROP TABLE u",
    "DROP SEQUENCE s",
    "DROP TYPE mood",
    "DROP ROLE joe",
    "DROP ROLE clerk",
    "DROP SCHEMA s",
    "DROP DATABASE d",
    "DROP PROCEDURE p",
];

/// What the sandbox says of statements of IRIS that it does not have.
const NOT_IMITATED: &str = "is not imitated by the sandbox";

struct Row {
    command: String,
    example: String,
    fate: String,
    how: String,
    versions: String,
}

impl Row {
    /// Whether the page says that this version carries the example out.
    fn is_done_by(&self, version: &str) -> bool {
        let first = self.versions.strip_prefix("from ").unwrap_or("");
        self.fate != "refused" && version >= first
    }

    fn needs(&self) -> &'static [&'static str] {
        let mut needs = NEEDS.iter();
        let found = needs.find(|(command, _)| self.command.starts_with(command));
        found.map_or(&[], |(_, needs)| needs)
    }
}

fn rows() -> Result<Vec<Row>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/statements.md");
    let text = std::fs::read_to_string(path)?;
    let lines = text.lines().filter(|line| line.starts_with("| "));
    let rows: Vec<Row> = lines.skip(1).filter_map(row).collect();
    ensure!(rows.len() > 100, "only {} rows", rows.len());
    Ok(rows)
}

fn row(line: &str) -> Option<Row> {
    let line = line.strip_prefix("| ")?.strip_suffix(" |")?;
    let mut cells = line.split(" | ").map(|cell| cell.replace("\\|", "|"));
    Some(Row {
        command: cells.next()?,
        example: cells.next()?.trim_matches('`').to_owned(),
        fate: cells.next()?,
        how: cells.next()?,
        versions: cells.next()?,
    })
}

/// Carries an example out in a session of its own.
async fn carried_out(port: u16, row: &Row) -> Result<Result<(), Error>> {
    let client = connect(port, "USER").await?;
    for statement in row.needs() {
        let done = client.batch_execute(statement).await;
        done.with_context(|| format!("{}: {statement}", row.command))?;
    }
    if row.command == "COPY" {
        let rows = format!("{};\n1\n2\n\\.\n", row.example);
        let printed = psql(port, "USER", &rows)?;
        ensure!(printed.trim() == "COPY 2", "{}: {printed}", row.example);
        return Ok(Ok(()));
    }
    Ok(client.batch_execute(&row.example).await)
}

/// What is wrong with what became of it.
fn difference(row: &Row, version: &str, outcome: Result<(), Error>) -> Option<String> {
    let complaint = match (row.is_done_by(version), outcome) {
        (true, Ok(())) => return None,
        (true, Err(error)) => match error.as_db_error() {
            // It is IRIS's own statement, and got that far.
            Some(error) if error.message().contains(NOT_IMITATED) => return None,
            Some(error) => format!("{}: {}", error.code().code(), error.message()),
            None => error.to_string(),
        },
        (false, Ok(())) => "carried out".to_owned(),
        (false, Err(error)) => {
            let error = error.as_db_error()?;
            let hint = error.hint().unwrap_or_default();
            let is_told = error.code().code() == "0A000" && hint == row.how;
            // What an earlier version says is not on the page.
            if row.fate != "refused" || is_told {
                return None;
            }
            format!("{}, hint {hint}", error.code().code())
        }
    };
    Some(format!(
        "IRIS {version}, {}, {}: {complaint}",
        row.example, row.fate
    ))
}

#[tokio::test]
async fn every_command_becomes_what_the_page_says() -> Result<()> {
    let rows = rows()?;
    let mut wrong = Vec::new();
    for version in VERSIONS {
        let broker = Broker::with([
            "--upstream".into(),
            format!("sandbox:?iris={version}").into(),
            "--rules".into(),
            rules_directory()?.into(),
        ])?;
        let cleaner = connect(broker.port(), "USER").await?;
        for row in &rows {
            match carried_out(broker.port(), row).await {
                Ok(outcome) => wrong.extend(difference(row, version, outcome)),
                Err(error) => wrong.push(format!("IRIS {version}, {error:#}")),
            }
            for statement in CLEARED {
                let _ = cleaner.batch_execute(statement).await;
            }
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

//! `docs/statements.md` says what becomes of every command of PostgreSQL, as the rules
//! have it: each row is a statement that was translated. `UPDATE=1` rewrites it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::result_large_err,
    reason = "tests"
)]

mod commands;
#[path = "../support/request.rs"]
mod support;

use std::fmt::Write as _;
use std::path::Path;

use commands::COMMANDS;
use pgiris_rules::version::iris_2025_1::Iris2025_1;
use pgiris_rules::wit::{MetadataQuery, MetadataRows, Plan, Translation};
use pgiris_rules::{Version, readable, translate};
use support::{VERSIONS, request};

const HEAD: &str = "# Statements

What becomes of PostgreSQL's commands on InterSystems IRIS. This page is written by a test from what the rules make
of the example in each row, for IRIS 2025.1; forms of a command that IRIS lacks are refused also where the example
is not, see the page of the rule in `guest/corpus`.

- *same*: IRIS has it in the same words.
- *translated*: IRIS has it in other words, or in several statements.
- *emulated*: the broker does it.
- *acknowledged*: nothing is to be done on IRIS, and a notice says so.
- *refused*: an error with the hint that is shown.

| command | example | what becomes of it | how | versions |
|---|---|---|---|---|
";

fn translated(version: &dyn Version, text: &str) -> Translation {
    let mut request = request(version, text);
    loop {
        let translation = translate(version, &request).unwrap().remove(0);
        let Plan::Lookup(lookup) = translation.plan else {
            return translation;
        };
        // Nobody is there to ask about the tables.
        let nothing = |query: MetadataQuery| MetadataRows {
            name: query.name,
            columns: Vec::new(),
            rows: Vec::new(),
        };
        request
            .metadata
            .extend(lookup.queries.into_iter().map(nothing));
    }
}

/// What became of a statement, and how.
fn fate(text: &str, translation: &Translation) -> (&'static str, String) {
    match &translation.plan {
        // These look for their object first, and there is none.
        Plan::Refuse(refusal) if matches!(refusal.sqlstate.as_str(), "42P01" | "42704") => {
            if text.starts_with("COMMENT") {
                (
                    "translated",
                    "rows of `pgiris_catalog.description`".to_owned(),
                )
            } else if text.contains(" TYPE ") || text.contains(" SEQUENCE ") {
                ("translated", String::new())
            } else {
                ("emulated", String::new())
            }
        }
        Plan::Refuse(refusal) => ("refused", refusal.hint.clone().unwrap_or_default()),
        Plan::Forward(forward) => {
            let written = readable(&forward.statement);
            if written == text {
                ("same", String::new())
            } else {
                ("translated", format!("`{written}`"))
            }
        }
        Plan::Sequence(sequence) if sequence.steps.is_empty() => {
            let detail = translation.notices.first().and_then(|n| n.detail.clone());
            ("acknowledged", detail.unwrap_or_default())
        }
        Plan::Sequence(sequence) => {
            let steps: Vec<String> = sequence
                .steps
                .iter()
                .map(|step| format!("`{}`", readable(&step.statement)))
                .collect();
            ("translated", steps.join(", "))
        }
        Plan::Transaction(transaction) if transaction.commands.is_empty() => {
            ("emulated", String::new())
        }
        Plan::Transaction(transaction) => {
            let commands: Vec<String> = transaction
                .commands
                .iter()
                .map(|command| format!("`{}`", command.join("s")))
                .collect();
            ("translated", commands.join(", "))
        }
        _ => ("emulated", String::new()),
    }
}

fn row(command: &str, text: &str) -> String {
    let fates: Vec<(&str, String)> = VERSIONS
        .iter()
        .map(|version| fate(text, &translated(*version, text)))
        .collect();
    let (what, how) = fates.last().unwrap();
    let first = fates.iter().position(|(fate, _)| fate == what).unwrap();
    let versions = if first == 0 {
        "all".to_owned()
    } else {
        let version = VERSIONS[first].serves_from();
        format!("from {}.{}", version.year, version.release)
    };
    format!(
        "| {command} | `{}` | {what} | {} | {versions} |\n",
        text.replace('|', "\\|"),
        how.replace('|', "\\|")
    )
}

#[test]
fn the_document_is_fresh() {
    let mut fresh = HEAD.to_owned();
    for (command, text) in COMMANDS {
        let _ = write!(fresh, "{}", row(command, text));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/statements.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, fresh, "UPDATE=1 rewrites {}", path.display());
}

/// What IRIS would call a syntax error is refused before it gets there, with a hint.
#[test]
fn every_refusal_says_what_to_do_instead() {
    for (command, text) in COMMANDS {
        let (what, how) = fate(text, &translated(&Iris2025_1, text));
        assert!(what != "refused" || !how.is_empty(), "{command}");
        assert!(
            text.starts_with(command.split(' ').next().unwrap()),
            "{command}"
        );
    }
}

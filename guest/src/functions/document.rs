//! `docs/functions.md` is what the tables say; `UPDATE=1` rewrites it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use super::{ANY, Entry, FAMILIES, Fate, operator};

/// The family of functions about PostgreSQL itself.
const INFORMATION: &str = "Information about PostgreSQL";

const HEAD: &str = "# Functions and operators

What becomes of PostgreSQL's functions and operators on InterSystems IRIS. This page is written by a test
from the tables of the rules.

- *same*: IRIS has it with the same meaning.
- *translated*: IRIS has it under another name or in another form.
- *emulated*: put together from several functions of IRIS.
- *by the catalogue*: the broker computes it in queries on `pg_catalog` and `information_schema`, and in those
  without a FROM that ask about the catalogue; beside a table of IRIS's it is refused.
- *refused*: an error with SQLSTATE 0A000 and a hint; in queries on the catalogue the broker may compute it all the same.

A function that is not here goes to IRIS as it is written; one that IRIS does not know either is an error
with SQLSTATE 42883, and so is one that is called with too few or too many arguments, or with a first argument
of a wrong type. Functions about the session (`version`, `current_user`, `current_schema`, `current_database`,
`current_setting`, `pg_backend_pid`, `pg_is_in_recovery`, `inet_server_addr` and its kin), and
`pg_sleep` and the functions for advisory locks by themselves, are answered by the broker, see the rule `session_function`.
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    for family in &FAMILIES {
        let _ = write!(
            page,
            "\n## {}\n\n| function | arguments | what becomes of it | on IRIS | versions |\n|---|---|---|---|---|\n",
            family.title
        );
        for entry in family.entries {
            rows(&mut page, family.title, entry);
        }
    }
    page.push_str("\n## Operators\n\n| operator | what becomes of it | how, or what instead |\n|---|---|---|\n");
    for (written, fate, how) in operator::OTHERS {
        let _ = writeln!(page, "| {written} | {fate} | {how} |");
    }
    for (written, hint) in operator::all() {
        let _ = writeln!(
            page,
            "| `{}` | refused | {hint} |",
            written.replace('|', "\\|")
        );
    }
    page
}

/// What tells of PostgreSQL itself is for queries on the catalogue.
fn rows(page: &mut String, title: &str, entry: &Entry) {
    let is_answered = |name: &&&str| title == INFORMATION && pgiris_catalog::has_function(name);
    let (answered, others): (Vec<&str>, Vec<&str>) =
        entry.names.iter().partition(|name| is_answered(name));
    if !answered.is_empty() {
        row(page, entry, &answered, Some("by the catalogue"));
    }
    if !others.is_empty() {
        row(page, entry, &others, None);
    }
}

fn row(page: &mut String, entry: &Entry, names: &[&str], instead: Option<&str>) {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let (fewest, most) = entry.arguments;
    let arguments = match most {
        ANY => format!("{fewest} or more"),
        most if most == fewest => most.to_string(),
        most => format!("{fewest} to {most}"),
    };
    let (fate, how) = match entry.fate {
        Fate::Same => ("same", String::new()),
        Fate::Named(name) => ("translated", format!("`{name}(…)`")),
        Fate::Translated(how, _) => ("translated", how.to_owned()),
        Fate::Emulated(how, _) => ("emulated", how.to_owned()),
        Fate::Arranged(_) => (
            "emulated",
            "by the broker, see `arranged_rows`: in the outermost query".to_owned(),
        ),
        Fate::Refused(hint) => ("refused", hint.to_owned()),
    };
    let (fate, how) = match instead {
        Some(fate) => (fate, String::new()),
        None => (fate, how),
    };
    let versions = entry
        .needs
        .as_ref()
        .map_or_else(|| "all".to_owned(), |need| format!("from {}", need.since));
    let _ = writeln!(
        page,
        "| {} | {arguments} | {fate} | {} | {versions} |",
        names.join(", "),
        how.replace('|', "\\|")
    );
}

#[test]
fn the_document_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/functions.md");
    let fresh = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &fresh).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, fresh, "UPDATE=1 rewrites {}", path.display());
}

#[test]
fn no_function_is_in_two_tables() {
    let mut seen = BTreeSet::new();
    for name in FAMILIES
        .iter()
        .flat_map(|family| family.entries)
        .flat_map(|entry| entry.names)
    {
        assert!(seen.insert(*name), "{name}");
        assert_eq!(*name, name.to_lowercase());
        assert!(name.len() <= 40, "{name}");
    }
}

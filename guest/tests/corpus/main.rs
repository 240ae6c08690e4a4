//! The corpus: what every rule makes of its statements, `guest/corpus/<rule>.md`.
//!
//! A case is a block `sql postgres`, followed by blocks that say what becomes of it:
//! `sql iris` (with a version if versions differ), `refusal`, `notice`, `plan`, and,
//! if the page has them, `columns`, `origins` and `parameters`. Settings stand behind the
//! word `postgres`. A block `sql setup` makes tables for the cases that follow it on
//! the page. `UPDATE=1` rewrites the pages, `PGIRIS_PAGES=a,b` takes
//! those pages alone. The pages `already_iris` are no rule's: they
//! show SQL that is IRIS's own.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::result_large_err,
    reason = "tests"
)]

#[allow(
    dead_code,
    reason = "the judge of meaning asks a page for what the corpus needs not know"
)]
mod page;
mod render;
#[path = "../support/request.rs"]
mod support;
mod world;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pgiris_rules::wit::{Plan, Request, Translation};
use pgiris_rules::{Version, describe, readable};
use support::VERSIONS;

fn request(version: &dyn Version, text: &str, settings: &[(String, String)]) -> Request {
    let mut request = support::request(version, text);
    request.context.settings = settings.to_vec();
    request
}

/// A sandbox of each version with the tables of a page.
fn worlds(setup: &str) -> Vec<world::World> {
    VERSIONS
        .iter()
        .map(|version| world::World::new(*version, setup))
        .collect()
}

fn pages() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut pages: Vec<PathBuf> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .filter(|path| is_wanted(path))
        .collect();
    pages.sort();
    pages
}

/// Whether the page is one of those that `PGIRIS_PAGES` names, if it names any.
fn is_wanted(path: &Path) -> bool {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    match std::env::var("PGIRIS_PAGES") {
        Ok(names) if !names.is_empty() => names.split(',').any(|one| one == name),
        _ => true,
    }
}

/// The rule that a page is about: `NAME.md`, or `NAME-TOPIC.md` if it needs several.
fn stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
    stem.split('-').next().unwrap_or_default().to_owned()
}

#[test]
fn every_case_gives_what_its_page_says() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut failures = Vec::new();
    for path in pages() {
        let written = std::fs::read_to_string(&path).unwrap();
        let mut page = page::Page::read(&written);
        for (setup, cases) in page.scenes() {
            let mut worlds = worlds(&setup);
            for case in cases {
                case.results = render::results(&mut worlds, case);
            }
        }
        let fresh = page.write();
        if fresh == written {
            continue;
        }
        if update {
            std::fs::write(&path, fresh).unwrap();
        } else {
            failures.push(format!(
                "{}:\n{}",
                path.display(),
                page::difference(&written, &fresh)
            ));
        }
    }
    assert!(
        failures.is_empty(),
        "UPDATE=1 rewrites the pages:\n\n{}",
        failures.join("\n\n")
    );
}

/// The pages of what no rule may change.
const UNCHANGED: &str = "already_iris";

/// The pages among them of words that PostgreSQL has as well, and with another meaning.
const SHARED: &str = "already_iris-shared";

#[test]
fn every_rule_has_a_page_in_which_it_works() {
    let rules: BTreeSet<String> = describe(VERSIONS[0])
        .rules
        .into_iter()
        .map(|rule| rule.name)
        .collect();
    let (unchanged, pages): (Vec<PathBuf>, Vec<PathBuf>) = pages()
        .into_iter()
        .partition(|path| stem(path) == UNCHANGED);
    assert!(!unchanged.is_empty());
    let stems: BTreeSet<String> = pages.iter().map(|path| stem(path)).collect();
    assert_eq!(rules, stems);
    for path in pages {
        let mut page = page::Page::read(&std::fs::read_to_string(&path).unwrap());
        let works = page.scenes().into_iter().any(|(setup, cases)| {
            let mut worlds = worlds(&setup);
            let applies = |world: &mut world::World, case: &page::Case| {
                render::translations(world, case).is_ok_and(|all| {
                    all.iter()
                        .flat_map(|one| &one.applied)
                        .any(|applied| applied.rule == stem(&path))
                })
            };
            cases
                .into_iter()
                .any(|case| worlds.iter_mut().any(|world| applies(world, case)))
        });
        let notes = matches!(stem(&path).as_str(), "column_label" | "column_origin");
        let observes = notes || works;
        assert!(observes, "{} does nothing on its own page", path.display());
    }
}

#[test]
fn every_rule_is_documented_under_the_same_headings() {
    const HEADINGS: [&str; 5] = [
        "# What it does",
        "# Why",
        "# Example",
        "# Limits",
        "# Versions",
    ];
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let rules = describe(VERSIONS[0]).rules;
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), rules.len());
    for rule in rules {
        let path = directory.join(format!("{}.rs", rule.name));
        let text = std::fs::read_to_string(&path).unwrap();
        let headings: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("//! "))
            .filter(|line| line.starts_with("# "))
            .collect();
        assert_eq!(headings, HEADINGS, "{}", path.display());
    }
}

/// Also a statement that a version lacks: IRIS itself says so.
#[test]
fn what_is_already_iris_passes_unchanged() {
    for path in pages().iter().filter(|path| stem(path) == UNCHANGED) {
        if path.to_string_lossy().contains(SHARED) {
            continue;
        }
        let mut page = page::Page::read(&std::fs::read_to_string(path).unwrap());
        for (setup, cases) in page.scenes() {
            for world in &mut worlds(&setup) {
                for case in &cases {
                    let all = render::translations(world, case).unwrap();
                    assert_eq!(all.len(), 1, "{}", case.input);
                    let sent = forwarded(&all[0]).map(|text| without_numbers(&text));
                    let page = path.display();
                    assert_eq!(sent, Some(without_numbers(&case.input)), "{page}");
                }
            }
        }
    }
}

/// What comes out is IRIS's SQL, and IRIS's SQL passes unchanged.
#[test]
fn what_a_rule_wrote_is_left_alone() {
    for path in pages() {
        let mut page = page::Page::read(&std::fs::read_to_string(&path).unwrap());
        for (setup, cases) in page.scenes() {
            for world in &mut worlds(&setup) {
                for case in &cases {
                    // A zone means what it means in IRIS's words, too: it would be applied twice.
                    let is_zone =
                        |(name, _): &(String, String)| name.eq_ignore_ascii_case("timezone");
                    if case.settings.iter().any(is_zone) {
                        continue;
                    }
                    let Ok(all) = render::translations(world, case) else {
                        continue;
                    };
                    for text in all.iter().filter_map(forwarded) {
                        let request = request(world.version(), &text, &case.settings);
                        let again = world.translations(&request).unwrap();
                        // PostgreSQL's TRUNCATE lets counters go on, IRIS's does not.
                        let resets = text.starts_with("TRUNCATE TABLE ");
                        if resets || gives_meaning(&again[0]) || is_text_to_readers(&again[0]) {
                            continue;
                        }
                        assert_eq!(
                            forwarded(&again[0]).as_deref(),
                            Some(text.as_str()),
                            "{}",
                            path.display()
                        );
                    }
                }
            }
        }
    }
}

/// With `?` for `$1`.
fn without_numbers(text: &str) -> String {
    let mut parts = text.split('$');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        format!(
            "{text}?{}",
            part.trim_start_matches(|c: char| c.is_ascii_digit())
        )
    })
}

/// Rules that give PostgreSQL's meaning to words which both languages have: they
/// cannot know that a text was written for IRIS.
const MEANING: [&str; 13] = [
    "create_table_as",
    "null_order",
    "window_frame",
    "like_pattern",
    "function_name",
    "checked_cast",
    "string_order",
    "string_collation",
    "ungrouped_column",
    "enum_order",
    "operand_type",
    "session_zone",
    "blank_padding",
];

fn gives_meaning(translation: &Translation) -> bool {
    let mut applied = translation.applied.iter();
    applied.any(|applied| MEANING.contains(&applied.rule.as_str()))
}

/// An array or a document that was put together is a text to who reads it, and no text is
/// assigned to a column of arrays or documents.
fn is_text_to_readers(translation: &Translation) -> bool {
    matches!(&translation.plan, Plan::Refuse(refusal) if refusal.sqlstate == "42804")
}

fn forwarded(translation: &Translation) -> Option<String> {
    match &translation.plan {
        Plan::Forward(forward) => Some(readable(&forward.statement)),
        _ => None,
    }
}

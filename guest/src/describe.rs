//! What a component says of itself.

use crate::housekeeping::housekeeping;
use crate::isolation::FALLBACK_SETTING;
use crate::moment_text::DATE_STYLE_SETTING;
use crate::relations::TEMPORARY_SETTING;
use crate::rules::{self, CHECK_SETTING, COLLATION_SETTING, LOCKING_SETTING};
use crate::style::{FLOAT_DIGITS_SETTING, INTERVAL_STYLE_SETTING};
use crate::vector::ELEMENT_SETTING;
use crate::version::{RowLimit, Version};
use crate::wit::{Example, ListedRule, Manifest};
use crate::zone::ZONE_SETTING;

/// Settings that change a translation.
const SETTINGS: &[&str] = &[
    "default_transaction_isolation",
    "default_transaction_read_only",
    "search_path",
    "server_version",
    ZONE_SETTING,
    DATE_STYLE_SETTING,
    INTERVAL_STYLE_SETTING,
    FLOAT_DIGITS_SETTING,
    COLLATION_SETTING,
    TEMPORARY_SETTING,
    CHECK_SETTING,
    ELEMENT_SETTING,
    FALLBACK_SETTING,
    LOCKING_SETTING,
];

/// The manifest of the component for a version.
pub fn describe(version: &dyn Version) -> Manifest {
    let rules = rules::ALL
        .iter()
        .map(|rule| ListedRule {
            name: rule.name().to_owned(),
            summary: rule.summary().to_owned(),
        })
        .collect();
    Manifest {
        name: version.name().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        serves_from: version.serves_from(),
        serves_until: version.serves_until(),
        rules,
        examples: examples(version),
        settings: SETTINGS.iter().map(|name| (*name).to_owned()).collect(),
        housekeeping: housekeeping(),
    }
}

fn examples(version: &dyn Version) -> Vec<Example> {
    let example = |input: &str, output: &str| Example {
        input: input.to_owned(),
        output: output.to_owned(),
    };
    let nearest = match version.row_limit() {
        RowLimit::Limit => {
            "SELECT id FROM items ORDER BY VECTOR_COSINE(v, TO_VECTOR(?, DOUBLE)) DESC LIMIT 5"
        }
        RowLimit::Top => {
            "SELECT TOP 5 id FROM items ORDER BY VECTOR_COSINE(v, TO_VECTOR(?, DOUBLE)) DESC"
        }
    };
    let limited = match version.row_limit() {
        RowLimit::Limit => "SELECT name FROM people LIMIT 10",
        RowLimit::Top => "SELECT TOP 10 name FROM people",
    };
    vec![
        example("SELECT 1", "SELECT 1"),
        example(
            "SELECT a::text FROM t",
            "SELECT CAST(a AS VARCHAR(3641144)) FROM t",
        ),
        example("SELECT name FROM people LIMIT 10", limited),
        example(
            "SELECT name FROM people ORDER BY name DESC NULLS LAST",
            "SELECT name FROM people ORDER BY name DESC",
        ),
        example(
            "SELECT id FROM items ORDER BY v <=> $1 LIMIT 5",
            if version.has_vectors() {
                nearest
            } else {
                "refuse"
            },
        ),
        example(
            "INSERT INTO t (a, ok) VALUES ($1, true)",
            "INSERT INTO t (a, ok) VALUES (?, 1)",
        ),
        example(
            "SELECT a FROM t WHERE done",
            "SELECT a FROM t WHERE done = 1",
        ),
        example(
            "CREATE TABLE public.t (ok boolean)",
            "CREATE TABLE SQLUser.t (ok BIT)",
        ),
        example("SELECT TOP 5 %ID FROM t", "SELECT TOP 5 %ID FROM t"),
        example("BEGIN", "transaction"),
        example("SHOW server_version", "setting"),
        example("SELECT version()", "answer"),
        example("LISTEN channel", "refuse"),
        example("-- nothing", "empty"),
    ]
}

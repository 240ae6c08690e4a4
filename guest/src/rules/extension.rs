//! # What it does
//! Answers statements about extensions: those that IRIS needs nothing for are
//! acknowledged, the others refused.
//!
//! # Why
//! Migrations begin with `CREATE EXTENSION IF NOT EXISTS …`; IRIS has vectors and
//! random UUIDs without any.
//!
//! # Example
//! `CREATE EXTENSION IF NOT EXISTS vector` does nothing and says so.
//!
//! # Limits
//! `pgcrypto` and `uuid-ossp` are acknowledged for the sake of `gen_random_uuid()` and
//! `uuid_generate_v4()`; their other functions are refused where they are called.
//! SCHEMA and VERSION are not looked at.
//!
//! # Versions
//! `vector` from 2024.1.

use crate::classify::plain;
use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::reader::statement::Source;
use crate::rule::{Claim, Rule, Scene};
use crate::rules::if_exists::skipped;
use crate::wit::{Diagnostic, Effect, Plan, Sequence, Severity};

pub(crate) struct Extension;

impl Rule for Extension {
    fn name(&self) -> &'static str {
        "extension"
    }

    fn summary(&self) -> &'static str {
        "acknowledges the extensions that IRIS needs nothing for"
    }

    fn claim(&self, source: &Source<'_>, scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
        let mut words = Words::of(source);
        if words.take_all(&["CREATE", "EXTENSION"]) {
            return created(&mut words, scene).map(Some);
        }
        if words.take_all(&["DROP", "EXTENSION"]) {
            return dropped(&mut words, scene).map(Some);
        }
        if words.take_all(&["ALTER", "EXTENSION"]) {
            let name = words.identifier()?;
            return match known(&name, scene) {
                Some(why) => Ok(Some(done("ALTER EXTENSION", vec![nothing(why)]))),
                None => Err(missing(&name)),
            };
        }
        Ok(None)
    }
}

/// PL/pgSQL is there from the beginning in every database of PostgreSQL.
const BUILT_IN: &str = "plpgsql";

/// What IRIS has without the extension.
fn known(name: &str, scene: &Scene<'_>) -> Option<&'static str> {
    match name {
        "vector" if scene.version.has_vectors() => Some("IRIS has vectors without an extension"),
        "pgcrypto" => Some("gen_random_uuid() is there without it, its other functions are not"),
        "uuid-ossp" => Some("uuid_generate_v4() is there without it, its other functions are not"),
        BUILT_IN => Some("IRIS has languages of its own for functions"),
        _ => None,
    }
}

fn created(words: &mut Words<'_>, scene: &Scene<'_>) -> Diagnosed<Claim> {
    let if_not_exists = words.take_all(&["IF", "NOT", "EXISTS"]);
    let name = words.identifier()?;
    if name == BUILT_IN {
        let what = format!("extension \"{name}\" already exists");
        return if if_not_exists {
            Ok(done("CREATE EXTENSION", vec![skipped("42710", &what)]))
        } else {
            Err(Diagnostic::error("42710", what))
        };
    }
    match known(&name, scene) {
        Some(why) => Ok(done("CREATE EXTENSION", vec![nothing(why)])),
        None => Err(Diagnostic::not_supported(
            format!("extension \"{name}\" is not available"),
            "IRIS has no extensions of PostgreSQL",
        )),
    }
}

fn dropped(words: &mut Words<'_>, scene: &Scene<'_>) -> Diagnosed<Claim> {
    let if_exists = words.take_all(&["IF", "EXISTS"]);
    let mut notices = Vec::new();
    loop {
        let name = words.identifier()?;
        match known(&name, scene) {
            Some(why) => notices.push(nothing(why)),
            None if if_exists => {
                let what = format!("extension \"{name}\" does not exist");
                notices.push(skipped("00000", &what));
            }
            None => return Err(missing(&name)),
        }
        if !words.take_symbol(",") {
            break;
        }
    }
    if !words.take("CASCADE") {
        words.take("RESTRICT");
    }
    words.end()?;
    Ok(done("DROP EXTENSION", notices))
}

fn missing(name: &str) -> Diagnostic {
    Diagnostic::error("42704", format!("extension \"{name}\" does not exist"))
}

fn nothing(why: &str) -> Diagnostic {
    Diagnostic {
        severity: Severity::Notice,
        ..Diagnostic::error("00000", "nothing is to be done for the extension").with_detail(why)
    }
}

fn done(tag: &str, notices: Vec<Diagnostic>) -> Claim {
    Claim {
        plan: Plan::Sequence(Sequence {
            steps: Vec::new(),
            parameters: Vec::new(),
            columns: Vec::new(),
            tag: plain(tag),
            effect: Effect::Read,
            required: Vec::new(),
            temporary: Vec::new(),
        }),
        notices,
    }
}

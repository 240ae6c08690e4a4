//! # What it does
//! Gives and takes privileges and roles by IRIS's GRANT and REVOKE.
//!
//! # Why
//! IRIS names PUBLIC and the tables of a schema in its own way, and has no privileges
//! on schemas, sequences and databases.
//!
//! # Example
//! `GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC` becomes
//! `GRANT SELECT ON SCHEMA SQLUser TO _PUBLIC`.
//!
//! # Limits
//! IRIS's privileges on a schema are for tables made later, too. What needs no privilege
//! on IRIS (schemas to be used, sequences) is acknowledged when granted and refused when
//! revoked. TRUNCATE and TRIGGER, databases, languages, types and the like are refused.
//!
//! # Versions
//! All. IRIS's own forms (`%` privileges, `*`, `ON SCHEMA`) are passed on.

use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::naming;
use crate::reader::statement::Source;
use crate::rule::{Claim, Rule, Scene};
use crate::steps::{acknowledged, carried_out, step};
use crate::wit::{Diagnostic, Effect};

pub(crate) struct Privilege;

impl Rule for Privilege {
    fn name(&self) -> &'static str {
        "privilege"
    }

    fn summary(&self) -> &'static str {
        "gives and takes privileges and roles by IRIS's GRANT and REVOKE"
    }

    fn claim(&self, source: &Source<'_>, scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
        let mut words = Words::of(source);
        let grants = words.take("GRANT");
        if !grants && !words.take("REVOKE") || is_for_iris(source) {
            return Ok(None);
        }
        statement(&mut words, grants, scene).map(Some)
    }
}

/// Whether words that only IRIS has stand in it.
fn is_for_iris(source: &Source<'_>) -> bool {
    let text = source.text;
    let special = |word: &str| word == "*" || word.starts_with('%') || word == "_PUBLIC";
    let schema = source.lexemes.windows(2).any(|pair| {
        pair[0].is(text, "ON")
            && ["SCHEMA", "CUBE", "CUBES"]
                .iter()
                .any(|word| pair[1].is(text, word))
    });
    let on_tables = [
        "SELECT",
        "INSERT",
        "UPDATE",
        "DELETE",
        "EXECUTE",
        "REFERENCES",
    ];
    source
        .lexemes
        .iter()
        .any(|lexeme| special(lexeme.text(text)))
        || schema
            && source
                .lexemes
                .iter()
                .any(|lexeme| on_tables.iter().any(|word| lexeme.is(text, word)))
}

/// What GRANT and REVOKE differ in.
struct Change {
    grants: bool,
    option_for: &'static str,
}

fn statement(words: &mut Words<'_>, grants: bool, scene: &Scene<'_>) -> Diagnosed<Claim> {
    let mut change = Change {
        grants,
        option_for: "",
    };
    if !grants && words.take_all(&["GRANT", "OPTION", "FOR"]) {
        change.option_for = "GRANT OPTION FOR ";
    } else if !grants && words.take_all(&["ADMIN", "OPTION", "FOR"]) {
        change.option_for = "ADMIN OPTION FOR ";
    }
    let start = words.clone();
    let privileges = naming::list(words, privilege)?;
    if words.take("ON") {
        return on_object(words, &privileges, &change, scene);
    }
    let mut words = start;
    let roles = naming::list(&mut words, naming::name)?;
    let tag = if grants { "GRANT ROLE" } else { "REVOKE ROLE" };
    finish(&mut words, &roles.join(", "), &change, tag, scene)
}

/// A privilege, and the columns it is for.
struct Wanted {
    name: String,
    columns: String,
    at: usize,
}

fn privilege(words: &mut Words<'_>) -> Diagnosed<Wanted> {
    let at = words.peek().map_or(0, |lexeme| lexeme.range().start);
    let mut name = words.identifier()?.to_uppercase();
    if name == "ALL" {
        words.take("PRIVILEGES");
        "ALL PRIVILEGES".clone_into(&mut name);
    }
    let mut columns = String::new();
    if words.take_symbol("(") {
        let names = naming::list(words, naming::name)?;
        if !words.take_symbol(")") {
            return words.fail();
        }
        columns = format!(" ({})", names.join(", "));
    }
    Ok(Wanted { name, columns, at })
}

fn on_object(
    words: &mut Words<'_>,
    privileges: &[Wanted],
    change: &Change,
    scene: &Scene<'_>,
) -> Diagnosed<Claim> {
    let objects = if words.take("ALL") {
        let tables = words.take("TABLES");
        let routines = !tables
            && ["FUNCTIONS", "PROCEDURES", "ROUTINES"]
                .iter()
                .any(|word| words.take(word));
        if !tables && !routines {
            words.expect("SEQUENCES")?;
            return needless(words, privileges, change, "sequences");
        }
        words.take_all(&["IN", "SCHEMA"]);
        let schemas = naming::list(words, |words| {
            Ok(format!("SCHEMA {}", naming::schema(words)?))
        })?;
        on_tables_or_routines(privileges, words, routines)?;
        schemas
    } else if words.take("SEQUENCE") {
        return needless(words, privileges, change, "sequences");
    } else if words.take("SCHEMA") {
        return needless(words, privileges, change, "schemas");
    } else if ["FUNCTION", "PROCEDURE", "ROUTINE"]
        .iter()
        .any(|word| words.take(word))
    {
        on_tables_or_routines(privileges, words, true)?;
        naming::list(words, routine)?
    } else {
        no_such_object(words)?;
        words.take("TABLE");
        on_tables_or_routines(privileges, words, false)?;
        naming::list(words, naming::qualified)?
    };
    let privileges: Vec<String> = privileges
        .iter()
        .map(|wanted| format!("{}{}", wanted.name, wanted.columns))
        .collect();
    let what = format!("{} ON {}", privileges.join(", "), objects.join(", "));
    let tag = if change.grants { "GRANT" } else { "REVOKE" };
    finish(words, &what, change, tag, scene)
}

/// IRIS's functions are known by their names alone.
fn routine(words: &mut Words<'_>) -> Diagnosed<String> {
    let name = naming::qualified(words)?;
    words.take_parenthesised()?;
    Ok(name)
}

/// Refuses the privileges that IRIS has for other things only.
fn on_tables_or_routines(
    privileges: &[Wanted],
    words: &Words<'_>,
    routines: bool,
) -> Diagnosed<()> {
    for wanted in privileges {
        let refusal = match wanted.name.as_str() {
            "ALL PRIVILEGES" => continue,
            // IRIS takes it without FUNCTION, too.
            "EXECUTE" => continue,
            "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "REFERENCES" if !routines => continue,
            "TRUNCATE" if !routines => Diagnostic::not_supported(
                "privilege TRUNCATE is not supported",
                "GRANT DELETE on the table, and %NOTRIGGER",
            ),
            "TRIGGER" if !routines => Diagnostic::not_supported(
                "privilege TRIGGER is not supported",
                "GRANT %CREATE_TRIGGER, and %ALTER on the table",
            ),
            "TRUNCATE" | "TRIGGER" | "USAGE" | "CREATE" | "CONNECT" | "TEMPORARY" | "TEMP"
            | "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "REFERENCES" => Diagnostic::error(
                "0LP01",
                format!(
                    "invalid privilege type {} for {}",
                    wanted.name,
                    if routines { "function" } else { "relation" }
                ),
            ),
            name => Diagnostic::error(
                "42601",
                format!("unrecognized privilege type \"{}\"", name.to_lowercase()),
            ),
        };
        return Err(refusal.at(words.source.text, wanted.at));
    }
    Ok(())
}

/// Refuses objects that IRIS has no privileges on.
fn no_such_object(words: &Words<'_>) -> Diagnosed<()> {
    const OBJECTS: &[&str] = &[
        "DATABASE",
        "DOMAIN",
        "FOREIGN",
        "LANGUAGE",
        "LARGE",
        "PARAMETER",
        "TABLESPACE",
        "TYPE",
    ];
    let Some(object) = OBJECTS.iter().find(|object| words.next_is(object)) else {
        return Ok(());
    };
    let mut ahead = words.clone();
    ahead.advance();
    if ahead.at_end() || ahead.next_is("TO") || ahead.next_is("FROM") || ahead.take_symbol(",") {
        // The name of a table.
        return Ok(());
    }
    let at = words.peek().map_or(0, |lexeme| lexeme.range().start);
    Err(Diagnostic::not_supported(
        format!(
            "privileges on a {} are not supported",
            object.to_lowercase()
        ),
        "give the user a role of IRIS that has the privilege",
    )
    .at(words.source.text, at))
}

/// What everybody may do on IRIS can be granted, but not revoked.
fn needless(
    words: &Words<'_>,
    privileges: &[Wanted],
    change: &Change,
    objects: &str,
) -> Diagnosed<Claim> {
    let given = privileges.iter().find(|wanted| {
        !change.grants
            || wanted.name != "USAGE" && (objects == "schemas" || wanted.name == "CREATE")
    });
    let Some(wanted) = given else {
        return Ok(acknowledged(
            "GRANT",
            &format!("IRIS lets everybody use {objects}"),
        ));
    };
    let hint = if wanted.name == "USAGE" || objects == "sequences" {
        "revoke the privileges on the tables"
    } else {
        "GRANT or REVOKE %CREATE_TABLE, %CREATE_VIEW and the like"
    };
    Err(Diagnostic::not_supported(
        format!("privilege {} on {objects} is not supported", wanted.name),
        hint,
    )
    .at(words.source.text, wanted.at))
}

/// Who it is for, and the options; to the end of the statement.
fn finish(
    words: &mut Words<'_>,
    what: &str,
    change: &Change,
    tag: &str,
    scene: &Scene<'_>,
) -> Diagnosed<Claim> {
    let direction = if change.grants { "TO" } else { "FROM" };
    words.expect(direction)?;
    let who = naming::list(words, |words| grantee(words, scene))?.join(", ");
    let mut option = "";
    if change.grants && words.take_all(&["WITH", "GRANT", "OPTION"]) {
        option = " WITH GRANT OPTION";
    } else if change.grants && words.take_all(&["WITH", "ADMIN", "OPTION"]) {
        option = " WITH ADMIN OPTION";
    }
    if words.take_all(&["GRANTED", "BY"]) {
        let by = grantee(words, scene)?;
        if by != naming::quoted(&scene.context.user) {
            return Err(Diagnostic::error("0A000", "grantor must be current user"));
        }
    }
    if !change.grants && words.take("CASCADE") {
        option = " CASCADE";
    } else if !change.grants {
        words.take("RESTRICT");
    }
    words.end()?;
    let verb = if change.grants { "GRANT" } else { "REVOKE" };
    let text = format!(
        "{verb} {}{what} {direction} {who}{option}",
        change.option_for
    );
    Ok(carried_out(vec![step(text)], tag, Effect::Schema))
}

/// A user or a role.
fn grantee(words: &mut Words<'_>, scene: &Scene<'_>) -> Diagnosed<String> {
    words.take("GROUP");
    if words.take("PUBLIC") {
        return Ok("_PUBLIC".to_owned());
    }
    if ["CURRENT_USER", "SESSION_USER", "CURRENT_ROLE"]
        .iter()
        .any(|word| words.take(word))
    {
        return Ok(naming::quoted(&scene.context.user));
    }
    naming::name(words)
}

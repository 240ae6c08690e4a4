//! # What it does
//! Makes, changes and drops roles and users by IRIS's statements.
//!
//! # Why
//! A role of PostgreSQL that may log in is a user of IRIS, with a password from the
//! first; IRIS drops one at a time and has no IF EXISTS.
//!
//! # Example
//! `CREATE ROLE joe LOGIN PASSWORD 'secret'` becomes
//! `CREATE USER joe IDENTIFY BY 'secret'`.
//!
//! # Limits
//! Of the attributes only LOGIN and PASSWORD are IRIS's; those that are PostgreSQL's
//! default may be written, the others are refused, and so are settings of a role and
//! other names for it.
//!
//! # Versions
//! All.

use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::naming;
use crate::reader::lexeme::Kind;
use crate::reader::statement::Source;
use crate::rule::{Claim, Rule, Scene};
use crate::steps::{carried_out, step};
use crate::wit::{Diagnostic, Effect, Repetition, Step};

pub(crate) struct Role;

/// A user or role that is not there.
const UNKNOWN: i32 = -118;

impl Rule for Role {
    fn name(&self) -> &'static str {
        "role"
    }

    fn summary(&self) -> &'static str {
        "makes, changes and drops roles and users"
    }

    fn claim(&self, source: &Source<'_>, _scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
        let mut words = Words::of(source);
        let Some(verb) = ["CREATE", "ALTER", "DROP"]
            .into_iter()
            .find(|verb| words.take(verb))
        else {
            return Ok(None);
        };
        let Some(kind) = ["ROLE", "USER", "GROUP"]
            .into_iter()
            .find(|kind| words.take(kind))
        else {
            return Ok(None);
        };
        if words.clone().take_all(&["MAPPING", "FOR"])
            || words.clone().take_all(&["MAPPING", "IF"])
            || is_for_iris(source)
        {
            return Ok(None);
        }
        match verb {
            "CREATE" => create(&mut words, kind).map(Some),
            "ALTER" => alter(&mut words, kind).map(Some),
            _ => drop_roles(&mut words).map(Some),
        }
    }
}

/// IRIS takes a word for a password, and IDENTIFY BY.
fn is_for_iris(source: &Source<'_>) -> bool {
    let text = source.text;
    let word = |lexeme: &crate::reader::lexeme::Lexeme| {
        matches!(lexeme.kind, Kind::Word | Kind::QuotedIdentifier) && !lexeme.is(text, "NULL")
    };
    source.lexemes.windows(2).any(|pair| {
        (pair[0].is(text, "IDENTIFY") || pair[0].is(text, "IDENTIFIED")) && pair[1].is(text, "BY")
            || pair[0].is(text, "PASSWORD") && word(&pair[1])
    })
}

/// What a role is to be.
#[derive(Default)]
struct Attributes {
    login: Option<bool>,
    password: Option<String>,
    /// Roles that it is to be in.
    member_of: Vec<String>,
    /// Roles that are to be in it, and what follows.
    members: Vec<(String, &'static str)>,
}

/// Those that say what holds anyway.
const DEFAULTS: &[&str] = &[
    "NOSUPERUSER",
    "NOCREATEDB",
    "NOCREATEROLE",
    "INHERIT",
    "NOREPLICATION",
    "NOBYPASSRLS",
];

fn attributes(words: &mut Words<'_>) -> Diagnosed<Attributes> {
    let mut found = Attributes::default();
    words.take("WITH");
    while let Some(next) = words.peek() {
        if DEFAULTS.iter().any(|word| words.take(word)) {
            continue;
        }
        if words.take("LOGIN") {
            found.login = Some(true);
        } else if words.take("NOLOGIN") {
            found.login = Some(false);
        } else if words.next_is("ENCRYPTED") || words.next_is("PASSWORD") {
            words.take("ENCRYPTED");
            words.expect("PASSWORD")?;
            found.password = words.string()?;
            if found.password.is_none() {
                words.expect("NULL")?;
            }
        } else if words.take_all(&["CONNECTION", "LIMIT"]) {
            if !(words.take_symbol("-")
                && words
                    .peek()
                    .is_some_and(|one| one.text(words.source.text) == "1"))
            {
                return Err(refused("CONNECTION LIMIT", words, next.range().start));
            }
            words.advance();
        } else if words.take_all(&["VALID", "UNTIL"]) {
            if words.string()?.as_deref() != Some("infinity") {
                return Err(refused("VALID UNTIL", words, next.range().start));
            }
        } else if words.take_all(&["IN", "ROLE"]) || words.take_all(&["IN", "GROUP"]) {
            found.member_of.extend(naming::list(words, naming::name)?);
        } else if words.take("ROLE") || words.take("USER") {
            let members = naming::list(words, naming::name)?;
            found
                .members
                .extend(members.into_iter().map(|member| (member, "")));
        } else if words.take("ADMIN") {
            let members = naming::list(words, naming::name)?;
            found.members.extend(
                members
                    .into_iter()
                    .map(|member| (member, " WITH ADMIN OPTION")),
            );
        } else if next.kind == Kind::Word {
            let word = next.text(words.source.text).to_uppercase();
            return Err(match word.as_str() {
                "SUPERUSER" | "CREATEDB" | "CREATEROLE" | "NOINHERIT" | "REPLICATION"
                | "BYPASSRLS" | "SYSID" => refused(&word, words, next.range().start),
                _ => Diagnostic::error(
                    "42601",
                    format!("unrecognized role option \"{}\"", word.to_lowercase()),
                )
                .at(words.source.text, next.range().start),
            });
        } else {
            return words.fail();
        }
    }
    Ok(found)
}

fn refused(what: &str, words: &Words<'_>, at: usize) -> Diagnostic {
    Diagnostic::not_supported(
        format!("role attribute {what} is not supported"),
        "give the user roles of IRIS in its place, such as %Developer or %All",
    )
    .at(words.source.text, at)
}

fn create(words: &mut Words<'_>, kind: &str) -> Diagnosed<Claim> {
    let start = words.source.range().start;
    let role = naming::name(words)?;
    let attributes = attributes(words)?;
    let first = if attributes.login.unwrap_or(kind == "USER") {
        let Some(password) = &attributes.password else {
            return Err(Diagnostic::not_supported(
                "a user without a password is not supported",
                "add PASSWORD, or create a role with NOLOGIN",
            )
            .at(words.source.text, start));
        };
        format!(
            "CREATE USER {role} IDENTIFY BY {}",
            naming::literal(password)
        )
    } else if attributes.password.is_some() {
        return Err(Diagnostic::not_supported(
            "a password of a role that may not log in is not supported",
            "add LOGIN",
        )
        .at(words.source.text, start));
    } else {
        format!("CREATE ROLE {role}")
    };
    let mut steps = vec![step(first)];
    for group in &attributes.member_of {
        steps.push(step(format!("GRANT {group} TO {role}")));
    }
    for (member, option) in &attributes.members {
        steps.push(step(format!("GRANT {role} TO {member}{option}")));
    }
    Ok(carried_out(steps, "CREATE ROLE", Effect::Schema))
}

fn alter(words: &mut Words<'_>, kind: &str) -> Diagnosed<Claim> {
    let start = words.source.range().start;
    let refused = |message: &str, hint: &str| {
        Err(Diagnostic::not_supported(message, hint).at(words.source.text, start))
    };
    let mut words = words.clone();
    if words.take("ALL") {
        return refused(
            "settings of a role are not supported",
            "SET them in every session, or in the parameters of the connection",
        );
    }
    let role = naming::name(&mut words)?;
    if words.next_is("SET") || words.next_is("RESET") || words.take_all(&["IN", "DATABASE"]) {
        return refused(
            "settings of a role are not supported",
            "SET them in every session, or in the parameters of the connection",
        );
    }
    if words.take("RENAME") {
        return refused(
            "ALTER ROLE … RENAME is not supported",
            "create a role of the new name and drop the old one",
        );
    }
    if kind == "GROUP" {
        let adds = words.take("ADD");
        if !adds {
            words.expect("DROP")?;
        }
        words.expect("USER")?;
        let members = naming::list(&mut words, naming::name)?.join(", ");
        words.end()?;
        let text = if adds {
            format!("GRANT {role} TO {members}")
        } else {
            format!("REVOKE {role} FROM {members}")
        };
        return Ok(carried_out(vec![step(text)], "ALTER ROLE", Effect::Schema));
    }
    let attributes = attributes(&mut words)?;
    match attributes.password {
        Some(password) if attributes.login != Some(false) => {
            let text = format!(
                "ALTER USER {role} IDENTIFY BY {}",
                naming::literal(&password)
            );
            Ok(carried_out(vec![step(text)], "ALTER ROLE", Effect::Schema))
        }
        _ => refused(
            "ALTER ROLE of anything but the password is not supported",
            "use GRANT and REVOKE",
        ),
    }
}

/// Only IRIS knows which is a role and which a user.
fn drop_roles(words: &mut Words<'_>) -> Diagnosed<Claim> {
    let if_exists = words.take_all(&["IF", "EXISTS"]);
    let names = naming::list(words, naming::name)?;
    words.end()?;
    let mut steps: Vec<Step> = Vec::new();
    for name in names {
        let first = u32::try_from(steps.len()).unwrap_or(u32::MAX);
        steps.push(Step {
            tolerated: vec![UNKNOWN],
            ..step(format!("DROP ROLE {name}"))
        });
        steps.push(Step {
            repetition: Repetition::IfTolerated(first),
            tolerated: if if_exists { vec![UNKNOWN] } else { Vec::new() },
            ..step(format!("DROP USER {name}"))
        });
    }
    Ok(carried_out(steps, "DROP ROLE", Effect::Schema))
}

//! # What it does
//! Sets, shows and resets settings of the session in the broker; DISCARD too.
//!
//! # Why
//! IRIS has none of PostgreSQL's settings, `lock_timeout` apart, and no SHOW, RESET or DISCARD.
//!
//! # Example
//! `SHOW server_version` is answered by the broker.
//!
//! # Limits
//! `lock_timeout` is IRIS's `LOCK_TIMEOUT` of the connection, in whole seconds, rounded up, and
//! 32,767 of them at most, which is also what 0 is. Until a client sets it, IRIS's own 10 seconds
//! hold; by them two transactions that wait for each other come to an end.
//! `SET ROLE` and `SET SESSION AUTHORIZATION` to another user are refused. No constraint
//! of IRIS can be deferred, so `SET CONSTRAINTS ALL` changes nothing, as in PostgreSQL
//! where none was made deferrable. `SET TIME ZONE '+05:30'`, an offset of POSIX's that counts to the
//! west, is shown with the name that it has as an interval, `<-05:30>+05:30`.
//!
//! # Versions
//! All. `SET OPTION` is IRIS's and passed on.

use crate::classify::plain;
use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::isolation;
use crate::lock_wait;
use crate::naming;
use crate::reader::lexeme::Kind;
use crate::reader::statement::Source;
use crate::rule::{Claim, Rule, Scene};
use crate::steps;
use crate::wit::{
    Diagnostic, DiscardTarget, Plan, Setting, SettingChange, SettingScope, SettingStep,
};
use crate::zone_interval;

pub(crate) struct SessionSetting;

impl Rule for SessionSetting {
    fn name(&self) -> &'static str {
        "session_setting"
    }

    fn summary(&self) -> &'static str {
        "keeps SET, SHOW, RESET and DISCARD in the broker"
    }

    fn claim(&self, source: &Source<'_>, scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
        let mut words = Words::of(source);
        let claim = if words.take("SET") {
            return set(&mut words, scene);
        } else if words.take("SHOW") {
            let step = if words.take("ALL") {
                SettingStep::ShowAll
            } else {
                SettingStep::Show(name(&mut words)?)
            };
            setting(step, "SHOW")
        } else if words.take("RESET") {
            if words.take_all(&["SESSION", "AUTHORIZATION"]) || words.take("ROLE") {
                words.end()?;
                return Ok(Some(steps::nothing("RESET").into()));
            }
            let step = if words.take("ALL") {
                SettingStep::ResetAll
            } else {
                SettingStep::Reset(name(&mut words)?)
            };
            setting(step, "RESET")
        } else if words.take("DISCARD") {
            discard(&mut words)?
        } else {
            return Ok(None);
        };
        words.end()?;
        Ok(Some(claim))
    }
}

fn setting(step: SettingStep, tag: &str) -> Claim {
    setting_with(step, Vec::new(), tag)
}

fn setting_with(step: SettingStep, commands: Vec<Vec<String>>, tag: &str) -> Claim {
    Plan::Setting(Setting {
        step,
        commands,
        tag: plain(tag),
    })
    .into()
}

/// What IRIS has for a setting of PostgreSQL.
fn commands(change: &SettingChange) -> Vec<Vec<String>> {
    match change.name.as_str() {
        "lock_timeout" => lock_wait::command(change.value.as_deref())
            .map(|text| vec![text])
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

fn discard(words: &mut Words<'_>) -> Diagnosed<Claim> {
    let (target, tag) = if words.take("ALL") {
        (DiscardTarget::All, "DISCARD ALL")
    } else if words.take("PLANS") {
        (DiscardTarget::Plans, "DISCARD PLANS")
    } else if words.take("SEQUENCES") {
        (DiscardTarget::Sequences, "DISCARD SEQUENCES")
    } else if words.take("TEMP") || words.take("TEMPORARY") {
        (DiscardTarget::Temporary, "DISCARD TEMP")
    } else {
        return words.fail();
    };
    Ok(setting(SettingStep::Discard(target), tag))
}

/// The name of a setting, also where PostgreSQL has a phrase for it.
fn name(words: &mut Words<'_>) -> Diagnosed<String> {
    if words.take_all(&["TIME", "ZONE"]) {
        return Ok("timezone".to_owned());
    }
    if words.take_all(&["TRANSACTION", "ISOLATION", "LEVEL"]) {
        return Ok("transaction_isolation".to_owned());
    }
    if words.take_all(&["SESSION", "AUTHORIZATION"]) {
        return Ok("session_authorization".to_owned());
    }
    let mut name = words.identifier()?.to_lowercase();
    while words.take_symbol(".") {
        name.push('.');
        name.push_str(&words.identifier()?.to_lowercase());
    }
    Ok(name)
}

fn set(words: &mut Words<'_>, scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
    let mut ahead = words.clone();
    if ahead.take("OPTION") && !ahead.next_is("TO") && !ahead.take_symbol("=") {
        // IRIS's own.
        return Ok(None);
    }
    if words.next_is("TRANSACTION") {
        return Ok(None);
    }
    if words.take("CONSTRAINTS") {
        return constraints(words).map(Some);
    }
    let scope = if words.take("LOCAL") {
        SettingScope::Transaction
    } else {
        SettingScope::Session
    };
    if scope == SettingScope::Session && !words.clone().take_all(&["SESSION", "AUTHORIZATION"]) {
        words.take("SESSION");
    }
    if words.take("ROLE") {
        return identity(words, "NONE", "SET ROLE", scene).map(Some);
    }
    if words.take_all(&["SESSION", "AUTHORIZATION"]) {
        return identity(words, "DEFAULT", "SET SESSION AUTHORIZATION", scene).map(Some);
    }
    let (name, value) = assignment(words)?;
    words.end()?;
    let mut change = SettingChange { name, value, scope };
    let warning = check_isolation(&mut change, scene)?;
    let commands = commands(&change);
    let mut claim = setting_with(SettingStep::Set(change), commands, "SET");
    claim.notices.extend(warning);
    Ok(Some(claim))
}

fn assignment(words: &mut Words<'_>) -> Diagnosed<(String, Option<String>)> {
    if words.take_all(&["TIME", "ZONE"]) {
        if words.take("LOCAL") || words.take("DEFAULT") {
            return Ok(("timezone".to_owned(), None));
        }
        if words.take("INTERVAL") {
            return Ok(("timezone".to_owned(), Some(zone_interval::hours(words)?)));
        }
        return Ok(("timezone".to_owned(), Some(zone(value(words)?))));
    }
    if words.take("NAMES") {
        let value = if words.at_end() || words.take("DEFAULT") {
            None
        } else {
            Some(value(words)?)
        };
        return Ok(("client_encoding".to_owned(), value));
    }
    if words.take("SCHEMA") {
        return Ok(("search_path".to_owned(), Some(path_element(&value(words)?))));
    }
    let name = name(words)?;
    if !words.take("TO") && !words.take_symbol("=") {
        return words.fail();
    }
    if words.take("DEFAULT") {
        return Ok((name, None));
    }
    let values = naming::list(words, value)?;
    if values.len() > 1 && !LISTS.contains(&name.as_str()) {
        return Err(Diagnostic::error(
            "22023",
            format!("SET {name} takes only one argument"),
        ));
    }
    let values: Vec<String> = match name.as_str() {
        // PostgreSQL shows the names as they must be written.
        "search_path" => values.iter().map(|value| path_element(value)).collect(),
        "timezone" => values.into_iter().map(zone).collect(),
        _ => values,
    };
    Ok((name, Some(values.join(", "))))
}

/// A zone that is an offset with minutes: one of POSIX's, which counts to the west.
fn zone(name: String) -> String {
    let Some(sign) = name.chars().next().filter(|sign| matches!(sign, '+' | '-')) else {
        return name;
    };
    let clock = &name[1..];
    let parts: Vec<&str> = clock.split(':').collect();
    let is_part = |part: &&str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if parts.len() < 2 || !parts.iter().all(is_part) {
        return name;
    }
    let clock = clock.strip_suffix(":00").unwrap_or(clock);
    let east = if sign == '+' { '-' } else { '+' };
    format!("<{east}{clock}>{sign}{clock}")
}

/// Settings that are lists.
const LISTS: &[&str] = &[
    "datestyle",
    "local_preload_libraries",
    "search_path",
    "session_preload_libraries",
    "temp_tablespaces",
];

fn path_element(name: &str) -> String {
    let is_plain = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if is_plain {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// Who the session is cannot be changed, only left as it is.
fn identity(
    words: &mut Words<'_>,
    unchanged: &str,
    statement: &str,
    scene: &Scene<'_>,
) -> Diagnosed<Claim> {
    if !words.take_symbol("=") {
        words.take("TO");
    }
    let at = words.clone();
    if !words.take(unchanged) && value(words)? != scene.context.user {
        return Err(at.refuse(
            &format!("{statement} is not supported"),
            "connect as the user whose privileges you need",
        ));
    }
    words.end()?;
    Ok(steps::nothing("SET").into())
}

/// No constraint of IRIS can be deferred.
fn constraints(words: &mut Words<'_>) -> Diagnosed<Claim> {
    let names = if words.take("ALL") {
        Vec::new()
    } else {
        naming::list(words, |words| {
            let mut name = words.identifier()?;
            if words.take_symbol(".") {
                name = words.identifier()?;
            }
            Ok(name)
        })?
    };
    let immediate = words.take("IMMEDIATE");
    if !immediate {
        words.expect("DEFERRED")?;
    }
    words.end()?;
    match names.first() {
        Some(name) if !immediate => Err(Diagnostic::error(
            "42809",
            format!("constraint \"{name}\" is not deferrable"),
        )
        .with_hint("IRIS checks constraints at once")),
        _ => Ok(steps::nothing("SET CONSTRAINTS").into()),
    }
}

/// One value: a string, a word, or a number with its sign.
fn value(words: &mut Words<'_>) -> Diagnosed<String> {
    if let Some(string) = words.string()? {
        return Ok(string);
    }
    let sign = if words.take_symbol("-") { "-" } else { "" };
    words.take_symbol("+");
    match words.peek() {
        Some(lexeme) if lexeme.kind == Kind::Number => {
            words.advance();
            Ok(format!("{sign}{}", lexeme.text(words.source.text)))
        }
        Some(_) if sign.is_empty() => words.identifier(),
        _ => words.fail(),
    }
}

/// A level that IRIS lacks must not be promised.
pub(super) fn check_isolation(
    change: &mut SettingChange,
    scene: &Scene<'_>,
) -> Diagnosed<Option<Diagnostic>> {
    if !matches!(
        change.name.as_str(),
        "transaction_isolation" | "default_transaction_isolation"
    ) {
        return Ok(None);
    }
    let Some(asked) = change.value.as_deref().and_then(isolation::level_of) else {
        return Ok(None);
    };
    let (granted, warning) = isolation::available(asked, scene)?;
    change.value = Some(isolation::value_of(granted).to_owned());
    Ok(warning)
}

//! # What it does
//! Begins, ends and subdivides transactions by IRIS's statements, always at
//! READ COMMITTED.
//!
//! # Why
//! IRIS has no BEGIN, END, ABORT or RELEASE, deletes a savepoint that it rolls back
//! to, and reads uncommitted data unless told otherwise.
//!
//! # Example
//! `BEGIN` becomes `START TRANSACTION ISOLATION LEVEL READ COMMITTED`.
//!
//! # Limits
//! REPEATABLE READ and SERIALIZABLE are refused, or with the setting
//! `pgiris.isolation_fallback` run at READ COMMITTED after a warning. READ ONLY is
//! enforced by the broker, because IRIS would keep it after the transaction.
//!
//! # Versions
//! All.

use crate::classify::plain;
use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::isolation::{self, Modes};
use crate::reader::statement::Source;
use crate::rule::{Claim, Rule, Scene};
use crate::wit::{
    Access, Command, Diagnostic, Isolation, Plan, Setting, SettingChange, SettingScope,
    SettingStep, Transaction, TransactionMode, TransactionStep,
};

pub(crate) struct TransactionControl;

/// Begins a transaction; the level must be given, IRIS's default is lower.
pub(crate) const BEGIN: &str = "START TRANSACTION ISOLATION LEVEL READ COMMITTED";
pub(crate) const COMMIT: &str = "COMMIT";
pub(crate) const ROLLBACK: &str = "ROLLBACK";
/// The host's identifier follows.
pub(crate) const SAVEPOINT: &str = "SAVEPOINT ";
pub(crate) const ROLLBACK_TO: &str = "ROLLBACK TO SAVEPOINT ";

impl Rule for TransactionControl {
    fn name(&self) -> &'static str {
        "transaction"
    }

    fn summary(&self) -> &'static str {
        "runs transactions and savepoints by IRIS's statements, at READ COMMITTED"
    }

    fn claim(&self, source: &Source<'_>, scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
        let mut words = Words::of(source);
        let Some(first) = words.advance() else {
            return Ok(None);
        };
        let first = first.text(source.text);
        let is = |keyword: &str| first.eq_ignore_ascii_case(keyword);
        if is("BEGIN") {
            optional_work(&mut words);
            begin(&mut words, scene, "BEGIN").map(Some)
        } else if is("START") && words.take("TRANSACTION") {
            begin(&mut words, scene, "START TRANSACTION").map(Some)
        } else if is("COMMIT") || is("END") {
            commit(&mut words).map(Some)
        } else if is("ROLLBACK") || is("ABORT") {
            rollback(&mut words).map(Some)
        } else if is("SAVEPOINT") {
            let name = words.identifier()?;
            words.end()?;
            Ok(Some(step(
                TransactionStep::Savepoint(name),
                vec![named(SAVEPOINT)],
                "SAVEPOINT",
            )))
        } else if is("RELEASE") {
            words.take("SAVEPOINT");
            let name = words.identifier()?;
            words.end()?;
            Ok(Some(step(
                TransactionStep::Release(name),
                Vec::new(),
                "RELEASE",
            )))
        } else if is("SET") {
            modes_of_transaction(&mut words, scene)
        } else if is("PREPARE") && words.take("TRANSACTION") {
            Err(two_phase("PREPARE TRANSACTION"))
        } else {
            Ok(None)
        }
    }
}

fn optional_work(words: &mut Words<'_>) {
    if !words.take("WORK") {
        words.take("TRANSACTION");
    }
}

fn begin(words: &mut Words<'_>, scene: &Scene<'_>, tag: &str) -> Diagnosed<Claim> {
    if words.next_is("%COMMITMODE") {
        return Err(Diagnostic::not_supported(
            "START TRANSACTION with %COMMITMODE is not supported",
            "the broker keeps track of transactions; use BEGIN and COMMIT",
        ));
    }
    let modes = isolation::modes(words)?;
    let asked = modes
        .isolation
        .or_else(|| isolation::level_of(scene.setting("default_transaction_isolation")?))
        .unwrap_or(Isolation::ReadCommitted);
    let (isolation, warning) = isolation::available(asked, scene)?;
    let read_only = || scene.is_on("default_transaction_read_only");
    let access = modes.access.unwrap_or_else(|| {
        if read_only() {
            Access::ReadOnly
        } else {
            Access::ReadWrite
        }
    });
    let mut claim = step(
        TransactionStep::Begin(TransactionMode { isolation, access }),
        vec![alone(BEGIN)],
        tag,
    );
    claim.notices.extend(warning);
    Ok(claim)
}

fn commit(words: &mut Words<'_>) -> Diagnosed<Claim> {
    if words.take("PREPARED") {
        return Err(two_phase("COMMIT PREPARED"));
    }
    optional_work(words);
    let chain = chain(words)?;
    words.end()?;
    Ok(step(
        TransactionStep::Commit(chain),
        ending(COMMIT, chain),
        "COMMIT",
    ))
}

fn rollback(words: &mut Words<'_>) -> Diagnosed<Claim> {
    if words.take("PREPARED") {
        return Err(two_phase("ROLLBACK PREPARED"));
    }
    optional_work(words);
    if words.take("TO") {
        words.take("SAVEPOINT");
        let name = words.identifier()?;
        words.end()?;
        // IRIS deletes the savepoint; PostgreSQL keeps it.
        return Ok(step(
            TransactionStep::RollbackTo(name),
            vec![named(ROLLBACK_TO), named(SAVEPOINT)],
            "ROLLBACK",
        ));
    }
    let chain = chain(words)?;
    words.end()?;
    Ok(step(
        TransactionStep::Rollback(chain),
        ending(ROLLBACK, chain),
        "ROLLBACK",
    ))
}

/// `AND [NO] CHAIN`
fn chain(words: &mut Words<'_>) -> Diagnosed<bool> {
    if !words.take("AND") {
        return Ok(false);
    }
    let no = words.take("NO");
    words.expect("CHAIN")?;
    Ok(!no)
}

/// `SET TRANSACTION …` and `SET SESSION CHARACTERISTICS AS TRANSACTION …`.
///
/// One setting can be changed by a plan. Of two modes it is the access: whatever
/// level is granted, IRIS runs at READ COMMITTED.
fn modes_of_transaction(words: &mut Words<'_>, scene: &Scene<'_>) -> Diagnosed<Option<Claim>> {
    let (prefix, scope) = if words.take_all(&["SESSION", "CHARACTERISTICS", "AS", "TRANSACTION"]) {
        ("default_transaction", SettingScope::Session)
    } else if words.take("TRANSACTION") {
        ("transaction", SettingScope::Transaction)
    } else {
        return Ok(None);
    };
    if words.take("SNAPSHOT") {
        return Err(Diagnostic::not_supported(
            "SET TRANSACTION SNAPSHOT is not supported",
            "IRIS has no snapshots",
        ));
    }
    if words.next_is("%COMMITMODE")
        || words
            .clone()
            .take_all(&["ISOLATION", "LEVEL", "READ", "VERIFIED"])
    {
        // IRIS's own.
        return Ok(None);
    }
    if words.at_end() {
        return words.fail();
    }
    let Modes { isolation, access } = isolation::modes(words)?;
    let (granted, warning) = match isolation {
        Some(asked) => {
            let (granted, warning) = isolation::available(asked, scene)?;
            (Some(granted), warning)
        }
        None => (None, None),
    };
    let (name, value) = match (access, granted) {
        (Some(Access::ReadOnly), _) => (format!("{prefix}_read_only"), "on"),
        (Some(Access::ReadWrite), _) => (format!("{prefix}_read_only"), "off"),
        (None, Some(level)) => (format!("{prefix}_isolation"), isolation::value_of(level)),
        (None, None) => (format!("{prefix}_deferrable"), "off"),
    };
    let change = SettingChange {
        name,
        value: Some(value.to_owned()),
        scope,
    };
    let mut claim = Claim::from(Plan::Setting(Setting {
        step: SettingStep::Set(change),
        commands: Vec::new(),
        tag: plain("SET"),
    }));
    claim.notices.extend(warning);
    Ok(Some(claim))
}

fn step(step: TransactionStep, commands: Vec<Command>, tag: &str) -> Claim {
    Plan::Transaction(Transaction {
        step,
        commands,
        tag: plain(tag),
    })
    .into()
}

fn ending(statement: &str, chain: bool) -> Vec<Command> {
    let mut commands = vec![alone(statement)];
    if chain {
        commands.push(alone(BEGIN));
    }
    commands
}

/// A statement without an identifier.
pub(crate) fn alone(statement: &str) -> Command {
    vec![statement.to_owned()]
}

/// A statement that ends in the host's identifier.
pub(crate) fn named(statement: &str) -> Command {
    vec![statement.to_owned(), String::new()]
}

fn two_phase(statement: &str) -> Diagnostic {
    Diagnostic::not_supported(
        format!("{statement} is not supported"),
        "IRIS has no two-phase commit; use COMMIT",
    )
}

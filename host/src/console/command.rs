//! The commands of the console, which are PgBouncer's as far as the broker has what they are
//! about, and those that are about rules.

use super::columns::{self, Table};
use super::help;
use super::words::{Word, words};
use crate::diagnostic::Diagnostic;

/// What an operator wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// SHOW.
    Show(Subject),
    /// PAUSE: no further use of connections to IRIS. Without a database: of all.
    Pause(Option<String>),
    /// RESUME: the end of PAUSE and KILL.
    Resume(Option<String>),
    /// RECONNECT: each connection is opened anew when its transaction has ended.
    Reconnect(Option<String>),
    /// WAIT_CLOSE: waits until RECONNECT has come to its end.
    WaitClose(Option<String>),
    /// DISABLE: nobody else is let into a database.
    Disable(String),
    /// ENABLE: the end of DISABLE.
    Enable(String),
    /// KILL: PAUSE, and the end of all sessions.
    Kill(Option<String>),
    /// KILL_CLIENT: the end of one session, by its process id.
    KillClient(u32),
    /// RELOAD: the configuration is read again.
    Reload,
    /// RULES RELOAD: the files of rules are read again, whether they have changed or not.
    RulesReload,
    /// RULES ROLLBACK: the rules before these. Without a database: of all.
    RulesRollback(Option<String>),
    /// SHUTDOWN. `at_once`: without waiting for transactions.
    Shutdown {
        /// See there.
        at_once: bool,
    },
    /// What drivers say around commands: BEGIN, COMMIT, ROLLBACK, SET. Nothing comes of it.
    Courtesy(&'static str),
}

/// What SHOW shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Subject {
    Help,
    Version,
    State,
    Databases,
    Pools,
    Clients,
    Servers,
    Sockets,
    Users,
    Stats,
    StatsAverages,
    Errors,
    Rules,
    Config,
    Lists,
    Shadow,
    ShadowSamples,
}

impl Subject {
    /// With the words for them.
    pub(super) const ALL: [(&'static str, Self); 17] = [
        ("help", Self::Help),
        ("version", Self::Version),
        ("state", Self::State),
        ("databases", Self::Databases),
        ("pools", Self::Pools),
        ("clients", Self::Clients),
        ("servers", Self::Servers),
        ("sockets", Self::Sockets),
        ("users", Self::Users),
        ("stats", Self::Stats),
        ("stats_averages", Self::StatsAverages),
        ("errors", Self::Errors),
        ("rules", Self::Rules),
        ("config", Self::Config),
        ("lists", Self::Lists),
        ("shadow", Self::Shadow),
        ("shadow_samples", Self::ShadowSamples),
    ];
}

impl Command {
    /// Whether it does something, and not only tells.
    pub(super) fn operates(&self) -> bool {
        !matches!(self, Self::Show(_) | Self::Courtesy(_))
    }

    /// Its first word.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Show(_) => "SHOW",
            Self::Pause(_) => "PAUSE",
            Self::Resume(_) => "RESUME",
            Self::Reconnect(_) => "RECONNECT",
            Self::WaitClose(_) => "WAIT_CLOSE",
            Self::Disable(_) => "DISABLE",
            Self::Enable(_) => "ENABLE",
            Self::Kill(_) => "KILL",
            Self::KillClient(_) => "KILL_CLIENT",
            Self::Reload => "RELOAD",
            Self::RulesReload | Self::RulesRollback(_) => "RULES",
            Self::Shutdown { .. } => "SHUTDOWN",
            Self::Courtesy(word) => word,
        }
    }

    /// The columns of what it returns, if it returns rows.
    pub(crate) fn table(&self) -> Option<Table> {
        match self {
            Self::Show(subject) => Some(columns::of(*subject)),
            _ => None,
        }
    }
}

/// The commands in a text; `None` stands for an empty one.
///
/// # Errors
/// Something else stands there.
pub(super) fn read(text: &str) -> Result<Vec<Option<Command>>, Diagnostic> {
    let words = words(text)?;
    let parts: Vec<&[Word]> = words.split(|word| *word == Word::End).collect();
    let mut commands = parts
        .iter()
        .filter(|part| !part.is_empty())
        .map(|part| command(part).map(Some))
        .collect::<Result<Vec<_>, _>>()?;
    if commands.is_empty() {
        commands.push(None);
    }
    Ok(commands)
}

fn command(words: &[Word]) -> Result<Command, Diagnostic> {
    let bare = |word: &Word| match word {
        Word::Bare(word) => Some(word.clone()),
        Word::Quoted(_) | Word::End => None,
    };
    let bares: Vec<Option<String>> = words.iter().map(bare).collect();
    let bares: Vec<&str> = bares
        .iter()
        .map(|word| word.as_deref().unwrap_or("\""))
        .collect();
    let understood = match bares.as_slice() {
        ["show"] => Some(Command::Show(Subject::Help)),
        ["show", subject] => subject_of(subject).map(Command::Show),
        ["pause", ..] => database(words).map(Command::Pause),
        ["resume", ..] => database(words).map(Command::Resume),
        ["reconnect", ..] => database(words).map(Command::Reconnect),
        ["wait_close", ..] => database(words).map(Command::WaitClose),
        ["disable", _] => database(words).flatten().map(Command::Disable),
        ["enable", _] => database(words).flatten().map(Command::Enable),
        ["kill", ..] => database(words).map(Command::Kill),
        ["kill_client", process] => process.parse().ok().map(Command::KillClient),
        ["reload"] => Some(Command::Reload),
        ["rules", "reload"] => Some(Command::RulesReload),
        ["rules", "rollback", ..] => database(&words[1..]).map(Command::RulesRollback),
        ["shutdown"] | ["shutdown", "wait_for_clients" | "wait_for_servers"] => {
            Some(Command::Shutdown { at_once: false })
        }
        ["shutdown", "immediate"] => Some(Command::Shutdown { at_once: true }),
        ["begin" | "start", ..] => Some(Command::Courtesy("BEGIN")),
        ["commit" | "end", ..] => Some(Command::Courtesy("COMMIT")),
        ["rollback" | "abort", ..] => Some(Command::Courtesy("ROLLBACK")),
        ["set", ..] => Some(Command::Courtesy("SET")),
        _ => None,
    };
    understood.ok_or_else(|| not_here(&bares).unwrap_or_else(|| unknown(&bares)))
}

fn subject_of(word: &str) -> Option<Subject> {
    // PgBouncer's longer and shorter forms of the same figures.
    let word = match word {
        "stats_totals" | "totals" => "stats",
        "averages" => "stats_averages",
        "active_sockets" => "sockets",
        word => word,
    };
    let known = Subject::ALL.iter().find(|(name, _)| *name == word);
    known.map(|(_, subject)| *subject)
}

/// The database that a command is about.
fn database(words: &[Word]) -> Option<Option<String>> {
    match words {
        [_] => Some(None),
        [_, Word::Quoted(name) | Word::Bare(name)] => Some(Some(name.clone())),
        _ => None,
    }
}

/// What PgBouncer has, and why it is not here.
fn not_here(words: &[&str]) -> Option<Diagnostic> {
    let (what, instead) = match words {
        ["show", "mem"] => (
            "SHOW MEM",
            "Memory is not divided into caches of fixed parts; the system tells what the process has.",
        ),
        ["show", "fds"] => (
            "SHOW FDS",
            "It is for handing sockets to another process; SHOW SOCKETS lists connections.",
        ),
        ["show", "dns_hosts" | "dns_zones"] => (
            "SHOW DNS_HOSTS",
            "Names are looked up by the system for each connection, and not kept.",
        ),
        ["suspend"] => (
            "SUSPEND",
            "It is for handing sockets to another process; PAUSE lets transactions end, and SIGTERM drains.",
        ),
        _ => return None,
    };
    let refusal = Diagnostic::error("0A000", format!("{what} is not supported by this broker"));
    Some(refusal.with_hint(instead))
}

fn unknown(words: &[&str]) -> Diagnostic {
    let first = words.first().copied().unwrap_or_default();
    let diagnostic = match first {
        "show" => Diagnostic::error("42601", "there is nothing of that name to show"),
        _ => Diagnostic::error("42601", "this is no command of the admin console"),
    };
    diagnostic.with_hint(help::HINT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Result<Command, Diagnostic> {
        let mut commands = read(text)?;
        assert_eq!(commands.len(), 1, "{text}");
        Ok(commands.remove(0).unwrap())
    }

    #[test]
    fn commands_are_read() {
        for (text, expected) in [
            ("SHOW POOLS;", Command::Show(Subject::Pools)),
            ("show stats_totals", Command::Show(Subject::Stats)),
            ("PAUSE", Command::Pause(None)),
            ("pause USER;", Command::Pause(Some("user".into()))),
            ("RESUME \"User\"", Command::Resume(Some("User".into()))),
            ("WAIT_CLOSE", Command::WaitClose(None)),
            ("DISABLE shop", Command::Disable("shop".into())),
            ("enable \"Shop\";", Command::Enable("Shop".into())),
            ("SHOW AVERAGES", Command::Show(Subject::StatsAverages)),
            ("KILL_CLIENT 17", Command::KillClient(17)),
            ("RULES ROLLBACK", Command::RulesRollback(None)),
            (
                "RULES ROLLBACK shop",
                Command::RulesRollback(Some("shop".into())),
            ),
            ("SHUTDOWN", Command::Shutdown { at_once: false }),
            ("SET x = 'y'", Command::Courtesy("SET")),
        ] {
            assert_eq!(one(text).unwrap(), expected, "{text}");
        }
        assert_eq!(read(" ; ").unwrap(), [None]);
        assert_eq!(read("show state; show lists").unwrap().len(), 2);
    }

    #[test]
    fn what_is_no_command_is_told() {
        for text in [
            "SELECT 1",
            "SHOW",
            "SHOW everything",
            "KILL_CLIENT x",
            "PAUSE a b",
            "DISABLE",
        ] {
            match read(text) {
                Ok(commands) => assert_eq!(commands, [Some(Command::Show(Subject::Help))]),
                Err(diagnostic) => {
                    assert_eq!(diagnostic.sqlstate, "42601", "{text}");
                    assert!(diagnostic.hint.is_some(), "{text}");
                }
            }
        }
    }

    #[test]
    fn what_only_pgbouncer_has_is_told_with_the_reason() {
        for text in ["SHOW MEM", "show fds;", "SHOW DNS_ZONES", "SUSPEND"] {
            let diagnostic = read(text).unwrap_err();
            assert_eq!(diagnostic.sqlstate, "0A000", "{text}");
            assert!(diagnostic.hint.is_some(), "{text}");
        }
    }
}

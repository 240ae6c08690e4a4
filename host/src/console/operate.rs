//! The commands of the console that do something.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::command::Command;
use crate::broker::Shared;
use crate::databases::Databases;
use crate::diagnostic::Diagnostic;
use crate::error::Error;

/// How often a command that waits for something looks whether it has come.
const LOOK: Duration = Duration::from_millis(20);

/// Does what a command says; what is to be said of it beside.
///
/// # Errors
/// It cannot be done.
pub(super) async fn run(command: &Command, shared: &Shared) -> Result<Vec<Diagnostic>, Diagnostic> {
    let mut notices = Vec::new();
    tracing::info!(command = command.word(), "admin console");
    match command {
        Command::Show(_) | Command::Courtesy(_) => {}
        Command::Pause(database) => {
            let database = found(database.as_deref(), shared)?;
            shared.pools.pause(database.as_deref());
            // "The command will not return before all queries have finished" (PgBouncer).
            while shared.pools.has_lent(database.as_deref()) {
                if !shared.pools.is_still_paused(database.as_deref()) {
                    return Err(Diagnostic::error(
                        "57014",
                        "RESUME came before all transactions had ended",
                    ));
                }
                tokio::time::sleep(LOOK).await;
            }
        }
        Command::Resume(database) => {
            let database = found(database.as_deref(), shared)?;
            if !shared.pools.resume(database.as_deref()) {
                return Err(Diagnostic::error("55000", "nothing of the kind is paused"));
            }
        }
        Command::Reconnect(database) => {
            let database = found(database.as_deref(), shared)?;
            shared.pools.reconnect(database.as_deref());
        }
        Command::WaitClose(database) => {
            let database = found(database.as_deref(), shared)?;
            while shared.pools.is_closing(database.as_deref()) {
                tokio::time::sleep(LOOK).await;
            }
        }
        Command::Disable(database) => {
            let database = found(Some(database), shared)?;
            shared.pools.disable(&database.unwrap_or_default());
        }
        Command::Enable(database) => {
            let database = found(Some(database), shared)?.unwrap_or_default();
            if !shared.pools.enable(&database) {
                let message = format!("the database \"{database}\" is not disabled");
                return Err(Diagnostic::error("55000", message));
            }
        }
        Command::Kill(database) => {
            let database = found(database.as_deref(), shared)?;
            shared.pools.pause(database.as_deref());
            let console = shared.console.load();
            shared.clients.dismiss(|about| match &database {
                Some(database) => about.database == *database,
                None => Some(&about.database) != console.database.as_ref(),
            });
        }
        Command::KillClient(process) => {
            if shared.clients.dismiss(|about| about.process == *process) == 0 {
                return Err(Diagnostic::error(
                    "42704",
                    format!("there is no client {process}"),
                ));
            }
        }
        Command::Reload => match &shared.operator {
            None => return Err(not_here("RELOAD")),
            Some(operator) => operator.reload().await.map_err(|why| {
                Diagnostic::error("F0000", "the configuration stays as it was").with_detail(why)
            })?,
        },
        Command::RulesReload => {
            for (library, _) in shared.pools.databases().libraries() {
                library.reload().await.map_err(|error| {
                    Diagnostic::error("F0000", "the rules stay as they were")
                        .with_detail(error.to_string())
                })?;
            }
        }
        Command::RulesRollback(database) => {
            notices.extend(roll_back(database.as_deref(), shared)?);
        }
        Command::Shutdown { at_once } => match &shared.operator {
            None => return Err(not_here("SHUTDOWN")),
            Some(operator) => operator.shut_down(*at_once),
        },
    }
    Ok(notices)
}

/// A database by its name, in which small letters and capitals count only where there are both.
fn found(name: Option<&str>, shared: &Shared) -> Result<Option<String>, Diagnostic> {
    let Some(name) = name else {
        return Ok(None);
    };
    let known = known(shared);
    let is_exact = known.iter().any(|known| known == name);
    let meant = match is_exact {
        true => Some(name.to_owned()),
        false => known
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(name)),
    };
    match meant {
        Some(meant) if shared.console.load().database.as_ref() != Some(&meant) => Ok(Some(meant)),
        Some(_) => Err(Diagnostic::error(
            "55000",
            "the admin console has no connections to IRIS",
        )),
        None => Err(Diagnostic::error(
            "3D000",
            format!("there is no database \"{name}\", or no client has used it yet"),
        )),
    }
}

/// The names of databases that clients have given, or may give; that of the console among them.
fn known(shared: &Shared) -> BTreeSet<String> {
    let names = shared.traffic.names().into_iter();
    names.chain(shared.pools.databases().names()).collect()
}

/// Goes back to the rules before, of one database or wherever there are any. Databases that the same component serves go
/// back together; if that is more than what was asked for, it is said.
fn roll_back(database: Option<&str>, shared: &Shared) -> Result<Option<Diagnostic>, Diagnostic> {
    let databases = shared.pools.databases();
    let Some(name) = found(database, shared)? else {
        return roll_all_back(databases).map(|()| None);
    };
    let place = databases.find(&name);
    let place = place.ok_or_else(|| Diagnostic::no_database(&name))?;
    let others: Vec<_> = known(shared)
        .into_iter()
        .filter(|other| *other != name && shared.config.console.database.as_ref() != Some(other))
        .filter_map(|other| {
            let server = Arc::clone(databases.find(&other)?.server());
            let before = server.rules().generation;
            Some((other, server, before))
        })
        .collect();
    place.server().roll_back().map_err(refused)?;
    let gone: Vec<_> = others
        .into_iter()
        .filter(|(_, server, before)| !Arc::ptr_eq(&server.rules().generation, before))
        .map(|(other, ..)| format!("\"{other}\""))
        .collect();
    Ok((!gone.is_empty()).then(|| {
        Diagnostic::notice(format!(
            "the same rules are those of {}, which have gone back, too",
            gone.join(", ")
        ))
    }))
}

fn roll_all_back(databases: &Databases) -> Result<(), Diagnostic> {
    let outcomes: Vec<_> = databases
        .libraries()
        .into_iter()
        .map(|(library, _)| library.roll_back())
        .collect();
    match outcomes.iter().any(Result::is_ok) {
        true => Ok(()),
        false => outcomes
            .into_iter()
            .collect::<Result<(), _>>()
            .map_err(refused),
    }
}

fn refused(error: Error) -> Diagnostic {
    Diagnostic::error("55000", error.to_string())
}

fn not_here(command: &str) -> Diagnostic {
    Diagnostic::error(
        "0A000",
        format!("{command} is not for this console: the broker is part of another program"),
    )
}

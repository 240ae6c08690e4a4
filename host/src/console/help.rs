//! SHOW HELP.

use super::command::Subject;

/// What is said beside a command that is none.
pub(super) const HINT: &str = "SHOW HELP lists the commands.";

/// What each command does.
const COMMANDS: &[(&str, &str)] = &[
    (
        "PAUSE [database]",
        "lets transactions end, closes connections to IRIS and opens none until RESUME",
    ),
    ("RESUME [database]", "ends PAUSE and KILL"),
    (
        "RECONNECT [database]",
        "opens each connection to IRIS anew when its transaction has ended",
    ),
    (
        "WAIT_CLOSE [database]",
        "waits until the connections are closed that RECONNECT is about",
    ),
    (
        "DISABLE database",
        "lets nobody else into the database; who is there stays",
    ),
    ("ENABLE database", "ends DISABLE"),
    (
        "KILL [database]",
        "ends all sessions at once, then as PAUSE",
    ),
    (
        "KILL_CLIENT process",
        "ends one session, by the process id that SHOW CLIENTS tells",
    ),
    ("RELOAD", "reads the configuration again"),
    ("RULES RELOAD", "reads the files of rules again"),
    (
        "RULES ROLLBACK [database]",
        "goes back to the rules that were in use before; again: forward. Databases with the same rules go together",
    ),
    (
        "SHUTDOWN [IMMEDIATE]",
        "ends the broker, after transactions have ended or at once",
    ),
];

/// A row for each command: the command, and what it does.
pub(super) fn rows() -> Vec<(String, String)> {
    let subjects: Vec<String> = Subject::ALL
        .iter()
        .map(|(name, _)| name.to_uppercase())
        .collect();
    let show = (
        format!("SHOW {}", subjects.join("|")),
        "tells what the broker does".to_owned(),
    );
    let others = COMMANDS
        .iter()
        .map(|(command, about)| ((*command).to_owned(), (*about).to_owned()));
    std::iter::once(show).chain(others).collect()
}

//! What a client may say, in any order: messages as the wire scripts write them.

use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use super::Round;

/// Statements, with what they have of parameters.
const STATEMENTS: &[(&str, usize)] = &[
    ("SELECT a, b FROM chance ORDER BY a", 0),
    ("SELECT a, b FROM chance ORDER BY a", 0),
    ("SELECT b FROM chance WHERE a = $1", 1),
    ("SELECT count(*) AS n FROM chance", 0),
    ("SELECT 6 / (a - 2) AS q FROM chance WHERE a = $1", 1),
    ("SELECT $1::text AS t, $2::int AS i", 2),
    ("INSERT INTO chance (a, b) VALUES ($1, $2)", 2),
    ("INSERT INTO chance (a, b) VALUES ($1, $2)", 2),
    (
        "INSERT INTO chance (a, b) VALUES ($1, 'new') RETURNING a, b",
        1,
    ),
    ("INSERT INTO chance (a) VALUES (7), (8), (9)", 0),
    ("UPDATE chance SET b = $2 WHERE a = $1", 2),
    ("UPDATE chance SET b = 'all' RETURNING b", 0),
    ("DELETE FROM chance WHERE a = $1", 1),
    ("DELETE FROM chance", 0),
    ("BEGIN", 0),
    ("BEGIN", 0),
    ("START TRANSACTION READ ONLY", 0),
    ("COMMIT", 0),
    ("COMMIT AND CHAIN", 0),
    ("ROLLBACK", 0),
    ("ROLLBACK", 0),
    ("SAVEPOINT s", 0),
    ("SAVEPOINT s", 0),
    ("ROLLBACK TO s", 0),
    ("RELEASE s", 0),
    ("VALUES (1, 'x'), (2, 'y'), (3, 'z')", 0),
    ("SHOW statement_timeout", 0),
    ("SET statement_timeout = 60000", 0),
    ("SET LOCAL statement_timeout = 50000", 0),
    ("RESET statement_timeout", 0),
    ("SET application_name = 'x'", 0),
    ("DECLARE c CURSOR FOR SELECT a FROM chance ORDER BY a", 0),
    (
        "DECLARE h CURSOR WITH HOLD FOR SELECT a FROM chance ORDER BY a",
        0,
    ),
    ("FETCH 2 FROM c", 0),
    ("FETCH ALL FROM h", 0),
    ("MOVE 1 IN c", 0),
    ("CLOSE c", 0),
    ("CLOSE ALL", 0),
    ("PREPARE q AS SELECT b FROM chance WHERE a = 1", 0),
    ("EXECUTE q", 0),
    ("DEALLOCATE q", 0),
    ("DEALLOCATE ALL", 0),
    ("DISCARD ALL", 0),
    ("COPY (SELECT a, b FROM chance ORDER BY a) TO STDOUT", 0),
    ("", 0),
    ("-- nothing", 0),
    ("SELECT FROM WHERE", 0),
    ("SELECT * FROM missing", 0),
    ("SELECT c FROM chance", 0),
];

const NAMES: &[&str] = &["", "", "one", "two"];
/// Not the unnamed one: PostgreSQL lets portals of Query messages that failed be seen there.
const PORTALS: &[&str] = &["one", "two"];
const LIMITS: &[&str] = &["0", "0", "1", "2", "100"];
const VALUES: &[&str] = &[
    "\"1\"",
    "\"2\"",
    "\"5\"",
    "\"6\"",
    "\"0\"",
    "null",
    "\"word\"",
    "x00000004",
    "x00",
];
const DATA: &[&str] = &[
    "\"10\\tten\\n\"",
    "\"11\\t\\\\N\\n\"",
    "\"1\\tagain\\n\"",
    "\"12\\n\"",
    "\"13\\tthir\"",
];

/// What one client does, up to a few rounds.
pub(super) fn session(random: &mut StdRng) -> Vec<Round> {
    let rounds = random.random_range(2..12);
    (0..rounds).map(|_| round(random)).collect()
}

fn round(random: &mut StdRng) -> Round {
    match random.random_range(0..10) {
        0..3 => vec![query(random)],
        3 => copy(random),
        _ => pipeline(random),
    }
}

/// A Query message of one statement or some.
fn query(random: &mut StdRng) -> String {
    let count = *[1, 1, 1, 2, 3].choose(random).unwrap_or(&1);
    let mut texts = Vec::new();
    while texts.len() < count {
        let (text, parameters) = statement(random);
        // A comment would hide what follows it.
        if parameters == 0 && (count == 1 || !text.starts_with("--")) {
            texts.push(text);
        }
    }
    format!("Query \"{}\"", texts.join("; "))
}

/// COPY, with what a client sends whatever comes.
fn copy(random: &mut StdRng) -> Round {
    let mut round = vec!["Query \"COPY chance FROM STDIN\"".to_owned()];
    for _ in 0..random.random_range(0..4) {
        round.push(match random.random_range(0..8) {
            0 => "Flush".to_owned(),
            _ => format!("CopyData {}", one_of(random, DATA)),
        });
    }
    round.push(match random.random_range(0..4) {
        0 => "CopyFail \"enough\"".to_owned(),
        _ => "CopyDone".to_owned(),
    });
    round
}

/// Messages of the extended protocol up to Sync: some as drivers send them, some in any order.
fn pipeline(random: &mut StdRng) -> Round {
    let mut round = Vec::new();
    for _ in 0..random.random_range(1..5) {
        match random.random_range(0..4) {
            0 => round.extend(stray(random)),
            _ => round.extend(usual(random)),
        }
    }
    round.push("Sync".to_owned());
    round
}

fn usual(random: &mut StdRng) -> Vec<String> {
    let (text, parameters) = statement(random);
    let (name, portal) = (one_of(random, NAMES), one_of(random, NAMES));
    let mut messages = vec![format!("Parse \"{name}\" \"{text}\"")];
    if random.random_bool(0.3) {
        messages.push(format!("Describe S \"{name}\""));
    }
    messages.push(bind(random, portal, name, parameters));
    if random.random_bool(0.5) {
        messages.push(format!("Describe P \"{portal}\""));
    }
    for _ in 0..random.random_range(1..3) {
        messages.push(format!("Execute \"{portal}\" {}", one_of(random, LIMITS)));
    }
    if random.random_bool(0.3) {
        messages.push(format!("Close S \"{name}\""));
    }
    messages
}

fn stray(random: &mut StdRng) -> Option<String> {
    let (name, other) = (one_of(random, NAMES), one_of(random, NAMES));
    let portal = one_of(random, PORTALS);
    Some(match random.random_range(0..9) {
        0 => format!("Parse \"{name}\" \"{}\"", statement(random).0),
        1 => {
            let parameters = random.random_range(0..3);
            bind(random, name, other, parameters)
        }
        2 => format!("Describe S \"{name}\""),
        3 => format!("Describe P \"{portal}\""),
        4 => format!("Execute \"{portal}\" {}", one_of(random, LIMITS)),
        5 => format!("Close S \"{name}\""),
        6 => format!("Close P \"{portal}\""),
        7 => "Sync".to_owned(),
        _ => "Flush".to_owned(),
    })
}

fn bind(random: &mut StdRng, portal: &str, name: &str, parameters: usize) -> String {
    let mut words = format!("Bind \"{portal}\" \"{name}\"");
    for _ in 0..parameters {
        words = format!("{words} {}", one_of(random, VALUES));
    }
    match random.random_range(0..5) {
        0 => format!("{words} -> binary"),
        1 => format!("{words} -> text"),
        _ => words,
    }
}

fn statement(random: &mut StdRng) -> (&'static str, usize) {
    STATEMENTS.choose(random).copied().unwrap_or_default()
}

fn one_of(random: &mut StdRng, words: &'static [&'static str]) -> &'static str {
    words.choose(random).copied().unwrap_or_default()
}

//! Runs `corpus/*.md`: transcripts of statements and what the sandbox answers.
//!
//! A block fenced as `iris` is run in every version, `iris 2023.1 2024.1` in
//! those, `iris >=2024.1 <2025.1` in the ones between. `> ` begins a statement, `a> ` and `b> ` one on a second connection;
//! ` <- ` precedes its parameters. Without them a statement that has some is
//! only described. A line `connect b user=ann namespace=OTHER` makes connection
//! `b` one of that user to that namespace, by default `_SYSTEM` and USER; an
//! SQLCODE follows if it is refused. So are connections that nothing was said of. `any error` accepts every SQLCODE: the fact is a guess.
//! `UPDATE=1 cargo test` rewrites the answers.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod fence;
mod transcript;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use pgiris_sandbox::{Connection, Options, Sandbox, SqlError, Storage, Version};

#[test]
fn the_corpus_holds() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut files: Vec<PathBuf> = fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let update = std::env::var_os("UPDATE").is_some();
    let failures = on_all_processors(&files, |file| check(file, update));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What `check` finds in each file, in the files' order.
fn on_all_processors(
    files: &[PathBuf],
    check: impl Fn(&Path) -> Option<String> + Sync,
) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(BTreeMap::new());
    let processors = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..processors {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(difference) = check(file) {
                        found.lock().unwrap().insert(file, difference);
                    }
                }
            });
        }
    });
    found.into_inner().unwrap().into_values().collect()
}

/// The first difference in a file, if any.
fn check(file: &Path, update: bool) -> Option<String> {
    let expected = fs::read_to_string(file).unwrap();
    let mut text = expected.clone();
    for version in Version::ALL {
        let actual = run(&text, version);
        if update {
            text = actual;
        } else if let Some(difference) = difference(&expected, &actual) {
            return Some(format!("{} as {version}:\n{difference}", file.display()));
        }
    }
    if update && text != expected {
        fs::write(file, text).unwrap();
    }
    None
}

fn difference(expected: &str, actual: &str) -> Option<String> {
    let (expected, actual): (Vec<&str>, Vec<&str>) =
        (expected.lines().collect(), actual.lines().collect());
    let line = (0..expected.len().max(actual.len())).find(|&n| expected.get(n) != actual.get(n))?;
    let before = actual[..line.min(actual.len())]
        .iter()
        .rev()
        .find(|text| text.contains("> "))
        .unwrap_or(&"");
    let show = |lines: &[&str]| lines.get(line).copied().unwrap_or("(nothing)").to_owned();
    Some(format!(
        "  line {}: {before}\n  expected: {}\n  actual:   {}",
        line + 1,
        show(&expected),
        show(&actual)
    ))
}

/// `b user=ann namespace=OTHER`
fn connect(sandbox: &Sandbox, words: &str) -> (String, Result<Connection, SqlError>) {
    let mut words = words.split_whitespace();
    let name = words.next().unwrap_or("").to_owned();
    let (mut user, mut namespace) = ("_SYSTEM", "USER");
    for word in words {
        match word.split_once('=') {
            Some(("user", value)) => user = value,
            Some(("namespace", value)) => namespace = value,
            _ => panic!("connect: {word}"),
        }
    }
    (name, sandbox.connect_to(user, namespace))
}

/// The file with the answers of one version in the blocks meant for it.
fn run(text: &str, version: Version) -> String {
    let options = Options {
        version,
        storage: Storage::Memory,
        statement_log: None,
    };
    let sandbox = Sandbox::open(options).unwrap();
    let mut connections: HashMap<String, Connection> = HashMap::new();
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        if !fence::runs_in(line, version) {
            continue;
        }
        while let Some(line) = lines.next_if(|line| *line != "```") {
            if let Some(words) = line.strip_prefix("connect ") {
                out.push_str(line);
                out.push('\n');
                let (name, connected) = connect(&sandbox, words);
                match connected {
                    Ok(connection) => drop(connections.insert(name, connection)),
                    Err(error) => out.push_str(&format!("SQLCODE {}\n", error.sqlcode)),
                }
                continue;
            }
            let Some((name, statement)) = transcript::prompt(line) else {
                continue;
            };
            let mut statement = statement.to_owned();
            out.push_str(line);
            out.push('\n');
            while let Some(more) = lines.next_if(|line| line.starts_with("  ")) {
                statement = format!("{statement}\n{more}");
                out.push_str(more);
                out.push('\n');
            }
            let connection = connections
                .entry(name.to_owned())
                .or_insert_with(|| sandbox.connect("_SYSTEM").unwrap());
            let guessed = lines.peek() == Some(&"any error");
            out.push_str(&transcript::answer(connection, &statement, guessed));
        }
    }
    out
}

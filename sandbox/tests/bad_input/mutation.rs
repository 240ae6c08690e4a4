//! Every statement of the corpus, damaged: bytes flipped, tokens swapped, cut anywhere.

use std::fs;
use std::path::Path;

use pgiris_sandbox::{Connection, Version};

use crate::random::Random;
use crate::{check, entry, on_a_usual_stack};

/// How many damaged copies of each statement.
const COPIES: usize = 4;

#[test]
fn damaged_statements_of_the_corpus_are_answered() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let entries = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some()).collect();
    files.sort();
    let halves: Vec<Vec<_>> = (0..2)
        .map(|n| files.iter().skip(n).step_by(2).cloned().collect())
        .collect();
    let threads = halves.into_iter().map(|files| {
        std::thread::spawn(|| {
            on_a_usual_stack(move || {
                for (seed, path) in files.iter().enumerate() {
                    damage(&fs::read_to_string(path).unwrap(), seed as u64);
                }
            });
        })
    });
    let threads: Vec<_> = threads.collect();
    for thread in threads {
        thread.join().expect("every statement is answered");
    }
}

/// The damaged copies come before the statement itself, which may leave tables for others.
fn damage(text: &str, seed: u64) {
    let mut random = Random::new(seed);
    let mut connection = entry::connect(Version::NEWEST);
    for line in text.lines() {
        let Some((name, statement)) = line.split_once("> ") else {
            continue;
        };
        if name.len() > 1 {
            continue;
        }
        let sql = statement.split(" <- ").next().unwrap_or(statement);
        for _ in 0..COPIES {
            check(&mut connection, &damaged(sql, &mut random));
        }
        quiet(&mut connection, sql);
    }
}

/// A lock that another connection of the transcript would have given back is not waited for.
fn quiet(connection: &mut Connection, sql: &str) {
    if !sql.to_uppercase().starts_with("LOCK") {
        check(connection, sql);
    }
}

fn damaged(sql: &str, random: &mut Random) -> String {
    match random.below(5) {
        0 => {
            let mut bytes = sql.as_bytes().to_vec();
            for _ in 0..=random.below(3) {
                let at = random.below(bytes.len());
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
            String::from_utf8_lossy(&bytes).into_owned()
        }
        1 => sql.chars().take(random.below(sql.len())).collect(),
        2 => sql.chars().skip(random.below(sql.len())).collect(),
        _ => tokens(sql, random),
    }
}

/// Swaps, doubles, drops or replaces a word or a mark.
fn tokens(sql: &str, random: &mut Random) -> String {
    let mut tokens: Vec<&str> = sql
        .split_inclusive(|c: char| !c.is_alphanumeric())
        .collect();
    let (left, right) = (random.below(tokens.len()), random.below(tokens.len()));
    if tokens.is_empty() {
        return String::new();
    }
    match random.below(4) {
        0 => tokens.swap(left, right),
        1 => tokens.insert(left, tokens[right]),
        2 => drop(tokens.remove(left)),
        _ => {
            tokens[left] = random.of(&[
                "(",
                ")",
                "'",
                "?",
                "NULL ",
                "* ",
                ", ",
                "\0",
                "SELECT ",
                "-1 ",
                ".",
                "\u{1F600}",
                "%ID ",
            ]);
        }
    }
    tokens.concat()
}

//! Every statement of the corpus, damaged: bytes flipped, tokens swapped, cut anywhere.

use std::fs;
use std::path::{Path, PathBuf};

use crate::entry::{self, world::World};
use crate::on_a_small_stack;
use crate::page::Page;
use crate::random::Random;

/// How many damaged copies of each statement.
const COPIES: usize = 2;

#[test]
fn damaged_statements_of_the_corpus_are_answered() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let entries = fs::read_dir(directory).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let halves = (0..2).map(|half| {
        let files: Vec<PathBuf> = files.iter().skip(half).step_by(2).cloned().collect();
        std::thread::spawn(|| on_a_small_stack(move || damage_all(&files)))
    });
    for thread in halves.collect::<Vec<_>>() {
        thread.join().expect("every statement is answered");
    }
}

/// Each page in the world of another version, whose tables are those of the fuzz targets: some
/// of the page's are there with other columns, others are not.
fn damage_all(files: &[PathBuf]) {
    let mut worlds = entry::VERSIONS.map(|version| World::new(version, entry::TABLES));
    for (seed, path) in files.iter().enumerate() {
        let text = fs::read_to_string(path).unwrap();
        let mut random = Random::new(seed as u64);
        let world = &mut worlds[seed % entry::VERSIONS.len()];
        for case in Page::read(&text)
            .scenes()
            .into_iter()
            .flat_map(|(_, cases)| cases)
        {
            for _ in 0..COPIES {
                entry::check(world, &damaged(&case.input, &mut random));
            }
        }
    }
}

fn damaged(sql: &str, random: &mut Random) -> String {
    match random.below(6) {
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
        _ => words(sql, random),
    }
}

/// What takes the place of a word.
const OTHERS: [&str; 22] = [
    "(",
    ")",
    "'",
    "?",
    "$1",
    "NULL ",
    "* ",
    ", ",
    "\0",
    "SELECT ",
    "-1 ",
    ".",
    "\u{1F600}",
    "%ID ",
    "t",
    "'x'",
    "::",
    "[1]",
    "CASE ",
    "k.a ",
    "\"",
    "FROM t ",
];

/// Swaps, doubles, drops or replaces a word or a mark.
fn words(sql: &str, random: &mut Random) -> String {
    let mut words: Vec<&str> = sql
        .split_inclusive(|c: char| !c.is_alphanumeric())
        .collect();
    if words.is_empty() {
        return String::new();
    }
    let (left, right) = (random.below(words.len()), random.below(words.len()));
    match random.below(4) {
        0 => words.swap(left, right),
        1 => words.insert(left, words[right]),
        2 => drop(words.remove(left)),
        _ => words[left] = random.of(&OTHERS),
    }
    words.concat()
}

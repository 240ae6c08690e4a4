//! The tables of `README.md` that count what the corpus shows, by how certain it is, and what runs
//! in which version. They must be true; `UPDATE=1` writes them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

#[path = "corpus/fence.rs"]
mod fence;

use std::fs;
use std::path::Path;

use pgiris_sandbox::Version;

const BEGIN: &str = "<!-- counts -->\n";
const END: &str = "<!-- end of counts -->\n";

/// The marks, and what they mean.
const MARKS: [(&str, &str); 6] = [
    ("H", "documented, read in class sources, or measured"),
    ("M", "one indirect witness, or two that differ slightly"),
    ("L", "a single weak witness"),
    ("m", "refused text, measured"),
    ("d", "refused text, documented"),
    ("g", "refused text, guessed: any error"),
];

#[test]
fn the_readme_counts_the_facts() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut table = facts(root);
    table.push('\n');
    table.push_str(&statements(root));
    let path = root.join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).expect("the table has its place");
    let (written, after) = rest.split_once(END).expect("the table has an end");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(
        written, table,
        "the counts are stale: run this with UPDATE=1"
    );
}

#[test]
fn the_readme_names_every_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    for (path, _) in texts(&root.join("corpus")) {
        let stem = Path::new(&path).file_stem().unwrap().to_string_lossy();
        assert!(readme.contains(&format!("`{stem}`")), "{path} has no area");
    }
}

/// How many facts there are of each mark.
fn facts(root: &Path) -> String {
    let shown = bullets(&root.join("corpus"));
    let left_out = bullets(&root.join("corpus/not_imitated"));
    let mut table =
        String::from("| mark | | shown by the corpus | not imitated |\n|---|---|---|---|\n");
    for (mark, meaning) in MARKS {
        let count = |marks: &[String]| marks.iter().filter(|found| *found == mark).count();
        let (shown, left_out) = (count(&shown), count(&left_out));
        table.push_str(&format!(
            "| `{mark}` | {meaning} | {shown} | {left_out} |\n"
        ));
    }
    table
}

/// How many statements run in each version, and how many of them have an answer that is a number
/// of an error, or just any error.
fn statements(root: &Path) -> String {
    let texts = texts(&root.join("corpus"));
    let mut table = String::from(
        "| IRIS | statements | of these refused | with any error |\n|---|---|---|---|\n",
    );
    for version in Version::ALL {
        let (mut all, mut refused, mut guessed) = (0, 0, 0);
        for (_, text) in &texts {
            let mut lines = text.lines();
            while let Some(fence) = lines.next() {
                if !fence::runs_in(fence, version) {
                    continue;
                }
                for line in lines.by_ref().take_while(|line| *line != "```") {
                    all += usize::from(begins_statement(line));
                    refused += usize::from(line.starts_with("SQLCODE -") || line == "any error");
                    guessed += usize::from(line == "any error");
                }
            }
        }
        table.push_str(&format!("| {version} | {all} | {refused} | {guessed} |\n"));
    }
    table
}

/// Is this the first line of a statement, on whichever connection?
fn begins_statement(line: &str) -> bool {
    line.split_once("> ")
        .is_some_and(|(name, _)| name.len() <= 1 && name.chars().all(|c| c.is_ascii_lowercase()))
}

/// The files of a directory, not of those in it.
fn texts(directory: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(directory).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .map(|path| {
            (
                path.display().to_string(),
                fs::read_to_string(&path).unwrap(),
            )
        })
        .collect()
}

/// The mark of each line like `- [H 3.1] …` in the files of a directory.
fn bullets(directory: &Path) -> Vec<String> {
    let mut marks = Vec::new();
    for (name, text) in texts(directory) {
        for line in text.lines().filter(|line| line.starts_with("- [")) {
            let mark = line[3..].split(' ').next().unwrap_or_default();
            let known = MARKS.iter().any(|(known, _)| *known == mark);
            assert!(known, "{name}: {line}");
            marks.push(mark.to_owned());
        }
    }
    marks
}

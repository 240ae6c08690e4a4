//! Counts the facts that the corpus shows, by how certain they are; `UPDATE=1` writes the table
//! into `README.md`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::fs;
use std::path::Path;

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
    let path = root.join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).expect("the table has its place");
    let (_, after) = rest.split_once(END).expect("the table has an end");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    }
    assert!(!shown.is_empty());
}

/// The mark of each line like `- [H 3.1] …` in the files of a directory.
fn bullets(directory: &Path) -> Vec<String> {
    let mut marks = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "md") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines().filter(|line| line.starts_with("- [")) {
            let mark = line[3..].split(' ').next().unwrap_or_default();
            let known = MARKS.iter().any(|(known, _)| *known == mark);
            assert!(known, "{}: {line}", path.display());
            marks.push(mark.to_owned());
        }
    }
    marks
}

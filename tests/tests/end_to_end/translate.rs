//! `pgiris translate` as the page beside this file shows it: statements, and what is printed
//! of them. `UPDATE=1` writes the page anew.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{binary, blocks, rules_file};

#[test]
fn a_translation_is_explained() -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/end_to_end/translate.md");
    let page = fs::read_to_string(&path)?;
    let mut fresh = page.clone();
    let shown = blocks(&page);
    for pair in shown.chunks_exact(2) {
        let [statement, output] = pair else { continue };
        ensure!(
            (statement.kind, output.kind) == ("sql", "text"),
            "line {}: a statement, then what is printed",
            statement.line
        );
        fresh = fresh.replacen(
            &block(statement.text, output.text),
            &block(statement.text, &printed(statement.text)?),
            1,
        );
    }
    if std::env::var_os("UPDATE").is_some() {
        return fs::write(&path, fresh).context("cannot write the page");
    }
    let changed = fresh
        .lines()
        .zip(page.lines())
        .find(|(new, old)| new != old);
    ensure!(
        fresh == page,
        "{}: {changed:?}; UPDATE=1 rewrites it",
        path.display()
    );
    Ok(())
}

fn block(statement: &str, output: &str) -> String {
    format!("```sql\n{statement}```\n```text\n{output}```\n")
}

/// Both streams: what cannot be read at all is told on the second.
fn printed(statement: &str) -> Result<String> {
    let mut command = Command::new(binary()?);
    command.arg("translate").arg("--rules");
    let output = command
        .arg(rules_file("iris-2025.1")?)
        .arg(statement.trim_end())
        .output()?;
    Ok(String::from_utf8(output.stdout)? + &String::from_utf8(output.stderr)?)
}

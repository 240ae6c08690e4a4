//! `pgiris rules diff`, and the commands of docs/writing-rules.md.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use pgiris_tests::{binary, blocks, rules_directory, rules_file};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn diff(after: &str, corpus: &Path) -> Result<Output> {
    let output = Command::new(binary()?)
        .args(["rules", "diff", "--exit-code"])
        .args([rules_file("iris-2024.3")?, rules_file(after)?])
        .arg(corpus)
        .output()?;
    Ok(output)
}

#[test]
fn what_another_version_does_differently_is_shown() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let corpus = directory.path().join("corpus.sql");
    fs::write(
        &corpus,
        "SELECT a FROM t\n\nSELECT a FROM t\nORDER BY a LIMIT 3 OFFSET 2;\n",
    )?;
    let same = diff("iris-2024.3", &corpus)?;
    ensure!(same.status.success());
    ensure!(String::from_utf8(same.stdout)?.starts_with("2 statements, 0 differ"));
    let other = diff("iris-2025.1", &corpus)?;
    let text = String::from_utf8(other.stdout)?;
    ensure!(!other.status.success(), "{text}");
    // The older version has no LIMIT.
    ensure!(
        text.contains("corpus.sql:3") && text.contains("2 statements, 1 differ"),
        "{text}"
    );
    let line = |sign: &str| text.lines().any(|line| line.starts_with(sign));
    ensure!(line("  - ") && line("  + "), "{text}");
    let none = diff("iris-2025.1", directory.path().join("nothing").as_path())?;
    ensure!(String::from_utf8(none.stderr)?.contains("cannot read"));
    Ok(())
}

#[test]
fn the_commands_of_the_page_work() -> Result<()> {
    let page = fs::read_to_string(root().join("docs/writing-rules.md"))?;
    let binary = binary()?.display().to_string();
    let rules = rules_directory()?.display().to_string();
    let mut count = 0;
    for block in blocks(&page)
        .into_iter()
        .filter(|block| block.kind == "console")
    {
        let command = block.text.trim().strip_prefix("$ ").context("a prompt")?;
        let command = command
            .replacen("pgiris", &binary, 1)
            .replace("target/rules", &rules);
        let output = Command::new("sh")
            .args(["-c", &command])
            .current_dir(root())
            .output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{command}: {said}");
        ensure!(!output.stdout.is_empty(), "{command}");
        count += 1;
    }
    ensure!(count == 3, "{count}");
    Ok(())
}

//! `pgiris rules diff`, and the commands of docs/writing-rules.md.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use pgiris_tests::{binary, blocks, hostile_rules, overlay, rules_directory, rules_file};

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

/// What `cargo xtask test` has done before, with the compiler that the machine has: the page's
/// project is the one that it built.
fn built_before(directory: &Path) -> Result<()> {
    let made = directory.join("my-rules");
    let before = overlay("rust")?.with_file_name("my-rules");
    for file in ["src/lib.rs", "Cargo.toml", "wit/world.wit"] {
        ensure!(
            fs::read(made.join(file))? == fs::read(before.join(file))?,
            "{file} is another one than what was built; run: cargo xtask rules overlays"
        );
    }
    let output = made.join("target/wasm32-unknown-unknown/release");
    fs::create_dir_all(&output)?;
    fs::copy(overlay("rust")?, output.join("my_rules.wasm"))?;
    Ok(())
}

#[test]
fn the_commands_of_the_page_work() -> Result<()> {
    let page = fs::read_to_string(root().join("docs/writing-rules.md"))?;
    let binary = binary()?.display().to_string();
    let rules = rules_directory()?.display().to_string();
    // What the commands make is not to lie in the tree.
    let directory = tempfile::tempdir()?;
    for name in ["guest", "examples", "wit"] {
        symlink(
            root().canonicalize()?.join(name),
            directory.path().join(name),
        )?;
    }
    let mut count = 0;
    for block in blocks(&page)
        .into_iter()
        .filter(|block| block.kind == "console")
    {
        let command = block.text.trim().strip_prefix("$ ").context("a prompt")?;
        count += 1;
        if command.starts_with("cargo build ") {
            built_before(directory.path())?;
            continue;
        }
        if command.starts_with("npm ci ") {
            ensure!(root().join("examples/javascript/node_modules").is_dir());
            continue;
        }
        let command = command
            .replacen("pgiris", &binary, 1)
            .replace("target/rules", &rules);
        let output = Command::new("sh")
            .args(["-c", &command])
            .current_dir(directory.path())
            .output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        let told = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "{command}: {told}{said}");
        ensure!(
            command.starts_with("node ") || !told.is_empty(),
            "{command}"
        );
    }
    ensure!(count == 10, "{count}");
    Ok(())
}

#[test]
fn a_component_that_passes_everything_on_does_not_conform() -> Result<()> {
    let output = Command::new(binary()?)
        .args(["rules", "check"])
        .arg(hostile_rules()?)
        .arg("--corpus")
        .arg(root().join("guest/conformance"))
        .output()?;
    let told = String::from_utf8(output.stdout)?;
    ensure!(!output.status.success(), "{told}");
    ensure!(
        told.contains("transactions.md:6: forward SELECT, not transaction BEGIN"),
        "{told}"
    );
    Ok(())
}

#[test]
fn the_stock_rules_conform() -> Result<()> {
    for name in ["iris-2023.1", "iris-2024.1", "iris-2024.3", "iris-2025.1"] {
        let output = Command::new(binary()?)
            .args(["rules", "check"])
            .arg(rules_file(name)?)
            .arg("--corpus")
            .arg(root().join("guest/conformance"))
            .output()?;
        let told = String::from_utf8(output.stdout)?;
        ensure!(output.status.success(), "{name}: {told}");
    }
    Ok(())
}

#[test]
fn a_project_does_not_overwrite_anything() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let new = |name: &str| {
        Command::new(binary()?)
            .args(["rules", "new"])
            .arg(directory.path().join(name))
            .output()
            .context("it does not start")
    };
    ensure!(new("mine")?.status.success());
    ensure!(String::from_utf8(new("mine")?.stderr)?.contains("cannot create"));
    ensure!(String::from_utf8(new("1 2")?.stderr)?.contains("a package cannot be called"));
    Ok(())
}

fn check(arguments: &[&OsStr]) -> Result<Output> {
    let output = Command::new(binary()?)
        .args(["rules", "check"])
        .args(arguments)
        .output()?;
    Ok(output)
}

#[test]
fn a_component_without_examples_is_timed_by_classes_of_statements() -> Result<()> {
    let checked = check(&[hostile_rules()?.as_ref()])?;
    let text = String::from_utf8(checked.stdout)?;
    ensure!(checked.status.success(), "{text}");
    ensure!(text.contains("examples  0 of 0 as they say"), "{text}");
    ensure!(text.contains("\nclasses   of "), "{text}");
    // It passes everything on.
    ensure!(is_timed(&text, "forward SELECT"), "{text}");

    let checked = check(&[rules_file("iris-2025.1")?.as_ref()])?;
    let text = String::from_utf8(checked.stdout)?;
    for class in [
        "forward SELECT",
        "forward INSERT 0",
        "setting SET",
        "transaction BEGIN",
        "several statements",
    ] {
        ensure!(is_timed(&text, class), "{class}: {text}");
    }
    Ok(())
}

/// Whether there is a line with the times of a class, and of how many texts they are.
fn is_timed(text: &str, class: &str) -> bool {
    let mut lines = text.lines().filter(|line| line.contains("at most"));
    lines.any(|line| {
        let is_time = |word: &&str| ["ns", "µs", "ms"].iter().any(|unit| word.ends_with(unit));
        let times = line.split_whitespace().filter(is_time).count();
        times == 2 && line.contains(&format!("  {class} ("))
    })
}

#[test]
fn a_component_is_checked_under_the_limits_and_signers_of_a_configuration() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("pgiris.toml");
    let under = |text: &str| -> Result<(bool, String)> {
        fs::write(&file, text)?;
        let (rules, option): (_, &OsStr) = (hostile_rules()?, "--config".as_ref());
        let checked = check(&[rules.as_ref(), option, file.as_ref()])?;
        let said = [checked.stdout, checked.stderr].concat();
        Ok((checked.status.success(), String::from_utf8(said)?))
    };
    let (is_good, said) = under("[translation]\nmemory = '64MB'\ndeadline = '300ms'\n")?;
    ensure!(
        is_good && said.contains("limits    64 MiB of memory"),
        "{said}"
    );
    ensure!(said.contains("300ms for a call"), "{said}");
    let (is_good, said) = under("[translation]\nmemory = '64kB'\n")?;
    ensure!(!is_good && said.contains("has no manifest"), "{said}");
    let signer = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    let (is_good, said) = under(&format!("[translation]\nsigners = ['{signer}']\n"))?;
    ensure!(!is_good && said.contains("is not signed"), "{said}");
    let (is_good, said) = under("[translation]\nmemry = '64MB'\n")?;
    ensure!(!is_good && said.contains("did you mean"), "{said}");
    Ok(())
}

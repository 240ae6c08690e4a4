//! The house rules that a machine can keep.

#[path = "tidy/public_api.rs"]
mod public_api;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The ceiling for a file that somebody wrote.
const LINES: usize = 500;

/// How a file begins that a program wrote.
const GENERATED: &str = "// @generated";

/// What a checkout holds that is not part of it.
const FOREIGN: &[&str] = &["target", ".git", ".venv", "__pycache__", "node_modules"];

#[test]
fn no_file_is_longer_than_the_ceiling() -> Result<()> {
    let mut long = Vec::new();
    for path in sources()? {
        let text = fs::read_to_string(&path)?;
        let lines = text.lines().count();
        if lines > LINES && !text.starts_with(GENERATED) {
            long.push(format!("{}: {lines} lines", path.display()));
        }
    }
    ensure!(
        long.is_empty(),
        "more than {LINES} lines:\n{}",
        long.join("\n")
    );
    Ok(())
}

#[test]
fn modules_are_named_files() -> Result<()> {
    let sources = sources()?;
    let nameless = sources.iter().find(|path| path.ends_with("mod.rs"));
    ensure!(
        nameless.is_none(),
        "{nameless:?}: name the file after its module, beside its folder"
    );
    Ok(())
}

#[test]
fn no_test_is_ignored() -> Result<()> {
    // Put together, so that this file does not name what it looks for.
    let marks = [
        ["#[", "ignore"].concat(),
        ["pytest.mark.", "skip("].concat(),
        ["pytest.mark.", "xfail"].concat(),
    ];
    // SQLAlchemy's suite is told there what IRIS cannot do; each reason stands beside the
    // test's name, and a test counts them.
    let told = std::path::Path::new("python/tests/compliance/conftest.py");
    for path in sources()?.iter().filter(|path| !path.ends_with(told)) {
        let text = fs::read_to_string(path)?;
        let found = marks.iter().find(|mark| text.contains(mark.as_str()));
        ensure!(found.is_none(), "{}: {found:?}", path.display());
    }
    Ok(())
}

#[test]
fn every_rule_has_its_page_and_every_page_its_rule() -> Result<()> {
    let rules = stems("guest/src/rules", "rs")?;
    let pages = stems("guest/corpus", "md")?;
    ensure!(!rules.is_empty(), "there are no rules");
    let without_page: Vec<_> = rules.iter().filter(|rule| !pages.contains(rule)).collect();
    ensure!(
        without_page.is_empty(),
        "no page in guest/corpus: {without_page:?}"
    );
    // A rule may have several pages: `rule-topic.md`.
    let of_rule = |page: &&String| {
        page.split('-')
            .next()
            .map(str::to_owned)
            .unwrap_or_default()
    };
    // What no rule may change has pages as well.
    let without_rule: Vec<_> = pages
        .iter()
        .filter(|page| !rules.contains(&of_rule(page)) && of_rule(page) != "already_iris")
        .collect();
    ensure!(
        without_rule.is_empty(),
        "no rule in guest/src/rules: {without_rule:?}"
    );
    Ok(())
}

#[test]
fn every_path_named_in_a_document_exists() -> Result<()> {
    let mut missing = Vec::new();
    for document in files(&root(), "md")? {
        let text = fs::read_to_string(&document)?;
        let beside = document.parent().context("a document lies in a folder")?;
        for path in named_paths(&text) {
            if !root().join(path).exists() && !beside.join(path).exists() {
                missing.push(format!("{}: {path}", document.display()));
            }
        }
    }
    ensure!(
        missing.is_empty(),
        "named, but not there:\n{}",
        missing.join("\n")
    );
    Ok(())
}

#[test]
fn the_library_reads_no_environment() -> Result<()> {
    // Put together, so that this file does not name what it looks for.
    let marks = [["env::", "var"].concat(), ["env::", "home_dir"].concat()];
    let program = [root().join("host/src/cli"), root().join("host/src/main.rs")];
    for path in files(&root().join("host/src"), "rs")? {
        let is_test = path.ends_with("tests.rs");
        if is_test || program.iter().any(|part| path.starts_with(part)) {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let (text, _) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
        let found = marks.iter().find(|mark| text.contains(mark.as_str()));
        ensure!(found.is_none(), "{}: {found:?}", path.display());
    }
    Ok(())
}

#[test]
fn ci_calls_the_test_command_and_nothing_else() -> Result<()> {
    let script = fs::read_to_string(root().join(".ci/run"))?;
    let commands = script
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let commands: Vec<&str> = commands.collect();
    ensure!(
        commands == ["set -e", "cd \"$(dirname \"$0\")/..\"", "cargo xtask test"],
        "{commands:?}"
    );
    Ok(())
}

#[test]
fn the_bare_library_cannot_parse_sql() -> Result<()> {
    let cargo = env::var_os("CARGO").context("tests are run by cargo")?;
    let tree = Command::new(cargo)
        .args([
            "tree",
            "--package",
            "pgiris",
            "--no-default-features",
            "--edges",
            "normal",
        ])
        .args(["--prefix", "none", "--offline"])
        .current_dir(root())
        .output()?;
    ensure!(
        tree.status.success(),
        "{}",
        String::from_utf8_lossy(&tree.stderr)
    );
    let tree = String::from_utf8(tree.stdout)?;
    ensure!(
        tree.contains("wasmtime v"),
        "this is not the tree of the host:\n{tree}"
    );
    for package in [
        "sqlparser",
        "pgiris-rules",
        "pgiris-sandbox",
        "rusqlite",
        "clap",
    ] {
        let found = tree
            .lines()
            .find(|line| line.starts_with(&format!("{package} v")));
        ensure!(
            found.is_none(),
            "without its features the host depends on {package}"
        );
    }
    Ok(())
}

#[test]
fn paths_are_told_from_other_code() {
    let text = "See `host/src/session.rs`, [the rules](guest/) and <https://a.b/c.md>, not `a/b` or `target/rules`.\n\
                ```\nhost/src/none.rs\n```\n`wit/*.wit` `cargo xtask test` [top](#top)";
    assert_eq!(named_paths(text), ["host/src/session.rs", "guest/"]);
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .skip(1)
        .take(1)
        .collect()
}

/// All Rust and Python files.
fn sources() -> Result<Vec<PathBuf>> {
    Ok([files(&root(), "rs")?, files(&root(), "py")?].concat())
}

/// All files below the directory with this extension.
fn files(directory: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in
        fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))?
    {
        let entry = entry?;
        let path = entry.path();
        if FOREIGN.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            found.extend(files(&path, extension)?);
        } else if path.extension().is_some_and(|given| given == extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The names of the files in this folder, extension apart.
fn stems(directory: &str, extension: &str) -> Result<Vec<String>> {
    let directory = root().join(directory);
    let files = files(&directory, extension)?;
    let direct = files
        .iter()
        .filter(|path| path.parent() == Some(&directory));
    Ok(direct
        .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .collect())
}

/// The paths of this repository that a document names, in `code` or as the target of a link; without
/// its fenced blocks, which are examples.
fn named_paths(document: &str) -> Vec<&str> {
    let prose = document.split("```").step_by(2);
    let code = prose
        .clone()
        .flat_map(|text| text.split('`').skip(1).step_by(2));
    let links = prose.flat_map(|text| {
        text.split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
    });
    let links = links.filter(|link| !link.contains("://") && !link.starts_with('#'));
    code.filter(|code| is_path(code))
        .chain(links.map(|link| link.split('#').next().unwrap_or(link)))
        .collect()
}

/// Whether this is the path of something in the repository: it begins with one of its folders, or is
/// one of its documents, and stands for one thing.
fn is_path(code: &str) -> bool {
    const FOLDERS: &[&str] = &[
        "wit/", "host/", "guest/", "sandbox/", "python/", "tests/", "benches/", "xtask/", ".ci/",
        ".cargo/",
    ];
    // NAME and its like stand for many.
    let plain = !code.contains([' ', '*', '<', '{', '…', ':']) && !code.contains("NAME");
    plain
        && (FOLDERS.iter().any(|folder| code.starts_with(folder))
            || (!code.contains('/') && code.ends_with(".md")))
}

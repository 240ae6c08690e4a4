//! `cargo xtask run`: builds the rules and the broker, then becomes the broker.

use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::rules;
use crate::workspace::Workspace;

pub(crate) fn command(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let arguments = match arguments.split_first() {
        Some((first, rest)) if first == "--" => rest,
        _ => arguments,
    };
    rules::build(workspace)?;
    build_broker()?;
    let mut broker = Command::new(workspace.broker());
    broker
        .arg("serve")
        .args(with_defaults(workspace, arguments));
    // The process is replaced, not a parent that waits: signals and the exit code are the broker's own.
    let error = broker.exec();
    Err(error).with_context(|| format!("cannot start {}", workspace.broker().display()))
}

/// Builds target/release/pgiris. As a part of the workspace and beside a small test: only then do its dependencies get
/// the features that they have in the tests and the benchmarks, so that wasmtime is compiled once for all.
pub(crate) fn build_broker() -> Result<()> {
    build(&[])
}

/// The same, and the examples of how to embed it.
pub(crate) fn build_with_examples() -> Result<()> {
    build(&["--examples"])
}

fn build(more: &[&str]) -> Result<()> {
    let targets = ["--bin", "pgiris", "--test", "tidy"];
    let command = ["build", "--release", "--workspace"];
    process::run(process::cargo().args(command).args(targets).args(more))
}

/// The arguments, preceded by those a first run needs, unless they are among the given ones.
fn with_defaults(workspace: &Workspace, given: &[String]) -> Vec<String> {
    let rules = workspace.rules().display().to_string();
    let defaults = [
        ("--listen", "127.0.0.1:5432"),
        ("--upstream", "sandbox:"),
        ("--rules", rules.as_str()),
    ];
    let is_given = |flag: &str| {
        given
            .iter()
            .any(|argument| argument.split('=').next() == Some(flag))
    };
    let missing = defaults.iter().filter(|(flag, _)| !is_given(flag));
    let mut arguments: Vec<String> = missing
        .flat_map(|(flag, value)| [(*flag).to_owned(), (*value).to_owned()])
        .collect();
    arguments.extend_from_slice(given);
    arguments
}

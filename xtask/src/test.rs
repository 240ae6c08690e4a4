//! `cargo xtask test`: sets up what is missing, then runs every check and sums up.

mod summary;

use std::process::Command;

use anyhow::{Result, bail};

use self::summary::Summary;
use crate::postgres;
use crate::process;
use crate::python::Environment;
use crate::rules;
use crate::run;
use crate::workspace::Workspace;

/// The packages whose documentation holds examples that are tests.
const LIBRARIES: &[&str] = &["pgiris", "pgiris-rules", "pgiris-sandbox"];

const CLIPPY: &[&str] = &[
    "clippy",
    "--release",
    "--workspace",
    "--all-targets",
    "--",
    "--deny",
    "warnings",
];
const NEXTEST: &[&str] = &[
    "nextest",
    "run",
    "--release",
    "--workspace",
    "--no-fail-fast",
];
const LIBTEST: &[&str] = &[
    "test",
    "--release",
    "--workspace",
    "--no-fail-fast",
    "--lib",
    "--bins",
    "--tests",
];

pub(crate) fn command(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    if let Some(argument) = arguments.first() {
        bail!(
            "`cargo xtask test` takes no argument, not `{argument}`; for one test use cargo nextest or pytest"
        );
    }
    let mut summary = Summary::default();
    summary.check("format", || {
        process::run(process::cargo().args(["fmt", "--all", "--check"]))
    });
    // In release, so that build scripts (SQLite among them) and macros are built once for all that follows.
    summary.check("clippy", || process::run(process::cargo().args(CLIPPY)));

    summary.setup("psql and PostgreSQL", postgres::install)?;
    summary.setup("rules", || rules::build(workspace))?;
    summary.setup("broker", run::build_broker)?;
    summary.check("Rust tests", rust_tests);
    summary.check("Rust examples in the documentation", documentation_tests);

    let environment = summary.setup("Python environment", || Environment::prepare(workspace))?;
    summary.check("Python tests", || {
        process::run(environment.python().args(["-m", "pytest", "python"]))
    });
    let ruff = environment.program("ruff");
    if ruff.exists() {
        summary.check("ruff", || {
            process::run(Command::new(&ruff).args(["check", "python"]))
        });
        summary.check("ruff format", || {
            process::run(Command::new(&ruff).args(["format", "--check", "python"]))
        });
    }
    summary.conclude()
}

fn rust_tests() -> Result<()> {
    if process::read(process::cargo().args(["nextest", "--version"])).is_ok() {
        return process::run(process::cargo().args(NEXTEST));
    }
    // Building nextest takes longer than it saves.
    process::run(process::cargo().args(LIBTEST))
}

fn documentation_tests() -> Result<()> {
    let packages = LIBRARIES.iter().flat_map(|package| ["--package", package]);
    process::run(
        process::cargo()
            .args(["test", "--release", "--doc"])
            .args(packages),
    )
}

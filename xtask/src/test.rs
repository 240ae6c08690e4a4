//! `cargo xtask test`: sets up what is missing, then runs every check and sums up.

mod summary;

use std::process::Command;

use anyhow::{Result, bail};

use self::summary::Summary;
use crate::drivers;
use crate::overlays;
use crate::postgres;
use crate::process;
use crate::python::Environment;
use crate::rules;
use crate::run;
use crate::workspace::Workspace;

const CLIPPY: &[&str] = &[
    "clippy",
    "--release",
    "--workspace",
    "--all-targets",
    "--",
    "--deny",
    "warnings",
];
/// What those have who embed the library and bring their own connector, metrics and configuration.
const BARE: &[&str] = &[
    "clippy",
    "--release",
    "--package",
    "pgiris",
    "--lib",
    "--no-default-features",
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

const DOCTEST: &[&str] = &["test", "--release", "--workspace", "--doc"];

/// The tests that were run already are run again by two processes, each with a broker of its own.
const WORKERS: &[&str] = &["--numprocesses", "2"];

/// Name, program and arguments of what checks the Python code, if the package asks for it.
const PYTHON_CHECKS: &[(&str, &str, &[&str])] = &[
    ("ruff", "ruff", &["check"]),
    ("ruff format", "ruff", &["format", "--check"]),
    ("mypy", "mypy", &[]),
];

pub(crate) fn command(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    if let Some(argument) = arguments.first() {
        bail!(
            "`cargo xtask test` takes no argument, not `{argument}`; for one test use cargo nextest or pytest"
        );
    }
    let mut summary = Summary::default();
    // A setup that fails ends the steps; it is part of the summary like the others.
    let _ = steps(workspace, &mut summary);
    summary.conclude()
}

fn steps(workspace: &Workspace, summary: &mut Summary) -> Result<()> {
    summary.check("format", || {
        process::run(process::cargo().args(["fmt", "--all", "--check"]))
    });
    // In release, so that build scripts (SQLite among them) and macros are built once for all that follows.
    summary.check("clippy", || process::run(process::cargo().args(CLIPPY)));
    summary.check("the library without its features", || {
        process::run(process::cargo().args(BARE))
    });

    summary.setup("psql and PostgreSQL", postgres::install)?;
    // Before the Rust tests: it brings the PostgreSQL with pgvector that judges vectors.
    let environment = summary.setup("Python environment", || Environment::prepare(workspace))?;
    // A driver that cannot be installed fails its own tests; the rest still runs.
    summary.check("drivers of other languages", || drivers::install(workspace));
    summary.setup("rules", || {
        rules::build(workspace)?;
        rules::build_hostile(workspace)
    })?;
    summary.setup("broker and examples", run::build_with_examples)?;
    // What cannot be built fails its own tests; the rest still runs.
    summary.check("rules over others", || overlays::build(workspace));
    // Compiled once here, they come from the cache of compiled rules in every test.
    summary.check("the components' own examples", || check_rules(workspace));
    summary.check("Rust tests", rust_tests);
    summary.check("Rust examples in the documentation", || {
        process::run(process::cargo().args(DOCTEST))
    });

    let python = workspace.root.join("python");
    summary.check("Python tests", || {
        process::run(
            environment
                .python()
                .args(["-m", "pytest"])
                .current_dir(&python),
        )
    });
    summary.check("Python tests with the oldest SQLAlchemy", || {
        let sqlalchemy = environment.oldest_sqlalchemy(workspace)?;
        process::run(
            environment
                .python()
                .args(["-m", "pytest"])
                .args(WORKERS)
                .current_dir(&python)
                .env("PYTHONPATH", sqlalchemy),
        )
    });
    for (name, program, arguments) in PYTHON_CHECKS {
        let program = environment.program(program);
        if program.exists() {
            summary.check(name, || {
                process::run(Command::new(program).args(*arguments).current_dir(&python))
            });
        }
    }
    Ok(())
}

fn check_rules(workspace: &Workspace) -> Result<()> {
    for component in rules::components(workspace)? {
        let mut broker = Command::new(workspace.broker());
        process::run(broker.args(["rules", "check"]).arg(component))?;
    }
    Ok(())
}

fn rust_tests() -> Result<()> {
    let nextest = process::read(process::cargo().args(["nextest", "--version"])).is_ok();
    // Where nextest is missing, building it takes longer than it saves.
    let arguments = if nextest { NEXTEST } else { LIBTEST };
    // A failed test says what it wants; where it says so is in the message.
    process::run(
        process::cargo()
            .args(arguments)
            .env("RUST_LIB_BACKTRACE", "0"),
    )
}

//! `cargo xtask bench`: builds what the benchmarks measure, then runs them.

use anyhow::Result;

use crate::postgres;
use crate::process;
use crate::rules;
use crate::run;
use crate::workspace::Workspace;

pub(crate) fn command(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    postgres::install()?;
    rules::build(workspace)?;
    run::build_broker()?;
    let mut cargo = process::cargo();
    // The profile of the broker, so that nothing is compiled twice.
    cargo.args([
        "bench",
        "--profile",
        "release",
        "--package",
        "pgiris-benches",
    ]);
    for name in arguments {
        cargo.args(["--bench", name]);
    }
    process::run(&mut cargo)
}

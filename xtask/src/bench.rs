//! `cargo xtask bench`: builds what the benchmarks measure, then runs them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::packages;
use crate::postgres;
use crate::process;
use crate::rules;
use crate::run;
use crate::workspace::Workspace;

pub(crate) fn command(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    postgres::install()?;
    if process::find("pgbouncer").is_none() && !Path::new("/usr/sbin/pgbouncer").exists() {
        packages::install("PgBouncer", &["pgbouncer"])?;
    }
    rules::build(workspace)?;
    run::build_broker()?;
    let names = if arguments.is_empty() {
        all(workspace)?
    } else {
        arguments.to_vec()
    };
    // The whole workspace, whose features then are those of the tests. The profile is the broker's but
    // for the rules, which are compiled in full: nothing else is compiled twice.
    let mut cargo = process::cargo();
    cargo.args(["bench", "--workspace"]);
    process::run(cargo.args(names.iter().flat_map(|name| ["--bench", name])))
}

/// The benchmarks, by the names of their files.
fn all(workspace: &Workspace) -> Result<Vec<String>> {
    let directory = workspace.root.join("benches/benches");
    let files =
        fs::read_dir(&directory).with_context(|| format!("cannot read {}", directory.display()))?;
    let paths = files
        .map(|file| Ok(file?.path()))
        .collect::<Result<Vec<_>>>()?;
    let stems = paths.iter().filter_map(|path| path.file_stem());
    Ok(stems
        .map(|stem| stem.to_string_lossy().into_owned())
        .collect())
}

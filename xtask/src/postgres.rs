//! psql and a PostgreSQL server, which the tests and the benchmarks start by themselves.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::packages;
use crate::process;

/// Where Debian says whether installing a server also creates and starts a cluster.
const CREATE_CLUSTER: &str = "/etc/postgresql-common/createcluster.conf";

/// Installs what is missing of the client and the server.
pub(crate) fn install() -> Result<()> {
    let mut missing = Vec::new();
    if process::find("psql").is_none() {
        missing.push("postgresql-client");
    }
    if !has_server() {
        keep_from_starting()?;
        missing.push("postgresql");
    }
    if missing.is_empty() {
        return Ok(());
    }
    packages::install("psql or the PostgreSQL server", &missing)
}

/// Debian keeps the server's programs off the search path, in a folder for each version.
fn has_server() -> bool {
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    process::find("initdb").is_some()
        || versions
            .map(|version| version.path().join("bin/initdb"))
            .any(|path| path.is_file())
}

/// On a machine that never had a server, installing one starts it on port 5432, which is
/// where `cargo xtask run` listens.
fn keep_from_starting() -> Result<()> {
    if Path::new(CREATE_CLUSTER).exists() {
        return Ok(());
    }
    packages::install("PostgreSQL's setup", &["postgresql-common"])?;
    let defaults = fs::read_to_string(CREATE_CLUSTER).context("cannot read PostgreSQL's setup")?;
    let changed = format!(
        "{defaults}\n# pgiris: its tests start servers of their own.\ncreate_main_cluster = false\n"
    );
    fs::write(CREATE_CLUSTER, changed).context("cannot change PostgreSQL's setup")
}

//! Runs the real psql.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

/// What psql prints for this script, results and errors in order.
///
/// Errors are cut down to their SQLSTATE: the wording is not PostgreSQL's to give.
///
/// # Errors
/// psql is not installed.
pub fn psql(port: u16, database: &str, script: &str) -> Result<String> {
    // One pipe for both streams, as PostgreSQL's own regression tests do it.
    let mut child = Command::new("sh")
        .args(["-c", "exec psql --no-psqlrc \"$0\" 2>&1"])
        .arg(format!(
            "host=127.0.0.1 port={port} user=postgres dbname={database}"
        ))
        .env("PGCLIENTENCODING", "UTF8")
        .env_remove("PGOPTIONS")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start psql")?;
    let mut input = child
        .stdin
        .take()
        .context("psql takes its script from standard input")?;
    let script = format!("\\set VERBOSITY sqlstate\n{script}\n");
    let writer = std::thread::spawn(move || input.write_all(script.as_bytes()));
    let output = child.wait_with_output()?;
    writer
        .join()
        .map_err(|_| anyhow::anyhow!("cannot write to psql"))??;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

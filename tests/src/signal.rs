//! Signals to processes that a test started.

use std::process::Command;

use anyhow::{Result, ensure};

/// Sends a signal, by its name, as in `INT`.
///
/// # Errors
/// The process is no longer there.
pub(crate) fn signal(name: &str, pid: &str) -> Result<()> {
    // The shell's own `kill`: the program of that name is missing on a bare system.
    let script = "kill -s \"$0\" \"$1\"";
    let status = Command::new("sh")
        .args(["-c", script, name, pid])
        .status()?;
    ensure!(status.success(), "kill -s {name} {pid} failed");
    Ok(())
}

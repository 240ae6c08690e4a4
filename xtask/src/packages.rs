//! Installs Debian packages when a program that they bring is missing.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// Installs the packages, or says why it cannot and what to do. `purpose` completes "… is missing".
pub(crate) fn install(purpose: &str, packages: &[&str]) -> Result<()> {
    let by_hand = format!(
        "install it by hand: apt-get install --no-install-recommends {}",
        packages.join(" ")
    );
    if process::find("apt-get").is_none() {
        bail!(
            "{purpose} is missing and this system has no apt-get; install what Debian calls {}",
            packages.join(", ")
        );
    }
    if !is_root()? {
        bail!("{purpose} is missing and only root can install it; {by_hand}");
    }
    eprintln!("{purpose} is missing: installing {}", packages.join(", "));
    // A list that cannot be refreshed may still do; the installation will tell.
    if let Err(error) = process::run(apt_get().args(["--quiet", "--quiet", "update"])) {
        eprintln!("warning: {error:#}");
    }
    let install = [
        "--quiet",
        "--quiet",
        "--yes",
        "install",
        "--no-install-recommends",
    ];
    process::run(apt_get().args(install).args(packages))
        .with_context(|| format!("{purpose} is missing; {by_hand}"))
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args(["-o", "Dpkg::Options::=--force-confold"]);
    command
}

/// Whether this process may install packages: /proc/self belongs to the effective user.
fn is_root() -> Result<bool> {
    let owner = fs::metadata("/proc/self")
        .context("cannot read /proc/self to learn the user")?
        .uid();
    Ok(owner == 0)
}

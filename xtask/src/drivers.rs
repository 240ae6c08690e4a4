//! The drivers of other languages that the tests use: Debian's packages, and npm's in their locked versions.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::packages;
use crate::process;
use crate::workspace::Workspace;

/// A file or a program that shows that a package is there, and the package.
const PACKAGES: &[(&str, &str)] = &[
    ("/usr/share/java/postgresql.jar", "libpostgresql-jdbc-java"),
    ("javac", "default-jdk-headless"),
    ("ruby", "ruby"),
    ("/usr/share/doc/ruby-pg", "ruby-pg"),
    ("/usr/share/doc/ruby-activerecord", "ruby-activerecord"),
    ("php", "php-cli"),
    ("/usr/share/doc/php-pgsql", "php-pgsql"),
    ("go", "golang-go"),
    (
        "/usr/share/gocode/src/github.com/lib/pq",
        "golang-github-lib-pq-dev",
    ),
    ("node", "nodejs"),
    ("npm", "npm"),
];

/// Installs what is missing of all of them.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    let missing: Vec<&str> = PACKAGES
        .iter()
        .filter(|(sign, _)| !is_there(sign))
        .map(|(_, package)| *package)
        .collect();
    if !missing.is_empty() {
        packages::install("a driver of another language", &missing)?;
    }
    node_packages(&workspace.root.join("tests/drivers/node"))
}

fn is_there(sign: &str) -> bool {
    if sign.starts_with('/') {
        Path::new(sign).exists()
    } else {
        process::find(sign).is_some()
    }
}

/// Node looks for packages beside the programs that use them.
pub(crate) fn node_packages(directory: &Path) -> Result<()> {
    let lock = fs::read(directory.join("package-lock.json"))
        .context("cannot read the lock file of the Node packages")?;
    // A copy of what was installed; written last, so that half an installation is done again.
    let installed = directory.join("node_modules/installed-package-lock.json");
    if fs::read(&installed).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let install = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"];
    process::run(Command::new("npm").args(install).current_dir(directory))?;
    fs::write(&installed, lock).context("cannot note what was installed")
}

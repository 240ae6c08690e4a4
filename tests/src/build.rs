//! Where the things under test lie: the broker and the rules, built by `cargo xtask test`,
//! or others that `PGIRIS_BIN` and `PGIRIS_RULES` name.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

/// The broker, built for release.
///
/// # Errors
/// It is not built.
pub fn binary() -> Result<PathBuf> {
    named("PGIRIS_BIN").map_or_else(|| built("release/pgiris"), Ok)
}

/// An example of how to embed the library (host/examples).
///
/// # Errors
/// It is not built.
pub fn example(name: &str) -> Result<PathBuf> {
    built(&format!("release/examples/{name}"))
}

/// The directory of all rules components.
///
/// # Errors
/// It is not built.
pub fn rules_directory() -> Result<PathBuf> {
    named("PGIRIS_RULES").map_or_else(|| built("rules"), Ok)
}

/// The rules component of this name, as in `iris-2024.1`.
///
/// # Errors
/// It is not built.
pub fn rules_file(name: &str) -> Result<PathBuf> {
    Ok(rules_directory()?.join(format!("{name}.wasm")))
}

/// The component that misbehaves as statements tell it to (tests/hostile).
///
/// # Errors
/// It is not built.
pub fn hostile_rules() -> Result<PathBuf> {
    built("test-rules/hostile.wasm")
}

/// Rules that delegate to others, not yet composed with them: those of examples/`language`, or,
/// in Rust, of the project that `pgiris rules new` makes.
///
/// # Errors
/// They are not built.
pub fn overlay(language: &str) -> Result<PathBuf> {
    built(&format!("test-rules/overlay-{language}.wasm"))
}

/// The Python environment, or another that `PGIRIS_PYTHON_ENVIRONMENT` names; it need not be there.
///
/// # Errors
/// This program does not lie where cargo puts it.
pub fn python_environment() -> Result<PathBuf> {
    match named("PGIRIS_PYTHON_ENVIRONMENT") {
        Some(named) => Ok(named),
        None => Ok(target()?.join("python-venv")),
    }
}

/// Where what the drivers need is put that no package of the system brings.
///
/// # Errors
/// This program does not lie where cargo puts it.
pub fn drivers_directory() -> Result<PathBuf> {
    Ok(target()?.join("drivers"))
}

/// Where tests that embed the library keep compiled components, so that each of them is compiled once.
///
/// # Errors
/// This program does not lie where cargo puts it.
pub fn compiled_rules() -> Result<PathBuf> {
    Ok(target()?.join("compiled-rules"))
}

fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from)
}

/// Cargo puts a test program into `<target>/<profile>/deps`.
fn target() -> Result<PathBuf> {
    let program = env::current_exe().context("cannot learn where this test lies")?;
    let target = program.ancestors().nth(3);
    Ok(target
        .context("a test lies in the target directory")?
        .to_owned())
}

fn built(path: &str) -> Result<PathBuf> {
    let path = target()?.join(path);
    ensure!(
        path.exists(),
        "{} is missing; run: cargo xtask test",
        path.display()
    );
    Ok(path)
}

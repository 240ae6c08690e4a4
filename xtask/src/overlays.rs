//! Rules that delegate to others, for tests: what `pgiris rules new` makes, and examples/javascript. They are composed with
//! the stock rules by the tests themselves.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::drivers;
use crate::process;
use crate::toolchain::{TARGET, Toolchain};
use crate::workspace::Workspace;

/// The name of the project, and of what it makes.
const PROJECT: &str = "my-rules";
const MODULE: &str = "my_rules.wasm";

/// Builds target/test-rules/overlay-rust.wasm, a core module, and overlay-javascript.wasm, a component. The broker is there.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    let rules = workspace.target.join("test-rules");
    fs::create_dir_all(&rules).context("cannot create the directory of the test rules")?;
    build_rust(workspace)?;
    let example = workspace.root.join("examples/javascript");
    drivers::node_packages(&example)?;
    process::run(
        Command::new("node")
            .arg("build.js")
            .arg(rules.join("overlay-javascript.wasm"))
            .current_dir(&example),
    )
}

/// As its README.md says, by the compiler of the other rules, and in their target directory.
fn build_rust(workspace: &Workspace) -> Result<()> {
    let rules = workspace.target.join("test-rules");
    let project = rules.join(PROJECT);
    if project.exists() {
        fs::remove_dir_all(&project)
            .with_context(|| format!("cannot remove {}", project.display()))?;
    }
    process::run(
        Command::new(workspace.broker())
            .args(["rules", "new"])
            .arg(&project),
    )?;
    // The same versions of everything, which are at hand.
    fs::copy(
        workspace.root.join("Cargo.lock"),
        project.join("Cargo.lock"),
    )
    .context("cannot copy Cargo.lock")?;
    let toolchain = Toolchain::choose()?;
    let output = workspace.target.join("wasm").join(toolchain.name());
    process::run(
        toolchain
            .cargo_build()
            .arg("--release")
            .arg("--target-dir")
            .arg(&output)
            .current_dir(&project),
    )?;
    let module = output.join(TARGET).join("release").join(MODULE);
    fs::copy(&module, rules.join("overlay-rust.wasm"))
        .with_context(|| format!("cannot copy {}", module.display()))?;
    Ok(())
}

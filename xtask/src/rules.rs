//! `cargo xtask rules`: every crate guest/iris-* becomes a component target/rules/iris-*.wasm, or
//! only those that are named, as in `cargo xtask rules iris-2025.1`. `cargo xtask rules hostile` builds the component that
//! misbehaves on demand, and `cargo xtask rules overlays` those that delegate to others, for tests.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::component;
use crate::overlays;
use crate::process;
use crate::run;
use crate::toolchain::{TARGET, Toolchain};
use crate::workspace::Workspace;

/// The cargo profile of the components, see Cargo.toml.
const PROFILE: &str = "rules";

pub(crate) fn command(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    if arguments == ["hostile"] {
        return build_hostile(workspace);
    }
    if arguments == ["overlays"] {
        run::build_broker()?;
        return overlays::build(workspace);
    }
    let known = component_names(&workspace.root.join("guest"))?;
    if let Some(stranger) = arguments.iter().find(|name| !known.contains(name)) {
        bail!(
            "`cargo xtask rules` knows no `{stranger}`, only {}",
            known.join(", ")
        );
    }
    if arguments.is_empty() {
        build(workspace)
    } else {
        build_named(workspace, arguments)
    }
}

/// The components, as files.
pub(crate) fn components(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let names = component_names(&workspace.root.join("guest"))?;
    Ok(names
        .iter()
        .map(|name| workspace.rules().join(format!("{name}.wasm")))
        .collect())
}

/// Builds what changed; a component that comes out the same is not touched.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    let names = component_names(&workspace.root.join("guest"))?;
    build_named(workspace, &names)?;
    remove_strangers(&workspace.rules(), &names)
}

/// Builds the component that misbehaves on demand, for tests: target/test-rules/hostile.wasm.
pub(crate) fn build_hostile(workspace: &Workspace) -> Result<()> {
    let made = [(HOSTILE.to_owned(), "hostile".to_owned())];
    build_packages(
        workspace,
        &made,
        &workspace.target.join("test-rules"),
        Some("wasi:"),
    )
}

/// The package in tests/hostile.
const HOSTILE: &str = "pgiris-hostile-rules";

fn build_named(workspace: &Workspace, names: &[String]) -> Result<()> {
    let made: Vec<_> = names
        .iter()
        .map(|name| (package(name), name.clone()))
        .collect();
    build_packages(workspace, &made, &workspace.rules(), None)
}

/// Makes components of packages, under these names, in `directory`. Their imports begin with `imports`, or there are none.
fn build_packages(
    workspace: &Workspace,
    made: &[(String, String)],
    directory: &Path,
    imports: Option<&str>,
) -> Result<()> {
    let toolchain = Toolchain::choose()?;
    // Not the common target directory: what two compilers build must not overwrite each other, and the folder that
    // cargo names after the profile is the one the components go to.
    let output = workspace.target.join("wasm").join(toolchain.name());
    let mut cargo = toolchain.cargo_build();
    cargo
        .args(["--profile", PROFILE])
        .arg("--target-dir")
        .arg(&output);
    let packages = made.iter().map(|(package, _)| package.clone());
    process::run(cargo.args(packages.flat_map(|package| ["--package".to_owned(), package])))?;

    fs::create_dir_all(directory).context("cannot create the directory of the rules")?;
    for (package, name) in made {
        let module = output
            .join(TARGET)
            .join(PROFILE)
            .join(format!("{}.wasm", package.replace('-', "_")));
        let module =
            fs::read(&module).with_context(|| format!("cannot read {}", module.display()))?;
        let component = component::encode(&module, imports)
            .with_context(|| format!("{package} makes no component"))?;
        publish(&directory.join(format!("{name}.wasm")), &component)?;
    }
    Ok(())
}

/// The crates that become components: the folders guest/iris-*, by name.
fn component_names(guest: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(guest).with_context(|| format!("cannot read {}", guest.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with("iris-") {
            names.push(name);
        }
    }
    names.sort();
    if names.is_empty() {
        bail!("there is no rules crate guest/iris-*");
    }
    Ok(names)
}

/// The package in guest/iris-2024.1 is pgiris-rules-iris-2024-1: a package name has no dots.
fn package(name: &str) -> String {
    format!("pgiris-rules-{}", name.replace('.', "-"))
}

/// Replaces the file in one step, so that a broker that watches it never reads half of it, and not at all if nothing
/// changed, so that it does not load the same rules again.
fn publish(path: &Path, component: &[u8]) -> Result<()> {
    let size = component.len() / 1024;
    if fs::read(path).is_ok_and(|present| present == component) {
        eprintln!("{}: unchanged, {size} KiB", path.display());
        return Ok(());
    }
    let draft = path.with_extension(format!("wasm.{}", std::process::id()));
    fs::write(&draft, component).with_context(|| format!("cannot write {}", draft.display()))?;
    fs::rename(&draft, path).with_context(|| format!("cannot replace {}", path.display()))?;
    eprintln!("{}: written, {size} KiB", path.display());
    Ok(())
}

/// A component whose crate is gone would be served for ever.
fn remove_strangers(rules: &Path, names: &[String]) -> Result<()> {
    for entry in fs::read_dir(rules)? {
        let path = entry?.path();
        let known = path
            .file_stem()
            .is_some_and(|stem| names.iter().any(|name| stem == name.as_str()));
        if path
            .extension()
            .is_some_and(|extension| extension == "wasm")
            && !known
        {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
            eprintln!("{}: removed, its crate is gone", path.display());
        }
    }
    Ok(())
}

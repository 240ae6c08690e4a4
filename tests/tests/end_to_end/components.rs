//! What wit/world.wit demands of every component that is built here.

use std::fs;

use anyhow::{Context, Result, ensure};
use pgiris_tests::rules_directory;
use wit_component::DecodedWasm;

#[test]
fn every_component_imports_nothing_and_exports_the_rules() -> Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(rules_directory()?)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .context("a file has a name")?
            .to_string_lossy()
            .into_owned();
        let decoded = wit_component::decode(&fs::read(&path)?).with_context(|| name.clone())?;
        let DecodedWasm::Component(resolve, world) = decoded else {
            anyhow::bail!("{name} is no component");
        };
        let world = &resolve.worlds[world];
        ensure!(world.imports.is_empty(), "{name} imports something");
        let exports: Vec<String> = world
            .exports
            .keys()
            .map(|key| resolve.name_world_key(key))
            .collect();
        ensure!(
            exports.contains(&"pgiris:rules/translator@9.0.0".to_owned()),
            "{name}: {exports:?}"
        );
        names.push(name);
    }
    names.sort();
    ensure!(
        names
            == [
                "iris-2023.1.wasm",
                "iris-2024.1.wasm",
                "iris-2024.3.wasm",
                "iris-2025.1.wasm"
            ],
        "{names:?}"
    );
    Ok(())
}

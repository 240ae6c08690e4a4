//! Turns a core module into a component and checks what the interface demands of every one: that it imports nothing.

use anyhow::{Context, Result, bail};
use wit_component::{ComponentEncoder, DecodedWasm};

/// The interface that makes a component one of rules.
const TRANSLATOR: &str = "pgiris:rules/translator@";

/// The component that wraps this module, validated.
pub(crate) fn encode(module: &[u8]) -> Result<Vec<u8>> {
    let component = ComponentEncoder::default()
        .module(module)
        .context("the module has no interface to encode")?
        .validate(true)
        .encode()
        .context("the module does not fit its interface")?;
    check(&component)?;
    Ok(component)
}

fn check(component: &[u8]) -> Result<()> {
    let decoded = wit_component::decode(component).context("the encoded component is broken")?;
    let DecodedWasm::Component(resolve, world) = decoded else {
        bail!("the encoder made a WIT package, not a component");
    };
    let world = &resolve.worlds[world];
    let imports: Vec<_> = world
        .imports
        .keys()
        .map(|key| resolve.name_world_key(key))
        .collect();
    if !imports.is_empty() {
        bail!(
            "the component imports {}, but rules must import nothing (wit/world.wit)",
            imports.join(", ")
        );
    }
    if !world
        .exports
        .keys()
        .any(|key| resolve.name_world_key(key).starts_with(TRANSLATOR))
    {
        bail!("the component does not export {TRANSLATOR}…, so it holds no rules (wit/world.wit)");
    }
    Ok(())
}

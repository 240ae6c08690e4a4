//! Turns a core module into a component and checks what the interface demands of every one: that it imports nothing.

use anyhow::{Context, Result, bail};
use wit_component::{ComponentEncoder, DecodedWasm};

/// The component that wraps this module, validated.
pub(crate) fn encode(module: &[u8]) -> Result<Vec<u8>> {
    let component = ComponentEncoder::default()
        .module(module)
        .context("the module has no interface to encode")?
        .validate(true)
        .encode()
        .context("the module does not fit its interface")?;
    let imports = imports(&component)?;
    if !imports.is_empty() {
        bail!(
            "the component imports {}, but rules must import nothing (wit/world.wit)",
            imports.join(", ")
        );
    }
    Ok(component)
}

fn imports(component: &[u8]) -> Result<Vec<String>> {
    let DecodedWasm::Component(resolve, world) =
        wit_component::decode(component).context("the encoded component cannot be read")?
    else {
        bail!("the encoder made a WIT package, not a component");
    };
    Ok(resolve.worlds[world]
        .imports
        .keys()
        .map(|key| resolve.name_world_key(key))
        .collect())
}

//! Turns a core module into a component and checks what is demanded of every one that is built here: that it imports
//! nothing, but for tests.

use anyhow::{Context, Result, bail};
use wit_component::{ComponentEncoder, DecodedWasm};

/// The interface that makes a component one of rules.
const TRANSLATOR: &str = "pgiris:rules/translator@";

/// The component that wraps this module, validated; of its imports, each begins with `imports`.
pub(crate) fn encode(module: &[u8], imports: Option<&str>) -> Result<Vec<u8>> {
    let component = ComponentEncoder::default()
        .module(module)
        .context("the module has no interface to encode")?
        .validate(true)
        .encode()
        .context("the module does not fit its interface")?;
    check(&component, imports)?;
    Ok(component)
}

fn check(component: &[u8], allowed: Option<&str>) -> Result<()> {
    let decoded = wit_component::decode(component).context("the encoded component is broken")?;
    let DecodedWasm::Component(resolve, world) = decoded else {
        bail!("the encoder made a WIT package, not a component");
    };
    let world = &resolve.worlds[world];
    let imports: Vec<_> = world
        .imports
        .keys()
        .map(|key| resolve.name_world_key(key))
        .filter(|name| !allowed.is_some_and(|allowed| name.starts_with(allowed)))
        .collect();
    if !imports.is_empty() {
        bail!(
            "the component imports {}, but the rules that are built here import nothing",
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

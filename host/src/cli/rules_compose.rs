//! `pgiris rules compose`: makes a rules file of what a compiler made, over other rules if it
//! delegates to them.

mod over;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use wit_component::ComponentEncoder;

#[derive(Args)]
pub(super) struct Compose {
    /// A component, or a core module that says which interface it has, as wit-bindgen makes it.
    #[arg(value_name = "FILE.wasm")]
    file: PathBuf,
    /// The rules that it delegates to: what it imports of their interfaces they give, and what
    /// they export and it does not is exported as well.
    #[arg(long, value_name = "RULES.wasm")]
    over: Option<PathBuf>,
    /// Where the rules go, in one step: a broker may watch the file.
    #[arg(long, short, value_name = "OUT.wasm")]
    output: PathBuf,
}

impl Compose {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let mut rules = component(&self.file)?;
        if let Some(lower) = &self.over {
            rules = over::composed(&rules, &component(lower)?)
                .with_context(|| format!("{} over {}", self.file.display(), lower.display()))?;
        }
        let draft = self
            .output
            .with_extension(format!("wasm.{}", std::process::id()));
        fs::write(&draft, &rules)
            .and_then(|()| fs::rename(&draft, &self.output))
            .with_context(|| format!("cannot write {}", self.output.display()))?;
        println!("{}: {} KiB", self.output.display(), rules.len() / 1024);
        Ok(())
    }
}

/// What stands in the file, made a component if it is a module.
fn component(file: &Path) -> anyhow::Result<Vec<u8>> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    if !bytes.starts_with(b"\0asm\x01\0\0\0") {
        return Ok(bytes);
    }
    let encoded = ComponentEncoder::default()
        .module(&bytes)
        .and_then(|encoder| encoder.validate(true).encode());
    encoded.with_context(|| format!("{} makes no component", file.display()))
}

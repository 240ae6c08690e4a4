//! `pgiris rules new`: a project of rules of one's own, over those of pgiris.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;

#[derive(Args)]
pub(super) struct New {
    /// Where the project goes, in Rust; its last name is the component's. It must not be there.
    #[arg(value_name = "DIRECTORY")]
    directory: PathBuf,
}

/// What a project consists of. `NAME` stands for its name, and `NAME_` for that of its library.
const FILES: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("rules_new/Cargo.toml.txt")),
    ("README.md", include_str!("rules_new/README.txt")),
    (".gitignore", "/target\n"),
    ("src/lib.rs", include_str!("rules_new/lib.txt")),
    ("wit/world.wit", include_str!("rules_new/world.wit")),
    (
        "wit/deps/rules/world.wit",
        include_str!("../../../wit/world.wit"),
    ),
    (
        "wit/deps/rules/plan.wit",
        include_str!("../../../wit/plan.wit"),
    ),
    (
        "wit/deps/rules/translator.wit",
        include_str!("../../../wit/translator.wit"),
    ),
    (
        "wit/deps/rules/catalog.wit",
        include_str!("../../../wit/catalog.wit"),
    ),
    (
        "wit/deps/rules/literals.wit",
        include_str!("../../../wit/literals.wit"),
    ),
];

impl New {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let name = self.directory.file_name().and_then(|name| name.to_str());
        let name = name.context("the directory has no name that a package could have")?;
        let is_fit = name.starts_with(|first: char| first.is_ascii_lowercase())
            && name.chars().all(|one| {
                one.is_ascii_lowercase() || one.is_ascii_digit() || matches!(one, '-' | '_')
            });
        if !is_fit {
            bail!(
                "a package cannot be called `{name}`: small letters, digits, `-` and `_`, beginning with a letter"
            );
        }
        fs::create_dir(&self.directory)
            .with_context(|| format!("cannot create {}", self.directory.display()))?;
        for (path, text) in FILES {
            let path = self.directory.join(path);
            let text = text
                .replace("NAME_", &name.replace('-', "_"))
                .replace("NAME", name);
            let parent = path.parent().unwrap_or(&self.directory);
            fs::create_dir_all(parent)
                .and_then(|()| fs::write(&path, text))
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        println!("{}: see its README.md", self.directory.display());
        Ok(())
    }
}

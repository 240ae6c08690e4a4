//! Where things are: the checkout, its target directory and what is built there.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The checkout that this xtask was built from.
pub(crate) struct Workspace {
    /// The directory of the workspace's Cargo.toml.
    pub(crate) root: PathBuf,
    /// Cargo's target directory.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Finds the checkout and makes it the current directory, so that cargo and rustup read its configuration.
    pub(crate) fn locate() -> Result<Self> {
        // Cargo sets the variable for `cargo run`; a checkout that moved after the build is found all the same.
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest
            .parent()
            .context("xtask lies directly below the workspace")?
            .to_owned();
        let target = env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |given| absolute(&given));
        env::set_current_dir(&root).with_context(|| format!("cannot enter {}", root.display()))?;
        Ok(Self { root, target })
    }

    /// The directory that the components are put into.
    pub(crate) fn rules(&self) -> PathBuf {
        self.target.join("rules")
    }

    /// The broker, built for release.
    pub(crate) fn broker(&self) -> PathBuf {
        self.target.join("release/pgiris")
    }
}

/// Cargo reads a relative CARGO_TARGET_DIR from the directory that it is started in.
fn absolute(given: impl AsRef<Path>) -> PathBuf {
    env::current_dir().map_or_else(
        |_| given.as_ref().to_owned(),
        |current| current.join(&given),
    )
}

//! The generations in use, and which of them serves which IRIS version.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;

use super::engine::Engine;
use super::generation::Generation;
use super::wit::IrisVersion;
use crate::error::Error;

/// The published generations.
pub struct Library {
    /// Newest served version first; never empty.
    generations: ArcSwap<Vec<Arc<Generation>>>,
    pinned: bool,
    epochs: AtomicU64,
}

impl Library {
    /// Loads a file, which then serves every version, or all `*.wasm` of a
    /// directory.
    ///
    /// # Errors
    /// Nothing is there, or a file is not a usable component; the message names
    /// the file and the reason.
    pub fn open(engine: &Engine, path: &Path) -> Result<Self, Error> {
        let pinned = !path.is_dir();
        let files = if pinned {
            vec![path.to_owned()]
        } else {
            components(path)?
        };
        let mut generations = files
            .iter()
            .map(|file| engine.load(file).map(Arc::new))
            .collect::<Result<Vec<_>, _>>()?;
        generations.sort_by_key(|generation| {
            let from = generation.manifest().serves_from;
            std::cmp::Reverse((from.year, from.release))
        });
        for generation in &generations {
            let manifest = generation.manifest();
            tracing::info!(rules = generation.name(), version = %manifest.version, "rules loaded");
        }
        Ok(Self {
            generations: ArcSwap::from_pointee(generations),
            pinned,
            epochs: AtomicU64::new(0),
        })
    }

    /// The generation for an IRIS version: the newest that serves it. If none
    /// does, the newest that is not newer than the version, else the oldest;
    /// with an unknown version the newest of all.
    pub fn choose(&self, version: Option<IrisVersion>) -> Arc<Generation> {
        let generations = self.generations.load();
        let newest = Arc::clone(generations.first().expect("a library is never empty"));
        let Some(version) = version else {
            return newest;
        };
        if self.pinned {
            return newest;
        }
        let key = |version: IrisVersion| (version.year, version.release);
        let serving = generations
            .iter()
            .find(|generation| generation.serves(version));
        if let Some(generation) = serving {
            return Arc::clone(generation);
        }
        let nearest = generations
            .iter()
            .find(|generation| key(generation.manifest().serves_from) <= key(version))
            .or(generations.last())
            .map_or(newest, Arc::clone);
        tracing::warn!(
            rules = nearest.name(),
            "no rules serve IRIS {}.{}; the nearest are used",
            version.year,
            version.release
        );
        nearest
    }

    /// A library without rules, for tests of what only counts epochs.
    #[cfg(test)]
    pub(crate) fn empty() -> Self {
        Self {
            generations: ArcSwap::from_pointee(Vec::new()),
            pinned: false,
            epochs: AtomicU64::new(0),
        }
    }

    /// A number for a state of a schema, other than 0 and never given twice: the
    /// plans of a generation are shared by all that take theirs from here.
    pub(crate) fn next_epoch(&self) -> u64 {
        self.epochs.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// All generations, newest served version first.
    pub fn generations(&self) -> Vec<Arc<Generation>> {
        self.generations.load().to_vec()
    }
}

/// The component files of a directory, by name.
fn components(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let refuse =
        |reason: String| Error::rules(format!("rules directory {}: {reason}", directory.display()));
    let entries = std::fs::read_dir(directory).map_err(|error| refuse(error.to_string()))?;
    let mut files = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "wasm")
        })
        .collect::<Vec<_>>();
    if files.is_empty() {
        return Err(refuse(
            "has no *.wasm file; `cargo xtask rules` builds them".into(),
        ));
    }
    files.sort();
    Ok(files)
}

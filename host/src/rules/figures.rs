//! What can be told of rules while they are in use.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::generation::Generation;
use super::library::Library;
use super::wit::IrisVersion;
use crate::monitor::Durations;
use crate::monitor::traffic::Histogram;

/// What the rules at one path do, and have done.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RulesFigures {
    /// Where they are: a file or a directory.
    pub path: PathBuf,
    /// How often other rules were published than before.
    pub published: u64,
    /// Files that could not be used.
    pub refused: u64,
    /// How often the rules before were taken again.
    pub rolled_back: u64,
    /// How often the rules before were taken again because those in use failed too often.
    pub distrusted: u64,
    /// Those that are published.
    pub generations: Vec<GenerationFigures>,
}

/// What one component does, and has done.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct GenerationFigures {
    /// The stem of its file.
    pub name: String,
    /// Its own word for its version.
    pub version: String,
    /// The beginning of the file's SHA-256, in hexadecimal digits.
    pub digest: String,
    /// The first IRIS version that it is for.
    pub serves_from: String,
    /// The first that it is not for any more.
    pub serves_until: Option<String>,
    /// Whether statements of clients are answered by it.
    pub is_in_use: bool,
    /// How often a plan was in the cache.
    pub cache_hits: u64,
    /// How often the component was asked for one, and how long it took.
    pub translations: Durations,
    /// How often it trapped, ran out of time or memory, or gave a plan that is none.
    pub failures: u64,
}

/// What is counted of one component.
#[derive(Default)]
pub(super) struct Counts {
    hits: AtomicU64,
    pub(super) translations: Histogram,
    failures: AtomicU64,
}

impl Counts {
    /// A plan was in the cache.
    pub(super) fn hit(&self) {
        self.hits.fetch_add(1, Ordering::Relaxed);
    }

    /// The component did not do its work.
    pub(super) fn failed(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }
}

impl Generation {
    /// Whether it has ever not done its work.
    pub(super) fn has_failed(&self) -> bool {
        self.counts().failures.load(Ordering::Relaxed) > 0
    }

    /// `is_in_use`: by the server behind the broker.
    fn figures(&self, is_in_use: bool) -> GenerationFigures {
        let (manifest, counts) = (self.manifest(), self.counts());
        GenerationFigures {
            name: self.name().to_owned(),
            version: manifest.version.clone(),
            digest: self.digest_text(),
            serves_from: shown(manifest.serves_from),
            serves_until: manifest.serves_until.map(shown),
            is_in_use,
            cache_hits: counts.hits.load(Ordering::Relaxed),
            translations: counts.translations.figures(),
            failures: counts.failures.load(Ordering::Relaxed),
        }
    }
}

impl Library {
    /// What the rules do; `used`: those by which servers are answered.
    pub(crate) fn figures(&self, used: &[Arc<Generation>]) -> RulesFigures {
        let is_used = |one: &Arc<Generation>| used.iter().any(|used| Arc::ptr_eq(used, one));
        let generations = self.generations();
        let history = self.history();
        RulesFigures {
            path: self.path().to_owned(),
            published: history.published.load(Ordering::Relaxed),
            refused: history.refused.load(Ordering::Relaxed),
            distrusted: history.distrusted.load(Ordering::Relaxed),
            rolled_back: history.rolled_back.load(Ordering::Relaxed),
            generations: generations
                .iter()
                .map(|one| one.figures(is_used(one)))
                .collect(),
        }
    }
}

/// What has happened to the rules at a path.
#[derive(Default)]
pub(super) struct History {
    pub(super) published: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) rolled_back: AtomicU64,
    pub(super) distrusted: AtomicU64,
}

fn shown(IrisVersion { year, release }: IrisVersion) -> String {
    format!("{year}.{release}")
}

//! The rules that are published at one time, and which of them serves which IRIS version.

use std::sync::Arc;

use super::generation::Generation;
use super::wit::IrisVersion;

/// Generations, each of another name.
pub(super) struct Shelf {
    /// Newest served version first; never empty.
    pub(super) generations: Vec<Arc<Generation>>,
    /// One file serves every version.
    pub(super) pinned: bool,
}

impl Shelf {
    pub(super) fn new(mut generations: Vec<Arc<Generation>>, pinned: bool) -> Self {
        generations.sort_by_key(|generation| {
            let from = generation.manifest().serves_from;
            std::cmp::Reverse((from.year, from.release))
        });
        Self {
            generations,
            pinned,
        }
    }

    pub(super) fn named(&self, name: &str) -> Option<&Arc<Generation>> {
        self.generations.iter().find(|one| one.name() == name)
    }

    pub(super) fn holds(&self, generation: &Arc<Generation>) -> bool {
        self.generations
            .iter()
            .any(|one| Arc::ptr_eq(one, generation))
    }

    /// Whether nobody would notice if this took the place of the other.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.pinned == other.pinned
            && self.generations.len() == other.generations.len()
            && self.generations.iter().all(|one| other.holds(one))
    }

    /// See [`Library::choose`](super::Library::choose).
    pub(super) fn choose(&self, version: Option<IrisVersion>) -> Arc<Generation> {
        let chosen = self.find(version);
        if let Some(version) = version.filter(|version| !chosen.serves(*version)) {
            let (rules, IrisVersion { year, release }) = (chosen.name(), version);
            match self.pinned {
                true => tracing::warn!(
                    rules,
                    "these rules do not serve IRIS {year}.{release}; they are used, since no others are configured"
                ),
                false => tracing::warn!(
                    rules,
                    "no rules serve IRIS {year}.{release}; the nearest are used"
                ),
            }
        }
        Arc::clone(chosen)
    }

    /// The same without a word.
    pub(super) fn find(&self, version: Option<IrisVersion>) -> &Arc<Generation> {
        let generations = &self.generations;
        let newest = generations.first().expect("a library is never empty");
        let Some(version) = version.filter(|_| !self.pinned) else {
            return newest;
        };
        let key = |version: IrisVersion| (version.year, version.release);
        let is_older = |one: &&Arc<Generation>| key(one.manifest().serves_from) <= key(version);
        generations
            .iter()
            .find(|one| one.serves(version))
            .or_else(|| generations.iter().find(is_older))
            .or(generations.last())
            .unwrap_or(newest)
    }
}

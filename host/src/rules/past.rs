//! What was published before, and what was left: where a way back leads, and which files stay
//! where they are.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::generation::{Digest, Generation};
use super::shelf::Shelf;
use super::wit::IrisVersion;

/// Generations of one name that are kept for a way back, without instances: enough that some bad
/// ones in a row do not push the good one out. The code of each takes some thirty megabytes, of
/// the file in the cache of compiled components where there is one.
const KEPT: usize = 4;

/// The memory of a library.
#[derive(Default)]
pub(super) struct Past {
    /// What each file held when it was last taken up, by its name. Where something else is published,
    /// somebody has left that.
    taken: HashMap<String, Digest>,
    /// Files whose rules have failed too often.
    distrusted: HashSet<Digest>,
    /// What was published before under each name, newest first.
    kept: HashMap<String, Vec<Arc<Generation>>>,
    /// What this took the place of.
    before: Option<Arc<Shelf>>,
}

/// A file, as it was found.
pub(super) struct Found {
    pub(super) name: String,
    /// What it holds; `None`: nothing that can be used, or that is wanted.
    pub(super) generation: Option<Arc<Generation>>,
}

/// What was left before a moment, and may be tried again.
pub(super) struct Pardon {
    published: HashMap<String, Digest>,
    distrusted: HashSet<Digest>,
}

impl Past {
    /// At the beginning.
    pub(super) fn of(shelf: &Shelf) -> Self {
        Self {
            taken: digests(shelf),
            ..Self::default()
        }
    }

    /// Whether a file with this content stays where it is: something else is published, because this
    /// has failed too often, or somebody went back.
    pub(super) fn leaves(&self, name: &str, digest: &Digest, published: &Shelf) -> bool {
        let is_published = published
            .named(name)
            .is_some_and(|one| one.digest() == digest);
        !is_published && (self.distrusted.contains(digest) || self.taken.get(name) == Some(digest))
    }

    /// What is to be published, of what the files hold.
    pub(super) fn take(&mut self, found: Vec<Found>, published: &Shelf) -> Vec<Arc<Generation>> {
        let names: HashSet<String> = found.iter().map(|file| file.name.clone()).collect();
        // Somebody went back to rules whose file had been removed before.
        let recalled = published
            .generations
            .iter()
            .filter(|one| !names.contains(one.name()) && !self.taken.contains_key(one.name()));
        let mut taken: Vec<_> = recalled.cloned().collect();
        self.taken.retain(|name, _| names.contains(name));
        for Found { name, generation } in found {
            let current = published.named(&name);
            let wanted = generation.filter(|one| !self.leaves(&name, one.digest(), published));
            let Some(wanted) = wanted else {
                taken.extend(current.cloned());
                continue;
            };
            self.taken.insert(name, *wanted.digest());
            let same = current.filter(|one| one.digest() == wanted.digest());
            taken.push(same.cloned().unwrap_or(wanted));
        }
        taken
    }

    /// One shelf has taken the place of another.
    pub(super) fn note(&mut self, old: Arc<Shelf>, next: &Shelf) {
        for one in &next.generations {
            if let Some(kept) = self.kept.get_mut(one.name()) {
                kept.retain(|known| known.digest() != one.digest());
            }
        }
        for one in old.generations.iter().filter(|one| !next.holds(one)) {
            // The way back needs none of its instances.
            one.rest();
            if !self.distrusted.contains(one.digest()) {
                self.keep(one);
            }
        }
        self.kept
            .retain(|name, _| next.named(name).or(old.named(name)).is_some());
        self.before = Some(old);
    }

    fn keep(&mut self, generation: &Arc<Generation>) {
        let kept = self.kept.entry(generation.name().to_owned()).or_default();
        kept.retain(|known| known.digest() != generation.digest());
        kept.insert(0, Arc::clone(generation));
        if kept.len() > KEPT {
            // Whatever has failed is the least of them.
            let failed = kept.iter().rposition(|one| one.has_failed());
            kept.remove(failed.unwrap_or(kept.len() - 1));
        }
    }

    /// The newest of those from before that has not failed too often.
    fn last_good(&self, name: &str) -> Option<Arc<Generation>> {
        let mut kept = self.kept.get(name)?.iter();
        kept.find(|one| !self.distrusts(one)).cloned()
    }

    /// What takes the place of one that fails too often; `None`: there is nothing else.
    pub(super) fn distrust(&mut self, generation: &Generation) -> Option<Arc<Generation>> {
        let good = self.last_good(generation.name())?;
        self.distrusted.insert(*generation.digest());
        Some(good)
    }

    fn distrusts(&self, generation: &Generation) -> bool {
        self.distrusted.contains(generation.digest())
    }

    /// Where the way back leads: what was published before; in the place of what has failed too
    /// often, the last good one.
    ///
    /// # Errors
    /// There is nothing to go back to; the words say why.
    pub(super) fn way_back(&self, published: &Shelf) -> Result<Arc<Shelf>, &'static str> {
        let before = self
            .before
            .as_ref()
            .ok_or("there are no rules to go back to")?;
        let generations: Vec<_> = before
            .generations
            .iter()
            .filter_map(|one| self.trusted(one, published))
            .collect();
        usable(Shelf::new(generations, before.pinned), published)
    }

    /// The same of the rules for one version, while the others stay: those that the last publication has exchanged, or
    /// else those that an earlier one has.
    ///
    /// # Errors
    /// As above.
    pub(super) fn way_back_for(
        &self,
        version: Option<IrisVersion>,
        published: &Shelf,
    ) -> Result<Arc<Shelf>, &'static str> {
        let current = published.find(version);
        let is_other = |one: &&Arc<Generation>| !Arc::ptr_eq(one, current);
        let before = self.before.as_ref();
        let exchanged = before.and_then(|before| {
            let chosen = Some(before.find(version)).filter(is_other)?;
            // A file that came or went may have made it another name's turn.
            let names = [chosen.name(), current.name()];
            let from_before = before.generations.iter();
            let back = from_before.filter(|one| names.contains(&one.name()));
            Some((
                names,
                back.filter_map(|one| self.trusted(one, published))
                    .collect(),
            ))
        });
        let (names, mut generations): (_, Vec<_>) = match exchanged {
            Some(exchanged) => exchanged,
            None => {
                let kept = self.kept.get(current.name());
                let kept = kept.filter(|kept| !kept.is_empty());
                kept.ok_or("there are no rules to go back to")?;
                let good = self.last_good(current.name());
                let good = good.unwrap_or_else(|| Arc::clone(current));
                ([current.name(); 2], vec![good])
            }
        };
        let others = published.generations.iter();
        generations.extend(others.filter(|one| !names.contains(&one.name())).cloned());
        usable(Shelf::new(generations, published.pinned), published)
    }

    /// What is gone back to in the place of a generation from before: the last good one of its name, if it has failed too
    /// often itself.
    fn trusted(&self, one: &Arc<Generation>, published: &Shelf) -> Option<Arc<Generation>> {
        match self.distrusts(one) {
            false => Some(Arc::clone(one)),
            true => self
                .last_good(one.name())
                .or_else(|| published.named(one.name()).cloned()),
        }
    }

    /// What has been left until now.
    pub(super) fn pardon(&self, published: &Shelf) -> Pardon {
        Pardon {
            published: digests(published),
            distrusted: self.distrusted.clone(),
        }
    }

    /// Files that were left before the pardon was given may be taken up again.
    pub(super) fn forgive(&mut self, pardon: &Pardon, published: &Shelf) {
        self.distrusted
            .retain(|digest| !pardon.distrusted.contains(digest));
        // What is not as it was then, somebody has left since.
        self.taken.retain(|name, _| {
            published.named(name).is_some() || pardon.published.contains_key(name)
        });
        for (name, digest) in &pardon.published {
            let is_there = published
                .named(name)
                .is_some_and(|one| one.digest() == digest);
            if is_there {
                self.taken.insert(name.clone(), *digest);
            }
        }
    }
}

/// Whether a way back leads anywhere.
fn usable(back: Shelf, published: &Shelf) -> Result<Arc<Shelf>, &'static str> {
    match back.generations.is_empty() || back.is_same(published) {
        true => Err("there are no rules to go back to: those from before fail too often"),
        false => Ok(Arc::new(back)),
    }
}

fn digests(shelf: &Shelf) -> HashMap<String, Digest> {
    let digest = |one: &Arc<Generation>| (one.name().to_owned(), *one.digest());
    shelf.generations.iter().map(digest).collect()
}

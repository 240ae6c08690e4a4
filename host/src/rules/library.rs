//! The generations in use, and which of them serves which IRIS version.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use tokio::sync::watch;

use super::contents::Contents;
use super::engine::Engine;
use super::figures::History;
use super::generation::{Digest, Generation};
use super::past::{Found, Pardon, Past};
use super::shelf::Shelf;
use super::stamp::{Stamp, stamps};
use super::wit::IrisVersion;
use crate::error::Error;

/// The published generations. Others can be published while it is in use: each statement is
/// answered by one of them, and one that nobody can be answered by any more is gone when the
/// last statement that it answers is.
pub struct Library {
    engine: Engine,
    path: PathBuf,
    /// What was there before the files were read.
    found: Vec<Stamp>,
    shelf: ArcSwap<Shelf>,
    /// What was there before. Locked while something is published, so that one of those who do
    /// that at the same time sees what the other has done.
    past: Mutex<Past>,
    /// Counts what was published.
    edition: watch::Sender<u64>,
    epochs: AtomicU64,
    history: History,
}

impl Library {
    /// Loads a file, which then serves every version, or all `*.wasm` of a
    /// directory. A component that is not in the cache of compiled ones is compiled fast at first,
    /// and once more beside the calls, for speed ([`baseline_compiler`](crate::RulesLimits::baseline_compiler)).
    ///
    /// # Errors
    /// Nothing is there, or a file is not a usable component; the message names
    /// the file and the reason.
    pub fn open(engine: &Engine, path: &Path) -> Result<Self, Error> {
        let found = stamps(path);
        let (files, pinned) = files(path)?;
        let loaded = load_all(engine, &files)?;
        for (generation, _) in &loaded {
            let manifest = generation.manifest();
            tracing::info!(rules = generation.name(), version = %manifest.version, "rules loaded");
        }
        let (generations, unfinished): (Vec<_>, _) = loaded.into_iter().unzip();
        finish(engine, &generations, unfinished);
        let shelf = Shelf::new(generations, pinned);
        Ok(Self {
            engine: engine.clone(),
            path: path.to_owned(),
            found,
            past: Mutex::new(Past::of(&shelf)),
            shelf: ArcSwap::from_pointee(shelf),
            edition: watch::Sender::default(),
            epochs: AtomicU64::new(0),
            history: History::default(),
        })
    }

    /// Publishes what the files hold, but for what was left for something else. What is under way
    /// is finished by the generations before; the next statement of each session is answered by
    /// these. `pardon`: what was left before that may be taken up, too.
    pub(super) fn publish(&self, found: Vec<Found>, pinned: bool, pardon: Option<&Pardon>) {
        let mut past = self.past();
        let old = self.shelf.load_full();
        if let Some(pardon) = pardon {
            past.forgive(pardon, &old);
        }
        let generations = past.take(found, &old);
        let next = Shelf::new(generations, pinned);
        if next.generations.is_empty() || next.is_same(&old) {
            return;
        }
        let next = Arc::new(next);
        self.put(&mut past, Arc::clone(&next));
        self.history.published.fetch_add(1, Ordering::Relaxed);
        for generation in next.generations.iter().filter(|one| !old.holds(one)) {
            let manifest = generation.manifest();
            tracing::info!(rules = generation.name(), version = %manifest.version, "rules published");
        }
    }

    fn put(&self, past: &mut Past, next: Arc<Shelf>) {
        let old = self.shelf.swap(Arc::clone(&next));
        for generation in next.generations.iter().filter(|one| !old.holds(one)) {
            generation.trust_again();
        }
        past.note(old, &next);
        self.edition.send_modify(|edition| *edition += 1);
    }

    /// Publishes again what was published before; a second time, what this took the place of.
    /// Rules that have failed too often are not gone back to: the last good ones of their name
    /// take their place. The files that this leaves are taken up again when they hold something
    /// else, or by [`Library::reload`].
    ///
    /// # Errors
    /// Nothing was published before, or nothing that has not failed too often.
    pub fn roll_back(&self) -> Result<(), Error> {
        self.go_back(Past::way_back)
    }

    /// The same for the rules that serve a version, while those that serve others stay: what was published before of
    /// them.
    ///
    /// # Errors
    /// As above.
    pub(crate) fn roll_back_for(&self, version: Option<IrisVersion>) -> Result<(), Error> {
        self.go_back(|past, published| past.way_back_for(version, published))
    }

    fn go_back(
        &self,
        way: impl FnOnce(&Past, &Shelf) -> Result<Arc<Shelf>, &'static str>,
    ) -> Result<(), Error> {
        let mut past = self.past();
        let published = self.shelf.load_full();
        let back = way(&past, &published).map_err(Error::rules)?;
        for generation in back.generations.iter().filter(|one| !published.holds(one)) {
            tracing::warn!(
                rules = generation.name(),
                digest = generation.digest_text(),
                "rules rolled back"
            );
        }
        self.put(&mut past, back);
        self.history.rolled_back.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Puts those that were there before in the place of generations that fail too often.
    /// Their files are not taken up again, unless somebody asks for it, or they change.
    pub(super) fn leave_distrusted(&self) {
        let mut past = self.past();
        let published = self.shelf.load_full();
        let mut left = false;
        let mut choose = |one: &Arc<Generation>| {
            if !one.is_distrusted() {
                return Arc::clone(one);
            }
            let rules = one.name();
            match past.distrust(one) {
                Some(good) => {
                    let digest = good.digest_text();
                    tracing::error!(
                        rules,
                        digest,
                        "they fail too often; those from before are used again"
                    );
                    left = true;
                    good
                }
                None => {
                    tracing::error!(rules, "they fail too often, and there are none from before");
                    one.trust_again();
                    Arc::clone(one)
                }
            }
        };
        let generations: Vec<_> = published.generations.iter().map(&mut choose).collect();
        if left {
            self.history.distrusted.fetch_add(1, Ordering::Relaxed);
            let next = Shelf::new(generations, published.pinned);
            self.put(&mut past, Arc::new(next));
        }
    }

    /// Whether a file with this content is left where it is, for what is published.
    pub(super) fn leaves(&self, name: &str, digest: &Digest) -> bool {
        self.past().leaves(name, digest, &self.shelf.load())
    }

    /// What has been left until now.
    pub(super) fn pardon(&self) -> Pardon {
        self.past().pardon(&self.shelf.load())
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        // A panic elsewhere leaves whole entries.
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Grows with everything that is published, and when a server is another one.
    pub fn edition(&self) -> u64 {
        *self.edition.borrow()
    }

    /// Lets everybody choose anew, although the same is published: a server has changed.
    pub(crate) fn look_again(&self) {
        self.edition.send_modify(|edition| *edition += 1);
    }

    /// Tells of each edition.
    pub(crate) fn editions(&self) -> watch::Receiver<u64> {
        self.edition.subscribe()
    }

    pub(super) fn history(&self) -> &History {
        &self.history
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn found(&self) -> &[Stamp] {
        &self.found
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The generation for an IRIS version: the newest that serves it. If none
    /// does, the newest that is not newer than the version, else the oldest;
    /// with an unknown version the newest of all. What does not serve the version is told in the log.
    pub fn choose(&self, version: Option<IrisVersion>) -> Arc<Generation> {
        self.shelf.load().choose(version)
    }

    /// A library without rules, for tests of what only counts epochs.
    #[cfg(test)]
    pub(crate) fn empty() -> Self {
        let engine = Engine::new(crate::RulesLimits::default()).expect("a test has an engine");
        Self {
            engine,
            path: PathBuf::new(),
            found: Vec::new(),
            shelf: ArcSwap::from_pointee(Shelf::new(Vec::new(), false)),
            past: Mutex::default(),
            edition: watch::Sender::default(),
            epochs: AtomicU64::new(0),
            history: History::default(),
        }
    }

    /// A number for a state of a schema, other than 0 and never given twice: the
    /// plans of a generation are shared by all that take theirs from here.
    pub(crate) fn next_epoch(&self) -> u64 {
        self.epochs.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// All generations, newest served version first.
    pub fn generations(&self) -> Vec<Arc<Generation>> {
        self.shelf.load().generations.clone()
    }
}

/// Compiles files, as many at a time as there are processors: a broker is started by it.
fn load_all(engine: &Engine, files: &[PathBuf]) -> Result<Vec<Loaded>, Error> {
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(1, NonZero::get);
    let work = || {
        let mut loaded = Vec::new();
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let one = engine.load_soon(file);
            loaded.push((file, one.map(|(one, contents)| (Arc::new(one), contents))));
        }
        loaded
    };
    let mut loaded = std::thread::scope(|scope| {
        let others: Vec<_> = (1..workers.min(files.len()))
            .map(|_| scope.spawn(work))
            .collect();
        let mut loaded = work();
        for other in others {
            match other.join() {
                Ok(more) => loaded.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        loaded
    });
    // The first that is wrong is told, whoever came upon it first.
    loaded.sort_by_key(|(file, _)| *file);
    loaded
        .into_iter()
        .map(|(_, generation)| generation)
        .collect()
}

/// A generation; with what its code is still to be made of, if that is not what it will be.
type Loaded = (Arc<Generation>, Option<Contents>);

/// Compiles for speed what was compiled fast, one after the other, beside the calls.
fn finish(engine: &Engine, generations: &[Arc<Generation>], unfinished: Vec<Option<Contents>>) {
    let unfinished: Vec<_> = generations
        .iter()
        .zip(unfinished)
        .filter_map(|(generation, contents)| Some((Arc::downgrade(generation), contents?)))
        .collect();
    if unfinished.is_empty() {
        return;
    }
    let engine = engine.clone();
    let work = move || {
        for (generation, contents) in unfinished {
            let Some(generation) = generation.upgrade() else {
                continue;
            };
            let rules = generation.name();
            match engine.optimize(&generation, &contents) {
                Ok(()) => tracing::info!(rules, "rules compiled for speed"),
                Err(reason) => tracing::warn!(rules, "rules stay slow: the component {reason}"),
            }
        }
    };
    let spawned = std::thread::Builder::new()
        .name("rules-compiler".into())
        .spawn(work);
    if let Err(error) = spawned {
        tracing::warn!("rules stay slow, without a thread to compile them: {error}");
    }
}

/// The component files at a path, and whether one of them is to serve every version.
pub(super) fn files(path: &Path) -> Result<(Vec<PathBuf>, bool), Error> {
    if path.is_dir() {
        Ok((components(path)?, false))
    } else {
        Ok((vec![path.to_owned()], true))
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

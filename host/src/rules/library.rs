//! The generations in use, and which of them serves which IRIS version.

use std::collections::HashSet;
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
use super::watch::{Stamp, stamps};
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
    /// Those before, for a way back.
    before: Mutex<Option<Arc<Shelf>>>,
    /// Counts what was published.
    edition: watch::Sender<u64>,
    epochs: AtomicU64,
    history: History,
    /// Files whose rules have failed too often.
    distrusted: Mutex<HashSet<Digest>>,
}

/// What is published at one time.
struct Shelf {
    /// Newest served version first; never empty.
    generations: Vec<Arc<Generation>>,
    /// One file serves every version.
    pinned: bool,
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
        Ok(Self {
            engine: engine.clone(),
            path: path.to_owned(),
            found,
            shelf: ArcSwap::from_pointee(Shelf::new(generations, pinned)),
            before: Mutex::default(),
            edition: watch::Sender::default(),
            epochs: AtomicU64::new(0),
            history: History::default(),
            distrusted: Mutex::default(),
        })
    }

    /// Puts other generations in the place of those that are published. What is under way
    /// is finished by those before; the next statement of each session is answered by these.
    pub(super) fn publish(&self, generations: Vec<Arc<Generation>>, pinned: bool) {
        self.put(Arc::new(Shelf::new(generations, pinned)));
        self.history.published.fetch_add(1, Ordering::Relaxed);
    }

    fn put(&self, shelf: Arc<Shelf>) {
        let old = self.shelf.swap(shelf);
        for generation in &self.generations() {
            generation.trust_again();
        }
        for generation in &old.generations {
            // They are kept for a way back, which needs none of their instances.
            generation.rest();
        }
        *self.before() = Some(old);
        self.edition.send_modify(|edition| *edition += 1);
    }

    /// Publishes again what was published before; a second time, what this took the place of.
    /// Files that are watched are looked at again when they change.
    ///
    /// # Errors
    /// Nothing was published before.
    pub fn roll_back(&self) -> Result<(), Error> {
        let before = self.before().take();
        let before = before.ok_or_else(|| Error::rules("there are no rules to go back to"))?;
        for generation in &before.generations {
            tracing::warn!(rules = generation.name(), "rules rolled back");
        }
        self.put(before);
        self.history.rolled_back.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Puts these in the place of those that are published; a file that is there for every
    /// version stays so.
    pub(super) fn replace(&self, generations: Vec<Arc<Generation>>) {
        let pinned = self.shelf.load().pinned;
        self.put(Arc::new(Shelf::new(generations, pinned)));
    }

    /// Those that were published before.
    pub(super) fn generations_before(&self) -> Vec<Arc<Generation>> {
        let before = self.before();
        let before = before.as_ref().map(|shelf| shelf.generations.clone());
        before.unwrap_or_default()
    }

    /// What stands in this file has failed too often.
    pub(super) fn distrust(&self, digest: Digest) {
        self.distrusted().insert(digest);
    }

    pub(super) fn distrusts(&self, digest: &Digest) -> bool {
        self.distrusted().contains(digest)
    }

    /// What has failed before may be tried again.
    pub(super) fn forgive(&self) {
        self.distrusted().clear();
    }

    fn distrusted(&self) -> MutexGuard<'_, HashSet<Digest>> {
        // As below.
        self.distrusted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn before(&self) -> MutexGuard<'_, Option<Arc<Shelf>>> {
        // A panic elsewhere leaves a whole value.
        self.before.lock().unwrap_or_else(PoisonError::into_inner)
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
    /// with an unknown version the newest of all.
    pub fn choose(&self, version: Option<IrisVersion>) -> Arc<Generation> {
        let shelf = self.shelf.load();
        let generations = &shelf.generations;
        let newest = Arc::clone(generations.first().expect("a library is never empty"));
        let Some(version) = version else {
            return newest;
        };
        if shelf.pinned {
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
        let engine = Engine::new(crate::RulesLimits::default()).expect("a test has an engine");
        Self {
            engine,
            path: PathBuf::new(),
            found: Vec::new(),
            shelf: ArcSwap::from_pointee(Shelf::new(Vec::new(), false)),
            before: Mutex::default(),
            edition: watch::Sender::default(),
            epochs: AtomicU64::new(0),
            history: History::default(),
            distrusted: Mutex::default(),
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

impl Shelf {
    fn new(mut generations: Vec<Arc<Generation>>, pinned: bool) -> Self {
        generations.sort_by_key(|generation| {
            let from = generation.manifest().serves_from;
            std::cmp::Reverse((from.year, from.release))
        });
        Self {
            generations,
            pinned,
        }
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

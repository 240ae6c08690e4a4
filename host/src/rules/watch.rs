//! Takes rules files up that change while the broker runs.
//!
//! The operating system tells of changes at once where it can; every few seconds the files are
//! looked at all the same, since links above them can be exchanged, and file systems of other
//! machines say nothing. What is being written is left alone until it stands still. A file that
//! is no usable component is told once, and what was in use stays.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use super::contents::Contents;
use super::engine::name_of;
use super::generation::{Digest, Generation};
use super::library::{Library, files};
use super::signature::signature_path;
use crate::error::Error;

/// How often files are looked at if nobody tells of a change.
const INTERVAL: Duration = Duration::from_secs(5);
/// How long files must not have changed before they are read.
const QUIET: Duration = Duration::from_millis(100);

/// Somebody has written a file, and closed it.
const WRITTEN: EventKind = EventKind::Access(AccessKind::Close(AccessMode::Write));

/// What tells of a file that it may have changed.
pub(super) type Stamp = (PathBuf, u64, Option<SystemTime>);

/// Keeps a library as its files are.
struct Watch {
    library: Arc<Library>,
    /// What was found at the last look.
    seen: Vec<Stamp>,
    /// Files that are known to be no rules, with their signatures.
    refused: HashMap<PathBuf, Digest>,
}

impl Library {
    /// Publishes what changes in the files that the library was opened with, and goes back to what
    /// was there before where components fail too often ([`distrust_after`](crate::RulesLimits::distrust_after)). Never ends;
    /// dropped, it stops. Must run within a tokio runtime.
    pub async fn watch(self: Arc<Self>) {
        let (told, mut changes) = mpsc::channel(1);
        // Kept for as long as changes are wanted.
        let _watcher = listen(self.path(), told)
            .inspect_err(|error| tracing::warn!(%error, "changes of rules are noticed late"));
        let mut watch = Watch {
            seen: self.found().to_vec(),
            library: self,
            refused: HashMap::new(),
        };
        let mut alarms = watch.library.engine().alarms();
        // What has changed since it was opened, before anybody told.
        watch.look().await;
        loop {
            // The channel closes if there is no watcher.
            let change = async {
                if changes.recv().await.is_none() {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                () = change => {}
                () = tokio::time::sleep(INTERVAL) => {}
                Ok(()) = alarms.changed() => {
                    watch.library.leave_distrusted();
                    continue;
                }
            }
            tokio::time::sleep(QUIET).await;
            watch.look().await;
        }
    }

    /// Reads the files again, whether they have changed or not.
    ///
    /// # Errors
    /// A file cannot be used; then nothing has changed.
    pub async fn reload(self: &Arc<Self>) -> Result<(), Error> {
        let library = Arc::clone(self);
        library.forgive();
        let job = tokio::task::spawn_blocking(move || {
            let (files, pinned) = files(library.path())?;
            let mut generations = Vec::new();
            for file in &files {
                generations.push(take_up(&library, file, &Contents::read(file)?)?);
            }
            publish(&library, generations, pinned);
            Ok(())
        });
        job.await
            .unwrap_or_else(|_| Err(Error::broker("the rules could not be read")))
    }
}

/// Sends a word for each change at a path, or beside it: where a link is exchanged, it is the
/// directory around that changes.
fn listen(path: &Path, told: mpsc::Sender<()>) -> notify::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        // To look is no change: it would lead to the next look.
        if event.is_ok_and(|event| event.kind.is_access() && event.kind != WRITTEN) {
            return;
        }
        // If there is a word already, it stands for this change, too.
        let _ = told.try_send(());
    })?;
    watcher.watch(path, RecursiveMode::NonRecursive)?;
    let around = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    watcher.watch(
        around.unwrap_or(Path::new(".")),
        RecursiveMode::NonRecursive,
    )?;
    Ok(watcher)
}

impl Watch {
    async fn look(&mut self) {
        let mut now = stamps(self.library.path());
        if now == self.seen {
            return;
        }
        loop {
            tokio::time::sleep(QUIET).await;
            let later = stamps(self.library.path());
            if later == now {
                break;
            }
            now = later;
        }
        self.seen = now;
        let library = Arc::clone(&self.library);
        let refused = std::mem::take(&mut self.refused);
        let job = tokio::task::spawn_blocking(move || take_up_all(&library, refused));
        self.refused = job.await.unwrap_or_default();
    }
}

/// Compiles what is new and publishes it. The files that are known to be no rules are
/// returned, those from before among them.
fn take_up_all(
    library: &Library,
    mut refused: HashMap<PathBuf, Digest>,
) -> HashMap<PathBuf, Digest> {
    let (files, pinned) = match files(library.path()) {
        Ok(found) => found,
        Err(error) => {
            tracing::error!("{error}; the rules stay as they were");
            return refused;
        }
    };
    let mut generations = Vec::new();
    for file in &files {
        let taken = Contents::read(file).and_then(|contents| {
            let identity = contents.identity();
            let is_known = refused.get(file) == Some(&identity);
            if is_known || library.distrusts(&contents.digest) {
                return Ok(None);
            }
            let taken = take_up(library, file, &contents).map(Some);
            if taken.is_err() {
                library.history().refused.fetch_add(1, Ordering::Relaxed);
                refused.insert(file.clone(), identity);
            }
            taken
        });
        let taken = taken.unwrap_or_else(|error| {
            tracing::error!("{error}; what was in use before stays");
            None
        });
        generations.extend(taken.or_else(|| named(library, &name_of(file))));
    }
    if !generations.is_empty() {
        publish(library, generations, pinned);
    }
    refused
}

/// The generation of a file: the one that is published, if the file is as it was.
fn take_up(library: &Library, file: &Path, contents: &Contents) -> Result<Arc<Generation>, Error> {
    let name = name_of(file);
    let known = named(library, &name).filter(|known| *known.digest() == contents.digest);
    match known {
        Some(known) => Ok(known),
        None => Ok(Arc::new(library.engine().compile(file, contents)?)),
    }
}

fn named(library: &Library, name: &str) -> Option<Arc<Generation>> {
    let generations = library.generations();
    generations
        .into_iter()
        .find(|generation| generation.name() == name)
}

/// Publishes a set, if it is another one.
fn publish(library: &Library, generations: Vec<Arc<Generation>>, pinned: bool) {
    let published = library.generations();
    let is_published =
        |generation: &Arc<Generation>| published.iter().any(|known| Arc::ptr_eq(known, generation));
    let new: Vec<_> = generations
        .iter()
        .filter(|generation| !is_published(generation))
        .collect();
    if new.is_empty() && generations.len() == published.len() {
        return;
    }
    for generation in new {
        let manifest = generation.manifest();
        tracing::info!(rules = generation.name(), version = %manifest.version, "rules published");
    }
    library.publish(generations, pinned);
}

/// What is at a path, signatures with it, links followed.
pub(super) fn stamps(path: &Path) -> Vec<Stamp> {
    let (files, _) = files(path).unwrap_or_default();
    // A signature may come after what it is of.
    let files = files
        .into_iter()
        .flat_map(|file| [signature_path(&file), file]);
    let stamp = |file: PathBuf| {
        let metadata = std::fs::metadata(&file).ok();
        let length = metadata.as_ref().map_or(0, std::fs::Metadata::len);
        let changed = metadata.and_then(|metadata| metadata.modified().ok());
        (file, length, changed)
    };
    files.map(stamp).collect()
}

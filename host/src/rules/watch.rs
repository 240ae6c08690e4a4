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
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use super::contents::Contents;
use super::engine::name_of;
use super::generation::{Digest, Generation};
use super::library::{Library, files};
use super::past::Found;
use super::stamp::{Stamp, stamps};
use crate::error::Error;

/// How often files are looked at if nobody tells of a change.
const INTERVAL: Duration = Duration::from_secs(5);
/// How long files must not have changed before they are read.
const QUIET: Duration = Duration::from_millis(100);

/// Somebody has written a file, and closed it.
const WRITTEN: EventKind = EventKind::Access(AccessKind::Close(AccessMode::Write));

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
        // Rules that fail are left at once, also while others are compiled.
        tokio::join!(Watch::new(Arc::clone(&self)).follow(), self.leave_failing());
    }

    /// Goes back from what fails too often, whenever there is something of the kind.
    async fn leave_failing(&self) {
        let mut alarms = self.engine().alarms();
        loop {
            self.leave_distrusted();
            if alarms.changed().await.is_err() {
                // The engine that sends them is this library's.
                return;
            }
        }
    }

    /// Reads the files again, whether they have changed or not. What they hold is published, also where
    /// it was left before, by [`Library::roll_back`] or because it failed too often.
    ///
    /// # Errors
    /// A file cannot be used; then nothing has changed.
    pub async fn reload(self: &Arc<Self>) -> Result<(), Error> {
        let library = Arc::clone(self);
        let job = tokio::task::spawn_blocking(move || {
            // What is left while files are compiled, is left after this was asked for.
            let pardon = library.pardon();
            let (files, pinned) = files(library.path())?;
            let mut found = Vec::new();
            for file in &files {
                let generation = take_up(&library, file, &Contents::read(file)?)?;
                found.push(Found {
                    name: name_of(file),
                    generation: Some(generation),
                });
            }
            library.publish(found, pinned, Some(&pardon));
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
    fn new(library: Arc<Library>) -> Self {
        Self {
            seen: library.found().to_vec(),
            library,
            refused: HashMap::new(),
        }
    }

    /// Publishes what changes. Never ends.
    async fn follow(mut self) {
        let (told, mut changes) = mpsc::channel(1);
        // Kept for as long as changes are wanted.
        let _watcher = listen(self.library.path(), told)
            .inspect_err(|error| tracing::warn!(%error, "changes of rules are noticed late"));
        // What has changed since it was opened, before anybody told.
        self.look().await;
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
            }
            tokio::time::sleep(QUIET).await;
            self.look().await;
        }
    }

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
    let mut found = Vec::new();
    for file in &files {
        let name = name_of(file);
        let taken = Contents::read(file).and_then(|contents| {
            let identity = contents.identity();
            let is_known = refused.get(file) == Some(&identity);
            if is_known || library.leaves(&name, &contents.digest) {
                return Ok(None);
            }
            let taken = take_up(library, file, &contents).map(Some);
            if taken.is_err() {
                library.history().refused.fetch_add(1, Ordering::Relaxed);
                refused.insert(file.clone(), identity);
            }
            taken
        });
        let generation = taken.unwrap_or_else(|error| {
            tracing::error!("{error}; what was in use before stays");
            None
        });
        found.push(Found { name, generation });
    }
    library.publish(found, pinned, None);
    refused
}

/// The generation of a file: the one that is published, if the file is as it was.
fn take_up(library: &Library, file: &Path, contents: &Contents) -> Result<Arc<Generation>, Error> {
    let name = name_of(file);
    let published = library.generations().into_iter();
    let mut known = published.filter(|one| one.name() == name && *one.digest() == contents.digest);
    match known.next() {
        Some(known) => Ok(known),
        None => Ok(Arc::new(library.engine().compile(file, contents)?)),
    }
}

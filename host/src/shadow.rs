//! A candidate for the rules, tried beside those that are in use: a share of the live statements is
//! translated by both, and an operator sees what a swap would change before making it.
//!
//! All of it happens on a thread of its own, behind a queue that is short: what a candidate does, or does
//! not do, changes nothing for any client.

mod compare;
mod figures;
mod job;
mod ledger;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;

use crate::config::ShadowConfig;
use crate::rules::wit::IrisVersion;
use crate::rules::{Generation, Library};
pub use compare::Difference;
pub use figures::{PairFigures, SampleFigures, ShadowFigures};
pub(crate) use job::{Job, Sampled};
use ledger::Ledger;

/// Where candidates are tried. Nothing is at first; it can be changed while the brokers run that it was given to.
#[derive(Default)]
pub struct Shadow {
    trial: ArcSwapOption<Trial>,
}

/// A candidate that is being tried.
pub(crate) struct Trial {
    library: Arc<Library>,
    config: ShadowConfig,
    /// Whoever takes from the queue ends with it.
    queue: SyncSender<Job>,
    ledger: Arc<Ledger>,
    dropped: Arc<AtomicU64>,
    chosen: Mutex<Vec<Chosen>>,
}

/// The candidate for a version, as the library had it at an edition.
struct Chosen {
    edition: u64,
    version: Option<IrisVersion>,
    generation: Arc<Generation>,
}

impl Shadow {
    /// From now on a share of the statements is translated by this library's rules, too. Of the same library, what has been
    /// counted goes on.
    pub fn try_out(&self, candidate: Arc<Library>, config: ShadowConfig) {
        let before = self.trial.load_full();
        let same = before.filter(|before| Arc::ptr_eq(&before.library, &candidate));
        if same.as_ref().is_some_and(|before| before.config == config) {
            return;
        }
        let (queue, jobs) = mpsc::sync_channel::<Job>(config.queue);
        let (ledger, dropped) = match same {
            Some(before) => (Arc::clone(&before.ledger), Arc::clone(&before.dropped)),
            None => Default::default(),
        };
        ledger.keep(config.texts, config.samples);
        let noted = Arc::clone(&ledger);
        let worker = std::thread::Builder::new().name("rules-shadow".to_owned());
        let spawned = worker.spawn(move || {
            while let Ok(job) = jobs.recv() {
                job.compare(&noted);
            }
        });
        if let Err(error) = spawned {
            tracing::error!(%error, "no candidate is tried");
            return;
        }
        self.trial.store(Some(Arc::new(Trial {
            library: candidate,
            config,
            queue,
            ledger,
            dropped,
            chosen: Mutex::default(),
        })));
    }

    /// Nothing is tried any more.
    pub fn stop(&self) {
        self.trial.store(None);
    }

    /// What has been found so far; `None`: nothing is tried.
    pub fn figures(&self) -> Option<ShadowFigures> {
        let trial = self.trial.load_full()?;
        Some(ShadowFigures {
            path: trial.library.path().to_owned(),
            share: trial.config.share,
            dropped: trial.dropped.load(Ordering::Relaxed),
            pairs: trial.ledger.figures(),
        })
    }

    /// The trial that a message has a part in, by chance.
    pub(crate) fn draw(&self) -> Option<Arc<Trial>> {
        let trial = self.trial.load();
        let trial = trial.as_ref()?;
        let share = trial.config.share;
        // The usual whole share need not ask for chance.
        (share >= 1.0 || rand::random::<f64>() < share).then(|| Arc::clone(trial))
    }
}

impl fmt::Debug for Shadow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shadow").finish_non_exhaustive()
    }
}

impl Trial {
    /// The candidate for a server of this version.
    pub(crate) fn candidate(&self, version: Option<IrisVersion>) -> Arc<Generation> {
        let edition = self.library.edition();
        let mut chosen = self.chosen.lock().unwrap_or_else(PoisonError::into_inner);
        chosen.retain(|known| known.edition == edition);
        if let Some(known) = chosen.iter().find(|known| known.version == version) {
            return Arc::clone(&known.generation);
        }
        let generation = self.library.choose(version);
        chosen.push(Chosen {
            edition,
            version,
            generation: Arc::clone(&generation),
        });
        generation
    }

    /// Has a job done sometime. If there are too many already, it is not.
    pub(crate) fn hand_over(&self, job: Job) {
        match self.queue.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

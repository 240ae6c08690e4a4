//! The snapshots of the catalogue that are kept for the users of one upstream.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::rules::Snapshot;
use crate::schema::Schemas;

/// Snapshots kept at the same time; each may take as much memory as
/// [`crate::RulesLimits::catalog_memory`] allows.
const MOST: usize = 8;

/// A snapshot, used by one session at a time.
pub(crate) type Shared = Arc<Mutex<Option<Snapshot>>>;

/// Snapshots by the epoch that they are of.
#[derive(Default)]
pub(crate) struct Snapshots {
    kept: Mutex<Vec<(u64, Shared)>>,
}

impl Snapshots {
    /// The snapshot of an epoch; empty until somebody builds it.
    pub(crate) fn of(&self, epoch: u64, schemas: &Schemas) -> Shared {
        let mut kept = self.kept();
        if let Some((_, snapshot)) = kept.iter().find(|(known, _)| *known == epoch) {
            return Arc::clone(snapshot);
        }
        kept.retain(|(known, _)| schemas.is_current(*known));
        if kept.len() >= MOST {
            kept.remove(0);
        }
        let snapshot = Shared::default();
        kept.push((epoch, Arc::clone(&snapshot)));
        snapshot
    }

    fn kept(&self) -> MutexGuard<'_, Vec<(u64, Shared)>> {
        // A panic elsewhere leaves whole entries.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The snapshot for one call.
pub(crate) fn locked(shared: &Shared) -> MutexGuard<'_, Option<Snapshot>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

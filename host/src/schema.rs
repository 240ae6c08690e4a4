//! What is remembered of the schemas behind one upstream, and until when.
//!
//! A state of a schema has a number, its epoch; plans that depend on the schema
//! are kept by it. An epoch ends when a definition went through the broker,
//! when a plan made in it proved wrong, and when it is too old: definitions also
//! reach IRIS by other ways.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::rules::Library;
use crate::rules::wit::MetadataRows;
use crate::rules::wit_plan::MetadataQuery;

/// Bytes of metadata kept for one user of one namespace; beyond it all of them
/// are asked for again. Some hundred bytes for each column in use.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// The schemas that the users of one upstream see.
pub(crate) struct Schemas {
    library: Arc<Library>,
    longest: Duration,
    views: Mutex<HashMap<Viewer, Arc<View>>>,
}

/// Who looks: what a user sees depends on privileges.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Viewer {
    namespace: String,
    /// What clients call it.
    database: String,
    user: String,
}

/// What one user sees of one namespace; a session holds its own, and asks it for
/// the epoch at each statement.
pub(crate) struct View {
    library: Arc<Library>,
    longest: Duration,
    made: Instant,
    /// 0: it has ended.
    epoch: AtomicU64,
    /// Milliseconds since the view was made.
    since: AtomicU64,
    known: Mutex<Known>,
}

/// What was learnt in an epoch.
#[derive(Default)]
struct Known {
    epoch: u64,
    /// By the name and the text of the query.
    rows: HashMap<(String, String), Arc<MetadataRows>>,
    bytes: usize,
}

impl Schemas {
    /// `longest`: how long an epoch may last.
    pub(crate) fn new(library: Arc<Library>, longest: Duration) -> Self {
        Self {
            library,
            longest,
            views: Mutex::default(),
        }
    }

    /// A user's view of a namespace, which is called `database`.
    pub(crate) fn view(&self, user: &str, database: &str, namespace: &str) -> Arc<View> {
        let viewer = Viewer {
            namespace: namespace.to_owned(),
            database: database.to_owned(),
            user: user.to_owned(),
        };
        let view = || {
            Arc::new(View {
                library: Arc::clone(&self.library),
                longest: self.longest,
                made: Instant::now(),
                epoch: AtomicU64::new(0),
                since: AtomicU64::new(0),
                known: Mutex::default(),
            })
        };
        Arc::clone(self.views().entry(viewer).or_insert_with(view))
    }

    /// Whether an epoch goes on.
    pub(crate) fn is_current(&self, epoch: u64) -> bool {
        let views = self.views();
        views
            .values()
            .any(|view| view.epoch.load(Ordering::Acquire) == epoch)
    }

    /// Ends the epochs of a namespace.
    pub(crate) fn forget(&self, namespace: &str) {
        let views = self.views();
        let of_namespace = views
            .iter()
            .filter(|(viewer, _)| viewer.namespace == namespace);
        of_namespace.for_each(|(_, view)| view.end());
    }

    fn views(&self) -> MutexGuard<'_, HashMap<Viewer, Arc<View>>> {
        // A panic elsewhere leaves whole entries.
        self.views.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl View {
    /// The epoch it is in.
    pub(crate) fn epoch(&self) -> u64 {
        let epoch = self.epoch.load(Ordering::Acquire);
        if epoch != 0 && self.is_young() {
            return epoch;
        }
        let mut known = self.known();
        // Another session may have been here first.
        let epoch = self.epoch.load(Ordering::Acquire);
        if epoch != 0 && self.is_young() {
            return epoch;
        }
        *known = Known {
            epoch: self.library.next_epoch(),
            ..Known::default()
        };
        self.since.store(self.age(), Ordering::Release);
        self.epoch.store(known.epoch, Ordering::Release);
        known.epoch
    }

    fn is_young(&self) -> bool {
        let since = self.since.load(Ordering::Acquire);
        Duration::from_millis(self.age().saturating_sub(since)) < self.longest
    }

    fn age(&self) -> u64 {
        u64::try_from(self.made.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn end(&self) {
        let mut known = self.known();
        *known = Known::default();
        self.epoch.store(0, Ordering::Release);
    }

    /// The answer to a query, if it was given in this epoch.
    pub(crate) fn rows(&self, epoch: u64, query: &MetadataQuery) -> Option<Arc<MetadataRows>> {
        let known = self.known();
        (known.epoch == epoch)
            .then(|| known.rows.get(&key(query)).cloned())
            .flatten()
    }

    /// Keeps an answer, unless its epoch has ended.
    pub(crate) fn keep(&self, epoch: u64, query: &MetadataQuery, rows: &Arc<MetadataRows>) {
        let mut known = self.known();
        if known.epoch != epoch {
            return;
        }
        let bytes = query.text.len() + bytes_of(rows);
        if known.bytes + bytes > MOST_BYTES {
            known.rows.clear();
            known.bytes = 0;
        }
        known.bytes += bytes;
        known.rows.insert(key(query), Arc::clone(rows));
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // A panic elsewhere leaves whole entries.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(query: &MetadataQuery) -> (String, String) {
    (query.name.clone(), query.text.clone())
}

fn bytes_of(rows: &MetadataRows) -> usize {
    /// What a value costs beside its text.
    const VALUE: usize = 32;
    let values = rows.rows.iter().flatten();
    values
        .map(|value| VALUE + value.as_ref().map_or(0, String::len))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> MetadataQuery {
        MetadataQuery {
            name: "columns".to_owned(),
            text: text.to_owned(),
            optional: false,
        }
    }

    fn rows(value: &str) -> Arc<MetadataRows> {
        Arc::new(MetadataRows {
            name: "columns".to_owned(),
            columns: vec!["a".to_owned()],
            rows: vec![vec![Some(value.to_owned())]],
        })
    }

    fn schemas(longest: Duration) -> Schemas {
        Schemas::new(Arc::new(Library::empty()), longest)
    }

    #[test]
    fn an_epoch_lasts_until_its_namespace_changes() {
        let schemas = schemas(Duration::from_secs(3600));
        let ann = schemas.view("ann", "USER", "USER").epoch();
        let bob = schemas.view("bob", "USER", "USER").epoch();
        let other = schemas.view("ann", "OTHER", "OTHER").epoch();
        assert_eq!(ann, schemas.view("ann", "USER", "USER").epoch());
        assert!(ann != bob && bob != other && ann != other && ann != 0);
        schemas.forget("USER");
        assert_ne!(ann, schemas.view("ann", "USER", "USER").epoch());
        assert_ne!(bob, schemas.view("bob", "USER", "USER").epoch());
        assert_eq!(other, schemas.view("ann", "OTHER", "OTHER").epoch());
    }

    #[test]
    fn an_epoch_ends_with_its_age() {
        let schemas = schemas(Duration::ZERO);
        assert_ne!(
            schemas.view("ann", "USER", "USER").epoch(),
            schemas.view("ann", "USER", "USER").epoch()
        );
    }

    #[test]
    fn answers_are_kept_for_their_epoch() {
        let schemas = schemas(Duration::from_secs(3600));
        let view = schemas.view("ann", "USER", "USER");
        let epoch = view.epoch();
        view.keep(epoch, &query("q"), &rows("x"));
        assert!(view.rows(epoch, &query("q")).is_some());
        assert!(view.rows(epoch, &query("p")).is_none());
        assert!(view.rows(epoch + 1, &query("q")).is_none());
        schemas.forget("USER");
        assert!(view.rows(epoch, &query("q")).is_none());
        view.keep(epoch, &query("q"), &rows("x"));
        assert!(view.rows(epoch, &query("q")).is_none());
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let schemas = schemas(Duration::from_secs(3600));
        let view = schemas.view("ann", "USER", "USER");
        let epoch = view.epoch();
        let large = rows(&"x".repeat(MOST_BYTES / 3));
        for number in 0..4 {
            view.keep(epoch, &query(&number.to_string()), &large);
        }
        let kept = (0..4)
            .filter(|number| view.rows(epoch, &query(&number.to_string())).is_some())
            .count();
        assert!((1..=2).contains(&kept), "{kept}");
    }
}

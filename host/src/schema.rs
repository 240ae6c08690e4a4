//! What is remembered of the schemas behind one upstream, and until when.
//!
//! A state of a schema has a number, its epoch; plans that depend on the schema
//! are kept by it. An epoch ends when a definition went through the broker,
//! when a plan made in it proved wrong, and when it is too old: definitions also
//! reach IRIS by other ways.

use std::collections::HashMap;
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
    known: Mutex<HashMap<Viewer, Schema>>,
}

/// Who looks: what a user sees depends on privileges.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Viewer {
    namespace: String,
    user: String,
}

struct Schema {
    epoch: u64,
    since: Instant,
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
            known: Mutex::default(),
        }
    }

    /// The epoch that a user's view of a namespace is in.
    pub(crate) fn epoch(&self, user: &str, namespace: &str) -> u64 {
        let viewer = Viewer {
            namespace: namespace.to_owned(),
            user: user.to_owned(),
        };
        let mut known = self.known();
        let current = known
            .get(&viewer)
            .filter(|schema| schema.since.elapsed() < self.longest);
        if let Some(schema) = current {
            return schema.epoch;
        }
        let schema = Schema {
            epoch: self.library.next_epoch(),
            since: Instant::now(),
            rows: HashMap::new(),
            bytes: 0,
        };
        let epoch = schema.epoch;
        known.insert(viewer, schema);
        epoch
    }

    /// The answer to a query, if it was given in this epoch.
    pub(crate) fn rows(&self, epoch: u64, query: &MetadataQuery) -> Option<Arc<MetadataRows>> {
        let known = self.known();
        let schema = known.values().find(|schema| schema.epoch == epoch)?;
        schema.rows.get(&key(query)).cloned()
    }

    /// Keeps an answer, unless its epoch has ended.
    pub(crate) fn keep(&self, epoch: u64, query: &MetadataQuery, rows: &Arc<MetadataRows>) {
        let mut known = self.known();
        let Some(schema) = known.values_mut().find(|schema| schema.epoch == epoch) else {
            return;
        };
        let bytes = query.text.len() + bytes_of(rows);
        if schema.bytes + bytes > MOST_BYTES {
            schema.rows.clear();
            schema.bytes = 0;
        }
        schema.bytes += bytes;
        schema.rows.insert(key(query), Arc::clone(rows));
    }

    /// Ends the epochs of a namespace.
    pub(crate) fn forget(&self, namespace: &str) {
        self.known()
            .retain(|viewer, _| viewer.namespace != namespace);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Viewer, Schema>> {
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

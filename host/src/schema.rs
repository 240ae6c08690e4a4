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
        let ann = schemas.epoch("ann", "USER");
        let bob = schemas.epoch("bob", "USER");
        let other = schemas.epoch("ann", "OTHER");
        assert_eq!(ann, schemas.epoch("ann", "USER"));
        assert!(ann != bob && bob != other && ann != other && ann != 0);
        schemas.forget("USER");
        assert_ne!(ann, schemas.epoch("ann", "USER"));
        assert_ne!(bob, schemas.epoch("bob", "USER"));
        assert_eq!(other, schemas.epoch("ann", "OTHER"));
    }

    #[test]
    fn an_epoch_ends_with_its_age() {
        let schemas = schemas(Duration::ZERO);
        assert_ne!(schemas.epoch("ann", "USER"), schemas.epoch("ann", "USER"));
    }

    #[test]
    fn answers_are_kept_for_their_epoch() {
        let schemas = schemas(Duration::from_secs(3600));
        let epoch = schemas.epoch("ann", "USER");
        schemas.keep(epoch, &query("q"), &rows("x"));
        assert!(schemas.rows(epoch, &query("q")).is_some());
        assert!(schemas.rows(epoch, &query("p")).is_none());
        assert!(schemas.rows(epoch + 1, &query("q")).is_none());
        schemas.forget("USER");
        assert!(schemas.rows(epoch, &query("q")).is_none());
        schemas.keep(epoch, &query("q"), &rows("x"));
        assert!(schemas.rows(epoch, &query("q")).is_none());
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let schemas = schemas(Duration::from_secs(3600));
        let epoch = schemas.epoch("ann", "USER");
        let large = rows(&"x".repeat(MOST_BYTES / 3));
        for number in 0..4 {
            schemas.keep(epoch, &query(&number.to_string()), &large);
        }
        let kept = (0..4)
            .filter(|number| schemas.rows(epoch, &query(&number.to_string())).is_some())
            .count();
        assert!((1..=2).contains(&kept), "{kept}");
    }
}

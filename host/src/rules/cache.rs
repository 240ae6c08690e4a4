//! Plans by statement, so that the same statement is translated once.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};

use super::plan::Translation;
use super::wit;
use crate::diagnostic::Diagnostic;
use crate::upstream::Oid;

/// The facts a translation may depend on, with their hash. A session makes them
/// anew when one changes.
#[derive(Debug, Clone)]
pub struct Facts {
    /// As the guest is told them.
    pub context: Arc<wit::Context>,
    hash: u64,
}

impl Facts {
    /// Facts ready to be looked up by.
    pub fn new(context: wit::Context) -> Self {
        let mut hasher = DefaultHasher::new();
        (context.iris.year, context.iris.release).hash(&mut hasher);
        (&context.user, &context.database, &context.settings).hash(&mut hasher);
        Self {
            context: Arc::new(context),
            hash: hasher.finish(),
        }
    }
}

impl PartialEq for Facts {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&self.context, &other.context);
        Arc::ptr_eq(a, b)
            || (self.hash == other.hash
                && (a.iris.year, a.iris.release) == (b.iris.year, b.iris.release)
                && a.user == b.user
                && a.database == b.database
                && a.settings == b.settings)
    }
}

/// What a translation depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query<'a> {
    pub(crate) text: &'a str,
    pub(crate) protocol: wit::Protocol,
    pub(crate) parameter_types: &'a [Oid],
    pub(crate) facts: &'a Facts,
    pub(crate) schema: Known<'a>,
}

impl Query<'_> {
    /// As a component is asked.
    pub(crate) fn request(&self, tracing: wit::Tracing) -> wit::Request {
        let metadata = self.schema.metadata.iter();
        wit::Request {
            text: self.text.to_owned(),
            offset: self.schema.offset,
            metadata: metadata
                .map(|rows| wit::MetadataRows::clone(rows))
                .collect(),
            protocol: self.protocol,
            parameter_types: self.parameter_types.to_vec(),
            context: wit::Context::clone(&self.facts.context),
            tracing,
        }
    }
}

/// What a translation may know of the schema, after a `lookup`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known<'a> {
    /// Characters of the client's text before the statement.
    pub(crate) offset: u32,
    /// The state of the schema; 0: nothing is known of it.
    pub(crate) epoch: u64,
    pub(crate) metadata: &'a [Arc<wit::MetadataRows>],
}

/// What the guest answered: plans, or why the text cannot be read.
pub(crate) type Outcome = Result<Arc<[Arc<Translation>]>, Diagnostic>;

/// The plans of one generation.
pub(super) struct PlanCache {
    cache: Cache<Key, Arc<[Arc<Translation>]>, ByText>,
}

impl PlanCache {
    /// `bytes`: of statement text.
    pub(super) fn new(bytes: u64) -> Self {
        let typical = ENTRY_OVERHEAD + 200;
        Self {
            cache: Cache::with_weighter((bytes / typical).max(16) as usize, bytes, ByText),
        }
    }

    pub(super) fn get(&self, query: &Query<'_>) -> Option<Arc<[Arc<Translation>]>> {
        self.cache.get(query)
    }

    pub(super) fn clear(&self) {
        self.cache.clear();
    }

    pub(super) fn put(&self, query: &Query<'_>, plans: Arc<[Arc<Translation>]>) {
        let key = Key {
            text: query.text.into(),
            simple: matches!(query.protocol, wit::Protocol::Simple),
            parameter_types: query.parameter_types.into(),
            facts: query.facts.clone(),
            known: (query.schema.offset, query.schema.epoch),
        };
        self.cache.insert(key, plans);
    }
}

#[derive(Clone)]
struct Key {
    text: Box<str>,
    simple: bool,
    parameter_types: Box<[Oid]>,
    facts: Facts,
    /// Offset and epoch.
    known: (u32, u64),
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
            && self.simple == other.simple
            && self.parameter_types == other.parameter_types
            && self.facts == other.facts
            && self.known == other.known
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (
            &*self.text,
            self.simple,
            &*self.parameter_types,
            self.facts.hash,
            self.known,
        )
            .hash(state);
    }
}

impl Hash for Query<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let simple = matches!(self.protocol, wit::Protocol::Simple);
        let known = (self.schema.offset, self.schema.epoch);
        (
            self.text,
            simple,
            self.parameter_types,
            self.facts.hash,
            known,
        )
            .hash(state);
    }
}

impl Equivalent<Key> for Query<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.text == &*key.text
            && matches!(self.protocol, wit::Protocol::Simple) == key.simple
            && self.parameter_types == &*key.parameter_types
            && *self.facts == key.facts
            && (self.schema.offset, self.schema.epoch) == key.known
    }
}

/// Entries weigh what their text does: the plan holds it about once more.
#[derive(Clone)]
struct ByText;

/// What an entry costs beside its text: key, plan, bookkeeping.
const ENTRY_OVERHEAD: u64 = 500;

impl Weighter<Key, Arc<[Arc<Translation>]>> for ByText {
    fn weight(&self, key: &Key, _: &Arc<[Arc<Translation>]>) -> u64 {
        ENTRY_OVERHEAD + 2 * key.text.len() as u64
    }
}

//! Statements that differ in their constants alone, as a component tells them.

use std::sync::Arc;

use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::upstream::Oid;

mod bindings;

pub(super) use bindings::RulesWithLiterals;
pub(super) use bindings::exports::pgiris::rules::literals::Substituted as Answer;

/// The statement of a text with parameters in place of its constants.
#[derive(Debug)]
pub(crate) struct Substituted {
    pub(crate) text: String,
    /// What the parameters are declared as.
    pub(crate) types: Vec<Oid>,
    /// In text format.
    pub(crate) values: Vec<Bytes>,
}

impl From<Answer> for Substituted {
    fn from(answer: Answer) -> Self {
        let literals = answer.literals.into_iter();
        let (types, values) = literals
            .map(|literal| (literal.type_oid, Bytes::from(literal.value)))
            .unzip();
        Self {
            text: answer.text,
            types,
            values,
        }
    }
}

/// What was told of texts that came before; those without constants are not kept, since their
/// plans are.
pub(super) struct SubstitutionCache(Cache<Box<str>, Arc<Substituted>, ByText>);

impl SubstitutionCache {
    /// `bytes`: of texts.
    pub(super) fn new(bytes: u64) -> Self {
        let typical = OVERHEAD + 400;
        let entries = (bytes / typical).max(16) as usize;
        Self(Cache::with_weighter(entries, bytes, ByText))
    }

    pub(super) fn get(&self, text: &str) -> Option<Arc<Substituted>> {
        self.0.get(text)
    }

    pub(super) fn put(&self, text: &str, substituted: &Arc<Substituted>) {
        self.0.insert(text.into(), Arc::clone(substituted));
    }

    pub(super) fn clear(&self) {
        self.0.clear();
    }
}

/// What an entry costs beside its texts.
const OVERHEAD: u64 = 200;

#[derive(Clone)]
struct ByText;

impl Weighter<Box<str>, Arc<Substituted>> for ByText {
    fn weight(&self, text: &Box<str>, substituted: &Arc<Substituted>) -> u64 {
        (text.len() + substituted.text.len()) as u64 + OVERHEAD
    }
}

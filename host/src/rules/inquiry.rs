//! A statement that cannot be translated before something is known of its tables: questions and
//! answers, by whatever way they travel.

use std::sync::Arc;

use super::wit::MetadataRows;
use super::wit_plan::{Lookup, MetadataQuery};
use super::{Plan, Translation};

/// How often the rules may ask for one statement: once for its tables, again for what those
/// lead to, view behind view.
const MOST: usize = 16;

/// What the rules want to know, and what they have been told.
#[derive(Clone, Debug)]
pub(crate) struct Inquiry {
    /// What they ask now.
    pub(crate) lookup: Lookup,
    told: Vec<Arc<MetadataRows>>,
    /// How often they have asked.
    asked: usize,
}

/// The rules go on asking.
#[derive(Debug)]
pub(crate) struct Endless;

impl Inquiry {
    pub(crate) fn new(lookup: Lookup) -> Self {
        Self {
            lookup,
            told: Vec::new(),
            asked: 1,
        }
    }

    /// The queries whose rows are wanted.
    pub(crate) fn queries(&self) -> &[MetadataQuery] {
        &self.lookup.queries
    }

    /// The rows of one more query.
    pub(crate) fn tell(&mut self, rows: Arc<MetadataRows>) {
        self.told.push(rows);
    }

    /// All that has been told so far: the rules keep nothing in mind.
    pub(crate) fn told(&self) -> &[Arc<MetadataRows>] {
        &self.told
    }

    /// What they answer to that; `None`: another question.
    ///
    /// # Errors
    /// They have asked too often.
    pub(crate) fn heed(
        &mut self,
        answer: &Arc<Translation>,
    ) -> Result<Option<Arc<Translation>>, Endless> {
        let Plan::Lookup(again) = &answer.plan else {
            return Ok(Some(Arc::clone(answer)));
        };
        if self.asked == MOST {
            return Err(Endless);
        }
        self.asked += 1;
        self.lookup = again.clone();
        Ok(None)
    }
}

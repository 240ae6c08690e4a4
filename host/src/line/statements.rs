//! What has been prepared on a connection: by the address of a plan, so many at most.

use std::collections::HashMap;
use std::sync::Arc;

use crate::session::statement::Described;
use crate::upstream::{Oid, Statement, StatementId, UpstreamColumn, UpstreamType};

/// Statements kept prepared on a connection. Each holds a little memory here
/// and some on the server; a program rarely has more in use.
const PREPARED_KEPT: usize = 500;
/// Bytes of text they may have together: a script of long INSERTs must not pile
/// up here. The statement in use is kept whatever its length.
const TEXT_KEPT: usize = 4 * 1024 * 1024;

/// What the server says of a statement.
#[derive(Clone)]
pub(crate) struct Description {
    pub(crate) parameters: Vec<UpstreamType>,
    pub(crate) columns: Option<Vec<UpstreamColumn>>,
}

/// The prepared statements of one connection.
#[derive(Default)]
pub(super) struct Statements {
    prepared: HashMap<Key, Entry>,
    /// Bytes of text of the prepared statements.
    text: usize,
    /// Counts uses, for finding the entry that was not used for longest.
    clock: u64,
}

/// A plan is translated once and shared, so its statement is known by address: found without
/// looking at its text. The key holds the statement, so the address stays taken.
#[derive(Clone)]
struct Key {
    statement: Arc<Statement>,
    types: Vec<Oid>,
}

struct Entry {
    described: Arc<Described>,
    used: u64,
}

impl Statements {
    /// What is known of a statement that is prepared already.
    pub(super) fn known(
        &mut self,
        statement: &Arc<Statement>,
        types: &[Oid],
    ) -> Option<Arc<Described>> {
        self.clock += 1;
        let key = Key {
            statement: Arc::clone(statement),
            types: types.to_vec(),
        };
        let entry = self.prepared.get_mut(&key)?;
        entry.used = self.clock;
        Some(Arc::clone(&entry.described))
    }

    /// What the server said of the same text, prepared for another plan, as rules make it that take
    /// the place of others; that plan is forgotten. What clients are told of it depends on the plan.
    pub(super) fn take_twin(
        &mut self,
        statement: &Statement,
        types: &[Oid],
    ) -> Option<(StatementId, Description)> {
        let is_twin = |key: &&Key| key.types == types && *key.statement == *statement;
        let twin = self.prepared.keys().find(is_twin)?.clone();
        let entry = self.prepared.remove(&twin)?;
        self.text -= text_length(statement);
        Some((entry.described.id, entry.described.description.clone()))
    }

    /// Adds one. Gives those for which there is no room any more.
    pub(super) fn remember(
        &mut self,
        statement: &Arc<Statement>,
        types: Vec<Oid>,
        described: &Arc<Described>,
    ) -> Vec<StatementId> {
        let length = text_length(statement);
        let mut gone = Vec::new();
        while !self.prepared.is_empty()
            && (self.prepared.len() >= PREPARED_KEPT || self.text + length > TEXT_KEPT)
        {
            gone.extend(self.forget_oldest());
        }
        self.text += length;
        let key = Key {
            statement: Arc::clone(statement),
            types,
        };
        self.prepared.insert(
            key,
            Entry {
                described: Arc::clone(described),
                used: self.clock,
            },
        );
        gone
    }

    fn forget_oldest(&mut self) -> Option<StatementId> {
        let oldest = self.prepared.iter().min_by_key(|(_, entry)| entry.used);
        let (key, id) = oldest.map(|(key, entry)| (key.clone(), entry.described.id))?;
        self.prepared.remove(&key);
        self.text -= text_length(&key.statement);
        Some(id)
    }

    /// Forgets a statement, whatever the types of its parameters.
    pub(super) fn forget(&mut self, statement: &Statement) -> Vec<StatementId> {
        let mut gone = Vec::new();
        self.prepared.retain(|key, entry| {
            let stays = *key.statement != *statement;
            if !stays {
                gone.push(entry.described.id);
                self.text -= text_length(&key.statement);
            }
            stays
        });
        gone
    }

    /// Forgets all of them.
    pub(super) fn drain(&mut self) -> Vec<StatementId> {
        self.text = 0;
        let all = self.prepared.drain();
        all.map(|(_, entry)| entry.described.id).collect()
    }
}

fn text_length(statement: &Statement) -> usize {
    statement.pieces.iter().map(String::len).sum()
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.statement, &other.statement) && self.types == other.types
    }
}

impl Eq for Key {}

impl std::hash::Hash for Key {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (Arc::as_ptr(&self.statement), &self.types).hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::statement::Shape;

    fn described(id: StatementId) -> Arc<Described> {
        Arc::new(Described {
            id,
            shape: Shape {
                parameters: Arc::new([]),
                columns: None,
            },
            description: Description {
                parameters: Vec::new(),
                columns: None,
            },
        })
    }

    #[test]
    fn the_one_that_was_not_used_for_longest_goes_first() {
        let mut statements = Statements::default();
        let all: Vec<_> = (0..=PREPARED_KEPT)
            .map(|number| Arc::new(Statement::plain(format!("SELECT {number}"))))
            .collect();
        for (id, statement) in (1..).zip(&all[..PREPARED_KEPT]) {
            assert!(statements.known(statement, &[]).is_none());
            assert!(
                statements
                    .remember(statement, vec![], &described(id))
                    .is_empty()
            );
        }
        assert!(statements.known(&all[0], &[]).is_some());
        assert!(statements.known(&all[0], &[23]).is_none());
        let gone = statements.remember(&all[PREPARED_KEPT], vec![], &described(1000));
        assert_eq!(gone, [2]);
        assert!(statements.known(&all[1], &[]).is_none());
    }

    #[test]
    fn a_statement_translated_anew_is_not_prepared_anew() {
        let mut statements = Statements::default();
        let [old, new] = [(); 2].map(|()| Arc::new(Statement::plain("SELECT 1")));
        statements.remember(&old, vec![], &described(1));
        assert!(statements.known(&new, &[]).is_none());
        assert!(statements.take_twin(&new, &[23]).is_none());
        assert_eq!(statements.take_twin(&new, &[]).map(|(id, _)| id), Some(1));
        // The former is held by nobody any more.
        assert_eq!(Arc::strong_count(&old), 1);
        statements.remember(&new, vec![], &described(1));
        assert_eq!(statements.text, "SELECT 1".len());
        assert_eq!(statements.drain(), [1]);
    }

    #[test]
    fn long_texts_do_not_pile_up() {
        let mut statements = Statements::default();
        let long = Arc::new(Statement::plain("x".repeat(TEXT_KEPT)));
        let short = Arc::new(Statement::plain("SELECT 1"));
        assert!(statements.remember(&long, vec![], &described(1)).is_empty());
        assert_eq!(statements.remember(&short, vec![], &described(2)), [1]);
        assert_eq!(statements.drain(), [2]);
        assert_eq!(statements.text, 0);
    }
}

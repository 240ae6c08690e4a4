//! The session's temporary tables: tables of a schema that no other session has.
//!
//! They are ordinary tables of IRIS, because only those come back to what they were
//! when a transaction is rolled back; the session drops them at its end.

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::failure::Failure;
use super::transaction::{SettingsEffect, Status};
use crate::rules::wit_plan::{Effect, TemporaryChange, TemporaryTable};

/// The setting by which the rules are told of them.
pub(super) const SETTING: &str = "pgiris.temporary_tables";

/// The account of them.
#[derive(Debug, Default)]
pub(super) struct Temporary {
    /// Given with the first table.
    schema: Option<String>,
    tables: Vec<Made>,
}

#[derive(Debug)]
struct Made {
    table: TemporaryTable,
    /// By the transaction that is under way.
    fresh: bool,
}

impl Temporary {
    /// What the rules are told: the schema and the names; none if there is no schema.
    pub(super) fn told(&self) -> Option<String> {
        let mut told = self.schema.clone()?;
        for made in &self.tables {
            told.push(',');
            told.push_str(&made.table.name);
        }
        Some(told)
    }

    /// Gives the session a schema of its own.
    fn open(&mut self) {
        let random: u64 = rand::random();
        let name = || format!("pgiris_temp_{random:016x}");
        self.schema.get_or_insert_with(name);
    }

    fn change(&mut self, changes: &[TemporaryChange], fresh: bool) {
        for change in changes {
            let name = match change {
                TemporaryChange::Made(table) => &table.name,
                TemporaryChange::Gone(name) => name,
            };
            self.tables.retain(|made| made.table.name != *name);
            if let TemporaryChange::Made(table) = change {
                let table = table.clone();
                self.tables.push(Made { table, fresh });
            }
        }
    }

    /// Takes out those that end with the transaction: what it made, if it is rolled
    /// back, and what it made for itself alone.
    fn ended(&mut self, rolled_back: bool) -> Vec<String> {
        let ends = |made: &Made| made.fresh && (rolled_back || made.table.on_commit_drop);
        let (gone, kept): (Vec<_>, Vec<_>) = self.tables.drain(..).partition(ends);
        self.tables = kept;
        self.tables.iter_mut().for_each(|made| made.fresh = false);
        gone.into_iter().map(|made| made.table.drop).collect()
    }

    /// Takes out all of them.
    fn all(&mut self) -> Vec<String> {
        let gone = self.tables.drain(..);
        gone.map(|made| made.table.drop).collect()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// The session is to have a schema for temporary tables.
    pub(super) fn open_temporary(&mut self) {
        self.temporary.open();
        self.refresh_facts();
    }

    /// Notes what a statement made and dropped.
    pub(super) async fn account_for_temporary(
        &mut self,
        changes: &[TemporaryChange],
    ) -> Result<(), Failure> {
        if changes.is_empty() {
            return Ok(());
        }
        self.temporary.change(changes, true);
        self.refresh_facts();
        if self.transaction.status() == Status::Idle {
            self.end_temporary(SettingsEffect::Commit).await?;
        }
        Ok(())
    }

    /// The transaction has ended, if this says so.
    pub(super) async fn end_temporary(&mut self, effect: SettingsEffect) -> Result<(), Failure> {
        let rolled_back = match effect {
            SettingsEffect::Commit => false,
            SettingsEffect::Rollback => true,
            _ => return Ok(()),
        };
        let gone = self.temporary.ended(rolled_back);
        self.drop_each(gone).await
    }

    /// DISCARD TEMP.
    pub(super) async fn discard_temporary(&mut self) -> Result<(), Failure> {
        let gone = self.temporary.all();
        self.drop_each(gone).await
    }

    /// Leaves nothing behind.
    pub(super) async fn leave_nothing_temporary(&mut self) {
        let gone = self.temporary.all();
        if gone.is_empty() {
            return;
        }
        if self.drop_each(gone).await.is_err() {
            tracing::warn!(schema = ?self.temporary.schema, "temporary tables are left behind");
        }
    }

    /// What is refused was not there any more.
    async fn drop_each(&mut self, statements: Vec<String>) -> Result<(), Failure> {
        if statements.is_empty() {
            return Ok(());
        }
        self.leave_portal().await?;
        // The last may be what another one refers to.
        for text in statements.into_iter().rev() {
            if let Err(refusal) = self.lease().await?.try_run(&text).await? {
                tracing::debug!(text, ?refusal, "was not to be dropped");
            }
        }
        self.after(Effect::Schema);
        self.refresh_facts();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(name: &str, on_commit_drop: bool) -> TemporaryChange {
        TemporaryChange::Made(TemporaryTable {
            name: name.into(),
            drop: format!("DROP TABLE {name}"),
            on_commit_drop,
        })
    }

    #[test]
    fn tables_end_with_the_transaction_that_made_them_if_it_is_rolled_back() {
        let mut temporary = Temporary::default();
        assert_eq!(temporary.told(), None);
        temporary.open();
        temporary.change(&[made("a", false), made("b", true)], true);
        assert!(temporary.told().unwrap().ends_with(",a,b"));
        assert_eq!(temporary.ended(false), ["DROP TABLE b"]);
        temporary.change(&[made("c", false)], true);
        assert_eq!(temporary.ended(true), ["DROP TABLE c"]);
        temporary.change(&[TemporaryChange::Gone("a".into())], true);
        assert!(temporary.all().is_empty());
    }
}

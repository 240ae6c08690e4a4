//! Plans that depend on the schema: what the rules ask for is fetched, then they
//! are asked again.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::failure::Failure;
use super::transaction::Status;
use crate::diagnostic::Diagnostic;
use crate::line::TextRows;
use crate::rules::wit::{MetadataRows, Protocol};
use crate::rules::wit_plan::{Effect, Lookup, MetadataQuery};
use crate::rules::{Endless, Inquiry, Known, Plan, Query, Translation};
use crate::upstream::{Oid, Statement};

/// The savepoint before a question; those of clients and sequences are numbers.
const ASKED: &str = "asked";

/// A plan that a `lookup` led to.
#[derive(Clone)]
pub(crate) struct Lookedup {
    /// What the rules made of the text alone.
    pub(crate) asked: Arc<Translation>,
    /// The state of the schema that the plan is for.
    pub(crate) epoch: u64,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// The plan that can be carried out, and how it was come by if the schema
    /// was looked at.
    pub(super) async fn resolve(
        &mut self,
        translation: &Arc<Translation>,
        protocol: Protocol,
        parameter_types: &[Oid],
    ) -> Result<(Arc<Translation>, Option<Lookedup>), Failure> {
        let Plan::Lookup(first) = &translation.plan else {
            return Ok((Arc::clone(translation), None));
        };
        let looked = Lookedup {
            asked: Arc::clone(translation),
            epoch: self.schema_epoch(),
        };
        let mut inquiry = Inquiry::new(first.clone());
        loop {
            if inquiry.lookup.temporary {
                // What is made of the statement is this session's own.
                self.open_temporary();
            }
            let known = Known {
                offset: inquiry.lookup.offset,
                epoch: looked.epoch,
                metadata: &[],
            };
            if let Some(sampled) = &mut self.sampled {
                for query in inquiry.queries() {
                    if let Some(rows) = self.view.rows(looked.epoch, query) {
                        sampled.told(query, &rows);
                    }
                }
            }
            if let Some(found) = self.kept_plan(&inquiry.lookup, protocol, parameter_types, known) {
                return Ok((found, Some(looked)));
            }
            for query in inquiry.queries().to_vec() {
                inquiry.tell(self.metadata(&query, looked.epoch).await?);
            }
            let known = Known {
                metadata: inquiry.told(),
                ..known
            };
            let query = self.query_for(&inquiry.lookup, protocol, parameter_types, known);
            let generation = Arc::clone(&self.rules.generation);
            let answer = generation.translate(query).await?;
            let [answer] = &*answer else {
                return Err(Diagnostic::rules_failed().into());
            };
            match inquiry.heed(answer) {
                Ok(None) => {}
                Ok(Some(resolved)) => return Ok((resolved, Some(looked))),
                Err(Endless) => break,
            }
        }
        tracing::error!(
            generation = self.rules.generation.name(),
            "the rules go on asking about the schema"
        );
        Err(Diagnostic::rules_failed().into())
    }

    /// The state of the schema that this session sees.
    pub(super) fn schema_epoch(&self) -> u64 {
        self.view.epoch()
    }

    fn kept_plan(
        &self,
        lookup: &Lookup,
        protocol: Protocol,
        parameter_types: &[Oid],
        known: Known<'_>,
    ) -> Option<Arc<Translation>> {
        let query = self.query_for(lookup, protocol, parameter_types, known);
        self.rules.generation.kept(&query)?.first().cloned()
    }

    fn query_for<'a>(
        &'a self,
        lookup: &'a Lookup,
        protocol: Protocol,
        parameter_types: &'a [Oid],
        schema: Known<'a>,
    ) -> Query<'a> {
        Query {
            text: &lookup.text,
            protocol,
            parameter_types,
            facts: &self.facts,
            schema,
        }
    }

    /// The rows of one query, from this epoch's if it was asked before.
    async fn metadata(
        &mut self,
        query: &MetadataQuery,
        epoch: u64,
    ) -> Result<Arc<MetadataRows>, Failure> {
        if let Some(rows) = self.view.rows(epoch, query) {
            return Ok(rows);
        }
        let rows = Arc::new(self.ask(query).await?);
        self.view.keep(epoch, query, &rows);
        if let Some(sampled) = &mut self.sampled {
            sampled.told(query, &rows);
        }
        Ok(rows)
    }

    /// The rows of one query, as the upstream has them now.
    pub(super) async fn ask(&mut self, query: &MetadataQuery) -> Result<MetadataRows, Failure> {
        self.heed_interruption().await?;
        self.leave_portal().await?;
        self.settle_counters().await?;
        let (columns, rows) = if self.rules.is_known {
            match self.fetched(&query.text).await? {
                Ok(found) => found,
                Err(_) if query.optional => Default::default(),
                Err(error) => return Err(self.upstream_error(error)),
            }
        } else {
            self.ask_stranger(&query.text).await?
        };
        Ok(MetadataRows {
            name: query.name.clone(),
            columns,
            rows,
        })
    }

    /// The rows of one query on a server that may be no IRIS: what it refuses is not known of
    /// its tables, and the transaction goes on as if nobody had asked.
    async fn ask_stranger(&mut self, text: &str) -> Result<TextRows, Failure> {
        let guarded = self.transaction.status() != Status::Idle;
        if guarded {
            self.run_named(|housekeeping| &housekeeping.savepoint, ASKED)
                .await?;
        }
        match self.fetched(text).await? {
            Ok(found) => Ok(found),
            Err(refusal) => {
                tracing::warn!(text, %refusal, "the tables of this server are not known");
                if guarded {
                    self.run_named(|housekeeping| &housekeeping.rollback_to, ASKED)
                        .await?;
                }
                Ok(TextRows::default())
            }
        }
    }

    /// What a statement's effect means for what is remembered.
    pub(super) fn after(&mut self, effect: Effect) {
        if effect == Effect::Schema {
            self.rules.schemas.forget(self.pool.namespace());
            self.pool.server().note_definition();
            if let Some(lease) = &mut self.lease {
                lease.forget_statements();
            }
        }
    }

    /// A prepared statement failed as one does whose result has changed since it was described,
    /// by a definition that did not come through the broker or went only half its way: "cached
    /// plan must not change result type". Nothing of it was carried out.
    pub(super) fn doubt(&mut self, statement: &Statement, failure: &Failure) {
        if let Failure::Statement(diagnostic) = failure
            && diagnostic.sqlstate == "0A000"
            && let Some(lease) = &mut self.lease
        {
            lease.forget(statement);
            self.is_outdated = true;
        }
    }

    /// A plan that was made from the schema failed for a reason that a changed
    /// schema would explain: class 42, "syntax error or access rule violation".
    pub(super) fn distrust(&self, looked: Option<&Lookedup>, failure: &Failure) {
        if let (Some(looked), Failure::Statement(diagnostic)) = (looked, failure)
            && diagnostic.sqlstate.starts_with("42")
            && looked.epoch == self.schema_epoch()
        {
            self.rules.schemas.forget(self.pool.namespace());
        }
    }
}

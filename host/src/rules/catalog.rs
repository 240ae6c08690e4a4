//! Snapshots of the catalogue: each is a resource in an instance of its own.

use std::sync::Arc;

use wasmtime::Store;
use wasmtime::component::{InstancePre, ResourceAny};

use super::budget::Share;
use super::instance::{InstanceState, Trap, begin_call, deadline, store};
use super::workshop::Workshop;
use super::{wit, wit_plan};

mod bindings;

use bindings::exports::pgiris::rules::{catalog as guest, plan, translator};
use bindings::{RulesWithCatalog, RulesWithCatalogPre};

/// A component that answers queries on the catalogue.
pub(super) struct CatalogPre(RulesWithCatalogPre<InstanceState>);

/// What an answer depends on beside the snapshot.
pub(crate) struct Asker {
    pub(crate) context: Arc<wit::Context>,
    /// Every setting, as SHOW prints it.
    pub(crate) settings: Vec<(String, String)>,
    /// The process id of BackendKeyData.
    pub(crate) process: u32,
    /// When the transaction began and when the message came, in microseconds since 1970.
    pub(crate) starts: [i64; 2],
}

/// Rows in text form; none is NULL.
pub(crate) type TextRows = Vec<Vec<Option<String>>>;

/// The catalogue of one namespace as one user saw it. A failed call leaves it unusable.
pub(crate) struct Snapshot {
    store: Store<InstanceState>,
    component: RulesWithCatalog,
    resource: ResourceAny,
    deadline: u64,
    budget: guest::Budget,
}

impl CatalogPre {
    /// None: the component does not export it.
    pub(super) fn of(pre: &InstancePre<InstanceState>) -> Option<Self> {
        RulesWithCatalogPre::new(pre.clone()).ok().map(Self)
    }

    fn instance(
        &self,
        workshop: &Workshop,
    ) -> Result<(Store<InstanceState>, RulesWithCatalog), Trap> {
        let (limits, budget) = (&workshop.limits, &workshop.catalog_budget);
        let memory = limits.catalog_memory.min(budget.largest());
        let mut store = store(self.0.engine(), memory, Share::of(budget));
        store.set_epoch_deadline(deadline(limits, workshop.tick));
        let component = self.0.instantiate(&mut store).map_err(Trap::from)?;
        Ok((store, component))
    }

    /// The queries that a snapshot is built from, beside those that are answered.
    pub(super) fn metadata(
        &self,
        context: &wit::Context,
        known: &[wit_plan::MetadataRows],
        workshop: &Workshop,
    ) -> Result<Vec<wit_plan::MetadataQuery>, Trap> {
        let (mut store, component) = self.instance(workshop)?;
        let queries = component
            .pgiris_rules_catalog()
            .call_metadata(&mut store, &own_context(context), &own_rows(known))
            .map_err(Trap::from)?;
        Ok(queries
            .into_iter()
            .map(|query| wit_plan::MetadataQuery {
                name: query.name,
                text: query.text,
                optional: query.optional,
            })
            .collect())
    }

    /// A snapshot of those rows.
    pub(super) fn build(
        &self,
        context: &wit::Context,
        metadata: &[wit_plan::MetadataRows],
        workshop: &Workshop,
    ) -> Result<Result<Snapshot, wit::Diagnostic>, Trap> {
        let (mut store, component) = self.instance(workshop)?;
        let rows = own_rows(metadata);
        let built = component
            .pgiris_rules_catalog()
            .snapshot()
            .call_build(&mut store, &own_context(context), &rows)
            .map_err(Trap::from)?;
        Ok(built.map_err(own_diagnostic).map(|resource| Snapshot {
            store,
            component,
            resource,
            deadline: deadline(&workshop.limits, workshop.tick),
            budget: guest::Budget {
                steps: workshop.limits.catalog_steps,
                bytes: workshop.limits.catalog_bytes,
            },
        }))
    }
}

impl Snapshot {
    /// The rows of a plan.
    pub(super) fn run(
        &mut self,
        asker: &Asker,
        query: &wit_plan::CatalogQuery,
        parameters: &[Option<String>],
        as_oids: &[u32],
    ) -> Result<Result<TextRows, wit::Diagnostic>, Trap> {
        begin_call(&mut self.store, self.deadline);
        let query = plan::CatalogQuery {
            text: query.text.clone(),
            parameters: query.parameters.clone(),
            // The component knows them from the text.
            columns: Vec::new(),
            tag: plan::Tag {
                word: query.tag.word.clone(),
                counted: query.tag.counted,
            },
        };
        let answer = self
            .component
            .pgiris_rules_catalog()
            .snapshot()
            .call_run(
                &mut self.store,
                self.resource,
                &own_context(&asker.context),
                &own_session(asker),
                &query,
                parameters,
                as_oids,
                self.budget,
            )
            .map_err(Trap::from)?;
        Ok(answer.map_err(own_diagnostic))
    }
}

/// The generated types of the two worlds are not the same to the compiler.
fn own_context(context: &wit::Context) -> translator::Context {
    translator::Context {
        iris: translator::IrisVersion {
            year: context.iris.year,
            release: context.iris.release,
        },
        user: context.user.clone(),
        database: context.database.clone(),
        settings: context.settings.clone(),
    }
}

fn own_session(asker: &Asker) -> guest::Session {
    let [transaction_start, statement_start] = asker.starts;
    guest::Session {
        settings: asker.settings.clone(),
        process: asker.process,
        transaction_start,
        statement_start,
    }
}

fn own_rows(rows: &[wit_plan::MetadataRows]) -> Vec<plan::MetadataRows> {
    rows.iter()
        .map(|rows| plan::MetadataRows {
            name: rows.name.clone(),
            columns: rows.columns.clone(),
            rows: rows.rows.clone(),
        })
        .collect()
}

fn own_diagnostic(diagnostic: plan::Diagnostic) -> wit::Diagnostic {
    wit::Diagnostic {
        severity: wit_plan::Severity::Error,
        sqlstate: diagnostic.sqlstate,
        message: diagnostic.message,
        detail: diagnostic.detail,
        hint: diagnostic.hint,
        position: diagnostic.position,
        schema: diagnostic.schema,
        table: diagnostic.table,
        column: diagnostic.column,
        constraint: diagnostic.constraint,
    }
}

//! The catalogue that PostgreSQL's clients ask: which statements are about it, what
//! IRIS is asked for it, and its rows.

use pgiris_catalog::{Catalog, Failure};

use crate::wit::{
    Budget, CatalogQuery, CatalogSession, Context, Diagnostic, GuestSnapshot, MetadataQuery,
    MetadataRows, Snapshot,
};

mod columns;
mod constraints;
mod defaults;
mod indexes;
mod kept;
mod metadata;
mod numbers;
pub(crate) mod query;
mod rows;
pub(crate) mod schemas;
mod sequences;
mod server;
mod session;
mod system;
mod tables;
mod types;

pub(crate) use numbers::{of_table as number_of_table, of_type as number_of_type};
pub(crate) use sequences::of_column as name_of_counter;

/// A snapshot that a component holds.
pub struct Held(Catalog);

impl GuestSnapshot for Held {
    fn build(context: Context, metadata: Vec<MetadataRows>) -> Result<Snapshot, Diagnostic> {
        Ok(Snapshot::new(Self(build(&context, &metadata)?)))
    }

    fn run(
        &self,
        context: Context,
        session: CatalogSession,
        query: CatalogQuery,
        parameters: Vec<Option<String>>,
        as_oids: Vec<u32>,
        budget: Budget,
    ) -> Result<Vec<Vec<Option<String>>>, Diagnostic> {
        let session = session::of(&context, &session);
        query::rows(&self.0, &session, &query, (&parameters, &as_oids), budget)
    }
}

/// What a snapshot is built from, beside what is known.
pub fn metadata(known: &[MetadataRows]) -> Vec<MetadataQuery> {
    metadata::queries(known)
}

/// The catalogue of a namespace as a user sees it.
///
/// # Errors
/// Never for rows that the queries of [`metadata`] gave.
pub fn build(context: &Context, metadata: &[MetadataRows]) -> Result<Catalog, Diagnostic> {
    let mut catalog = Catalog::new(context.user.as_str(), context.database.as_str());
    let mut schema = tables::Schema::read(metadata);
    fill(&mut catalog, context, &mut schema).map_err(diagnostic)?;
    Ok(catalog)
}

fn fill(
    catalog: &mut Catalog,
    context: &Context,
    schema: &mut tables::Schema,
) -> Result<(), Failure> {
    let mut rows = rows::Rows::default();
    server::add(&mut rows, context, schema);
    types::add(&mut rows, schema);
    sequences::add(&mut rows, schema);
    system::add(&mut rows);
    columns::add(&mut rows, schema);
    indexes::add(&mut rows, schema);
    constraints::add(&mut rows, schema);
    rows.give(catalog)
}

/// A failure of the evaluator for the client.
pub(crate) fn diagnostic(failure: Failure) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(failure.sqlstate, failure.message);
    diagnostic.hint = failure.hint;
    diagnostic.position = failure.position;
    diagnostic
}

#[cfg(test)]
mod tests;

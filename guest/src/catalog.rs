//! The catalogue that PostgreSQL's clients ask: which statements are about it, what
//! IRIS is asked for it, and its rows.

use pgiris_catalog::{Catalog, Failure, Session};

use crate::wit::{
    Budget, CatalogQuery, Context, Diagnostic, GuestSnapshot, MetadataQuery, MetadataRows, Snapshot,
};

mod columns;
mod constraints;
mod defaults;
mod indexes;
mod metadata;
mod numbers;
pub(crate) mod query;
mod rows;
mod server;
mod system;
mod tables;

/// A snapshot that a component holds.
pub struct Held(Catalog);

impl GuestSnapshot for Held {
    fn build(context: Context, metadata: Vec<MetadataRows>) -> Result<Snapshot, Diagnostic> {
        Ok(Snapshot::new(Self(build(&context, &metadata)?)))
    }

    fn run(
        &self,
        context: Context,
        query: CatalogQuery,
        parameters: Vec<Option<String>>,
        budget: Budget,
    ) -> Result<Vec<Vec<Option<String>>>, Diagnostic> {
        query::rows(&self.0, &context, &query, &parameters, budget)
    }
}

/// What a snapshot is built from.
pub fn metadata() -> Vec<MetadataQuery> {
    metadata::queries()
}

/// The catalogue of a namespace as a user sees it.
///
/// # Errors
/// Never for rows that the queries of [`metadata`] gave.
pub fn build(context: &Context, metadata: &[MetadataRows]) -> Result<Catalog, Diagnostic> {
    let mut catalog = Catalog::new(context.user.as_str(), context.database.as_str());
    let schema = tables::Schema::read(metadata);
    fill(&mut catalog, context, &schema).map_err(diagnostic)?;
    Ok(catalog)
}

fn fill(catalog: &mut Catalog, context: &Context, schema: &tables::Schema) -> Result<(), Failure> {
    let mut rows = rows::Rows::default();
    server::add(&mut rows, context, schema);
    system::add(&mut rows);
    columns::add(&mut rows, schema);
    indexes::add(&mut rows, schema);
    constraints::add(&mut rows, schema);
    rows.give(catalog)
}

/// What a session's settings mean for an answer.
pub(crate) fn session(context: &Context) -> Session {
    let mut session = Session::plain();
    for (name, value) in &context.settings {
        session.settings.insert(name.to_lowercase(), value.clone());
    }
    let version = session
        .settings
        .get("server_version")
        .cloned()
        .unwrap_or_else(|| "15.0".to_owned());
    session
        .settings
        .insert("version".to_owned(), format!("PostgreSQL {version}"));
    if let Some(path) = session.settings.get("search_path").cloned() {
        let mut schemas = vec!["pg_catalog".to_owned()];
        for part in path.split(',') {
            let name = part.trim().trim_matches('"');
            let name = if name == "$user" { &context.user } else { name };
            if !schemas.iter().any(|known| known == name) {
                schemas.push(name.to_owned());
            }
        }
        session.path = schemas;
    }
    session
}

/// A failure of the evaluator for the client.
pub(crate) fn diagnostic(failure: Failure) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(failure.sqlstate, failure.message);
    diagnostic.hint = failure.hint;
    diagnostic.position = failure.position;
    diagnostic
}

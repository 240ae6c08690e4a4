//! The views of `pg_catalog` and `information_schema`, as queries on the relations.

use sqlparser::ast::{SetExpr, Statement};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

use crate::bind;
use crate::catalog::{Catalog, Scene};
use crate::definition::Definition;
use crate::failure::{Failure, Result};
use crate::run::{Budget, Execution};
use crate::session::Session;
use crate::value::Row;

/// View and query, one after the other: `-- schema.name`, then its text.
const VIEWS: &str = concat!(
    include_str!("../views/pg_catalog.sql"),
    include_str!("../views/statistics.sql"),
    include_str!("../views/information_schema.sql"),
);

/// For a view over the largest catalogue that is served.
const BUDGET: Budget = Budget {
    steps: 50_000_000,
    bytes: 100_000_000,
};

/// The rows of a view; none if the relation is not one.
pub(crate) fn rows(catalog: &Catalog, definition: &Definition) -> Result<Option<Vec<Row>>> {
    let Some(text) = text(definition.schema, definition.name) else {
        return Ok(None);
    };
    let broken = |error: String| {
        let name = definition.name;
        Failure::new("XX000", format!("the view \"{name}\" is broken: {error}"))
    };
    let mut statements = Parser::parse_sql(&PostgreSqlDialect {}, text)
        .map_err(|error| broken(error.to_string()))?;
    let Some(Statement::Query(query)) = statements.pop() else {
        return Err(broken("no query".to_owned()));
    };
    debug_assert!(matches!(
        *query.body,
        SetExpr::Select(_) | SetExpr::SetOperation { .. }
    ));
    let bound = bind::bind(&query, &[]).map_err(|failure| broken(failure.to_string()))?;
    let session = Session::plain();
    let scene = Scene {
        catalog,
        session: &session,
    };
    let execution = Execution::new(scene, &[], BUDGET);
    let rows = execution.rows(&bound.query, None)?;
    // As the definition has its columns: the query may give fewer.
    let width = definition.columns.len();
    Ok(Some(
        rows.iter()
            .map(|row| {
                let mut row = row.to_vec();
                row.resize(width, crate::value::Value::Null);
                row.into()
            })
            .collect(),
    ))
}

/// Whether the rows of a relation are made from those of others.
pub fn is_view(schema: &str, name: &str) -> bool {
    text(schema, name).is_some()
}

fn text(schema: &str, name: &str) -> Option<&'static str> {
    let heading = format!("-- {schema}.{name}\n");
    let (_, rest) = VIEWS.split_once(heading.as_str())?;
    Some(rest.split("\n-- ").next().unwrap_or(rest))
}

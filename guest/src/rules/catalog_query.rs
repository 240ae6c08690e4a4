//! # What it does
//! Answers queries on `pg_catalog` and `information_schema` from a snapshot of what IRIS
//! tells of its tables. Elsewhere the schema is left out before PostgreSQL's functions.
//!
//! # Why
//! IRIS has no `pg_catalog`, and an INFORMATION_SCHEMA of its own.
//!
//! # Example
//! `SELECT relname FROM pg_class` is answered by the broker.
//!
//! # Limits
//! A query that names stored tables as well is refused. One on calls of PostgreSQL's functions alone
//! (`SELECT * FROM current_schema()`) is answered as well, if the catalogue has them. `INFORMATION_SCHEMA.TABLES` in
//! capitals is IRIS's own, as its clients write it; with small letters in either place it is PostgreSQL's.
//!
//! # Versions
//! All.

use sqlparser::ast::{Expr, Statement};

use crate::catalog::query::{Concern, concern, plan};
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk;
use crate::wit::{Diagnostic, Plan};

pub(crate) struct CatalogueQuery;

impl Rule for CatalogueQuery {
    fn name(&self) -> &'static str {
        "catalog_query"
    }

    fn summary(&self) -> &'static str {
        "answers queries on pg_catalog and information_schema"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::CATALOG.and(Marks::SOURCE_CALL))
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        match concern(tree) {
            Concern::None => unqualified(tree),
            Concern::Mixed => Err(Diagnostic::not_supported(
                "a query on both the catalogue and stored tables is not supported",
                "ask the catalogue first, and pass its answer as parameters",
            )),
            Concern::Catalog => {
                let Statement::Query(query) = tree else {
                    return Ok(false);
                };
                let plan = plan(query, pass.statement, &pass.parameters)?;
                pass.plan = Some(Plan::Catalog(plan));
                Ok(true)
            }
        }
    }
}

/// Leaves the schema out of calls: IRIS has its own functions in none.
fn unqualified(tree: &mut Statement) -> Diagnosed<bool> {
    let mut changed = false;
    walk::expressions(tree, &mut |expression| {
        if let Expr::Function(function) = expression
            && let [schema, _] = function.name.0.as_slice()
            && schema
                .as_ident()
                .is_some_and(|schema| schema.value.eq_ignore_ascii_case("pg_catalog"))
        {
            function.name.0.remove(0);
            changed = true;
        }
        Ok(())
    })?;
    Ok(changed)
}

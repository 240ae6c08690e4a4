//! PostgreSQL's system catalogue as tables in memory, and the evaluator of queries on it.
//!
//! Pure: a query is a function of its text, its parameters, the snapshot and the
//! settings of the session. Names and types are settled first (`bind`), without a look
//! at any row, so that a statement can be described before there is a snapshot; then
//! the plan is carried out (`run`) within a budget.

mod aggregate;
mod bind;
mod cast;
mod catalog;
mod constant;
mod definition;
mod failure;
mod functions;
mod join;
mod json;
mod moment;
mod names;
mod ordering;
mod plan;
mod recursion;
mod run;
mod select;
mod session;
mod settings;
mod subscript;
mod text;
mod types;
mod value;
mod views;

use sqlparser::ast::Query;

pub use catalog::Catalog;
pub use constant::default_operator_class;
pub use definition::{Definition, all as relations, named as relation};
pub use failure::{Failure, Result};
pub use functions::{gives_one_value, gives_rows, has_function};
pub use names::quote_ident;
pub use plan::{Column, Origin};
pub use run::Budget;
pub use session::{Session, is_of_session};
pub use types::{Category, Type};
pub use value::{Array, Row, Value};
pub use views::is_view;

use catalog::Scene;

/// What is known of a query before it runs.
#[derive(Debug)]
pub struct Description {
    /// Of the result.
    pub columns: Vec<Column>,
    /// Of the parameters, from `$1`.
    pub parameters: Vec<Type>,
}

/// A result, in text form.
#[derive(Debug)]
pub struct Answer {
    /// As in the description.
    pub columns: Vec<Column>,
    /// By column; none is NULL.
    pub rows: Vec<Vec<Option<String>>>,
}

/// The columns and parameters of a query; `declared` are the types that the client
/// gave its parameters, 0 or missing where it gave none.
///
/// # Errors
///
/// As PostgreSQL's parse analysis: names, types, and what this evaluator lacks.
pub fn describe(query: &Query, declared: &[Type]) -> Result<Description> {
    let bound = bind::bind(query, declared)?;
    Ok(Description {
        columns: bound.query.columns,
        parameters: bound.parameters,
    })
}

/// Runs a query with parameters in text form. Names of objects are their OIDs in the
/// columns whose numbers are `as_oids`.
///
/// # Errors
///
/// Those of [`describe`], those of the values that are met, and `54000` beyond the
/// budget.
pub fn run(
    catalog: &Catalog,
    session: &Session,
    query: &Query,
    declared: &[Type],
    parameters: &[Option<String>],
    as_oids: &[u32],
    budget: Budget,
) -> Result<Answer> {
    let bound = bind::bind(query, declared)?;
    let scene = Scene { catalog, session };
    let mut values = Vec::with_capacity(bound.parameters.len());
    for (number, kind) in bound.parameters.iter().enumerate() {
        values.push(match parameters.get(number) {
            Some(Some(shown)) => text::input(scene, *kind, shown)?,
            _ => Value::Null,
        });
    }
    let execution = run::Execution::new(scene, &values, budget);
    let rows = execution.rows(&bound.query, None)?;
    let columns = bound.query.columns;
    let kinds: Vec<Type> = columns
        .iter()
        .zip(0_u32..)
        .map(|(column, place)| match as_oids.contains(&place) {
            true => column.kind.without_names(),
            false => column.kind,
        })
        .collect();
    let shown = rows
        .iter()
        .map(|row| {
            kinds
                .iter()
                .zip(row.iter())
                .map(|(kind, value)| text::output(scene, *kind, value))
                .collect()
        })
        .collect();
    Ok(Answer {
        columns,
        rows: shown,
    })
}

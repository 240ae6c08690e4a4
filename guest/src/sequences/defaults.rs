//! Columns whose default is the next value of a sequence: an INSERT that leaves one out
//! asks for the value.

use sqlparser::ast::{Expr, Insert, ObjectName, Parens, SelectItem, SetExpr, Spanned, Values};

use crate::always_generated;
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::relations::{Identity, Relation};
use crate::rule::Pass;
use crate::rules::value_rows;
use crate::wit::Diagnostic;
use crate::writing::is_default;

/// Writes the calls; tells whether there are any.
pub(crate) fn filled(insert: &mut Insert, relation: &Relation, pass: &Pass<'_>) -> Diagnosed<bool> {
    let defaults = relation.sequences.as_slice();
    if defaults.is_empty() {
        return Ok(false);
    }
    list_columns(insert, relation);
    let given: Vec<String> = insert
        .columns
        .iter()
        .map(|name| labels::of_name(name).unwrap_or_default())
        .collect();
    let overriding = Overriding::of(insert);
    let mut changed = written(insert, &given, relation, overriding, pass)?;
    for (column, sequence) in defaults {
        if given.iter().any(|name| name.eq_ignore_ascii_case(column)) {
            continue;
        }
        if !appended(insert, &next(sequence)) {
            return Err(Diagnostic::not_supported(
                format!("INSERT … SELECT that leaves \"{column}\" to a sequence is not supported"),
                "insert the rows by VALUES",
            )
            .at(pass.text, 0));
        }
        let column = labels::identifier(&column.to_lowercase());
        insert.columns.push(ObjectName::from(vec![column]));
        changed = true;
    }
    Ok(changed)
}

/// Lists the columns that an INSERT without a list means; for DEFAULT VALUES, none.
fn list_columns(insert: &mut Insert, relation: &Relation) {
    if insert.source.is_none() && insert.assignments.is_empty() {
        insert.source = Some(Box::new(build::query(SetExpr::Values(Values {
            explicit_row: false,
            value_keyword: false,
            rows: vec![Parens::with_empty_span(Vec::new())],
        }))));
        return;
    }
    if !insert.columns.is_empty() {
        return;
    }
    let rows = value_rows::rows(insert);
    let width = rows.and_then(|values| Some(values.rows.first()?.content.len()));
    let width = width.unwrap_or(relation.columns.len());
    let names = relation.columns.iter().take(width);
    insert.columns = names
        .map(|column| ObjectName::from(vec![labels::identifier(&column.name.to_lowercase())]))
        .collect();
}

/// What an INSERT says of values for identity columns; see `reader::overriding`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Overriding {
    Nothing,
    /// OVERRIDING SYSTEM VALUE: they are taken.
    System,
    /// OVERRIDING USER VALUE: they are not.
    User,
}

impl Overriding {
    fn of(insert: &Insert) -> Self {
        match (insert.overwrite, insert.has_table_keyword) {
            (false, _) => Self::Nothing,
            (true, false) => Self::System,
            (true, true) => Self::User,
        }
    }
}

/// The call in place of DEFAULT, and of a value that is overridden.
///
/// # Errors
/// A value for a column that takes none.
fn written(
    insert: &mut Insert,
    given: &[String],
    relation: &Relation,
    overriding: Overriding,
    pass: &Pass<'_>,
) -> Diagnosed<bool> {
    let Some(values) = value_rows::rows(insert) else {
        let mut names = given.iter();
        let always = names.find(|name| relation.identity(name) == Some(Identity::Always));
        return match always {
            Some(name) if overriding != Overriding::System => Err(not_overridden(name)),
            _ => Ok(false),
        };
    };
    let mut changed = false;
    for row in &mut values.rows {
        for (name, value) in given.iter().zip(&mut row.content) {
            let mut defaults = relation.sequences.iter();
            let Some((_, sequence)) =
                defaults.find(|(column, _)| column.eq_ignore_ascii_case(name))
            else {
                continue;
            };
            let identity = relation.identity(name);
            let is_overridden = identity.is_some() && overriding == Overriding::User;
            if is_default(value) || is_overridden {
                *value = next(sequence);
                changed = true;
            } else if identity == Some(Identity::Always) && overriding == Overriding::Nothing {
                let place = value.span().start.column.saturating_sub(1) as usize;
                return Err(not_overridden(name).at(pass.text, place));
            }
        }
    }
    Ok(changed)
}

fn not_overridden(name: &str) -> Diagnostic {
    always_generated::inserted(Some(name)).with_hint("Use OVERRIDING SYSTEM VALUE to override.")
}

/// One more value in each row.
fn appended(insert: &mut Insert, value: &Expr) -> bool {
    if let Some(values) = value_rows::rows(insert) {
        for row in &mut values.rows {
            row.content.push(value.clone());
        }
        return true;
    }
    match insert.source.as_mut().map(|source| &mut *source.body) {
        Some(SetExpr::Select(select)) if select.from.is_empty() => {
            select
                .projection
                .push(SelectItem::UnnamedExpr(value.clone()));
            true
        }
        _ => false,
    }
}

fn next(sequence: &str) -> Expr {
    build::call("nextval", vec![build::string(sequence)])
}

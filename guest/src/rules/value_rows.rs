//! # What it does
//! Inserts the rows of one `VALUES` one after the other, all or none: rows that
//! differ in literals and parameters alone as one statement that is prepared once,
//! and that runs for each of them.
//!
//! # Why
//! IRIS's `INSERT` takes one row. (InterSystems SQL Reference, "INSERT".)
//!
//! # Example
//! `INSERT INTO t (a) VALUES (1), (2)` becomes `INSERT INTO t (a) VALUES (?)`, run
//! for 1 and for 2.
//!
//! # Limits
//! Expressions stay in the statement: if the rows have different ones, each is a
//! statement of its own. Rows that ask the table they go to are asked for together, at most 100.
//!
//! # Versions
//! All.

use std::sync::Arc;

use sqlparser::ast::{
    Expr, Insert, ObjectName, OnConflictAction, OnInsert, Parens, SetExpr, Spanned, Statement,
    TableObject, UnaryOperator, Value, Values,
};

use super::on_conflict;
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look;
use crate::part::{Part, Times};
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::relations::TableName;
use crate::rule::{Pass, Rule};
use crate::types::{self, oid};
use crate::walk;
use crate::wit::{Argument, Diagnostic, Oid};
use crate::writing;
use crate::writing::proposed::columns;

pub(crate) struct ValueRows;

impl Rule for ValueRows {
    fn name(&self) -> &'static str {
        "value_rows"
    }

    fn summary(&self) -> &'static str {
        "inserts the rows of one VALUES one after the other"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::CLAUSE)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let Statement::Insert(insert) = tree else {
            return Ok(false);
        };
        let Some(values) = rows(insert).filter(|values| values.rows.len() > 1) else {
            return Ok(false);
        };
        let mut all = std::mem::take(&mut values.rows);
        let width = all.first().map_or(0, |row| row.content.len());
        if let Some(row) = all.iter().find(|row| row.content.len() != width) {
            let error = Diagnostic::error("42601", "VALUES lists must all be the same length");
            return Err(match row.content.first() {
                Some(first) => error.at(
                    pass.text,
                    first.span().start.column.saturating_sub(1) as usize,
                ),
                None => error,
            });
        }
        on_conflict::refuse_twice(insert, &all, pass)?;
        let asks = asks_own(insert, &all, pass);
        let together = updates(insert) || asks;
        if together {
            write_defaults(insert, &mut all, pass);
        }
        if asks {
            return inserted_together(insert, all, pass);
        }
        let original = together.then(|| all.clone());
        for column in 0..width {
            bind(all.iter_mut().filter_map(|row| row.content.get_mut(column)));
        }
        let one = |row: Parens<Vec<Expr>>| {
            let mut one = insert.clone();
            if let Some(values) = self::rows(&mut one) {
                values.rows = vec![row];
            }
            Part::whole(Statement::Insert(one))
        };
        let parts = match (alike(&mut all, pass), original) {
            (Some((row, values)), _) => vec![Part {
                repetition: Times::ForRows(Arc::new(values)),
                ..one(row)
            }],
            (None, Some(original)) => {
                select_all(insert, original, "ON CONFLICT DO UPDATE of these rows")?;
                return Ok(true);
            }
            (None, None) => all.into_iter().map(one).collect(),
        };
        pass.split = Some(parts);
        Ok(true)
    }
}

/// Whether a row asks the table that it goes to: no row sees another of its statement.
fn asks_own(insert: &Insert, rows: &[Parens<Vec<Expr>>], pass: &Pass<'_>) -> bool {
    let TableObject::TableName(name) = &insert.table else {
        return false;
    };
    let Some(own) = TableName::of(name) else {
        return false;
    };
    let mut values = rows.iter().flat_map(|row| &row.content);
    values.any(|value| look::has_query(value) && writing::reads(value, &own, pass))
}

/// Asks for all rows before the first of them is inserted.
fn inserted_together(
    insert: &mut Insert,
    mut rows: Vec<Parens<Vec<Expr>>>,
    pass: &mut Pass<'_>,
) -> Diagnosed<bool> {
    leave_out_defaults(insert, &mut rows, pass);
    type_alone(insert, &rows, pass);
    select_all(insert, rows, "several rows that ask the table they go to")?;
    if insert.on.is_some() || insert.returning.is_some() {
        return Ok(true);
    }
    let Some((query, repetition)) = writing::kept_query(insert, pass) else {
        return Ok(true);
    };
    let inserted = Part {
        repetition,
        counted: true,
        ..Part::new(Statement::Insert(insert.clone()))
    };
    pass.split = Some(vec![query, inserted]);
    Ok(true)
}

/// A parameter that is a value alone has the type of its column.
fn type_alone(insert: &Insert, rows: &[Parens<Vec<Expr>>], pass: &mut Pass<'_>) {
    let Some(relation) = writing::relation_of(insert, pass) else {
        return;
    };
    let names = columns(insert, relation);
    let pairs = rows.iter().flat_map(|row| names.iter().zip(&row.content));
    for (name, value) in pairs {
        if let Some(number) = placeholder::number_of(value)
            && let Some(column) = relation.column(name).filter(|one| one.vector.is_none())
        {
            pass.parameter_type(number, column.type_oid);
        }
    }
}

/// Leaves out the columns that have their default in all rows.
fn leave_out_defaults(insert: &mut Insert, rows: &mut [Parens<Vec<Expr>>], pass: &Pass<'_>) {
    let Some(relation) = writing::relation_of(insert, pass) else {
        return;
    };
    let names = columns(insert, relation);
    let width = rows.first().map_or(0, |row| row.content.len());
    let is_left = |place: usize| {
        let mut values = rows.iter().filter_map(|row| row.content.get(place));
        values.all(writing::is_default)
    };
    let places: Vec<usize> = (0..width).filter(|place| !is_left(*place)).collect();
    if places.is_empty() || places.len() == width || names.len() < width {
        return;
    }
    let kept = places.iter().filter_map(|place| names.get(*place));
    insert.columns = kept
        .map(|name| ObjectName::from(vec![labels::identifier(name)]))
        .collect();
    for row in rows {
        let values = std::mem::take(&mut row.content).into_iter().enumerate();
        let kept = values.filter(|(place, _)| places.contains(place));
        row.content = kept.map(|(_, value)| value).collect();
    }
}

/// Whether a row that clashes updates the one that is there.
fn updates(insert: &Insert) -> bool {
    matches!(&insert.on, Some(OnInsert::OnConflict(conflict))
        if matches!(conflict.action, OnConflictAction::DoUpdate(_)))
}

/// Writes the default of a column in place of DEFAULT, where some rows have another value: what
/// clashes is told of all rows alike.
fn write_defaults(insert: &Insert, rows: &mut [Parens<Vec<Expr>>], pass: &mut Pass<'_>) {
    let Some(relation) = writing::relation_of(insert, pass) else {
        return;
    };
    for (place, name) in columns(insert, relation).iter().enumerate() {
        let values = || rows.iter().filter_map(|row| row.content.get(place));
        if values().all(writing::is_default) || !values().any(writing::is_default) {
            continue;
        }
        let column = relation.column(name);
        let Some(default) = column.and_then(|column| writing::default_of(column, pass)) else {
            continue;
        };
        for row in rows.iter_mut() {
            if let Some(value) = row.content.get_mut(place)
                && writing::is_default(value)
            {
                *value = default.clone();
            }
        }
    }
}

/// Makes a query of rows that must be known together.
fn select_all(insert: &mut Insert, rows: Vec<Parens<Vec<Expr>>>, what: &str) -> Diagnosed<()> {
    let rows: Vec<Vec<Expr>> = rows.into_iter().map(|row| row.content).collect();
    // A query is printed and read again leg within leg.
    let refused = rows.len() > MOST_LEGS || rows.iter().flatten().any(writing::is_default);
    let query = writing::union(rows).filter(|_| !refused);
    insert.source = Some(Box::new(query.ok_or_else(|| {
        Diagnostic::not_supported(
            format!("{what} is not supported"),
            "give all rows the same expressions, or insert them one by one",
        )
    })?));
    Ok(())
}

/// The longest UNION ALL that rows are written as.
const MOST_LEGS: usize = 100;

/// A row of VALUES.
type Row = Parens<Vec<Expr>>;

/// The rows as one, with the values that each has in it; none if they differ in
/// more than values.
fn alike(rows: &mut [Parens<Vec<Expr>>], pass: &mut Pass<'_>) -> Option<(Row, Vec<Vec<Argument>>)> {
    let mut common: Option<Parens<Vec<Expr>>> = None;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let mut row = row.clone();
        let mut values = Vec::with_capacity(row.content.len());
        for expression in &mut row.content {
            type_parameters(expression, pass);
            walk::outside_queries(expression, &mut |expression| {
                if let Some(value) = placeholder::argument_of(expression) {
                    let place = u32::try_from(values.len()).unwrap_or(u32::MAX);
                    *expression = placeholder::row(place);
                    values.push(value);
                }
            });
        }
        match &common {
            Some(first) if first.content != row.content => return None,
            Some(_) => {}
            None => common = Some(row),
        }
        all.push(values);
    }
    Some((common?, all))
}

/// Notes what a cast says of a parameter, which then is hidden.
fn type_parameters(expression: &mut Expr, pass: &mut Pass<'_>) {
    if matches!(expression, Expr::Value(_)) {
        return;
    }
    walk::outside_queries(expression, &mut |expression| {
        if let Expr::Cast {
            expr, data_type, ..
        } = expression
            && let Some(number) = placeholder::number_of(build::unnested(expr))
            && let Some(known) = types::of(data_type)
        {
            pass.parameter_type(number, known.oid);
        }
    });
}

/// The rows of an INSERT, if nothing else is done with them.
pub(crate) fn rows(insert: &mut Insert) -> Option<&mut Values> {
    let source = insert.source.as_mut()?;
    let plain = source.with.is_none()
        && source.order_by.is_none()
        && source.limit_clause.is_none()
        && source.fetch.is_none();
    match &mut *source.body {
        SetExpr::Values(values) if plain => Some(values),
        _ => None,
    }
}

/// Binds the literals of one column instead of writing them; as far as they can
/// be, with one type.
fn bind<'a>(column: impl Iterator<Item = &'a mut Expr>) {
    let mut literals: Vec<(&mut Expr, Literal)> = column
        .filter_map(|expression| {
            let literal = literal(expression)?;
            Some((expression, literal))
        })
        .collect();
    let type_oid = common(literals.iter().map(|(_, literal)| literal.type_oid));
    for (expression, literal) in &mut literals {
        let type_oid = type_oid.unwrap_or(literal.type_oid.unwrap_or(0));
        **expression = placeholder::constant(type_oid, literal.value.as_deref());
    }
}

/// A literal's type, if it has one of its own, and its value.
struct Literal {
    type_oid: Option<Oid>,
    value: Option<String>,
}

/// The value of a literal that is not NULL, or which parameter it is.
pub(crate) fn text_of(expression: &Expr) -> Option<String> {
    match placeholder::number_of(expression) {
        Some(number) => Some(placeholder::parameter(number)),
        None => literal(expression)?.value,
    }
}

fn literal(expression: &Expr) -> Option<Literal> {
    let typed = |type_oid, value| {
        Some(Literal {
            type_oid: Some(type_oid),
            value: Some(value),
        })
    };
    match build::unnested(expression) {
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr,
        } => {
            let Expr::Value(value) = &**expr else {
                return None;
            };
            let Value::Number(digits, _) = &value.value else {
                return None;
            };
            typed(number_type(digits)?, format!("-{digits}"))
        }
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => typed(number_type(digits)?, digits.clone()),
            Value::Boolean(value) => typed(oid::BOOL, value.to_string()),
            Value::SingleQuotedString(text) => Some(Literal {
                type_oid: Some(0),
                value: Some(text.replace("''", "'")),
            }),
            Value::Null => Some(Literal {
                type_oid: None,
                value: None,
            }),
            _ => None,
        },
        _ => None,
    }
}

/// The type of a number without an exponent.
fn number_type(digits: &str) -> Option<Oid> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(match digits.parse::<i64>() {
            Ok(number) if i32::try_from(number).is_ok() => oid::INT4,
            Ok(_) => oid::INT8,
            Err(_) => oid::NUMERIC,
        });
    }
    let plain = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    plain.then_some(oid::NUMERIC)
}

/// The type that literals of one column share; NULLs take any.
fn common(types: impl Iterator<Item = Option<Oid>>) -> Option<Oid> {
    const NUMBERS: [Oid; 3] = [oid::INT4, oid::INT8, oid::NUMERIC];
    let rank = |oid: Oid| NUMBERS.iter().position(|number| *number == oid);
    let mut common: Option<Oid> = None;
    for oid in types.flatten() {
        common = Some(match common {
            None => oid,
            Some(known) if known == oid => known,
            Some(known) => NUMBERS[rank(known)?.max(rank(oid)?)],
        });
    }
    Some(common.unwrap_or(0))
}

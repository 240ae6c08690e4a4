//! # What it does
//! Converts what INSERT and UPDATE write to the types of the columns, as PostgreSQL
//! does, and refuses NULL where a column must have a value.
//!
//! # Why
//! IRIS validates loosely: it rounds texts, takes numbers for booleans, fails with
//! SQLCODE -104 whatever is wrong, and puts the default in place of a NULL that must
//! not be. (InterSystems SQL Reference, "INSERT", "CREATE TABLE".)
//!
//! # Example
//! `INSERT INTO t (flag, note) VALUES ('yes', 1.50)` becomes
//! `INSERT INTO t (flag, note) VALUES (1, '1.50')`.
//!
//! # Limits
//! Values that are known only when the statement runs are converted by IRIS, but for documents and
//! arrays: of those the broker looks at parameters, and what is a text to PostgreSQL is refused. Whether a
//! value that is no literal is a label of an enum IRIS's foreign key tells, without the value. A default
//! that is the time is that of the transaction, whichever clock was written, and IRIS's for rows of COPY and MERGE.
//! NaN and infinity are refused. The literals 0 and 1 are booleans in a column
//! of them, as in IRIS's own SQL, where PostgreSQL refuses integers.
//!
//! # Versions
//! All.

use std::collections::HashSet;

use sqlparser::ast::{
    Assignment, AssignmentTarget, DataType, Expr, Insert, OnConflictAction, OnInsert, Parens,
    Query, Select, SelectItem, SetExpr, SetOperator, Spanned, Statement, Values,
};

use super::value_rows;
use crate::always_generated;
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look;
use crate::moment_text::Order;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::relations::{Column, Identity, Relation, enums, made_as};
use crate::rule::{Pass, Rule};
use crate::scope::Scopes;
use crate::style::Style;
use crate::types::oid;
use crate::typing;
use crate::wit::{Diagnostic, Oid};
use crate::writing::clock_default;
use crate::writing::convert::{converted, requirement};
use crate::writing::filled;
use crate::writing::{self, is_default, target};
use crate::zone::named::Shown;
use crate::zone::{self, Zone};

pub(crate) struct AssignedValue;

impl Rule for AssignedValue {
    fn name(&self) -> &'static str {
        "assigned_value"
    }

    fn summary(&self) -> &'static str {
        "converts written values to the types of their columns"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::INSERT) || marks.has(Marks::WRITING)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        match tree {
            Statement::Insert(insert) => of_insert(insert, pass),
            Statement::Update(update) => {
                once_each(&update.assignments)?;
                let relations = pass.relations;
                let Some(relation) = writing::relation_named(&update.table, pass) else {
                    return Ok(false);
                };
                let from = writing::sources_of_update(update);
                let parameters = pass.parameters.clone();
                let scopes = Scopes::within(relations, &parameters, &from);
                assignments(&mut update.assignments, relation, &scopes, pass)
            }
            _ => Ok(false),
        }
    }
}

fn of_insert(insert: &mut Insert, pass: &mut Pass<'_>) -> Diagnosed<bool> {
    let Some(relation) = writing::relation_of(insert, pass) else {
        return Ok(false);
    };
    let mut changed = clock_default::filled(insert, relation, pass);
    let columns = columns(insert, relation);
    changed |= give_values(insert, &columns);
    let parameters = pass.parameters.clone();
    let scopes = Scopes::new(pass.relations, &parameters);
    if let Some(values) = value_rows::rows(insert) {
        for row in &mut values.rows {
            for (value, column) in row.content.iter_mut().zip(&columns) {
                if let Some(column) = column {
                    changed |= assigned(value, column, &scopes, pass)?;
                    changed |= filled::value(value, column, relation, &scopes, pass)?;
                }
            }
        }
    } else if let Some(source) = &mut insert.source {
        let mut scopes = Scopes::new(pass.relations, &parameters);
        changed |= of_query(source, &columns, relation, &mut scopes, pass)?;
    }
    let from = target::table_of(&Statement::Insert(insert.clone()));
    if let Some(OnInsert::OnConflict(conflict)) = &mut insert.on
        && let OnConflictAction::DoUpdate(update) = &mut conflict.action
    {
        let scopes = Scopes::within(pass.relations, &parameters, &from);
        changed |= assignments(&mut update.assignments, relation, &scopes, pass)?;
    }
    Ok(changed)
}

/// A row that is selected without a source and has bytes is one of VALUES: IRIS knows of what type a
/// parameter is there.
fn give_values(insert: &mut Insert, columns: &[Option<&Column>]) -> bool {
    let Some(source) = insert.source.as_mut() else {
        return false;
    };
    let alone = source.with.is_none() && source.limit_clause.is_none() && source.fetch.is_none();
    let SetExpr::Select(select) = &mut *source.body else {
        return false;
    };
    let is_plain = select.from.is_empty()
        && select.selection.is_none()
        && select.having.is_none()
        && select.distinct.is_none()
        && alone;
    let values: Option<Vec<Expr>> = select
        .projection
        .iter()
        .map(|item| match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                Some(expr.clone())
            }
            _ => None,
        })
        .collect();
    let Some(values) = values.filter(|_| is_plain) else {
        return false;
    };
    let is_bytes = |(value, column): (&Expr, &Option<&Column>)| {
        placeholder::number_of(value).is_some()
            && column.is_some_and(|column| column.type_oid == oid::BYTEA)
    };
    if !values.iter().zip(columns).any(is_bytes) || values.iter().any(look::has_query) {
        return false;
    }
    *source.body = SetExpr::Values(Values {
        explicit_row: false,
        value_keyword: false,
        rows: vec![Parens::with_empty_span(values)],
    });
    true
}

/// The items of a query's select lists, each for its column.
fn of_query(
    query: &mut Query,
    columns: &[Option<&Column>],
    relation: &Relation,
    scopes: &mut Scopes<'_>,
    pass: &mut Pass<'_>,
) -> Diagnosed<bool> {
    scopes.open_queries(query);
    let changed = of_body(&mut query.body, columns, relation, scopes, pass);
    scopes.close();
    changed
}

fn of_body(
    body: &mut SetExpr,
    columns: &[Option<&Column>],
    relation: &Relation,
    scopes: &mut Scopes<'_>,
    pass: &mut Pass<'_>,
) -> Diagnosed<bool> {
    match body {
        SetExpr::Select(select) => {
            scopes.open_select(select);
            let changed = of_select(select, columns, relation, scopes, pass);
            scopes.close();
            changed
        }
        SetExpr::Query(query) => of_query(query, columns, relation, scopes, pass),
        SetExpr::SetOperation {
            left,
            right,
            op: SetOperator::Union,
            ..
        } => {
            let changed = of_body(left, columns, relation, scopes, pass)?;
            Ok(of_body(right, columns, relation, scopes, pass)? | changed)
        }
        other => {
            filled::refuse_unknown(other, columns, scopes)?;
            Ok(false)
        }
    }
}

fn of_select(
    select: &mut Select,
    columns: &[Option<&Column>],
    relation: &Relation,
    scopes: &Scopes<'_>,
    pass: &mut Pass<'_>,
) -> Diagnosed<bool> {
    let mut changed = filled::expanded(select, columns, scopes);
    for (item, column) in select.projection.iter_mut().zip(columns) {
        if let (
            SelectItem::UnnamedExpr(value) | SelectItem::ExprWithAlias { expr: value, .. },
            Some(column),
        ) = (item, column)
        {
            if select.distinct.is_none() {
                take_type(value, column, pass);
            }
            changed |= assigned(value, column, scopes, pass)?;
            changed |= filled::value(value, column, relation, scopes, pass)?;
        } else {
            break;
        }
    }
    Ok(changed)
}

/// A parameter without a type of its own takes that of the column.
fn take_type(value: &Expr, column: &Column, pass: &mut Pass<'_>) {
    if let Some(number) = placeholder::number_of(build::unnested(value))
        && column.vector.is_none()
    {
        pass.parameter_type(number, column.type_oid);
    }
}

/// The columns that values are for, by position.
fn columns<'a>(insert: &Insert, relation: &'a Relation) -> Vec<Option<&'a Column>> {
    if insert.columns.is_empty() {
        return relation.columns.iter().map(Some).collect();
    }
    let given = insert.columns.iter();
    given
        .map(|name| relation.column(&labels::of_name(name)?))
        .collect()
}

pub(crate) fn assignments(
    assignments: &mut [Assignment],
    relation: &Relation,
    scopes: &Scopes<'_>,
    pass: &mut Pass<'_>,
) -> Diagnosed<bool> {
    let text = pass.text;
    let mut changed = false;
    for assignment in assignments {
        match (&assignment.target, &mut assignment.value) {
            (AssignmentTarget::ColumnName(name), value) => {
                let column = assigned_column(name, relation, text)?;
                if let Some(column) = column {
                    check_identity(value, column, relation)?;
                    changed |= assigned(value, column, scopes, pass)?;
                }
            }
            (AssignmentTarget::Tuple(names), Expr::Tuple(values)) => {
                for (name, value) in names.iter().zip(values) {
                    if let Some(column) = assigned_column(name, relation, text)? {
                        check_identity(value, column, relation)?;
                        changed |= assigned(value, column, scopes, pass)?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(changed)
}

/// An identity column that is always generated takes no other value.
fn check_identity(value: &Expr, column: &Column, relation: &Relation) -> Diagnosed<()> {
    if is_default(value) || relation.identity(&column.name) != Some(Identity::Always) {
        return Ok(());
    }
    let name = column.name.to_lowercase();
    Err(always_generated::updated(Some(&name)))
}

/// A qualifier would be a column with fields.
fn assigned_column<'a>(
    name: &sqlparser::ast::ObjectName,
    relation: &'a Relation,
    text: &str,
) -> Diagnosed<Option<&'a Column>> {
    let first = name.0.first().and_then(|part| part.as_ident());
    if let (Some(first), 2..) = (first, name.0.len()) {
        let folded = labels::folded(first);
        if relation.column(&folded).is_none() {
            let message = format!(
                "column \"{folded}\" of relation \"{}\" does not exist",
                relation.name
            );
            let offset = usize::try_from(first.span.start.column).unwrap_or(1);
            return Err(Diagnostic::error("42703", message).at(text, offset.saturating_sub(1)));
        }
    }
    Ok(labels::of_name(name).and_then(|name| relation.column(&name)))
}

pub(crate) fn assigned(
    value: &mut Expr,
    column: &Column,
    scopes: &Scopes<'_>,
    pass: &mut Pass<'_>,
) -> Diagnosed<bool> {
    if is_default(value) {
        return Ok(false);
    }
    let text = pass.text;
    if let Some(number) = placeholder::number_of(build::unnested(value)) {
        if made_as::is_untold(column.type_oid) {
            pass.parameter_type(number, column.type_oid);
        }
        if let Some(enum_type) = &column.enum_type {
            let told = (number, enums::number_of(enum_type));
            pass.enum_parameters.push(told);
        }
        pass.required.extend(requirement(number, column));
    }
    let located = zone::assigned(
        value,
        scopes.type_of(value),
        column.type_oid,
        &pass.scene,
        &mut pass.copies,
    );
    let located = located.map_err(|error| at(error, value, text))?;
    check_label(value, column, pass)?;
    let type_oid: Option<Oid> = scopes.type_of(value);
    let is_string = build::string_in(value).is_some();
    let placed = |error: Diagnostic| match is_placed(&error, is_string) {
        true => at(error, value, text),
        false => error,
    };
    let converted = converted(value, type_oid, column, Order::of(&pass.scene)).map_err(placed)?;
    let mut changed = converted.is_some() | located;
    if let Some(converted) = converted {
        *value = converted;
    } else if let Some(text) = text_of(value, type_oid, column, pass).map_err(placed)? {
        let brought = Marks::CAST.and(Marks::CONCATENATION).and(Marks::FUNCTION);
        pass.brought.add(brought.and(Marks::TYPED_FUNCTION));
        *value = text;
        changed = true;
    } else if column.type_oid == oid::BPCHAR && !is_without_blanks(value, type_oid) {
        *value = build::call("RTRIM", vec![build::take(value)]);
        changed = true;
    }
    Ok(changed)
}

/// The text of a date or a moment in a column of texts, which IRIS would fill with a number of days, or
/// with a moment in UTC that does not say so.
fn text_of(
    value: &Expr,
    type_oid: Option<Oid>,
    column: &Column,
    pass: &mut Pass<'_>,
) -> Diagnosed<Option<Expr>> {
    let is_text = matches!(column.type_oid, oid::TEXT | oid::VARCHAR | oid::BPCHAR);
    let Some(from) = type_oid.filter(|_| is_text && column.enum_type.is_none()) else {
        return Ok(None);
    };
    if let Some(style) = Style::of(pass.scene)
        && let Some(text) = style.text(value, from, &mut pass.copies)?
    {
        return Ok(Some(text));
    }
    if !matches!(from, oid::DATE | oid::TIMESTAMP | oid::TIMESTAMPTZ) {
        return Ok(None);
    }
    match Zone::of(&pass.scene)?.filter(|_| from == oid::TIMESTAMPTZ) {
        Some(zone) => zone
            .text(value.clone(), Shown::Offset, &mut pass.copies)
            .map(Some),
        None => Ok(Some(build::cast(value.clone(), DataType::Text))),
    }
}

/// A literal in a column of an enum type must be one of its labels.
fn check_label(value: &Expr, column: &Column, pass: &Pass<'_>) -> Diagnosed<()> {
    let (Some(name), Some(text)) = (&column.enum_type, build::string_in(value)) else {
        return Ok(());
    };
    match pass.relations.labels_of(name) {
        Some(labels) if !labels.contains(&text) => {
            let own = pass.relations.enum_shown(name);
            Err(at(enums::no_label(&own, &text), value, pass.text))
        }
        _ => Ok(()),
    }
}

/// Whether a value is kept as a `character` is. Blanks at the end of a parameter without a type of
/// its own the broker leaves out.
fn is_without_blanks(value: &Expr, type_oid: Option<Oid>) -> bool {
    match type_oid {
        Some(oid::BPCHAR) => true,
        Some(_) => false,
        None => typing::is_untyped(value),
    }
}

/// PostgreSQL tells the place of a literal that its type cannot read; a value that does not fit
/// its column is found out when the statement runs.
fn is_placed(error: &Diagnostic, is_string: bool) -> bool {
    match error.sqlstate.as_str() {
        "22001" => false,
        "22003" => is_string && error.message.contains("\" is out of range"),
        _ => true,
    }
}

fn at(error: Diagnostic, node: &impl Spanned, text: &str) -> Diagnostic {
    match usize::try_from(node.span().start.column) {
        Ok(column @ 1..) => error.at(text, column - 1),
        _ => error,
    }
}

/// PostgreSQL's refusal of a column that is assigned to twice.
fn once_each(assignments: &[Assignment]) -> Diagnosed<()> {
    let mut seen = HashSet::new();
    let targets = assignments
        .iter()
        .flat_map(|assignment| match &assignment.target {
            AssignmentTarget::ColumnName(name) => std::slice::from_ref(name),
            AssignmentTarget::Tuple(names) => names.as_slice(),
        });
    for name in targets {
        let Some(own) = name.0.last().and_then(|part| part.as_ident()) else {
            continue;
        };
        let folded = labels::folded(own);
        if seen.contains(&folded) {
            let message = format!("multiple assignments to same column \"{folded}\"");
            return Err(Diagnostic::error("42601", message));
        }
        seen.insert(folded);
    }
    Ok(())
}

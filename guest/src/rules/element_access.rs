//! # What it does
//! Leaves it to the broker to take documents and arrays apart, and to look into them: in the
//! select list, and in conditions.
//!
//! # Why
//! IRIS has neither JSON operators nor arrays, and keeps both as texts.
//!
//! # Example
//! `SELECT data ->> 'k' FROM t` becomes `SELECT data FROM t`, and the broker shows the member.
//! `SELECT id FROM t WHERE data ->> 'k' = $1` becomes `SELECT %ID, data FROM t`, of whose rows the
//! broker keeps those for which the condition is true, and
//! `SELECT id FROM t WHERE %ID %INLIST $LISTFROMSTRING(?, ',')`.
//!
//! # Limits
//! What is taken out can be cast to numbers, with digits or without, booleans, dates, `uuid` and
//! `varchar(n)`; not to `char(n)`, nor counted with. An item of the select list is made at the outermost level, without DISTINCT
//! and set operations, is not what the rows are ordered by, and of groups is made of their keys and aggregates. A condition, or what AND
//! and OR join in one, is on the columns of one table; all its rows are read unless plain
//! conditions beside it tell that fewer will do. A row that another session changes between both
//! statements is shown as it is then. What else would have to be computed is refused.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Distinct, Expr, GroupByExpr, Insert, JoinConstraint, JoinOperator, Query, Select, SelectItem,
    SetExpr, Spanned, Statement, TableWithJoins, Value,
};

use crate::aggregates::has_aggregate;
use crate::build;
use crate::computed::scalar;
use crate::computed::sources::Sources;
use crate::computed::{Computed, HINT, accesses, compile, condition, is_access};
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look::{self, Node};
use crate::order_item;
use crate::part::{Part, Times};
use crate::place;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::vector;
use crate::wit::{ColumnChange, ColumnRule, Diagnostic, Oid};
use crate::writing;

pub(crate) struct ElementAccess;

impl Rule for ElementAccess {
    fn name(&self) -> &'static str {
        "element_access"
    }

    fn summary(&self) -> &'static str {
        "lets the broker take documents and arrays apart"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::ACCESS.and(Marks::QUANTIFIER))
    }

    fn needs_relations_of(&self, tree: &Statement, marks: Marks) -> bool {
        self.concerns(marks) && accesses(tree)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        refuse_rows(tree, pass)?;
        if !accesses(tree) {
            return Ok(false);
        }
        let mut parts = Vec::new();
        if matches!(pass.times, Times::Once) && placeholder::are_taken(tree) {
            parts = conditions(tree, pass)?;
        }
        items(tree, pass)?;
        refuse_rest(tree, pass)?;
        if !parts.is_empty() {
            parts.push(Part::whole(tree.clone()));
            pass.split = Some(parts);
        }
        Ok(true)
    }
}

/// Functions that give rows of a document.
const ROWS: &[&str] = &[
    "json_array_elements",
    "json_array_elements_text",
    "jsonb_array_elements",
    "jsonb_array_elements_text",
    "json_each",
    "json_each_text",
    "jsonb_each",
    "jsonb_each_text",
    "json_object_keys",
    "jsonb_object_keys",
    "json_populate_record",
    "jsonb_populate_record",
    "json_populate_recordset",
    "jsonb_populate_recordset",
    "json_to_record",
    "jsonb_to_record",
    "json_to_recordset",
    "jsonb_to_recordset",
    "jsonb_path_query",
];

/// Refuses them in FROM.
fn refuse_rows(tree: &Statement, pass: &Pass<'_>) -> Diagnosed<()> {
    let mut found: Option<(String, usize)> = None;
    look::finds(tree, &mut |node| {
        let Node::Relation(relation) = node else {
            return false;
        };
        let called = labels::of_name(relation).filter(|name| ROWS.contains(&name.as_str()));
        if let Some(name) = called {
            let column = relation.span().start.column.saturating_sub(1);
            found = Some((name, usize::try_from(column).unwrap_or(0)));
        }
        found.is_some()
    });
    match found {
        None => Ok(()),
        Some((name, at)) => {
            let message = format!("function {name} is not supported in FROM");
            let hint = "select the document, and take it apart in the client; from IRIS 2024.1 there is JSON_TABLE(document, '$[*]' COLUMNS (...))";
            Err(Diagnostic::not_supported(message, hint).at(pass.text, at))
        }
    }
}

/// Refuses what the broker does not compute.
fn refuse_rest(tree: &Statement, pass: &Pass<'_>) -> Diagnosed<()> {
    let mut at = None;
    look::finds(tree, &mut |node| match node {
        Node::Expression(expression) if is_access(expression) => {
            let place = match expression {
                Expr::BinaryOp { left, op, .. } => {
                    vector::operator_at(left, &op.to_string(), pass.text)
                }
                other => place::of(other),
            };
            at = Some((place, named(expression)));
            true
        }
        _ => false,
    });
    match at {
        None => Ok(()),
        Some((at, name)) => {
            let message = format!("{name} is not supported here");
            Err(Diagnostic::not_supported(message, HINT).at(pass.text, at))
        }
    }
}

fn named(expression: &Expr) -> String {
    match expression {
        Expr::BinaryOp { op, .. } => format!("operator {op}"),
        Expr::Function(function) => {
            let name = build::function_name(function).unwrap_or_default();
            scalar::called(&name)
        }
        Expr::AnyOp { .. } => "ANY of an array that is kept".to_owned(),
        Expr::AllOp { .. } => "ALL of an array that is kept".to_owned(),
        _ => "a subscript".to_owned(),
    }
}

/// Writes the conditions; gives the parts that decide them.
fn conditions(tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<Vec<Part>> {
    let (relations, parameters) = (pass.relations, pass.parameters.clone());
    let mut parts = Vec::new();
    let (selection, tables) = match tree {
        Statement::Update(update) => {
            let tables = writing::sources_of_update(update);
            (update.selection.as_mut(), tables)
        }
        Statement::Delete(delete) => {
            let tables = writing::sources_of_delete(delete);
            (delete.selection.as_mut(), tables)
        }
        _ => (None, Vec::new()),
    };
    if let Some(selection) = selection {
        let scopes = Scopes::within(relations, &parameters, &tables);
        condition::write(selection, &tables, &scopes, &mut parts, pass)?;
    }
    let mut walk = Walk {
        parts: &mut parts,
        pass,
    };
    scoped(tree, relations, &parameters, &mut walk)?;
    Ok(parts)
}

struct Walk<'a, 'b> {
    parts: &'a mut Vec<Part>,
    pass: &'a mut Pass<'b>,
}

impl ScopedHooks for Walk<'_, '_> {
    fn enter_select(&mut self, select: &mut Select, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let Select {
            selection, from, ..
        } = select;
        if let Some(selection) = selection {
            condition::write(selection, from, scopes, self.parts, self.pass)?;
        }
        if !from.iter().any(|table| table.joins.iter().any(accesses)) {
            return Ok(());
        }
        let whole = from.clone();
        for join in from.iter_mut().flat_map(|table| &mut table.joins) {
            if let JoinOperator::Join(JoinConstraint::On(on))
            | JoinOperator::Inner(JoinConstraint::On(on))
            | JoinOperator::Left(JoinConstraint::On(on))
            | JoinOperator::LeftOuter(JoinConstraint::On(on))
            | JoinOperator::Right(JoinConstraint::On(on))
            | JoinOperator::RightOuter(JoinConstraint::On(on)) = &mut join.join_operator
            {
                condition::write(on, &whole, scopes, self.parts, self.pass)?;
            }
        }
        Ok(())
    }
}

/// Takes what the broker computes out of the outermost select list, or out of RETURNING.
fn items(tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<()> {
    if !pass.shown {
        return Ok(());
    }
    match tree {
        Statement::Query(query) => of_query(query, pass),
        Statement::Insert(Insert {
            returning,
            table: sqlparser::ast::TableObject::TableName(name),
            table_alias,
            ..
        }) => {
            let alias = table_alias.as_ref().map(|alias| alias.alias.clone());
            let from = [writing::table(name, alias.as_ref())];
            returned(returning.as_mut(), &from, pass)
        }
        Statement::Update(update) => {
            let tables = writing::sources_of_update(update);
            returned(update.returning.as_mut(), &tables, pass)
        }
        Statement::Delete(delete) => {
            let tables = writing::sources_of_delete(delete);
            returned(delete.returning.as_mut(), &tables, pass)
        }
        _ => Ok(()),
    }
}

fn returned(
    items: Option<&mut Vec<SelectItem>>,
    from: &[TableWithJoins],
    pass: &mut Pass<'_>,
) -> Diagnosed<()> {
    let Some(items) = items else {
        return Ok(());
    };
    let parameters = pass.parameters.clone();
    let scopes = Scopes::within(pass.relations, &parameters, from);
    of_items(items, &scopes, &Keys::default(), pass)
}

fn of_query(query: &mut Query, pass: &mut Pass<'_>) -> Diagnosed<()> {
    let parameters = pass.parameters.clone();
    let mut scopes = Scopes::new(pass.relations, &parameters);
    scopes.open_queries(query);
    let order = order_item::written(query);
    let SetExpr::Select(select) = &mut *query.body else {
        return Ok(());
    };
    let groups = match &select.group_by {
        GroupByExpr::Expressions(keys, sets) if keys.is_empty() && sets.is_empty() => None,
        GroupByExpr::Expressions(keys, sets) if sets.is_empty() => {
            Some(keys.iter().map(|key| item_at(key, select)).collect())
        }
        GroupByExpr::Expressions(..) | GroupByExpr::All(_) => return Ok(()),
    };
    if matches!(select.distinct, Some(Distinct::Distinct | Distinct::On(_))) {
        return Ok(());
    }
    scopes.open_select(select);
    of_items(
        &mut select.projection,
        &scopes,
        &Keys { order, groups },
        pass,
    )
}

/// What the rows are ordered by, and grouped.
#[derive(Default)]
struct Keys {
    order: Vec<Expr>,
    groups: Option<Vec<Expr>>,
}

/// The item that a number in GROUP BY stands for, or the key itself.
fn item_at(key: &Expr, select: &Select) -> Expr {
    let item =
        order_item::ordinal(key).and_then(|number| select.projection.get(number.checked_sub(1)?));
    match item {
        Some(SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) => {
            expr.clone()
        }
        _ => key.clone(),
    }
}

fn of_items(
    items: &mut [SelectItem],
    scopes: &Scopes<'_>,
    keys: &Keys,
    pass: &mut Pass<'_>,
) -> Diagnosed<()> {
    let is_star = |item: &SelectItem| labels::of_item(item).is_none();
    let stars = items.iter().filter(|item| is_star(item)).count();
    let count = items.len();
    let mut behind_star = false;
    for (index, item) in items.iter_mut().enumerate() {
        behind_star |= is_star(item);
        let label = labels::of_item(item);
        let from_end = behind_star.then_some(count - index);
        let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else {
            continue;
        };
        if !accesses(expr) || stars > 1 {
            continue;
        }
        let is_key = |key: &Expr| match build::unnested(key) {
            Expr::Value(value) => match &value.value {
                Value::Number(digits, _) => {
                    stars > 0
                        || digits
                            .parse()
                            .is_ok_and(|number: usize| number == index + 1)
                }
                _ => false,
            },
            Expr::Identifier(name) => Some(labels::folded(name)) == label,
            _ => false,
        };
        if keys.order.iter().any(is_key) {
            continue;
        }
        let Some((source, computed)) = compiled(expr, scopes, keys.groups.as_deref(), pass)? else {
            continue;
        };
        *expr = source;
        // That of the client's own expression, if it is written otherwise by now.
        let label = announced(index, from_end, pass).or(label);
        announce(index, from_end, label, computed, pass);
    }
    Ok(())
}

/// Where the columns that are announced begin again behind a `*`.
fn place_of(index: usize, from_end: Option<usize>, pass: &Pass<'_>) -> Option<usize> {
    match from_end {
        Some(behind) => pass.columns.len().checked_sub(behind),
        None => Some(index),
    }
}

/// The label that an item is known by; none if none is announced.
fn announced(index: usize, from_end: Option<usize>, pass: &Pass<'_>) -> Option<String> {
    match pass.columns.get(place_of(index, from_end, pass)?)? {
        ColumnRule::One(change) => change.label.clone(),
        ColumnRule::Rest => None,
    }
}

/// Notes what the client sees of an item, which the broker computes.
pub(super) fn announce(
    index: usize,
    from_end: Option<usize>,
    label: Option<String>,
    computed: Computed,
    pass: &mut Pass<'_>,
) {
    let change = ColumnChange {
        label,
        type_oid: Some(computed.type_oid),
        scale: None,
        digits: None,
        computed: Some(computed.instructions),
    };
    let place = place_of(index, from_end, pass);
    if let Some(column) = place.and_then(|place| pass.columns.get_mut(place)) {
        *column = ColumnRule::One(change.clone());
    }
    pass.computed.push((index, change));
}

/// What IRIS is asked for in the place of an expression, and what the broker makes of it; none
/// if it cannot. Of groups only their keys and what aggregates make of them are there.
fn compiled(
    expr: &Expr,
    scopes: &Scopes<'_>,
    groups: Option<&[Expr]>,
    pass: &mut Pass<'_>,
) -> Diagnosed<Option<(Expr, Computed)>> {
    let mut sources = Sources::default();
    let mut leaf = |expression: &Expr| -> Option<(u32, Oid)> {
        let is_written = match build::unnested(expression) {
            Expr::Value(_) | Expr::Array(_) => true,
            Expr::Cast { expr, .. } => matches!(build::unnested(expr), Expr::Value(_)),
            Expr::UnaryOp { .. } => build::number_in(expression).is_some(),
            _ => false,
        };
        if is_written || accesses(expression) {
            return None;
        }
        sources.number(expression, scopes.type_of(expression)?)
    };
    let compiled = compile(expr, &mut leaf, pass)?;
    let Some((computed, found)) = compiled.filter(|(computed, _)| computed.type_oid != 0) else {
        return Ok(None);
    };
    let is_of_groups = groups
        .is_none_or(|keys| sources.are_all(|value| has_aggregate(value) || keys.contains(value)));
    if !is_of_groups {
        return Ok(None);
    }
    let written = sources.written(computed, scopes, pass)?;
    pass.parameter_types(found);
    Ok(Some(written))
}

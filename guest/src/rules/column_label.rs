//! # What it does
//! Gives result columns the labels and types that PostgreSQL gives them: beside the
//! statement at its top, by an alias in derived tables, CTEs and views.
//!
//! # Why
//! IRIS calls an unnamed column `Expression_1`, shows a named one in the case of
//! the table definition, and announces every literal as INTEGER.
//!
//! # Example
//! `SELECT count(*) FROM (SELECT max(a) FROM t) q` becomes
//! `SELECT count(*) FROM (SELECT max(a) AS max FROM t) q`, with the label `count`.
//!
//! # Limits
//! Types are given where PostgreSQL's are known, from the tables that the statement
//! names if it computes. The columns of a `*` are labelled by IRIS. Of a quotient or an average that
//! begins with 1 four zeros may be missing; IRIS counts with nineteen digits, and where numbers of
//! several scales are chosen from, the largest scale is shown. In text a quotient has IRIS's digits.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    BinaryOperator, Expr, Ident, Query, SelectItem, SetExpr, Statement, TableWithJoins,
};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look::{self, Node};
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::relations::made_as::is_untold;
use crate::rule::{Pass, Rule};
use crate::rules::quoted_name;
use crate::scope::{ItemType, Output, Scopes};
use crate::types::oid;
use crate::typing;
use crate::typing::computed::Shown;
use crate::walk::{self, Hooks};
use crate::wit::{Call, ColumnChange, ColumnRule, Function, Instruction, Oid};

pub(crate) struct ColumnLabel;

impl Rule for ColumnLabel {
    fn name(&self) -> &'static str {
        "column_label"
    }

    fn summary(&self) -> &'static str {
        "gives unnamed columns PostgreSQL's labels and literals their types"
    }

    fn concerns(&self, _marks: Marks) -> bool {
        true
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            depth: 0,
            changed: false,
        };
        match tree {
            Statement::Query(query) => {
                if pass.shown {
                    walk.changed |= top(query, pass);
                }
                // What is inside must be named, what is outside must not.
                let body: &mut Query = query;
                for table in body.with.iter_mut().flat_map(|with| &mut with.cte_tables) {
                    walk.depth = usize::from(table.alias.columns.is_empty());
                    walk::query(&mut table.query, &mut walk)?;
                }
                walk.inside(&mut body.body)?;
            }
            Statement::CreateView(_) | Statement::CreateTable(_) => {
                walk.depth = 1;
                walk::statement(tree, &mut walk)?;
            }
            Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_) => {
                walk::statement(tree, &mut walk)?;
            }
            _ => {}
        }
        Ok(walk.changed)
    }
}

/// Describes the columns of the outermost query; names them if it has more than
/// one `*`, because then they cannot be counted.
pub(crate) fn top(query: &mut Query, pass: &mut Pass<'_>) -> bool {
    if !pass.parameters.is_empty() {
        settle_parameters(query, pass);
    }
    let types = Scopes::new(pass.relations, &pass.parameters).types_of_legs(query);
    let mut legs = Vec::new();
    collect(&query.body, &mut legs);
    let Some(first) = legs.first() else {
        return false;
    };
    let stars = stars(first);
    if stars > 0
        && let Some(columns) = Scopes::new(pass.relations, &pass.parameters).columns_of(query)
        && let Some(columns) = columns.iter().map(of_output).collect()
    {
        pass.columns = columns;
        return false;
    }
    if stars > 1 {
        return leftmost(&mut query.body).is_some_and(|items| name_all(items));
    }
    let star = match first {
        [SelectItem::Wildcard(_)] if legs.len() == 1 => {
            Scopes::new(pass.relations, &pass.parameters).columns_of_star(query)
        }
        _ => None,
    };
    match star {
        Some(columns) => pass.columns = columns.iter().map(shown).collect(),
        None => describe_items(first, &types, pass),
    }
    false
}

/// A column of a `*`: IRIS tells its label, and the type of what is stored.
fn shown(column: &Output) -> ColumnRule {
    ColumnRule::One(ColumnChange {
        label: quoted_name::label(&column.name),
        type_oid: column
            .type_oid
            .filter(|known| !column.stored || is_untold(*known)),
        computed: column.padded.map(filled_up),
        ..with_digits(shown_by(column))
    })
}

/// Of a `numeric` that is computed; of what is stored IRIS tells it.
fn shown_by(output: &Output) -> Option<Shown> {
    let is_computed = !output.stored && output.type_oid == Some(oid::NUMERIC);
    output.shown.filter(|_| is_computed)
}

/// What says so much of the digits and nothing else.
fn with_digits(shown: Option<Shown>) -> ColumnChange {
    ColumnChange {
        label: None,
        type_oid: None,
        scale: shown.and_then(Shown::scale),
        digits: shown.and_then(Shown::by_value),
        computed: None,
        origin: None,
    }
}

/// `character(n)`, kept without the blanks at its end.
fn filled_up(length: u64) -> Vec<Instruction> {
    /// What PostgreSQL adds to every modifier (`VARHDRSZ`).
    const OFFSET: u64 = 4;
    vec![
        Instruction::Column(0),
        Instruction::Constant(Some((length + OFFSET).to_string())),
        Instruction::Call(Call {
            function: Function::CastLimited,
            operand_type: oid::BPCHAR,
        }),
    ]
}

/// What is said of a column that is known; of one in a table IRIS knows more, unless it
/// is a vector, or of a type that IRIS does not tell.
fn of_output(output: &Output) -> Option<ColumnRule> {
    let change = match output.stored {
        true => ColumnChange {
            label: quoted_name::label(&output.name),
            type_oid: output
                .type_oid
                .filter(|known| output.vector.is_some() || is_untold(*known)),
            computed: output.padded.map(filled_up),
            ..with_digits(None)
        },
        false => ColumnChange {
            label: Some(output.name.clone()?),
            type_oid: output.type_oid,
            computed: output.padded.map(filled_up),
            ..with_digits(shown_by(output))
        },
    };
    Some(ColumnRule::One(change))
}

/// Describes the columns that are made of items outside a query, about one table.
pub(crate) fn describe(items: &mut [SelectItem], from: &[TableWithJoins], pass: &mut Pass<'_>) {
    if !pass.shown {
        return;
    }
    for item in items.iter() {
        settle_parameter(item, pass);
    }
    if stars(items) > 0 {
        let select = build::select(items.to_vec(), from.to_vec());
        let body = SetExpr::Select(Box::new(select));
        let mut scopes = Scopes::new(pass.relations, &pass.parameters);
        if let Some(columns) = scopes.columns_of_body(&body)
            && let Some(mut columns) = columns.iter().map(of_output).collect::<Option<Vec<_>>>()
        {
            let star = items
                .iter()
                .position(|item| labels::of_item(item).is_none());
            for (index, change) in &pass.computed {
                // Behind the star, items are counted from the end.
                let place = match star {
                    Some(star) if star < *index => (index + columns.len()).checked_sub(items.len()),
                    _ => Some(*index),
                };
                if let Some(column) = place.and_then(|place| columns.get_mut(place)) {
                    *column = ColumnRule::One(change.clone());
                }
            }
            pass.columns = columns;
            return;
        }
    }
    if stars(items) > 1 {
        name_all(items);
        return;
    }
    let scopes = Scopes::within(pass.relations, &pass.parameters, from);
    let types = items.iter().map(|item| ItemType {
        type_oid: match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => scopes
                .type_of(expr)
                .or_else(|| typing::is_untyped(expr).then_some(oid::TEXT)),
            _ => None,
        },
        stored: false,
        padded: match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                scopes.padded_to(expr)
            }
            _ => None,
        },
        shown: match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                scopes.shown_of(expr)
            }
            _ => None,
        },
        untyped: false,
    });
    let types = [types.collect()];
    describe_items(items, &types, pass);
}

fn stars(items: &[SelectItem]) -> usize {
    let labels = items.iter().map(labels::of_item);
    labels.filter(Option::is_none).count()
}

fn describe_items(first: &[SelectItem], types: &[Vec<ItemType>], pass: &mut Pass<'_>) {
    let stars = stars(first);
    if stars == first.len() {
        return;
    }
    let mut columns = Vec::with_capacity(first.len());
    for (index, item) in first.iter().enumerate() {
        columns.push(match labels::of_item(item) {
            None => ColumnRule::Rest,
            Some(label) => {
                let type_oid = merged(types, index).filter(|_| stars == 0 || types.len() < 2);
                let label = Some(label).filter(|_| !is_named_by_iris(item));
                let shown = common_digits(types, index).filter(|_| stars == 0 || types.len() < 2);
                ColumnRule::One(ColumnChange {
                    label,
                    type_oid,
                    computed: type_oid
                        .and_then(|_| common_padding(types, index))
                        .map(filled_up),
                    ..with_digits(shown)
                })
            }
        });
    }
    for (index, change) in &pass.computed {
        if let Some(column) = columns.get_mut(*index) {
            *column = ColumnRule::One(change.clone());
        }
    }
    pass.columns = columns;
}

/// Whether only IRIS knows the label: `%ID` has that of the column it stands for,
/// `a->b` that of the column it leads to.
fn is_named_by_iris(item: &SelectItem) -> bool {
    let SelectItem::UnnamedExpr(expression) = item else {
        return false;
    };
    match expression {
        Expr::Identifier(name) => name.quote_style.is_none() && name.value.starts_with(['%', '$']),
        Expr::CompoundIdentifier(parts) => {
            parts.last().is_some_and(|name| name.value.starts_with('%'))
        }
        Expr::BinaryOp {
            op: BinaryOperator::Arrow,
            right,
            ..
        } => matches!(**right, Expr::Identifier(_)),
        _ => false,
    }
}

/// A parameter that is an item alone is text unless the client said more.
fn settle_parameters(query: &Query, pass: &mut Pass<'_>) {
    let mut legs = Vec::new();
    collect(&query.body, &mut legs);
    for item in legs.iter().copied().flatten() {
        look::at_all(item, &mut |node| settle_cast(node, pass));
    }
    for item in legs.into_iter().flatten() {
        settle_parameter(item, pass);
    }
}

/// Gives a parameter the type that it is cast to.
fn settle_cast(node: Node<'_>, pass: &mut Pass<'_>) {
    if let Node::Expression(Expr::Cast {
        expr, data_type, ..
    }) = node
        && let Some(number) = placeholder::number_of(crate::build::unnested(expr))
        && let Some(known) = crate::types::of(data_type)
    {
        pass.parameter_type(number, known.oid);
    }
}

fn settle_parameter(item: &SelectItem, pass: &mut Pass<'_>) {
    if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item
        && let Some(number) = placeholder::number_of(expr)
    {
        pass.parameter_type(number, oid::TEXT);
    }
}

/// The type of a column that several selects fill; none if it is that of a column of
/// a table in all of them.
fn merged(types: &[Vec<ItemType>], index: usize) -> Option<Oid> {
    let legs = types.iter().map(|leg| leg.get(index).copied());
    let legs: Vec<ItemType> = legs.collect::<Option<_>>()?;
    let (first, rest) = legs.split_first()?;
    // A literal beside a vector is one.
    if legs.iter().any(|leg| leg.type_oid == Some(oid::VECTOR)) {
        return Some(oid::VECTOR);
    }
    let is_told = !first.type_oid.is_some_and(is_untold);
    if is_told && first.stored && rest.iter().all(|leg| leg == first) {
        return None;
    }
    // A literal takes the type of the others.
    let mut typed = legs.iter().filter(|leg| !leg.untyped);
    let known = typed.next().unwrap_or(first).type_oid?;
    typed.try_fold(known, |known, leg| typing::merged(known, leg.type_oid?))
}

/// The digits that a column shows in every leg.
fn common_digits(types: &[Vec<ItemType>], index: usize) -> Option<Shown> {
    let mut shown = types.iter().map(|leg| leg.get(index)?.shown);
    let first = shown.next()??;
    shown.try_fold(first, |known, other| known.merged(other?))
}

/// The length to which every leg's values are filled up.
fn common_padding(types: &[Vec<ItemType>], index: usize) -> Option<u64> {
    let mut lengths = types.iter().map(|leg| leg.get(index)?.padded);
    let first = lengths.next()??;
    lengths.all(|other| other == Some(first)).then_some(first)
}

/// The select lists of a query and of its set operations, from the left.
fn collect<'a>(body: &'a SetExpr, legs: &mut Vec<&'a [SelectItem]>) {
    match body {
        SetExpr::Select(select) => legs.push(&select.projection),
        SetExpr::Query(query) => collect(&query.body, legs),
        SetExpr::SetOperation { left, right, .. } => {
            collect(left, legs);
            collect(right, legs);
        }
        _ => {}
    }
}

fn leftmost(body: &mut SetExpr) -> Option<&mut Vec<SelectItem>> {
    match body {
        SetExpr::Select(select) => Some(&mut select.projection),
        SetExpr::Query(query) => leftmost(&mut query.body),
        SetExpr::SetOperation { left, .. } => leftmost(left),
        _ => None,
    }
}

/// Labels of expressions that are reserved words everywhere.
const RESERVED: &[&str] = &["case", "coalesce", "exists", "nullif"];

/// Gives every item without a name the one that PostgreSQL gives it.
fn name_all(items: &mut [SelectItem]) -> bool {
    let mut changed = false;
    for item in items {
        let SelectItem::UnnamedExpr(expression) = item else {
            continue;
        };
        if matches!(
            expression,
            Expr::Identifier(_) | Expr::CompoundIdentifier(_)
        ) {
            continue;
        }
        let label = labels::of_expression(expression);
        let plain = !RESERVED.contains(&label.as_str())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        let alias = if plain {
            Ident::new(&label)
        } else {
            Ident::with_quote('"', label.replace('"', "\"\""))
        };
        *item = SelectItem::ExprWithAlias {
            expr: crate::build::take(expression),
            alias,
        };
        changed = true;
    }
    changed
}

/// Names the columns of queries whose columns have users: derived tables, CTEs,
/// views. Other subqueries have one column, and nobody asks its name.
struct Walk {
    /// Zero where queries are no tables.
    depth: usize,
    changed: bool,
}

impl Walk {
    /// The legs of the outermost query keep their items; what they select from
    /// does not.
    fn inside(&mut self, body: &mut SetExpr) -> Diagnosed<()> {
        match body {
            SetExpr::Select(select) => {
                self.depth = 0;
                walk::select(select, self)
            }
            SetExpr::Query(query) => self.inside(&mut query.body),
            SetExpr::SetOperation { left, right, .. } => {
                self.inside(left)?;
                self.inside(right)
            }
            _ => Ok(()),
        }
    }
}

impl Hooks for Walk {
    fn enter_table(&mut self, factor: &mut sqlparser::ast::TableFactor) -> Diagnosed<()> {
        if let sqlparser::ast::TableFactor::Derived {
            subquery, alias, ..
        } = factor
        {
            let named = alias
                .as_ref()
                .is_some_and(|alias| !alias.columns.is_empty());
            if let (false, Some(items)) = (named, leftmost(&mut subquery.body)) {
                self.changed |= name_all(items);
            }
        }
        Ok(())
    }

    fn enter_query(&mut self, query: &mut Query) -> Diagnosed<()> {
        for table in query.with.iter_mut().flat_map(|with| &mut with.cte_tables) {
            if let (true, Some(items)) = (
                table.alias.columns.is_empty(),
                leftmost(&mut table.query.body),
            ) {
                self.changed |= name_all(items);
            }
        }
        if self.depth == 1 {
            self.depth = 0;
            if let Some(items) = leftmost(&mut query.body) {
                self.changed |= name_all(items);
            }
        }
        Ok(())
    }
}

//! # What it does
//! Gives literals in the selects of a set operation the type of the column that they are in,
//! and refuses types that do not go together.
//!
//! # Why
//! To IRIS a string and a NULL are strings wherever they stand, and one of them makes strings of
//! a whole column. (InterSystems SQL Reference, "UNION".)
//!
//! # Example
//! `SELECT a FROM t UNION SELECT NULL` becomes, with an integer `a`,
//! `SELECT a FROM t UNION SELECT CAST(NULL AS INTEGER)`.
//!
//! # Limits
//! Columns whose type is not known are left as they are.
//!
//! # Versions
//! All.

use sqlparser::ast::{Expr, Ident, Query, Select, SelectItem, SetExpr, Spanned, Statement, Value};

use crate::build;
use crate::common_type::{self, Common, is_bit};
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule, Scene};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::oid;
use crate::typing;
use crate::wit::Oid;

pub(crate) struct SetOperationType;

impl Rule for SetOperationType {
    fn name(&self) -> &'static str {
        "set_operation_type"
    }

    fn summary(&self) -> &'static str {
        "gives literals in set operations the type of their column"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::SET_OPERATION)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let parameters = pass.parameters.clone();
        let mut walk = Walk {
            text: pass.text,
            scene: pass.scene,
            copies: &mut pass.copies,
            found: Vec::new(),
            changed: false,
        };
        scoped(tree, pass.relations, &parameters, &mut walk)?;
        let Walk { found, changed, .. } = walk;
        pass.parameter_types(found);
        Ok(changed)
    }
}

/// What is known of a column.
#[derive(Clone, Copy)]
enum Column {
    Typed(Oid),
    /// A literal that takes any type.
    Literal,
    Unknown,
}

struct Walk<'a, 'b> {
    text: &'a str,
    scene: Scene<'a>,
    copies: &'b mut Copies,
    found: Vec<(u32, Oid)>,
    changed: bool,
}

impl ScopedHooks for Walk<'_, '_> {
    fn enter_query(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        if matches!(&*query.body, SetExpr::SetOperation { .. }) {
            self.columns(&mut query.body, scopes)?;
        }
        Ok(())
    }
}

/// Whether one side has 0 or 1 where the other has a boolean, as in IRIS's own SQL, which has no
/// TRUE and FALSE.
fn is_bit_beside(bit: &mut SetExpr, boolean: &mut SetExpr, index: usize) -> bool {
    let is_word = |item: &Expr| matches!(item, Expr::Value(value) if matches!(value.value, Value::Boolean(_)));
    item_of(bit, index).is_some_and(|item| is_bit(item))
        && !item_of(boolean, index).is_some_and(|item| is_word(item))
}

impl Walk<'_, '_> {
    /// The columns of a body; none if they cannot be counted.
    fn columns(
        &mut self,
        body: &mut SetExpr,
        scopes: &mut Scopes<'_>,
    ) -> Diagnosed<Option<Vec<Column>>> {
        match body {
            SetExpr::Select(select) => Ok(of_select(select, scopes)),
            SetExpr::Query(query) => {
                let columns = scopes.columns_of(query);
                Ok(columns.map(|columns| {
                    let known =
                        |type_oid: Option<Oid>| type_oid.map_or(Column::Unknown, Column::Typed);
                    columns
                        .iter()
                        .map(|column| known(column.type_oid))
                        .collect()
                }))
            }
            SetExpr::SetOperation {
                left, right, op, ..
            } => {
                let construct = op.to_string();
                let (first, second) = (self.columns(left, scopes)?, self.columns(right, scopes)?);
                let (Some(first), Some(second)) = (first, second) else {
                    return Ok(None);
                };
                if first.len() != second.len() {
                    return Ok(None);
                }
                let mut columns = Vec::with_capacity(first.len());
                for (index, pair) in first.into_iter().zip(second).enumerate() {
                    columns.push(self.both(left, right, index, pair, &construct)?);
                }
                Ok(Some(columns))
            }
            _ => Ok(None),
        }
    }

    /// One column of both sides.
    fn both(
        &mut self,
        left: &mut SetExpr,
        right: &mut SetExpr,
        index: usize,
        pair: (Column, Column),
        construct: &str,
    ) -> Diagnosed<Column> {
        let common = match pair {
            (Column::Typed(one), Column::Typed(other)) => match common_type::common(one, other) {
                Common::Type(common) => common,
                Common::Unknown => return Ok(Column::Unknown),
                Common::Nothing
                    if one == oid::BOOL && is_bit_beside(right, left, index)
                        || other == oid::BOOL && is_bit_beside(left, right, index) =>
                {
                    return Ok(Column::Unknown);
                }
                Common::Nothing => {
                    let error = common_type::cannot_be_matched(construct, one, other);
                    let start = item_of(right, index).map_or(0, |item| start_of(item));
                    return Err(error.at(self.text, start));
                }
            },
            (Column::Typed(known), Column::Literal) | (Column::Literal, Column::Typed(known)) => {
                known
            }
            (Column::Literal, Column::Literal) => oid::TEXT,
            _ => return Ok(Column::Unknown),
        };
        for (is_first, side, column) in [(true, left, pair.0), (false, right, pair.1)] {
            let own = match column {
                Column::Typed(own) => Some(own),
                _ => None,
            };
            if let Some(item) = item_of(side, index) {
                let start = start_of(item);
                let changed = common_type::give_in_zone(
                    item,
                    own,
                    common,
                    &mut self.found,
                    (&self.scene, &mut *self.copies),
                )
                .map_err(|error| error.at(self.text, start))?;
                if changed && is_first && own.is_none() {
                    keep_unnamed(side, index);
                }
                self.changed |= changed;
            }
        }
        Ok(Column::Typed(common))
    }
}

fn start_of(item: &Expr) -> usize {
    match item {
        // Nobody asks where a chain starts: looking would walk down all of it.
        Expr::BinaryOp { .. } => 0,
        other => other.span().start.column.saturating_sub(1) as usize,
    }
}

fn of_select(select: &Select, scopes: &mut Scopes<'_>) -> Option<Vec<Column>> {
    scopes.within_select(select, |scopes| {
        if select
            .projection
            .iter()
            .any(|item| expression(item).is_none())
        {
            let columns = scopes.columns_of_select(select)?;
            let known = |type_oid: Option<Oid>| type_oid.map_or(Column::Unknown, Column::Typed);
            return Some(
                columns
                    .iter()
                    .map(|column| known(column.type_oid))
                    .collect(),
            );
        }
        let items = select.projection.iter().filter_map(expression);
        Some(
            items
                .map(|item| match scopes.type_of(item) {
                    Some(type_oid) => Column::Typed(type_oid),
                    None if typing::is_untyped(item) => Column::Literal,
                    None => Column::Unknown,
                })
                .collect(),
        )
    })
}

fn expression(item: &SelectItem) -> Option<&Expr> {
    match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    }
}

/// A literal has no name; the cast that it has become would have that of its type.
fn keep_unnamed(body: &mut SetExpr, index: usize) {
    if let SetExpr::Select(select) = body
        && let Some(item) = select.projection.get_mut(index)
        && let SelectItem::UnnamedExpr(expr @ Expr::Cast { .. }) = item
    {
        *item = SelectItem::ExprWithAlias {
            expr: build::take(expr),
            alias: Ident::with_quote('"', labels::UNNAMED),
        };
    }
}

/// An item of a select, if the body is one and none of its items is a `*`.
fn item_of(body: &mut SetExpr, index: usize) -> Option<&mut Expr> {
    let SetExpr::Select(select) = body else {
        return None;
    };
    if select
        .projection
        .iter()
        .any(|item| expression(item).is_none())
    {
        return None;
    }
    match select.projection.get_mut(index)? {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    }
}

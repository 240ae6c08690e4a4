//! UNION, INTERSECT and EXCEPT of rows that the broker makes: those of the right side are kept, and
//! put together with those of the left.

use sqlparser::ast::{Expr, Query, SelectItem, SetExpr, SetOperator, SetQuantifier, Statement};

use super::order::{is_sorted, key, limit};
use super::values::typed;
use super::{arrange, computes, described, known};
use crate::build;
use crate::common_type::{Common, common};
use crate::computed::{self, Computed};
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::order_item;
use crate::part::Part;
use crate::rule::Pass;
use crate::typing;
use crate::wit::{Arrangement, Column, Instruction, Oid, RowMatch, Stage, TypedValue};

/// The parts that give the rows of a set operation; none if the broker need not make them, or
/// cannot.
pub(super) fn parts(query: &Query, pass: &mut Pass<'_>) -> Diagnosed<Option<Vec<Part>>> {
    let is_plain = query.locks.is_empty()
        && query
            .fetch
            .as_ref()
            .is_none_or(|fetch| !fetch.with_ties && !fetch.percent);
    if !is_plain {
        return Ok(None);
    }
    let mut side = known!(side(&query.body, query, pass)?);
    if !side.computes {
        return Ok(None);
    }
    let columns = &side.arrangement.columns;
    let mut keys = Vec::new();
    for item in order_item::items(query).unwrap_or_default() {
        let number = match order_item::ordinal(&item.expr) {
            Some(ordinal) => ordinal.checked_sub(1),
            None => {
                let Expr::Identifier(name) = &item.expr else {
                    return Ok(None);
                };
                let name = labels::folded(name);
                columns.iter().position(|column| column.label == name)
            }
        };
        let number = known!(number);
        let column = known!(columns.get(number));
        if !is_sorted(column.type_oid) {
            return Ok(None);
        }
        keys.push(known!(key(typed(number, column.type_oid), &item.options)));
    }
    if !keys.is_empty() {
        side.arrangement.stages.push(Stage::Sorted(keys));
    }
    let limited = known!(limit(query, pass));
    side.arrangement.stages.extend(limited);
    let Side {
        mut before,
        query,
        arrangement,
        ..
    } = side;
    before.push(Part {
        arrangement: Some(arrangement),
        ..Part::whole(Statement::Query(Box::new(query)))
    });
    Ok(Some(before))
}

/// One side of an operation.
struct Side {
    /// What keeps the rows that the arrangement looks at.
    before: Vec<Part>,
    query: Query,
    arrangement: Arrangement,
    /// Whether there is something that IRIS cannot compute.
    computes: bool,
    /// Of each column whether it is a literal that takes any type.
    literals: Vec<bool>,
}

/// `whole`: the query with the queries of WITH that the side may name.
fn side(body: &SetExpr, whole: &Query, pass: &mut Pass<'_>) -> Diagnosed<Option<Side>> {
    let mut query = match body {
        SetExpr::SetOperation {
            op,
            set_quantifier,
            left,
            right,
        } => {
            let left = known!(side(left, whole, pass)?);
            let right = known!(side(right, whole, pass)?);
            return joined(*op, *set_quantifier, left, right, pass);
        }
        SetExpr::Query(inner) => match &*inner.body {
            SetExpr::Select(_) => (**inner).clone(),
            // An order, or a limit, of a set operation within another one.
            _ if inner.order_by.is_some() || inner.limit_clause.is_some() => return Ok(None),
            _ => return side(&inner.body, whole, pass),
        },
        SetExpr::Select(_) => build::query(body.clone()),
        _ => return Ok(None),
    };
    if query.with.is_none() {
        query.with.clone_from(&whole.with);
    }
    let literals = literals(&query);
    let mut arrangement = known!(arrange(&mut query, pass)?);
    for column in &mut arrangement.columns {
        column.origin = None;
    }
    let computes = arrangement.stages.iter().any(computes);
    Ok(Some(Side {
        before: Vec::new(),
        query,
        arrangement,
        computes,
        literals,
    }))
}

fn literals(query: &Query) -> Vec<bool> {
    let SetExpr::Select(select) = &*query.body else {
        return Vec::new();
    };
    let is_literal = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
            typing::is_untyped(expr)
        }
        _ => false,
    };
    // Behind a `*` they cannot be counted.
    let is_counted = select
        .projection
        .iter()
        .all(|item| labels::of_item(item).is_some());
    let literals = select.projection.iter().map(is_literal);
    literals.filter(|_| is_counted).collect()
}

/// The rows of both sides together.
fn joined(
    operator: SetOperator,
    quantifier: SetQuantifier,
    mut left: Side,
    mut right: Side,
    pass: &mut Pass<'_>,
) -> Diagnosed<Option<Side>> {
    let all = match quantifier {
        SetQuantifier::All => true,
        SetQuantifier::None | SetQuantifier::Distinct => false,
        _ => return Ok(None),
    };
    let (ours, theirs) = (&left.arrangement.columns, &right.arrangement.columns);
    if ours.len() != theirs.len() {
        return Ok(None);
    }
    let mut types = Vec::with_capacity(ours.len());
    for (number, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let is_literal = |side: &Side| side.literals.get(number).copied().unwrap_or(false);
        types.push(match (is_literal(&left), is_literal(&right)) {
            (true, false) => theirs.type_oid,
            (false, true) => ours.type_oid,
            _ => known!(shared(ours.type_oid, theirs.type_oid)),
        });
    }
    for side in [&mut left, &mut right] {
        known!(cast(side, &types, pass));
    }
    let values: Vec<TypedValue> = types
        .iter()
        .enumerate()
        .map(|(number, type_oid)| typed(number, *type_oid))
        .collect();
    let is_compared = !all || !matches!(operator, SetOperator::Union);
    if is_compared && !types.iter().copied().all(is_sorted) {
        return Ok(None);
    }
    let slot = pass.slot();
    match operator {
        SetOperator::Union => {
            left.arrangement.stages.push(Stage::Appended(slot));
            if !all {
                left.arrangement.stages.push(Stage::Distinct(values));
            }
        }
        SetOperator::Intersect | SetOperator::Except => {
            left.arrangement.stages.push(Stage::Matched(RowMatch {
                slot,
                values,
                except: matches!(operator, SetOperator::Except),
                all,
            }));
        }
        SetOperator::Minus => return Ok(None),
    }
    left.computes |= right.computes;
    left.literals = Vec::new();
    left.before.append(&mut right.before);
    let kept = described::kept_rows(right.query, right.arrangement, slot, pass)?;
    left.before.push(kept);
    Ok(Some(left))
}

/// The type of a column of both sides.
fn shared(left: Oid, right: Oid) -> Option<Oid> {
    if left == right {
        return Some(left);
    }
    match common(left, right) {
        Common::Type(known) => Some(known),
        Common::Nothing | Common::Unknown => None,
    }
}

/// The literal that a value of the result is, without a type.
fn literal_of(stages: &[Stage], number: u32) -> Option<Computed> {
    let last = stages.iter().rev().find_map(|stage| match stage {
        Stage::Computed(values) => Some(values),
        _ => None,
    })?;
    match last.get(number as usize)?.as_slice() {
        [literal @ Instruction::Constant(_)] => Some(Computed {
            instructions: vec![literal.clone()],
            type_oid: 0,
        }),
        _ => None,
    }
}

/// Makes the rows so many values of these types.
fn cast(side: &mut Side, types: &[Oid], pass: &mut Pass<'_>) -> Option<()> {
    let Side {
        arrangement,
        literals,
        ..
    } = side;
    let is_so = |(column, type_oid): (&Column, &Oid)| column.type_oid == *type_oid;
    let width = arrangement
        .stages
        .iter()
        .rev()
        .find_map(|stage| match stage {
            Stage::Computed(values) => Some(values.len()),
            _ => None,
        });
    if width == Some(types.len()) && arrangement.columns.iter().zip(types).all(is_so) {
        return Some(());
    }
    let mut values = Vec::with_capacity(types.len());
    for ((number, column), type_oid) in (0..).zip(&mut arrangement.columns).zip(types) {
        let value = Computed {
            instructions: vec![Instruction::Column(number)],
            type_oid: column.type_oid,
        };
        let is_literal = literals.get(number as usize).copied().unwrap_or(false);
        let value = match is_literal.then(|| literal_of(&arrangement.stages, number)) {
            Some(Some(literal)) => literal,
            _ => value,
        };
        values.push(computed::settle(value, *type_oid, pass)?.instructions);
        if column.type_oid != *type_oid {
            column.type_oid = *type_oid;
            column.type_modifier = -1;
        }
    }
    arrangement.stages.push(Stage::Computed(values));
    Some(())
}

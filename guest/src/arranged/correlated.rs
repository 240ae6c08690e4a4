//! Subqueries that give one row for each row of the outer query, of aggregates that the broker
//! makes: in the select list, as `ARRAY(SELECT …)`, and as LATERAL in FROM. The rows of the outer query
//! are kept, and those of the subqueries are grouped by what they are compared with, and joined to
//! them.

mod inner;
mod pushed;
mod taken;

use sqlparser::ast::{Expr, Query, SetExpr, Statement};

use super::described;
use super::values::typed;
use super::{arrange_beside, flattened, known, records};
use crate::diagnostic::Diagnosed;
use crate::look::{self, Node};
use crate::part::Part;
use crate::rule::Pass;
use crate::types::oid;
use crate::walk;
use crate::windows::named::Named;
use crate::wit::{Arrangement, AttachedKey, Attachment, Column, Instruction, Oid, Stage};

use inner::Inner;
use taken::Sub;

/// What stands beside the rows of a query: the values of a subquery, and what its rows belong to.
pub(super) struct Beside {
    /// What the statement is given as the name of the subquery.
    pub(super) table: String,
    pub(super) columns: Vec<(String, Oid)>,
    /// Of the outer query.
    pub(super) keys: Vec<Expr>,
}

/// The parts of a query with such subqueries; none if there are none, or the broker cannot make
/// them.
///
/// # Errors
/// What PostgreSQL says of a literal.
pub(super) fn parts(query: &Query, pass: &mut Pass<'_>) -> Diagnosed<Option<Vec<Part>>> {
    if !look::finds(query, &mut is_meant) {
        return Ok(None);
    }
    let mut outer = query.clone();
    records::write(&mut outer);
    walk::query(&mut outer, &mut Named::new(pass.text, &mut pass.copies))?;
    let subs = known!(taken::from(&mut outer));
    if subs.is_empty() {
        return Ok(None);
    }
    let slot = pass.slot();
    let mut keys: Vec<Expr> = Vec::new();
    let mut inners = Vec::with_capacity(subs.len());
    for sub in subs {
        inners.push(known!(Inner::of(sub, slot, &mut keys, pass)?));
    }
    let beside: Vec<Beside> = inners.iter().map(Inner::beside).collect();
    flattened::flatten(&mut outer);
    let mut asked = outer.clone();
    let order = pushed::order(&mut outer);
    let made = known!(arrange_beside(&mut asked, outer, &beside, pass)?);
    let predicted = |(inner, keys): (&Inner, &Vec<u32>)| inner.numbers == *keys;
    if !inners.iter().zip(&made.keys).all(predicted) {
        return Ok(None);
    }
    if let Some(order) = order {
        order.put_back(&mut asked);
    }
    let mut parts = vec![described::kept_rows(
        asked,
        as_given(&made.asked),
        slot,
        pass,
    )?];
    let mut kept = slot;
    let last = inners.len() - 1;
    let mut types = made.asked;
    for (number, inner) in inners.into_iter().enumerate() {
        let Inner {
            query,
            arrangement: mut whole,
            numbers,
            ..
        } = inner;
        let of_inner: Vec<Oid> = whole.columns.iter().map(|column| column.type_oid).collect();
        let mut keys = Vec::with_capacity(numbers.len());
        for (index, number) in numbers.iter().enumerate() {
            let theirs = known!(types.get(*number as usize));
            let both = known!(of_key(*theirs, known!(of_inner.get(index)).to_owned()));
            keys.push(AttachedKey {
                kept: *number,
                value: typed(index, both),
            });
        }
        whole.stages.push(Stage::Attached(Attachment {
            slot: kept,
            keys,
            width: u32::try_from(of_inner.len()).unwrap_or(u32::MAX),
            outer: true,
        }));
        types.extend(of_inner);
        if number == last {
            whole.stages.extend(made.arrangement.stages.clone());
            whole.columns.clone_from(&made.arrangement.columns);
            parts.push(Part {
                arrangement: Some(whole),
                ..Part::whole(Statement::Query(Box::new(query)))
            });
        } else {
            kept = pass.slot();
            whole.columns = types.iter().copied().map(unnamed).collect();
            parts.push(described::kept_rows(query, whole, kept, pass)?);
        }
    }
    Ok(Some(parts))
}

/// Rows as IRIS gives them.
fn as_given(types: &[Oid]) -> Arrangement {
    let values = (0..).take(types.len());
    let values = values.map(|number| vec![Instruction::Column(number)]);
    Arrangement {
        rows: Vec::new(),
        stages: vec![Stage::Computed(values.collect())],
        columns: types.iter().copied().map(unnamed).collect(),
    }
}

fn unnamed(type_oid: Oid) -> Column {
    Column {
        label: String::new(),
        type_oid,
        type_modifier: -1,
        origin: None,
    }
}

/// The type that both sides of a comparison have.
fn of_key(kept: Oid, here: Oid) -> Option<Oid> {
    let is_whole = |known| matches!(known, oid::INT2 | oid::INT4 | oid::INT8);
    let is_text = |known| matches!(known, oid::TEXT | oid::VARCHAR);
    match (kept, here) {
        (kept, here) if kept == here => Some(kept),
        (kept, here) if is_whole(kept) && is_whole(here) => Some(oid::INT8),
        (kept, here) if is_text(kept) && is_text(here) => Some(oid::TEXT),
        _ => None,
    }
}

/// Whether there may be such a subquery.
fn is_meant(node: Node<'_>) -> bool {
    match node {
        Node::Expression(expression) => {
            taken::is_array(expression).is_some()
                || matches!(expression, Expr::Subquery(query) if taken::is_made_here(query))
        }
        Node::Query(query) => matches!(&*query.body, SetExpr::Select(select)
            if select.from.iter().any(taken::has_lateral)),
        _ => false,
    }
}

impl Inner {
    fn beside(&self) -> Beside {
        let columns = self.arrangement.columns.iter();
        Beside {
            table: self.table.clone(),
            columns: columns
                .map(|column| (column.label.clone(), column.type_oid))
                .collect(),
            keys: self.outer_keys.clone(),
        }
    }
}

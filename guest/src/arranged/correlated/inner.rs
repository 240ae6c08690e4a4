//! The query of a subquery for all rows of the outer one: grouped by what these are compared with.

use sqlparser::ast::{BinaryOperator, Expr, GroupByExpr, Query, SelectItem, SetExpr};

use super::super::{arrange, known};
use super::Sub;
use crate::build;
use crate::computed::condition::{all_of, conjuncts};
use crate::diagnostic::Diagnosed;
use crate::look::{self, Node};
use crate::rule::Pass;
use crate::scope::Scopes;
use crate::types::oid;
use crate::wit::Arrangement;
use crate::writing;

/// A subquery as a query of its own.
pub(super) struct Inner {
    pub(super) table: String,
    pub(super) query: Query,
    /// Its first columns are what is compared, and the others the aggregates.
    pub(super) arrangement: Arrangement,
    /// What the first columns are compared with, of the outer query, and the numbers of these values
    /// among those that IRIS is asked for there.
    pub(super) outer_keys: Vec<Expr>,
    pub(super) numbers: Vec<u32>,
}

impl Inner {
    /// None if the outer query decides more than an equality. `keys`: those of all subqueries; `slot`
    /// will have the rows of the outer query, of which these are the first values.
    pub(super) fn of(
        sub: Sub,
        slot: u32,
        keys: &mut Vec<Expr>,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<Option<Self>> {
        let Sub {
            table,
            mut select,
            aggregates,
        } = sub;
        let (relations, parameters) = (pass.relations, pass.parameters.clone());
        let mut scopes = Scopes::new(relations, &parameters);
        scopes.open_select(&select);
        let mut pairs = Vec::new();
        let mut own = Vec::new();
        for conjunct in select.selection.take().into_iter().flat_map(conjuncts) {
            if is_inner(&conjunct, &scopes) {
                own.push(conjunct);
                continue;
            }
            pairs.push(known!(pair(&conjunct, &scopes)));
        }
        if !aggregates.iter().all(|(_, call)| is_inner(call, &scopes)) {
            return Ok(None);
        }
        let mut numbers = Vec::with_capacity(pairs.len());
        for (_, outer) in &pairs {
            let known = keys.iter().position(|key| key == outer);
            let number = known.unwrap_or_else(|| {
                keys.push(outer.clone());
                keys.len() - 1
            });
            numbers.push(known!(u32::try_from(number).ok()));
        }
        let (inner_keys, outer_keys): (Vec<Expr>, Vec<Expr>) = pairs.into_iter().unzip();
        // Of the rows only those are asked for that belong to one that is kept. A list of other values
        // than whole numbers might have commas in them.
        for (key, number) in inner_keys.iter().zip(&numbers) {
            let is_whole = matches!(scopes.type_of(key), Some(oid::INT2 | oid::INT4 | oid::INT8));
            if is_whole {
                own.push(writing::is_among_values(key.clone(), slot, *number));
                break;
            }
        }
        select.selection = all_of(own);
        let labels = (0..).map(|number: u32| format!("key {number}"));
        let items = inner_keys.iter().cloned().zip(labels);
        let calls = aggregates.into_iter().map(|(name, call)| (call, name));
        select.projection = items.chain(calls).map(named).collect();
        select.group_by = GroupByExpr::Expressions(inner_keys, Vec::new());
        let mut query = build::query(SetExpr::Select(Box::new(select)));
        let arrangement = known!(arrange(&mut query, pass)?);
        Ok(Some(Self {
            table,
            query,
            arrangement,
            outer_keys,
            numbers,
        }))
    }
}

fn named((expr, name): (Expr, String)) -> SelectItem {
    SelectItem::ExprWithAlias {
        expr,
        alias: sqlparser::ast::Ident::with_quote('"', name),
    }
}

/// What of the subquery is equal to what of the outer query.
fn pair(conjunct: &Expr, scopes: &Scopes<'_>) -> Option<(Expr, Expr)> {
    let Expr::BinaryOp {
        left,
        op: BinaryOperator::Eq,
        right,
    } = build::unnested(conjunct)
    else {
        return None;
    };
    let sides = [(left, right), (right, left)];
    let found = sides
        .into_iter()
        .find(|(inner, outer)| is_inner(inner, scopes) && is_outer(outer, scopes))?;
    Some(((**found.0).clone(), (**found.1).clone()))
}

/// Whether all names in it are of the subquery.
fn is_inner(expression: &Expr, scopes: &Scopes<'_>) -> bool {
    !look::has_query(expression)
        && !look::finds(
            expression,
            &mut |node| matches!(node, Node::Expression(one) if is_name(one) && !is_known(one, scopes)),
        )
}

/// Whether it is a name that is none of the subquery's.
fn is_outer(expression: &Expr, scopes: &Scopes<'_>) -> bool {
    is_name(expression) && !is_known(expression, scopes)
}

fn is_known(name: &Expr, scopes: &Scopes<'_>) -> bool {
    scopes.column(name).is_some()
        || matches!(name, Expr::Identifier(name) if scopes.sources().iter().any(|source| source.is_called(name)))
}

fn is_name(expression: &Expr) -> bool {
    matches!(
        expression,
        Expr::Identifier(_) | Expr::CompoundIdentifier(_)
    )
}

//! The columns of a `*` over joins that merge some.
//!
//! PostgreSQL manual, "Joined Tables": USING and NATURAL put out the columns that they merge first.

use sqlparser::ast::{Join, JoinConstraint, JoinOperator, TableFactor, TableWithJoins};

use super::{Output, Source};
use crate::join::{constraint, is_merging};
use crate::labels;
use crate::typing;

/// The columns of all sources; none if one of them is not known.
pub(super) fn columns(from: &[TableWithJoins], sources: &[Source]) -> Option<Vec<Output>> {
    if !from.iter().flat_map(|table| &table.joins).any(is_merging) {
        let columns = sources.iter().map(|source| source.columns.clone());
        return Some(columns.collect::<Option<Vec<_>>>()?.concat());
    }
    let mut sources = sources.iter();
    let mut all = Vec::new();
    for table in from {
        let mut left = next(&table.relation, &mut sources)?;
        for join in &table.joins {
            left = merged(left, join, next(&join.relation, &mut sources)?)?;
        }
        all.extend(left);
    }
    Some(all)
}

fn next<'a>(
    factor: &TableFactor,
    sources: &mut impl Iterator<Item = &'a Source>,
) -> Option<Vec<Output>> {
    match factor {
        TableFactor::NestedJoin { .. } => None,
        _ => sources.next()?.columns.clone(),
    }
}

fn merged(mut left: Vec<Output>, join: &Join, mut right: Vec<Output>) -> Option<Vec<Output>> {
    let names = match constraint(join) {
        Some(JoinConstraint::Using(names)) => {
            names.iter().map(labels::of_name).collect::<Option<_>>()?
        }
        Some(JoinConstraint::Natural) => common(&left, &right),
        _ => Vec::new(),
    };
    let mut columns = Vec::with_capacity(left.len() + right.len());
    for name in names {
        let one = left.remove(place(&left, &name)?);
        let other = right.remove(place(&right, &name)?);
        columns.push(match &join.join_operator {
            JoinOperator::Right(_) | JoinOperator::RightOuter(_) => other,
            JoinOperator::FullOuter(_) => Output {
                type_oid: typing::merged(one.type_oid?, other.type_oid?),
                digits: one.digits.filter(|known| other.digits == Some(*known)),
                stored: false,
                origin: None,
                ..one
            },
            _ => one,
        });
    }
    columns.append(&mut left);
    columns.append(&mut right);
    Some(columns)
}

fn common(left: &[Output], right: &[Output]) -> Vec<String> {
    let names = left.iter().filter_map(|column| column.name.clone());
    names.filter(|name| place(right, name).is_some()).collect()
}

pub(super) fn place(columns: &[Output], name: &str) -> Option<usize> {
    columns.iter().position(|column| {
        let known = column.name.as_ref();
        known.is_some_and(|known| known.eq_ignore_ascii_case(name))
    })
}

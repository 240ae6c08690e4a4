//! The shape of FROM: which conditions are decided where, and which joins go last.

use crate::plan::{Expr, Node, Reference, Source, SourceKind};

/// The parts of a conjunction.
pub(super) fn parts(condition: Expr) -> Vec<Expr> {
    match condition {
        Expr::And(list) => list.into_iter().flat_map(parts).collect(),
        other => vec![other],
    }
}

/// Joins both; an outer join on the left goes last where its right side is not needed.
pub(super) fn inner(left: Node, right: Node, on: Vec<Expr>, sources: &[Source]) -> Node {
    let needed = on.iter().fold(0, |all, expr| all | expr.sources()) | needs(&right, sources);
    match left {
        Node::Left(first, second) if needed & second.sources() == 0 => {
            Node::Left(Box::new(inner(*first, right, on, sources)), second)
        }
        Node::Inner(mut joined) => {
            joined.conditions.extend(on);
            match right {
                Node::Inner(other) => {
                    joined.items.extend(other.items);
                    joined.conditions.extend(other.conditions);
                }
                other => joined.items.push(other),
            }
            Node::Inner(joined)
        }
        Node::Nothing => Node::inner(vec![right], on),
        left => match right {
            Node::Inner(mut other) => {
                other.items.insert(0, left);
                other.conditions.extend(on);
                Node::Inner(other)
            }
            right => Node::inner(vec![left, right], on),
        },
    }
}

/// The sources that LATERAL items beneath read.
fn needs(node: &Node, sources: &[Source]) -> u128 {
    match node {
        Node::Nothing => 0,
        Node::Scan(number) => match sources.get(*number).map(|source| &source.kind) {
            Some(SourceKind::Derived(subquery, _)) => subquery
                .captured
                .iter()
                .filter(|reference| reference.level == 0)
                .fold(0, |all, reference| all | (1 << reference.source)),
            Some(SourceKind::Functions { items, .. }) => items
                .iter()
                .flat_map(|(item, _)| &item.arguments)
                .fold(0, |all, expr| all | expr.sources()),
            _ => 0,
        },
        Node::Inner(inner) => inner
            .items
            .iter()
            .fold(0, |all, item| all | needs(item, sources)),
        Node::Left(left, right) | Node::Full(left, right, _) => {
            needs(left, sources) | needs(right, sources)
        }
    }
}

/// The node with the conditions of WHERE, each as deep down as it may go.
pub(super) fn restricted(node: Node, condition: Expr) -> Node {
    parts(condition).into_iter().fold(node, push)
}

fn push(node: Node, condition: Expr) -> Node {
    let needed = condition.sources();
    match node {
        Node::Left(left, right) if needed & right.sources() == 0 => {
            Node::Left(Box::new(push(*left, condition)), right)
        }
        // A condition that no made-up row meets turns the outer join into an inner one.
        Node::Left(left, right) if rejects_null(&condition, right.sources()) => {
            let joined = inner(*left, *right, Vec::new(), &[]);
            push(joined, condition)
        }
        Node::Inner(mut joined) => {
            let place = joined.items.iter().position(|item| {
                matches!(item, Node::Left(..)) && needed & !item.sources() == 0 && needed != 0
            });
            match place {
                Some(place) => {
                    let item = std::mem::replace(&mut joined.items[place], Node::Nothing);
                    joined.items[place] = push(item, condition);
                }
                None => joined.conditions.push(condition),
            }
            Node::Inner(joined)
        }
        other => Node::inner(vec![other], vec![condition]),
    }
}

fn rejects_null(condition: &Expr, sources: u128) -> bool {
    let is_column = |expr: &Expr| {
        matches!(
            expr,
            Expr::Reference(Reference { level: 0, source, column: Some(_) })
                if sources & (1 << source) != 0
        )
    };
    match condition {
        Expr::Compare(_, pair) => pair.iter().any(is_column),
        _ => false,
    }
}

//! Conditions that the broker decides: it looks at the rows of their table first, and the
//! statement itself asks for the rows that it kept.

use sqlparser::ast::{
    BinaryOperator, Expr, Ident, JoinOperator, SelectItem, TableFactor, TableWithJoins,
};

use super::{Computed, accesses};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::look::{self, Node};
use crate::part::Part;
use crate::rule::Pass;
use crate::scope::Scopes;
use crate::types::oid;
use crate::wit::{Oid, RowUse};
use crate::writing;

/// What decides the conditions of one table.
struct Group {
    /// The source that the columns are of, by number.
    source: usize,
    columns: Vec<Expr>,
    condition: Computed,
}

/// Writes a condition with what the broker decides of it as rows that are kept; adds the parts
/// that find these.
///
/// # Errors
/// What PostgreSQL says of a literal.
pub(crate) fn write(
    condition: &mut Expr,
    from: &[TableWithJoins],
    scopes: &Scopes<'_>,
    parts: &mut Vec<Part>,
    pass: &mut Pass<'_>,
) -> Diagnosed<()> {
    if !accesses(condition) {
        return Ok(());
    }
    let mut groups: Vec<Group> = Vec::new();
    let mut kept = Vec::new();
    for mut conjunct in conjuncts(build::take(condition)) {
        if accesses(&conjunct) {
            if let Some(found) = compiled(&conjunct, from, scopes, pass)? {
                add(&mut groups, found);
                continue;
            }
            if let Expr::BinaryOp {
                left,
                op: BinaryOperator::Or,
                right,
            } = build::unnested_mut(&mut conjunct)
            {
                write(left, from, scopes, parts, pass)?;
                write(right, from, scopes, parts, pass)?;
            }
        }
        kept.push(conjunct);
    }
    for group in groups {
        let found = decided(group, &kept, from, scopes, parts, pass)?;
        kept.extend(found);
    }
    if let Some(all) = all_of(kept) {
        *condition = all;
    }
    Ok(())
}

fn add(groups: &mut Vec<Group>, found: Group) {
    let same = groups
        .iter_mut()
        .find(|group| group.source == found.source && group.columns == found.columns);
    match same {
        Some(group) => group.condition = group.condition.clone().and(found.condition),
        None => groups.push(found),
    }
}

/// Conditions with AND between them.
pub(crate) fn all_of(conditions: Vec<Expr>) -> Option<Expr> {
    conditions
        .into_iter()
        .reduce(|left, right| build::binary(left, BinaryOperator::And, right))
}

/// Those that AND joins, in order.
pub(crate) fn conjuncts(condition: Expr) -> Vec<Expr> {
    let mut found = Vec::new();
    let mut open = vec![condition];
    while let Some(next) = open.pop() {
        match next {
            Expr::BinaryOp {
                left,
                op: BinaryOperator::And,
                right,
            } => open.extend([*right, *left]),
            Expr::Nested(inner)
                if matches!(
                    *inner,
                    Expr::BinaryOp {
                        op: BinaryOperator::And,
                        ..
                    }
                ) =>
            {
                open.push(*inner);
            }
            other => found.push(other),
        }
    }
    found
}

/// A condition on the columns of one table; none if the broker cannot decide it.
fn compiled(
    conjunct: &Expr,
    from: &[TableWithJoins],
    scopes: &Scopes<'_>,
    pass: &mut Pass<'_>,
) -> Diagnosed<Option<Group>> {
    let mut source = None;
    let mut columns: Vec<Expr> = Vec::new();
    let mut leaf = |expression: &Expr| -> Option<(u32, Oid)> {
        let (number, type_oid) = column(expression, scopes)?;
        if source.is_some_and(|known| known != number) {
            return None;
        }
        source = Some(number);
        let known = columns.iter().position(|known| known == expression);
        let index = known.unwrap_or_else(|| {
            columns.push(expression.clone());
            columns.len() - 1
        });
        // The row's number comes first.
        Some((u32::try_from(index).ok()? + 1, type_oid))
    };
    let compiled = super::compile(conjunct, &mut leaf, pass)?;
    let (Some((condition, found)), Some(source)) = (compiled, source) else {
        return Ok(None);
    };
    let allowed = condition.is_strict() || !has_outer_join(from);
    if condition.type_oid != oid::BOOL || !allowed || factor(from, source, scopes).is_none() {
        return Ok(None);
    }
    pass.parameter_types(found);
    Ok(Some(Group {
        source,
        columns,
        condition,
    }))
}

/// The number of the source that a column of a table is of, and its type.
fn column(expression: &Expr, scopes: &Scopes<'_>) -> Option<(usize, Oid)> {
    let (qualifier, name): (Option<&Ident>, &Ident) = match expression {
        Expr::Identifier(name) => (None, name),
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [.., qualifier, name] => (Some(qualifier), name),
            _ => return None,
        },
        _ => return None,
    };
    let mut found = None;
    for (number, source) in scopes.sources().iter().enumerate() {
        if qualifier.is_some_and(|qualifier| !source.is_called(qualifier)) {
            continue;
        }
        let columns = source.columns.as_ref()?;
        let column = columns.iter().find(|column| {
            let known = column.name.as_ref();
            known.is_some_and(|known| known.eq_ignore_ascii_case(&name.value))
        });
        if let Some(column) = column {
            if found.is_some() || source.table.is_none() {
                return None;
            }
            found = Some((number, column.type_oid?));
        }
    }
    found
}

fn has_outer_join(from: &[TableWithJoins]) -> bool {
    let mut joins = from.iter().flat_map(|table| &table.joins);
    joins.any(|join| {
        !matches!(
            join.join_operator,
            JoinOperator::Join(_) | JoinOperator::Inner(_) | JoinOperator::CrossJoin(_)
        )
    })
}

/// The table that a source is.
fn factor<'f>(
    from: &'f [TableWithJoins],
    source: usize,
    scopes: &Scopes<'_>,
) -> Option<&'f TableFactor> {
    let factors: Vec<&TableFactor> = from
        .iter()
        .flat_map(|table| {
            let joined = table.joins.iter().map(|join| &join.relation);
            std::iter::once(&table.relation).chain(joined)
        })
        .collect();
    if factors.len() != scopes.sources().len() {
        return None;
    }
    match factors.get(source)? {
        table @ TableFactor::Table {
            args: None,
            sample: None,
            ..
        } => Some(*table),
        _ => None,
    }
}

/// The condition that the row is one of those that were kept; adds the part that keeps them.
fn decided(
    group: Group,
    others: &[Expr],
    from: &[TableWithJoins],
    scopes: &Scopes<'_>,
    parts: &mut Vec<Part>,
    pass: &mut Pass<'_>,
) -> Diagnosed<Option<Expr>> {
    let Some(table) = factor(from, group.source, scopes) else {
        return Ok(None);
    };
    // What the statement asks of the rows besides need not be looked at.
    let mut narrower: Option<Expr> = None;
    for other in others
        .iter()
        .filter(|other| is_plain(other, group.source, scopes))
    {
        narrower = Some(writing::both(pass.copies.copy(other)?, narrower));
    }
    let slot = pass.slot();
    let items = std::iter::once(writing::row(None))
        .chain(group.columns)
        .map(SelectItem::UnnamedExpr)
        .collect();
    let only = TableWithJoins {
        relation: table.clone(),
        joins: Vec::new(),
    };
    let qualifier = (scopes.sources().len() > 1)
        .then(|| writing::called(&only))
        .flatten();
    parts.push(Part {
        rows: RowUse::Keep(slot),
        kept_if: Some(group.condition.instructions),
        ..Part::new(writing::select(items, vec![only], narrower))
    });
    let row = writing::row(qualifier.as_ref());
    Ok(Some(writing::is_among(row, slot)))
}

/// Whether a condition is one on the columns of that table alone, in words that mean the same
/// wherever it stands.
fn is_plain(condition: &Expr, source: usize, scopes: &Scopes<'_>) -> bool {
    use BinaryOperator as O;
    !look::finds(condition, &mut |node| match node {
        Node::Expression(expression) => match expression {
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => {
                column(expression, scopes).is_none_or(|(number, _)| number != source)
            }
            Expr::BinaryOp { op, .. } => !matches!(
                op,
                O::Eq | O::NotEq | O::Lt | O::LtEq | O::Gt | O::GtEq | O::And | O::Or
            ),
            Expr::Value(_)
            | Expr::Nested(_)
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::InList { .. }
            | Expr::Between { .. } => false,
            Expr::Cast { expr, .. } => !matches!(**expr, Expr::Value(_)),
            _ => true,
        },
        _ => true,
    })
}

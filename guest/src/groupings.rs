//! The groupings of a select: what GROUPING SETS, ROLLUP and CUBE mean together.
//!
//! PostgreSQL manual, "GROUPING SETS, CUBE, and ROLLUP".

use sqlparser::ast::{Expr, Function, GroupByExpr, Ident, Select, SelectItem, Value};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::scope::Scopes;
use crate::wit::Diagnostic;

/// What one of them groups by.
pub(crate) type Set = Vec<Expr>;

/// The most groupings of one select: each is a select of its own.
const MOST: usize = 64;

/// Whether a select has more than items in its GROUP BY.
pub(crate) fn are_in(select: &Select) -> bool {
    match &select.group_by {
        GroupByExpr::Expressions(items, modifiers) => {
            !modifiers.is_empty() && !items.is_empty() || items.iter().any(|item| !is_plain(item))
        }
        GroupByExpr::All(_) => false,
    }
}

fn is_plain(item: &Expr) -> bool {
    !matches!(
        item,
        Expr::GroupingSets(_) | Expr::Cube(_) | Expr::Rollup(_) | Expr::Tuple(_)
    )
}

/// The groupings, each once for every time it is meant; none if they are not
/// PostgreSQL's.
///
/// # Errors
/// Too many of them, or an ordinal that is none.
pub(crate) fn of(select: &Select, scopes: &Scopes<'_>) -> Diagnosed<Option<Vec<Set>>> {
    let GroupByExpr::Expressions(items, modifiers) = &select.group_by else {
        return Ok(None);
    };
    if !modifiers.is_empty() {
        return Ok(None);
    }
    let mut sets: Vec<Set> = vec![Vec::new()];
    for item in items {
        let Some(further) = item_sets(item) else {
            return Err(too_many());
        };
        if sets.len().saturating_mul(further.len()) > MOST {
            return Err(too_many());
        }
        let product = sets.iter().flat_map(|set| {
            let joined = |other: &Set| set.iter().chain(other).cloned().collect();
            further.iter().map(joined)
        });
        sets = product.collect();
    }
    for set in &mut sets {
        let mut meant: Set = Vec::with_capacity(set.len());
        for item in set.drain(..) {
            let item = resolved(item, &select.projection, scopes)?;
            if !meant.iter().any(|known| are_same(known, &item)) {
                meant.push(item);
            }
        }
        *set = meant;
    }
    Ok(Some(sets))
}

fn too_many() -> Diagnostic {
    Diagnostic::error("54001", "too many grouping sets present")
        .with_detail(format!("A select may have {MOST} groupings."))
        .with_hint("use several statements")
}

/// The groupings of one item; none if there are too many.
fn item_sets(item: &Expr) -> Option<Vec<Set>> {
    match item {
        Expr::Tuple(items) => Some(vec![items.clone()]),
        Expr::Nested(inner) => item_sets(inner),
        Expr::Rollup(parts) => Some(rollup(parts)),
        Expr::Cube(parts) => cube(parts),
        Expr::GroupingSets(parts) => {
            let mut sets = Vec::new();
            for part in parts {
                match part.as_slice() {
                    [only] => sets.extend(item_sets(only)?),
                    _ => sets.push(part.clone()),
                }
                if sets.len() > MOST {
                    return None;
                }
            }
            Some(sets)
        }
        // Inside of GROUPING SETS the reader takes them for calls.
        Expr::Function(function) => match called(function)? {
            (name, parts) if name == "rollup" => Some(rollup(&parts)),
            (name, parts) if name == "cube" => cube(&parts),
            _ => Some(vec![vec![item.clone()]]),
        },
        _ => Some(vec![vec![item.clone()]]),
    }
}

fn called(function: &Function) -> Option<(String, Vec<Set>)> {
    let name = build::function_name(function).unwrap_or_default();
    let parts = build::arguments(function).into_iter();
    let parts = parts.map(|part| match part {
        Expr::Tuple(items) => items.clone(),
        other => vec![build::unnested(other).clone()],
    });
    Some((name, parts.collect()))
}

fn rollup(parts: &[Set]) -> Vec<Set> {
    let prefixes = (0..=parts.len()).rev();
    prefixes
        .map(|length| parts.iter().take(length).flatten().cloned().collect())
        .collect()
}

fn cube(parts: &[Set]) -> Option<Vec<Set>> {
    if parts.len() > 6 {
        return None;
    }
    let count = 1_usize << parts.len();
    let chosen = |mask: usize| {
        let parts = parts.iter().enumerate();
        let parts = parts.filter(move |(index, _)| mask & (1 << index) != 0);
        parts.flat_map(|(_, part)| part).cloned().collect()
    };
    Some((0..count).rev().map(chosen).collect())
}

/// What an ordinal or an alias stands for.
fn resolved(item: Expr, items: &[SelectItem], scopes: &Scopes<'_>) -> Diagnosed<Expr> {
    let item = build::unnested(&item).clone();
    let expression = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
            Some(expr.clone())
        }
        _ => None,
    };
    match &item {
        Expr::Value(value) => {
            let Value::Number(digits, _) = &value.value else {
                return Ok(item);
            };
            let position = digits.parse::<usize>().ok();
            let meant = position
                .and_then(|position| items.get(position.checked_sub(1)?))
                .and_then(expression);
            meant.ok_or_else(|| {
                let message = format!("GROUP BY position {digits} is not in select list");
                Diagnostic::error("42P10", message)
            })
        }
        Expr::Identifier(name) if !is_column(name, scopes) => {
            let named = items.iter().find(|other| {
                matches!(other, SelectItem::ExprWithAlias { alias, .. }
                    if labels::folded(alias) == labels::folded(name))
            });
            Ok(named.and_then(expression).unwrap_or(item))
        }
        _ => Ok(item),
    }
}

/// Whether a source of the query itself has a column of that name.
pub(crate) fn is_column(name: &Ident, scopes: &Scopes<'_>) -> bool {
    let columns = scopes.sources().iter().flat_map(|source| &source.columns);
    columns.flatten().any(|column| {
        column
            .name
            .as_ref()
            .is_some_and(|known| known.eq_ignore_ascii_case(&name.value))
    })
}

/// What any of them groups by.
pub(crate) fn keys(sets: &[Set]) -> Vec<Expr> {
    let mut keys: Vec<Expr> = Vec::new();
    for key in sets.iter().flatten() {
        if !keys.iter().any(|known| are_same(known, key)) {
            keys.push(key.clone());
        }
    }
    keys
}

/// Whether two expressions are one: the same words, or names of one column.
pub(crate) fn are_same(left: &Expr, right: &Expr) -> bool {
    let (left, right) = (build::unnested(left), build::unnested(right));
    if left == right {
        return true;
    }
    match (left, right) {
        (Expr::Identifier(name), Expr::CompoundIdentifier(parts))
        | (Expr::CompoundIdentifier(parts), Expr::Identifier(name)) => parts
            .last()
            .is_some_and(|last| labels::folded(last) == labels::folded(name)),
        (Expr::Identifier(left), Expr::Identifier(right)) => {
            labels::folded(left) == labels::folded(right)
        }
        (Expr::CompoundIdentifier(left), Expr::CompoundIdentifier(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| labels::folded(left) == labels::folded(right))
        }
        _ => false,
    }
}

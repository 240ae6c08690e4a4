//! Which source of a select a name belongs to.

use sqlparser::ast::{Expr, Ident};

use crate::build;
use crate::relations::Relations;
use crate::scope::{Output, Scopes};
use crate::walk;

/// Words that stand for values, not columns.
const VALUES: &[&str] = &[
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "localtime",
    "localtimestamp",
    "session_user",
    "sysdate",
    "user",
];

/// Tells which source of a select a name belongs to.
pub(crate) struct Names<'a, 'b> {
    pub(crate) scopes: &'a Scopes<'b>,
    /// Whether no query is around.
    pub(crate) is_outermost: bool,
}

impl Names<'_, '_> {
    pub(crate) fn owner(&self, expression: &Expr) -> Option<(usize, Ident)> {
        let sources = self.scopes.sources();
        match expression {
            Expr::CompoundIdentifier(parts) => {
                let [.., qualifier, name] = parts.as_slice() else {
                    return None;
                };
                let index = sources
                    .iter()
                    .position(|source| source.is_called(qualifier))?;
                Some((index, name.clone()))
            }
            Expr::Identifier(name) if !name.value.starts_with(['%', '$']) => {
                let has = |columns: &Vec<Output>| {
                    columns.iter().any(|column| {
                        let known = column.name.as_ref();
                        known.is_some_and(|known| known.eq_ignore_ascii_case(&name.value))
                    })
                };
                let known = sources
                    .iter()
                    .position(|source| source.columns.as_ref().is_some_and(has));
                let only = || {
                    let word = name.value.to_ascii_lowercase();
                    let is_free = name.quote_style.is_some() || !VALUES.contains(&word.as_str());
                    (self.is_outermost
                        && sources.len() == 1
                        && sources[0].columns.is_none()
                        && is_free)
                        .then_some(0)
                };
                Some((known.or_else(only)?, name.clone()))
            }
            _ => None,
        }
    }

    /// An expression whose names are written in one way.
    pub(crate) fn canonical(&self, expression: &Expr) -> Expr {
        let mut canonical = build::unnested(expression).clone();
        walk::outside_queries(&mut canonical, &mut |inner| {
            if let Some((source, name)) = self.owner(inner) {
                let mut lower = name.clone();
                lower.value = name.value.to_lowercase();
                lower.quote_style = None;
                *inner = Expr::CompoundIdentifier(vec![Ident::new(source.to_string()), lower]);
            }
            if let Expr::Nested(nested) = inner {
                *inner = build::take(nested);
            }
        });
        canonical
    }
}

impl Names<'_, '_> {
    /// Whether the primary key of a source is grouped by.
    pub(crate) fn has_key(&self, index: usize, relations: &Relations, grouped: &[Expr]) -> bool {
        let table = self
            .scopes
            .sources()
            .get(index)
            .and_then(|source| source.table.as_ref());
        let Some(relation) = table.and_then(|table| relations.find(table)) else {
            return false;
        };
        let has = |column: &String| {
            grouped.iter().any(|expression| {
                column_of(expression).is_some_and(|(source, name)| {
                    source == index && name.value.eq_ignore_ascii_case(column)
                })
            })
        };
        relation
            .keys
            .iter()
            .any(|key| key.primary && !key.columns.is_empty() && key.columns.iter().all(has))
    }

    /// The columns in some expressions that depend on what is grouped by, as they are written: those
    /// of a source whose primary key is.
    pub(crate) fn depending(
        &self,
        expressions: &[Expr],
        grouped: &[Expr],
        relations: &Relations,
    ) -> Vec<Expr> {
        let sources = 0..self.scopes.sources().len();
        let whole: Vec<usize> = sources
            .filter(|source| self.has_key(*source, relations, grouped))
            .collect();
        let mut found = Vec::new();
        for expression in expressions {
            let mut copy = expression.clone();
            walk::outside_queries(&mut copy, &mut |inner| {
                let depends = self
                    .owner(inner)
                    .is_some_and(|(source, _)| whole.contains(&source));
                if depends && !found.contains(inner) {
                    found.push(inner.clone());
                }
            });
        }
        found
    }
}

/// The source and the column of a name that `canonical` has written.
pub(crate) fn column_of(expression: &Expr) -> Option<(usize, &Ident)> {
    match expression {
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [source, name] => Some((source.value.parse().ok()?, name)),
            _ => None,
        },
        _ => None,
    }
}

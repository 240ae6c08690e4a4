//! # What it does
//! Groups by the expressions that ordinals and aliases of the select list stand for.
//!
//! # Why
//! For IRIS an ordinal in GROUP BY is a constant, which makes all rows one group, and an alias is
//! no name. (InterSystems SQL Reference, "GROUP BY".)
//!
//! # Example
//! `SELECT a + 1 AS b, count(*) FROM t GROUP BY 1` becomes `… GROUP BY a + 1`, and so does
//! `GROUP BY b`.
//!
//! # Limits
//! A name that a source of unknown columns may have is taken for an alias if there is one.
//!
//! # Versions
//! All.

use sqlparser::ast::{Expr, GroupByExpr, Select, SelectItem, Spanned, Statement, Value};

use crate::build;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::groupings::is_column;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::wit::Diagnostic;

pub(crate) struct GroupByItem;

impl Rule for GroupByItem {
    fn name(&self) -> &'static str {
        "group_by_item"
    }

    fn summary(&self) -> &'static str {
        "groups by what ordinals and aliases stand for"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::GROUP)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            text: pass.text,
            copies: &mut pass.copies,
            changed: false,
        };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk<'a> {
    text: &'a str,
    copies: &'a mut Copies,
    changed: bool,
}

impl ScopedHooks for Walk<'_> {
    fn enter_select(&mut self, select: &mut Select, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let GroupByExpr::Expressions(items, _) = &mut select.group_by else {
            return Ok(());
        };
        for item in items {
            if let Some(meant) = self.meant(item, &select.projection, scopes)? {
                *item = self.copies.copy(meant)?;
                self.changed = true;
            }
            if let Expr::Subquery(_) = build::unnested(item) {
                let refusal = Diagnostic::not_supported(
                    "grouping by a subquery is not supported",
                    "select the subquery in a derived table, and group by its column",
                );
                return Err(self.at(refusal, item));
            }
        }
        Ok(())
    }
}

impl Walk<'_> {
    fn at(&self, refusal: Diagnostic, item: &Expr) -> Diagnostic {
        let start = item.span().start.column.saturating_sub(1);
        refusal.at(self.text, start as usize)
    }

    /// What an item stands for, if it is an ordinal or an alias.
    fn meant<'s>(
        &self,
        item: &Expr,
        projection: &'s [SelectItem],
        scopes: &Scopes<'_>,
    ) -> Diagnosed<Option<&'s Expr>> {
        match item {
            Expr::Value(value) => match &value.value {
                Value::Number(digits, _) => self.at_position(digits, item, projection).map(Some),
                _ => Ok(None),
            },
            Expr::Identifier(name) if !is_column(name, scopes) => {
                let named = projection.iter().find_map(|other| match other {
                    SelectItem::ExprWithAlias { expr, alias }
                        if crate::labels::folded(alias) == crate::labels::folded(name) =>
                    {
                        Some(expr)
                    }
                    _ => None,
                });
                Ok(named.filter(|meant| *meant != item))
            }
            _ => Ok(None),
        }
    }

    fn at_position<'s>(
        &self,
        digits: &str,
        item: &Expr,
        projection: &'s [SelectItem],
    ) -> Diagnosed<&'s Expr> {
        let Ok(position) = digits.parse::<usize>() else {
            let refusal = Diagnostic::error("42601", "non-integer constant in GROUP BY");
            return Err(self.at(refusal, item));
        };
        let before = projection.get(..position).unwrap_or(projection);
        let mut found = None;
        for other in before {
            found = match other {
                SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                    Some(expr)
                }
                _ => {
                    let refusal = Diagnostic::not_supported(
                        "an ordinal behind a * in GROUP BY is not supported",
                        "name the column",
                    );
                    return Err(self.at(refusal, item));
                }
            };
        }
        match found {
            Some(expr) if before.len() == position => Ok(expr),
            _ => {
                let refusal = Diagnostic::error(
                    "42P10",
                    format!("GROUP BY position {digits} is not in select list"),
                );
                Err(self.at(refusal, item))
            }
        }
    }
}

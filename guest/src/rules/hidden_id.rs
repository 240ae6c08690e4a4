//! # What it does
//! Qualifies a column `id` where a table without one is in reach.
//!
//! # Why
//! A table of IRIS's that has no column `id` has a hidden one of that name, its RowID: beside
//! another table's `id` the name is ambiguous, with SQLCODE -27, and in a subquery it is the wrong one.
//! (InterSystems SQL Reference, "CREATE TABLE".)
//!
//! # Example
//! If `e` has no column `id`, `SELECT id, v FROM d JOIN e ON e.d_id = id` becomes
//! `SELECT d.id, v FROM d JOIN e ON e.d_id = d.id`.
//!
//! # Limits
//! All tables around must be known.
//!
//! # Versions
//! All.

use sqlparser::ast::{Expr, Ident, OrderBy, OrderByKind, Query, SelectItem, SetExpr, Statement};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look::{self, Node};
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, Source, scoped};

pub(crate) struct HiddenId;

/// What IRIS calls the RowID.
const NAME: &str = "id";

impl Rule for HiddenId {
    fn name(&self) -> &'static str {
        "hidden_id"
    }

    fn summary(&self) -> &'static str {
        "tells a column id from the RowIDs of other tables"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::BARE_ID)
    }

    fn needs_relations_of(&self, tree: &Statement, marks: Marks) -> bool {
        self.concerns(marks) && names_several(tree)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        if !names_several(tree) {
            return Ok(false);
        }
        let mut walk = Walk { changed: false };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        Ok(walk.changed)
    }
}

/// Whether a statement names more than one table.
fn names_several(tree: &Statement) -> bool {
    let mut tables = 0;
    look::finds(tree, &mut |node| {
        tables += usize::from(matches!(node, Node::Relation(_)));
        tables > 1
    })
}

struct Walk {
    changed: bool,
}

impl ScopedHooks for Walk {
    fn enter_query(&mut self, query: &mut Query, _scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        // ORDER BY means an output column of that name, if there is one.
        let SetExpr::Select(select) = &*query.body else {
            return Ok(());
        };
        let Some(OrderBy {
            kind: OrderByKind::Expressions(items),
            ..
        }) = &mut query.order_by
        else {
            return Ok(());
        };
        let position = select.projection.iter().position(|item| {
            matches!(item, SelectItem::ExprWithAlias { alias, .. }
                if alias.value.eq_ignore_ascii_case(NAME))
        });
        if let Some(position) = position {
            for item in items.iter_mut().filter(|item| is_bare(&item.expr)) {
                item.expr = build::number(position + 1);
                self.changed = true;
            }
        }
        Ok(())
    }

    fn enter_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        if !is_bare(expr) {
            return Ok(());
        }
        if let Some(owner) = owner(scopes) {
            *expr = Expr::CompoundIdentifier(vec![labels::identifier(&owner), Ident::new(NAME)]);
            self.changed = true;
        }
        Ok(())
    }
}

fn is_bare(expr: &Expr) -> bool {
    matches!(expr, Expr::Identifier(name) if name.value.eq_ignore_ascii_case(NAME))
}

/// The source that has the column, if another one hides it; none if a source is not known.
fn owner(scopes: &Scopes<'_>) -> Option<String> {
    let mut hides = false;
    for sources in scopes.around() {
        let mut found: Option<&Source> = None;
        for source in sources {
            let columns = source.columns.as_ref()?;
            let mut names = columns.iter().filter_map(|column| column.name.as_ref());
            if names.any(|name| name.eq_ignore_ascii_case(NAME)) {
                match found {
                    // Ambiguous in PostgreSQL, too.
                    Some(_) => return None,
                    None => found = Some(source),
                }
            } else {
                hides |= source.table.is_some();
            }
        }
        if let Some(found) = found {
            return found.alias.clone().filter(|_| hides);
        }
    }
    None
}

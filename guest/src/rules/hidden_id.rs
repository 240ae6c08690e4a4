//! # What it does
//! Qualifies a column `id` where a table without one is in reach, and refuses it where no table
//! has one.
//!
//! # Why
//! A table of IRIS's that has no column `id` has a hidden one of that name, its RowID: beside
//! another table's `id` the name is ambiguous, with SQLCODE -27, in a subquery it is the wrong one, and
//! alone it finds rows by their RowID.
//! (InterSystems SQL Reference, "CREATE TABLE".)
//!
//! # Example
//! If `e` has no column `id`, `SELECT id, v FROM d JOIN e ON e.d_id = id` becomes
//! `SELECT d.id, v FROM d JOIN e ON e.d_id = d.id`.
//!
//! # Limits
//! All tables around must be known: in a statement that only reads `t.id`, and asks for nothing else of the
//! table, it stays IRIS's. What is meant to be the RowID is written `%ID`.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Distinct, Expr, GroupByExpr, Ident, OrderBy, OrderByKind, Query, SelectItem, SetExpr, Statement,
};

use crate::build;
use crate::derived;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::look::{self, Node};
use crate::place;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, Source, scoped};
use crate::wit::Diagnostic;

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

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            text: pass.text,
            several: names_several(tree),
            labels: Vec::new(),
            changed: false,
        };
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

struct Walk<'a> {
    text: &'a str,
    /// Whether the statement names several tables.
    several: bool,
    /// Names yet to be entered that mean output columns, by address: nothing moves between the
    /// mark and the visit.
    labels: Vec<*const Expr>,
    changed: bool,
}

impl ScopedHooks for Walk<'_> {
    fn enter_query(&mut self, query: &mut Query, _scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        self.mark_labels(query);
        if !self.several {
            return Ok(());
        }
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
        let here = std::ptr::from_ref(&*expr);
        let is_label = self.labels.contains(&here);
        if !is_label {
            self.check(expr, scopes)?;
        }
        if !is_bare(expr) || !self.several {
            return Ok(());
        }
        if let Some(owner) = owner(scopes) {
            *expr = Expr::CompoundIdentifier(vec![labels::identifier(&owner), Ident::new(NAME)]);
            self.changed = true;
        }
        Ok(())
    }
}

impl Walk<'_> {
    /// Marks what ORDER BY and GROUP BY may mean by an output column.
    fn mark_labels(&mut self, query: &Query) {
        let order = derived::order_of(query).iter().map(|item| &item.expr);
        let SetExpr::Select(select) = &*query.body else {
            self.labels.extend(order.map(std::ptr::from_ref));
            return;
        };
        let is_label = |item: &SelectItem| matches!(item, SelectItem::ExprWithAlias { alias, .. } if is_id(alias));
        if select.projection.iter().any(is_label) {
            self.labels.extend(order.map(std::ptr::from_ref));
            if let GroupByExpr::Expressions(keys, _) = &select.group_by {
                self.labels.extend(keys.iter().map(std::ptr::from_ref));
            }
            if let Some(Distinct::On(keys)) = &select.distinct {
                self.labels.extend(keys.iter().map(std::ptr::from_ref));
            }
        }
    }

    /// # Errors
    /// It is an `id` that no table has.
    fn check(&self, expr: &Expr, scopes: &Scopes<'_>) -> Diagnosed<()> {
        let (qualifier, name) = match expr {
            Expr::Identifier(name) => (None, name),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [.., qualifier, name] => (Some(qualifier), name),
                _ => return Ok(()),
            },
            _ => return Ok(()),
        };
        if !is_id(name) || !is_hidden(qualifier, scopes) {
            return Ok(());
        }
        let message = match qualifier {
            Some(qualifier) => {
                format!("column {}.{NAME} does not exist", labels::folded(qualifier))
            }
            None => format!("column \"{NAME}\" does not exist"),
        };
        Err(Diagnostic::error("42703", message)
            .with_hint("IRIS calls the RowID of a table %ID")
            .at(self.text, place::of(expr)))
    }
}

/// Whether nothing but a table's RowID can be meant; not if a source is not known.
fn is_hidden(qualifier: Option<&Ident>, scopes: &Scopes<'_>) -> bool {
    let mut hides = false;
    for sources in scopes.around() {
        let mut called = sources
            .iter()
            .filter(|source| qualifier.is_none_or(|qualifier| source.is_called(qualifier)))
            .peekable();
        let is_found = called.peek().is_some();
        for source in called {
            let Some(columns) = &source.columns else {
                return false;
            };
            let mut names = columns.iter().map(|column| column.name.as_deref());
            if names.any(|name| name.is_none_or(|name| name.eq_ignore_ascii_case(NAME))) {
                return false;
            }
            hides |= source.table.is_some();
        }
        if is_found && qualifier.is_some() {
            break;
        }
    }
    hides
}

fn is_id(name: &Ident) -> bool {
    name.value.eq_ignore_ascii_case(NAME)
}

fn is_bare(expr: &Expr) -> bool {
    matches!(expr, Expr::Identifier(name) if is_id(name))
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

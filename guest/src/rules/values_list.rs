//! # What it does
//! Writes a `VALUES` that is a table as a `SELECT` for each row, joined by UNION ALL, and
//! `TABLE t` as `SELECT * FROM t`.
//!
//! # Why
//! IRIS has VALUES in INSERT alone, and with one row; it has no TABLE. (InterSystems SQL
//! Reference, "VALUES".)
//!
//! # Example
//! `VALUES (1, 'a'), (2, 'b')` becomes
//! `SELECT 1 AS column1, 'a' AS column2 UNION ALL SELECT 2, 'b'`.
//!
//! # Limits
//! 500 rows: more are refused.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Expr, Ident, Insert, Query, Select, SelectItem, SetExpr, SetOperator, SetQuantifier, Spanned,
    Statement, TableObject, Value, Values,
};

use crate::common_type::{self, Common};
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::paging;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule, Scene};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::oid;
use crate::typing;
use crate::wit::{Diagnostic, Oid};

pub(crate) struct ValuesList;

/// Legs of one set operation: as many as the stand-in takes; no IRIS is known to
/// take fewer.
const MOST_ROWS: usize = 500;

impl Rule for ValuesList {
    fn name(&self) -> &'static str {
        "values_list"
    }

    fn summary(&self) -> &'static str {
        "writes a VALUES that is a table as selects"
    }

    fn concerns(&self, marks: Marks) -> bool {
        // What generates rows has become one.
        marks.has(Marks::VALUES.and(Marks::ROWS))
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let parameters = pass.parameters.clone();
        let mut walk = Walk {
            text: pass.text,
            scene: pass.scene,
            copies: &mut pass.copies,
            own: own_rows(tree),
            found: Vec::new(),
            changed: false,
        };
        scoped(tree, pass.relations, &parameters, &mut walk)?;
        let Walk { found, changed, .. } = walk;
        pass.parameter_types(found);
        Ok(changed)
    }
}

/// The query that is the rows of an INSERT and nothing else.
fn own_rows(tree: &Statement) -> Option<*const Query> {
    let insert: &Insert = match tree {
        Statement::Insert(insert) => insert,
        Statement::Query(query) => match &*query.body {
            SetExpr::Insert(Statement::Insert(insert)) => insert,
            _ => return None,
        },
        _ => return None,
    };
    let source = insert.source.as_ref()?;
    let is_plain = matches!(insert.table, TableObject::TableName(_))
        && source.with.is_none()
        && source.order_by.is_none()
        && source.limit_clause.is_none()
        && source.fetch.is_none();
    is_plain.then_some(&raw const **source)
}

struct Walk<'a, 'b> {
    text: &'a str,
    scene: Scene<'a>,
    copies: &'b mut Copies,
    own: Option<*const Query>,
    /// Parameters whose type is known.
    found: Vec<(u32, Oid)>,
    changed: bool,
}

impl ScopedHooks for Walk<'_, '_> {
    fn enter_query(&mut self, query: &mut Query, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let is_own = self.own.is_some_and(|own| std::ptr::eq(own, query));
        if is_own && matches!(&*query.body, SetExpr::Values(_)) {
            return Ok(());
        }
        self.body(&mut query.body, scopes)
    }
}

impl Walk<'_, '_> {
    fn body(&mut self, body: &mut SetExpr, scopes: &Scopes<'_>) -> Diagnosed<()> {
        match body {
            SetExpr::SetOperation { left, right, .. } => {
                self.body(left, scopes)?;
                self.body(right, scopes)
            }
            SetExpr::Select(select) => {
                self.changed |= is_table(select, self.text);
                Ok(())
            }
            SetExpr::Values(values) => {
                self.changed = true;
                let rows = std::mem::replace(values, no_rows());
                *body = self.selects(rows, scopes)?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn selects(&mut self, values: Values, scopes: &Scopes<'_>) -> Diagnosed<SetExpr> {
        let mut rows: Vec<Vec<Expr>> = values.rows.into_iter().map(|row| row.content).collect();
        let width = rows.first().map_or(0, Vec::len);
        let at = |expr: Option<&Expr>| {
            let start = expr.map_or(0, |expr| expr.span().start.column);
            start.saturating_sub(1) as usize
        };
        if let Some(row) = rows.iter().find(|row| row.len() != width) {
            let error = Diagnostic::error("42601", "VALUES lists must all be the same length");
            return Err(error.at(self.text, at(row.first())));
        }
        if rows.len() > MOST_ROWS {
            let error = Diagnostic::error("54000", "VALUES with too many rows")
                .with_detail(format!(
                    "A VALUES that is a table has at most {MOST_ROWS} rows."
                ))
                .with_hint("insert the rows into a table, or use several statements");
            let row = rows.get(MOST_ROWS).and_then(|row| row.first());
            return Err(error.at(self.text, at(row)));
        }
        for row in rows.iter().flatten() {
            if is_default(row) {
                let error = Diagnostic::error("42601", "DEFAULT is not allowed in this context");
                return Err(error.at(self.text, at(Some(row))));
            }
        }
        for column in 0..width {
            self.settle(&mut rows, column, scopes)?;
        }
        let legs = rows.into_iter().enumerate();
        Ok(joined(
            legs.map(|(index, row)| select(row, index == 0)).collect(),
        ))
    }

    /// Gives the literals of a column the type of its other values.
    fn settle(
        &mut self,
        rows: &mut [Vec<Expr>],
        column: usize,
        scopes: &Scopes<'_>,
    ) -> Diagnosed<()> {
        let mut all = None;
        let mut types = Vec::with_capacity(rows.len());
        for row in rows.iter() {
            let Some(expr) = row.get(column) else {
                continue;
            };
            let known = scopes.type_of(expr);
            types.push(known);
            let Some(known) = known else {
                match typing::is_untyped(expr) {
                    true => continue,
                    false => return Ok(()),
                }
            };
            all = Some(
                match all.map(|all| (all, common_type::common(all, known))) {
                    None => known,
                    Some((_, Common::Type(both))) => both,
                    Some((_, Common::Unknown)) => return Ok(()),
                    Some((all, Common::Nothing)) => {
                        let start = expr.span().start.column.saturating_sub(1) as usize;
                        let error = common_type::cannot_be_matched("VALUES", all, known);
                        return Err(error.at(self.text, start));
                    }
                },
            );
        }
        let common = all.unwrap_or(oid::TEXT);
        for (row, own) in rows.iter_mut().zip(types) {
            let Some(expr) = row.get_mut(column) else {
                continue;
            };
            let start = match &*expr {
                Expr::BinaryOp { .. } => 0,
                other => other.span().start.column.saturating_sub(1) as usize,
            };
            common_type::give_in_zone(
                expr,
                own,
                common,
                &mut self.found,
                (&self.scene, &mut *self.copies),
            )
            .map_err(|error| error.at(self.text, start))?;
        }
        Ok(())
    }
}

fn no_rows() -> Values {
    Values {
        explicit_row: false,
        value_keyword: false,
        rows: Vec::new(),
    }
}

/// Whether the client wrote TABLE; the reader has put `SELECT * FROM` in its place.
fn is_table(select: &Select, text: &str) -> bool {
    let [SelectItem::Wildcard(options)] = select.projection.as_slice() else {
        return false;
    };
    let start = options.wildcard_token.0.span.start.column.saturating_sub(1);
    let written = text.get(usize::try_from(start).unwrap_or(usize::MAX)..);
    written.is_some_and(|written| !written.starts_with('*'))
}

fn is_default(expr: &Expr) -> bool {
    matches!(expr, Expr::Identifier(name)
        if name.quote_style.is_none() && name.value.eq_ignore_ascii_case("default"))
}

/// `SELECT values`, with PostgreSQL's names for the columns.
fn select(row: Vec<Expr>, named: bool) -> SetExpr {
    let items = row
        .into_iter()
        .enumerate()
        .map(|(index, expr)| match named {
            true => SelectItem::ExprWithAlias {
                expr,
                alias: Ident::new(format!("column{}", index + 1)),
            },
            false => SelectItem::UnnamedExpr(expr),
        });
    let select: Select = paging::select_without_source(items.collect());
    SetExpr::Select(Box::new(select))
}

/// The legs with UNION ALL between them, as a tree that is not deep.
pub(crate) fn joined(mut legs: Vec<SetExpr>) -> SetExpr {
    while legs.len() > 1 {
        let mut next = Vec::with_capacity(legs.len().div_ceil(2));
        let mut rest = legs.into_iter();
        while let Some(left) = rest.next() {
            next.push(match rest.next() {
                Some(right) => SetExpr::SetOperation {
                    op: SetOperator::Union,
                    set_quantifier: SetQuantifier::All,
                    left: Box::new(left),
                    right: Box::new(right),
                },
                None => left,
            });
        }
        legs = next;
    }
    legs.pop()
        .unwrap_or_else(|| select(vec![Expr::value(Value::Null)], true))
}

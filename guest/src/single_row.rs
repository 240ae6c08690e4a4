//! Whether a query returns one row at most, whatever its tables contain.

use sqlparser::ast::{
    BinaryOperator, Expr, Fetch, GroupByExpr, LimitClause, Query, Select, SelectItem, SetExpr,
    TableFactor, TopQuantity, Value,
};

use crate::aggregates::has_aggregate;
use crate::build;
use crate::labels;
use crate::relations::{Relation, TableName};
use crate::scope::Scopes;

/// As far as the query alone tells.
pub(crate) fn is_one(query: &Query) -> bool {
    if is_limited(query) {
        return true;
    }
    match &*query.body {
        SetExpr::Select(select) => {
            select.from.is_empty()
                || has_one_group(select)
                || matches!(&select.top, Some(top) if matches!(&top.quantity,
                    Some(TopQuantity::Constant(0 | 1))))
        }
        SetExpr::Query(query) => is_one(query),
        SetExpr::Values(values) => values.rows.len() < 2,
        _ => false,
    }
}

/// The same, with the keys of the tables.
pub(crate) fn returns_one(query: &Query, scopes: &Scopes<'_>) -> bool {
    if is_one(query) {
        return true;
    }
    match &*query.body {
        SetExpr::Select(select) => is_found_by_key(select, scopes),
        SetExpr::Query(query) => returns_one(query, scopes),
        _ => false,
    }
}

fn is_limited(query: &Query) -> bool {
    let limit = match &query.limit_clause {
        Some(LimitClause::LimitOffset { limit, .. }) => limit.as_ref(),
        Some(LimitClause::OffsetCommaLimit { limit, .. }) => Some(limit),
        None => None,
    };
    let fetch = match &query.fetch {
        Some(Fetch {
            with_ties: false,
            percent: false,
            quantity,
        }) => quantity.as_ref().is_none_or(is_at_most_one),
        _ => false,
    };
    fetch || limit.is_some_and(is_at_most_one)
}

fn is_at_most_one(count: &Expr) -> bool {
    matches!(build::unnested(count), Expr::Value(value)
        if matches!(&value.value, Value::Number(digits, _) if digits == "1" || digits == "0"))
}

fn items_of(group: &GroupByExpr) -> Option<&[Expr]> {
    match group {
        GroupByExpr::Expressions(items, modifiers) if modifiers.is_empty() => Some(items),
        _ => None,
    }
}

/// Whether a select aggregates all its rows.
fn has_one_group(select: &Select) -> bool {
    let aggregates = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
            has_aggregate(expr)
        }
        _ => false,
    };
    items_of(&select.group_by).is_some_and(<[Expr]>::is_empty)
        && (select.having.is_some() || select.projection.iter().any(aggregates))
}

/// Whether the conditions of a select of one table leave one row of it, or one group.
fn is_found_by_key(select: &Select, scopes: &Scopes<'_>) -> bool {
    let [from] = select.from.as_slice() else {
        return false;
    };
    let (true, TableFactor::Table { name, alias, .. }) = (from.joins.is_empty(), &from.relation)
    else {
        return false;
    };
    let Some(relation) = TableName::of(name).and_then(|table| scopes.relation(&table)) else {
        return false;
    };
    let own = name.0.last().and_then(|part| part.as_ident());
    let Some(called) = alias.as_ref().map(|alias| &alias.name).or(own) else {
        return false;
    };
    let table = Table {
        relation,
        called: labels::folded(called),
    };
    let mut fixed = Vec::new();
    if let Some(selection) = &select.selection {
        table.fixed(selection, &mut fixed);
    }
    let is_fixed = |column: &str| {
        fixed
            .iter()
            .any(|known: &String| known.eq_ignore_ascii_case(column))
    };
    match items_of(&select.group_by) {
        Some([]) => relation.keys.iter().any(|key| {
            !key.columns.is_empty() && key.columns.iter().all(|column| is_fixed(column))
        }),
        Some(items) => items
            .iter()
            .all(|item| table.column(item).is_some_and(|column| is_fixed(&column))),
        None => false,
    }
}

/// The only table of a select.
struct Table<'a> {
    relation: &'a Relation,
    called: String,
}

impl Table<'_> {
    /// The column that an expression is, if it is one of the table's.
    fn column(&self, expr: &Expr) -> Option<String> {
        let name = match build::unnested(expr) {
            Expr::Identifier(name) => name,
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [.., qualifier, name] if labels::folded(qualifier) == self.called => name,
                _ => return None,
            },
            _ => return None,
        };
        let column = self.relation.column(&labels::folded(name))?;
        Some(column.name.clone())
    }

    /// Whether an expression has one value for all rows of the table.
    fn is_constant(&self, expr: &Expr) -> bool {
        match build::unnested(expr) {
            Expr::Value(_) | Expr::TypedString(_) => true,
            Expr::Cast { expr, .. } => self.is_constant(expr),
            name @ (Expr::Identifier(_) | Expr::CompoundIdentifier(_)) => {
                self.column(name).is_none()
            }
            _ => false,
        }
    }

    /// The columns that a condition leaves one value.
    fn fixed(&self, condition: &Expr, found: &mut Vec<String>) {
        let Expr::BinaryOp { left, op, right } = build::unnested(condition) else {
            return;
        };
        match op {
            BinaryOperator::And => {
                self.fixed(left, found);
                self.fixed(right, found);
            }
            BinaryOperator::Eq => {
                for (column, value) in [(left, right), (right, left)] {
                    if let Some(column) = self.column(column)
                        && self.is_constant(value)
                    {
                        found.push(column);
                    }
                }
            }
            _ => {}
        }
    }
}

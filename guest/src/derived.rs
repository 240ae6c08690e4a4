//! Moves a select into a derived table, from which more can be computed.

use sqlparser::ast::{
    Distinct, Expr, Function, Ident, OrderBy, OrderByExpr, OrderByKind, OrderByOptions, Query,
    Select, SelectItem, SelectItemQualifiedWildcardKind, Value, WindowSpec, WindowType,
};

use crate::build;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::scope::Scopes;
use crate::wit::Diagnostic;

/// What is selected from a derived table, and ordered by.
pub(crate) struct Outer {
    pub(crate) items: Vec<SelectItem>,
    pub(crate) order: Vec<OrderByExpr>,
}

/// Lets a select return what its query is ordered by, in columns of their own where it
/// does not do so yet. None if its columns are not known.
///
/// # Errors
/// PostgreSQL's refusal of an order that is not in the list of a DISTINCT.
pub(crate) fn with_keys(
    select: &mut Select,
    order: Vec<OrderByExpr>,
    scopes: &Scopes<'_>,
    copies: &mut Copies,
) -> Diagnosed<Option<Outer>> {
    if !expand(select, scopes) {
        return Ok(None);
    }
    let positions: Vec<Option<usize>> = order
        .iter()
        .map(|item| position(&item.expr, &select.projection))
        .collect();
    if select.distinct.is_some() && positions.contains(&None) {
        return Err(not_selected());
    }
    let Some(items) = names(select) else {
        return Ok(None);
    };
    let mut outer = Vec::with_capacity(order.len());
    for (index, (mut item, position)) in order.into_iter().zip(positions).enumerate() {
        let returned = position.and_then(|position| match items.get(position) {
            Some(SelectItem::UnnamedExpr(name)) => Some(name.clone()),
            _ => None,
        });
        item.expr = match returned {
            Some(name) => name,
            None => {
                let alias = Ident::new(format!("pgiris_order{}", index + 1));
                select.projection.push(SelectItem::ExprWithAlias {
                    expr: copies.copy(&item.expr)?,
                    alias: alias.clone(),
                });
                Expr::Identifier(alias)
            }
        };
        outer.push(item);
    }
    Ok(Some(Outer {
        items,
        order: outer,
    }))
}

/// PostgreSQL's refusal of an order that is not in the list of a DISTINCT.
pub(crate) fn not_selected() -> Diagnostic {
    Diagnostic::error(
        "42P10",
        "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
    )
}

/// What a query is ordered by.
pub(crate) fn order_of(query: &Query) -> &[OrderByExpr] {
    match &query.order_by {
        Some(OrderBy {
            kind: OrderByKind::Expressions(items),
            ..
        }) => items,
        _ => &[],
    }
}

/// `ORDER BY items`, if there are any.
pub(crate) fn ordered(items: Vec<OrderByExpr>) -> Option<OrderBy> {
    (!items.is_empty()).then_some(OrderBy {
        kind: OrderByKind::Expressions(items),
        interpolate: None,
    })
}

/// Whether a select keeps one of equal rows.
pub(crate) fn is_distinct(select: &Select) -> bool {
    matches!(select.distinct, Some(Distinct::Distinct))
}

/// The item of a select list that ORDER BY means: an ordinal, a label, or the same
/// expression.
pub(crate) fn position(expr: &Expr, items: &[SelectItem]) -> Option<usize> {
    if let Expr::Value(value) = expr
        && let Value::Number(digits, _) = &value.value
    {
        let position = digits.parse::<usize>().ok()?.checked_sub(1)?;
        return (position < items.len()).then_some(position);
    }
    if let Expr::Identifier(name) = expr {
        let wanted = Some(labels::folded(name));
        let named = items
            .iter()
            .position(|item| labels::of_item(item) == wanted);
        if named.is_some() {
            return named;
        }
    }
    items.iter().position(|item| match item {
        SelectItem::UnnamedExpr(own) | SelectItem::ExprWithAlias { expr: own, .. } => own == expr,
        _ => false,
    })
}

/// Writes the columns that `*` stands for; tells whether they are known, and have a name
/// each.
pub(crate) fn expand(select: &mut Select, scopes: &Scopes<'_>) -> bool {
    if select
        .projection
        .iter()
        .all(|item| labels::of_item(item).is_some())
    {
        return true;
    }
    let Some(items) = listed(select, scopes) else {
        return false;
    };
    let mut seen: Vec<String> = items.iter().filter_map(labels::of_item).collect();
    seen.sort_unstable();
    if seen.windows(2).any(|pair| pair[0] == pair[1]) {
        return false;
    }
    select.projection = items;
    true
}

/// The select list with the columns that `*` stands for; none if they are not known.
pub(crate) fn listed(select: &Select, scopes: &Scopes<'_>) -> Option<Vec<SelectItem>> {
    let mut items = Vec::with_capacity(select.projection.len());
    for item in &select.projection {
        expanded(item, scopes, &mut items)?;
    }
    Some(items)
}

fn expanded(item: &SelectItem, scopes: &Scopes<'_>, items: &mut Vec<SelectItem>) -> Option<()> {
    let qualifier = match item {
        SelectItem::Wildcard(_) => None,
        SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
            Some(name.0.last()?.as_ident()?)
        }
        SelectItem::QualifiedWildcard(..) => return None,
        other => {
            items.push(other.clone());
            return Some(());
        }
    };
    let mut sources = scopes
        .sources()
        .iter()
        .filter(|source| qualifier.is_none_or(|qualifier| source.is_called(qualifier)))
        .peekable();
    sources.peek()?;
    for source in sources {
        for column in source.columns.as_ref()? {
            let name = labels::identifier(column.name.as_ref()?);
            items.push(SelectItem::UnnamedExpr(match &source.alias {
                Some(alias) => Expr::CompoundIdentifier(vec![labels::identifier(alias), name]),
                None => Expr::Identifier(name),
            }));
        }
    }
    Some(())
}

/// What selects all columns of a select from outside; those without a name of their own get
/// one. None if there is a `*`.
pub(crate) fn names(select: &mut Select) -> Option<Vec<SelectItem>> {
    let mut known: Vec<String> = Vec::new();
    let mut outer = Vec::with_capacity(select.projection.len());
    for (index, item) in select.projection.iter_mut().enumerate() {
        let label = labels::of_item(item)?;
        let is_plain = !known.contains(&label);
        let name = match item {
            SelectItem::ExprWithAlias { alias, .. } if is_plain => alias.clone(),
            SelectItem::UnnamedExpr(Expr::Identifier(name)) if is_plain => name.clone(),
            SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) if is_plain => {
                parts.last()?.clone()
            }
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                let alias = Ident::new(format!("column{}", index + 1));
                *item = SelectItem::ExprWithAlias {
                    expr: build::take(expr),
                    alias: alias.clone(),
                };
                alias
            }
            _ => return None,
        };
        known.push(label);
        outer.push(SelectItem::UnnamedExpr(Expr::Identifier(name)));
    }
    Some(outer)
}

/// `ROW_NUMBER() OVER (PARTITION BY … ORDER BY …)`, ordered by the partition if by nothing.
pub(crate) fn row_number(partition_by: Vec<Expr>, mut order_by: Vec<OrderByExpr>) -> Expr {
    if order_by.is_empty() {
        order_by = partition_by
            .iter()
            .map(|key| OrderByExpr {
                expr: key.clone(),
                options: OrderByOptions::default(),
                with_fill: None,
            })
            .collect();
    }
    let mut call = build::call("ROW_NUMBER", Vec::new());
    if let Expr::Function(Function { over, .. }) = &mut call {
        *over = Some(WindowType::WindowSpec(WindowSpec {
            window_name: None,
            partition_by,
            order_by,
            window_frame: None,
        }));
    }
    call
}

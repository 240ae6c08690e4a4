//! How PostgreSQL labels a result column without an alias.

use sqlparser::ast::{self, AccessExpr, Expr, SelectItem, SetExpr};

use super::folded;

/// The label; `?column?` if nothing in the expression gives one.
pub(super) fn label(expr: &Expr) -> String {
    found(expr).map_or_else(|| "?column?".to_owned(), |(name, _)| name)
}

/// A name, and whether it is a weak one that a better replaces.
fn found(expr: &Expr) -> Option<(String, bool)> {
    let strong = |name: &str| Some((name.to_owned(), false));
    match expr {
        Expr::Identifier(ident) => strong(&folded(ident)),
        Expr::CompoundIdentifier(parts) => strong(&folded(parts.last()?)),
        Expr::CompoundFieldAccess { root, access_chain } => {
            let field = access_chain.iter().rev().find_map(|access| match access {
                AccessExpr::Dot(Expr::Identifier(ident)) => Some(folded(ident)),
                _ => None,
            });
            match field {
                Some(name) => strong(&name),
                None => found(root),
            }
        }
        Expr::Nested(inner) | Expr::Collate { expr: inner, .. } => found(inner),
        Expr::Function(function) => match &function.args {
            ast::FunctionArguments::Subquery(_) if is_array(function) => strong("array"),
            _ => strong(&folded(function.name.0.last()?.as_ident()?)),
        },
        Expr::Cast {
            expr, data_type, ..
        } => match found(expr) {
            Some((name, false)) => strong(&name),
            _ => Some((super::typename::label(data_type)?, true)),
        },
        Expr::TypedString(typed) => Some((super::typename::label(&typed.data_type)?, true)),
        Expr::Case { else_result, .. } => match else_result.as_deref().and_then(found) {
            Some((name, false)) => strong(&name),
            _ => Some(("case".to_owned(), true)),
        },
        Expr::Exists { negated: false, .. } => strong("exists"),
        Expr::Subquery(query) => of_query(query).map(|name| (name, false)),
        Expr::Array(_) => strong("array"),
        Expr::Tuple(_) => strong("row"),
        Expr::Substring { .. } => strong("substring"),
        Expr::Position { .. } => strong("position"),
        Expr::Trim { trim_where, .. } => strong(match trim_where {
            Some(ast::TrimWhereField::Leading) => "ltrim",
            Some(ast::TrimWhereField::Trailing) => "rtrim",
            _ => "btrim",
        }),
        Expr::Ceil { .. } => strong("ceil"),
        Expr::Floor { .. } => strong("floor"),
        Expr::Extract { .. } => strong("extract"),
        Expr::AtTimeZone { .. } => strong("timezone"),
        _ => None,
    }
}

fn is_array(function: &ast::Function) -> bool {
    function
        .name
        .0
        .last()
        .and_then(|part| part.as_ident())
        .is_some_and(|ident| ident.value.eq_ignore_ascii_case("array"))
}

/// A scalar subquery goes by its own column.
fn of_query(query: &ast::Query) -> Option<String> {
    let SetExpr::Select(select) = &*query.body else {
        return None;
    };
    match select.projection.first()? {
        SelectItem::UnnamedExpr(expr) => Some(label(expr)),
        SelectItem::ExprWithAlias { alias, .. } => Some(folded(alias)),
        _ => None,
    }
}

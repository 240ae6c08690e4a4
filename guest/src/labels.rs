//! The label of an unnamed result column, as PostgreSQL's `FigureColname` gives it
//! (`src/backend/parser/parse_target.c`).

use sqlparser::ast::{
    AccessExpr, BinaryOperator, Expr, Function, Ident, ObjectName, Query, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, TrimWhereField,
};

use crate::reserved;
use crate::types;

/// What PostgreSQL calls a column it has no name for.
pub(crate) const UNNAMED: &str = "?column?";

/// The longest identifier, in bytes; longer ones are cut.
pub(crate) const LONGEST_NAME: usize = 63;

/// The label of an item; none for `*`.
pub(crate) fn of_item(item: &SelectItem) -> Option<String> {
    match item {
        SelectItem::UnnamedExpr(expression) => Some(of_expression(expression)),
        SelectItem::ExprWithAlias { alias, .. } => Some(folded(alias)),
        _ => None,
    }
}

/// The label of an expression without an alias.
pub(crate) fn of_expression(expression: &Expr) -> String {
    figure(expression).map_or_else(|| UNNAMED.to_owned(), |(name, _)| name)
}

/// An identifier as PostgreSQL folds and cuts it.
pub(crate) fn folded(identifier: &Ident) -> String {
    let mut name = match identifier.quote_style {
        Some(_) => identifier.value.replace("\"\"", "\""),
        None => identifier.value.to_lowercase(),
    };
    let mut end = name.len().min(LONGEST_NAME);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.truncate(end);
    name
}

/// The last part of a name as PostgreSQL folds it.
pub(crate) fn of_name(name: &ObjectName) -> Option<String> {
    last(name).map(folded)
}

/// The table that `table.*` is about.
pub(crate) fn qualifier(kind: &SelectItemQualifiedWildcardKind) -> Option<Ident> {
    match kind {
        SelectItemQualifiedWildcardKind::ObjectName(name) => name.0.last()?.as_ident().cloned(),
        SelectItemQualifiedWildcardKind::Expr(_) => None,
    }
}

/// A name as IRIS has it: quoted if folding would change it or IRIS reserves it.
pub(crate) fn identifier(name: &str) -> Ident {
    let plain = name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && !name.starts_with(|first: char| first.is_ascii_digit());
    if plain && !reserved::in_iris(&name.to_ascii_uppercase()) {
        Ident::new(name)
    } else {
        Ident::with_quote('"', name.replace('"', "\"\""))
    }
}

/// How good a name is: a cast and a CASE put theirs in place of a weak one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strength {
    Weak,
    Strong,
}
use Strength::{Strong, Weak};

fn figure(expression: &Expr) -> Option<(String, Strength)> {
    let strong = |name: &str| Some((name.to_owned(), Strong));
    match expression {
        Expr::Identifier(identifier) => Some((folded(identifier), Strong)),
        Expr::CompoundIdentifier(parts) => parts.last().map(|part| (folded(part), Strong)),
        Expr::CompoundFieldAccess { root, access_chain } => {
            let name = access_chain.iter().rev().find_map(|access| match access {
                AccessExpr::Dot(Expr::Identifier(name)) => Some((folded(name), Strong)),
                _ => None,
            });
            name.or_else(|| figure(root))
        }
        Expr::Nested(inner) => figure(inner),
        Expr::Collate { expr, .. } => figure(expr),
        Expr::Function(function) => function_name(function).map(|name| (name, Strong)),
        Expr::Cast {
            expr, data_type, ..
        } => match figure(expr) {
            strong @ Some((_, Strong)) => strong,
            weak => type_name(data_type).map(|name| (name, Weak)).or(weak),
        },
        Expr::TypedString(typed) => type_name(&typed.data_type).map(|name| (name, Weak)),
        Expr::Interval(_) => Some(("interval".to_owned(), Weak)),
        Expr::Case { else_result, .. } => match else_result.as_deref().and_then(figure) {
            strong @ Some((_, Strong)) => strong,
            _ => Some(("case".to_owned(), Weak)),
        },
        Expr::Subquery(query) => only_item(query)
            .and_then(of_item)
            .filter(|label| label != UNNAMED)
            .map(|label| (label, Strong)),
        Expr::Exists { negated: false, .. } => strong("exists"),
        Expr::Array(_) => strong("array"),
        Expr::Tuple(_) => strong("row"),
        Expr::Extract { .. } => strong("extract"),
        Expr::Ceil { .. } => strong("ceil"),
        Expr::Floor { .. } => strong("floor"),
        Expr::Position { .. } => strong("position"),
        Expr::Substring {
            shorthand: true, ..
        } => strong("substr"),
        Expr::Substring { .. } => strong("substring"),
        Expr::Overlay { .. } => strong("overlay"),
        Expr::Trim { trim_where, .. } => strong(match trim_where {
            Some(TrimWhereField::Leading) => "ltrim",
            Some(TrimWhereField::Trailing) => "rtrim",
            _ => "btrim",
        }),
        Expr::AtTimeZone { .. } => strong("timezone"),
        Expr::BinaryOp {
            op: BinaryOperator::Overlaps,
            ..
        } => strong("overlaps"),
        _ => None,
    }
}

fn function_name(function: &Function) -> Option<String> {
    last(&function.name).map(folded)
}

fn last(name: &ObjectName) -> Option<&Ident> {
    name.0.last().and_then(|part| part.as_ident())
}

fn type_name(data_type: &sqlparser::ast::DataType) -> Option<String> {
    match types::of(data_type) {
        Some(known) => Some(known.name.to_owned()),
        None => match data_type {
            sqlparser::ast::DataType::Custom(name, _) => last(name).map(folded),
            other => Some(other.to_string().to_lowercase()),
        },
    }
}

/// The item of a query that returns one column.
fn only_item(query: &Query) -> Option<&SelectItem> {
    let mut body = &*query.body;
    loop {
        match body {
            SetExpr::Select(select) => {
                return select
                    .projection
                    .first()
                    .filter(|_| select.projection.len() == 1);
            }
            SetExpr::SetOperation { left, .. } => body = left,
            SetExpr::Query(query) => body = &query.body,
            _ => return None,
        }
    }
}

//! Where an expression begins in the client's text.

use sqlparser::ast::{Expr, Query, SetExpr, Spanned};
use sqlparser::tokenizer::Span;

/// The offset of its first token, as far as its leftmost parts tell. The parser's own
/// answer looks at all that is inside, and as deep as it is.
pub(crate) fn of(expr: &Expr) -> usize {
    let mut leftmost = expr;
    let span = loop {
        leftmost = match leftmost {
            Expr::Nested(inner)
            | Expr::UnaryOp { expr: inner, .. }
            | Expr::Cast { expr: inner, .. }
            | Expr::CompoundFieldAccess { root: inner, .. }
            | Expr::Collate { expr: inner, .. }
            | Expr::BinaryOp { left: inner, .. }
            | Expr::IsNull(inner)
            | Expr::IsNotNull(inner)
            | Expr::IsTrue(inner)
            | Expr::IsNotTrue(inner)
            | Expr::IsFalse(inner)
            | Expr::IsNotFalse(inner)
            | Expr::IsUnknown(inner)
            | Expr::IsNotUnknown(inner)
            | Expr::IsDistinctFrom(inner, _)
            | Expr::IsNotDistinctFrom(inner, _)
            | Expr::AnyOp { left: inner, .. }
            | Expr::AllOp { left: inner, .. }
            | Expr::Like { expr: inner, .. }
            | Expr::ILike { expr: inner, .. }
            | Expr::SimilarTo { expr: inner, .. }
            | Expr::InSubquery { expr: inner, .. }
            | Expr::InList { expr: inner, .. }
            | Expr::Between { expr: inner, .. } => inner,
            Expr::Tuple(parts) => match parts.first() {
                Some(first) => first,
                None => return 0,
            },
            Expr::Identifier(name) => break name.span,
            Expr::CompoundIdentifier(parts) => match parts.first() {
                Some(first) => break first.span,
                None => return 0,
            },
            Expr::Value(value) => break value.span,
            Expr::TypedString(typed) => break typed.value.span,
            Expr::Interval(interval) => &interval.value,
            Expr::AtTimeZone { timestamp, .. } => timestamp,
            Expr::Subquery(query) => return of_query(query),
            Expr::Function(function) => break function.name.span(),
            Expr::Case { case_token, .. } => break case_token.0.span,
            _ => return 0,
        }
    };
    offset(span)
}

/// The offset of a query's SELECT.
pub(crate) fn of_query(query: &Query) -> usize {
    match &*query.body {
        SetExpr::Select(select) => offset(select.select_token.0.span),
        _ => 0,
    }
}

fn offset(span: Span) -> usize {
    usize::try_from(span.start.column)
        .unwrap_or(usize::MAX)
        .saturating_sub(1)
}

//! Row values: `(a, b)` and `ROW(a, b)`.

use sqlparser::ast::Expr;

use crate::build;

/// The columns of a row; none if the expression is no row.
pub(crate) fn of(expression: &Expr) -> Option<Vec<Expr>> {
    match build::unnested(expression) {
        Expr::Tuple(columns) => Some(columns.clone()),
        Expr::Function(function)
            if function.over.is_none()
                && build::function_name(function).as_deref() == Some("row") =>
        {
            Some(build::arguments(function).into_iter().cloned().collect())
        }
        _ => None,
    }
}

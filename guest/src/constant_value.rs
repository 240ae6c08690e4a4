//! The values of expressions that are made of constants alone, as the catalogue's evaluator
//! computes them.

use pgiris_catalog::{Budget, Catalog, Failure, Session};
use sqlparser::ast::{DataType, Expr, Statement as Tree, Value};

use crate::build;
use crate::reader::lexer::lex;
use crate::reader::parse::{Reading, parse};
use crate::reader::statement::split;
use crate::types::{self, oid};
use crate::walk;

/// What a single value may cost.
const BUDGET: Budget = Budget {
    steps: 100_000,
    bytes: 1 << 20,
};

/// Functions of their arguments alone.
const PURE: &[&str] = &[
    "abs",
    "ascii",
    "btrim",
    "char_length",
    "chr",
    "coalesce",
    "concat",
    "concat_ws",
    "initcap",
    "left",
    "length",
    "lower",
    "lpad",
    "ltrim",
    "mod",
    "nullif",
    "octet_length",
    "repeat",
    "replace",
    "reverse",
    "right",
    "rpad",
    "rtrim",
    "split_part",
    "strpos",
    "substr",
    "substring",
    "translate",
    "upper",
];

/// The text of an expression's value; nothing if it depends on anything else, or if the evaluator
/// cannot compute it.
///
/// # Errors
/// What PostgreSQL says of the values.
pub(crate) fn value(expression: &str) -> Option<Result<Option<String>, Failure>> {
    let text = format!("SELECT {expression}");
    let tokens = lex(&text).ok()?;
    let [source] = split(&tokens)[..] else {
        return None;
    };
    let Ok(Reading::Tree(mut tree, _)) = parse(&source) else {
        return None;
    };
    if !is_constant(&mut tree) {
        return None;
    }
    let Tree::Query(query) = *tree else {
        return None;
    };
    let (catalog, session) = (Catalog::new("", ""), Session::plain());
    match pgiris_catalog::run(&catalog, &session, &query, &[], &[], &[], BUDGET) {
        Ok(mut answer) => match (answer.rows.len(), answer.rows.pop()?) {
            (1, mut row) if row.len() == 1 => row.pop().map(Ok),
            _ => None,
        },
        Err(failure) if matches!(failure.sqlstate.get(..2), Some("22")) => Some(Err(failure)),
        Err(_) => None,
    }
}

/// Whether nothing in it is asked of tables, the session or its clock.
fn is_constant(tree: &mut Tree) -> bool {
    let mut constant = true;
    let walked = walk::expressions(tree, &mut |expr| {
        constant &= match expr {
            Expr::Function(function) => {
                build::function_name(function).is_some_and(|name| PURE.contains(&name.as_str()))
            }
            Expr::Cast { data_type, .. } => is_exact(data_type),
            Expr::TypedString(typed) => is_exact(&typed.data_type),
            Expr::Value(value) => match &value.value {
                Value::Number(digits, _) => digits.bytes().all(|byte| byte.is_ascii_digit()),
                _ => true,
            },
            Expr::Interval(_)
            | Expr::AtTimeZone { .. }
            | Expr::Extract { .. }
            | Expr::Array(_)
            | Expr::Identifier(_)
            | Expr::CompoundIdentifier(_)
            | Expr::Subquery(_)
            | Expr::Exists { .. }
            | Expr::InSubquery { .. } => false,
            _ => true,
        };
        Ok(())
    });
    walked.is_ok() && constant
}

/// Types whose values the evaluator computes with as PostgreSQL does.
fn is_exact(data_type: &DataType) -> bool {
    types::of(data_type).is_some_and(|known| {
        matches!(
            known.oid,
            oid::BOOL | oid::INT2 | oid::INT4 | oid::INT8 | oid::TEXT
        )
    })
}

//! Operators of PostgreSQL that IRIS has nothing for.

use sqlparser::ast::{BinaryOperator, Expr};

use super::json::TAKE_APART;
use crate::build;

/// An operator as it is written, and the hint of its refusal; none if it is not one
/// of these.
pub(crate) fn refused(
    operator: &BinaryOperator,
    right: &Expr,
) -> Option<(&'static str, &'static str)> {
    use BinaryOperator as O;
    let pattern = "IRIS has no regular expressions: use LIKE, or match in the client";
    let bits = "IRIS has no operators on bits: use arithmetic, or compute it in the client";
    Some(match operator {
        // `a->b` with a name is IRIS's own: a column of the row that a refers to.
        O::Arrow if is_name(right) => return None,
        O::Arrow => ("->", TAKE_APART),
        O::LongArrow => ("->>", TAKE_APART),
        O::HashArrow => ("#>", TAKE_APART),
        O::HashLongArrow => ("#>>", TAKE_APART),
        O::HashMinus => ("#-", "change the document in the client"),
        O::AtArrow => ("@>", TAKE_APART),
        O::ArrowAt => ("<@", TAKE_APART),
        O::AtQuestion => ("@?", TAKE_APART),
        O::QuestionAnd => ("?&", TAKE_APART),
        O::QuestionPipe => ("?|", TAKE_APART),
        O::PGOverlap => ("&&", "IRIS has no arrays and no ranges"),
        O::PGRegexMatch => ("~", pattern),
        O::PGRegexIMatch => ("~*", pattern),
        O::PGRegexNotMatch => ("!~", pattern),
        O::PGRegexNotIMatch => ("!~*", pattern),
        O::PGBitwiseXor => ("#", bits),
        O::PGBitwiseShiftLeft => ("<<", bits),
        O::PGBitwiseShiftRight => (">>", bits),
        O::BitwiseOr => ("|", bits),
        _ => return None,
    })
}

/// The operators, with their hints, as the document shows them.
#[cfg(test)]
pub(super) fn all() -> Vec<(&'static str, &'static str)> {
    use BinaryOperator as O;
    let literal = build::string("k");
    [
        O::Arrow,
        O::LongArrow,
        O::HashArrow,
        O::HashLongArrow,
        O::HashMinus,
        O::AtArrow,
        O::ArrowAt,
        O::AtQuestion,
        O::QuestionAnd,
        O::QuestionPipe,
        O::PGOverlap,
        O::PGRegexMatch,
        O::PGRegexIMatch,
        O::PGRegexNotMatch,
        O::PGRegexNotIMatch,
        O::PGBitwiseXor,
        O::PGBitwiseShiftLeft,
        O::PGBitwiseShiftRight,
        O::BitwiseOr,
    ]
    .iter()
    .filter_map(|operator| refused(operator, &literal))
    .collect()
}

fn is_name(expression: &Expr) -> bool {
    matches!(
        build::unnested(expression),
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::BinaryOp { .. }
    )
}

//! The type of an expression, where PostgreSQL knows it without looking at tables.
//!
//! IRIS announces every literal as INTEGER, because it replaces literals by
//! parameters first; the client must see PostgreSQL's types.

pub(crate) mod computed;
pub(crate) mod digits;
mod functions;
pub(crate) mod padding;

use sqlparser::ast::{Array, BinaryOperator, DataType, Expr, Ident, UnaryOperator, Value};

use crate::raise;
use crate::types::{self, oid};
use crate::wit::Oid;

/// Whether this is a literal whose type depends on what is around it.
pub(crate) fn is_untyped(expression: &Expr) -> bool {
    match expression {
        Expr::Nested(inner) => is_untyped(inner),
        Expr::Value(value) => {
            matches!(
                value.value,
                Value::SingleQuotedString(_) | Value::Null | Value::Placeholder(_)
            )
        }
        _ => false,
    }
}

/// The type of an expression; none if it is not known, or not the one IRIS's
/// value has.
pub(crate) fn of(expression: &Expr) -> Option<Oid> {
    of_with(expression, &|_| None)
}

/// What a name or a placeholder stands for.
type Leaf<'a> = &'a dyn Fn(&Expr) -> Option<Oid>;

/// As [`of`], asking `leaf` about names and placeholders.
pub(crate) fn of_with(expression: &Expr, leaf: Leaf<'_>) -> Option<Oid> {
    let of = |expression: &Expr| of_with(expression, leaf);
    if is_predicate(expression) {
        return Some(oid::BOOL);
    }
    match expression {
        Expr::Value(value) => literal(&value.value).or_else(|| leaf(expression)),
        Expr::Nested(inner) => of(inner),
        Expr::AtTimeZone { timestamp, .. } => zoned(timestamp, leaf),
        Expr::Cast { data_type, .. } => of_type(data_type),
        Expr::Array(array) => array_type(array, leaf),
        Expr::CompoundFieldAccess { root, access_chain } if access_chain.len() == 1 => {
            types::kept::element_of(of(root)?)
        }
        Expr::Collate { expr, .. } => of(expr),
        Expr::Interval(_) => Some(oid::INTERVAL),
        Expr::Extract { .. } => Some(oid::NUMERIC),
        Expr::UnaryOp {
            op: UnaryOperator::PGSquareRoot | UnaryOperator::PGCubeRoot,
            ..
        } => Some(oid::FLOAT8),
        Expr::UnaryOp {
            op: UnaryOperator::PGAbs,
            expr,
        } => of(expr),
        Expr::TypedString(typed) if !typed.uses_odbc_syntax => of_type(&typed.data_type),
        // The sign belongs to the number: the least integers are written with one.
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr: number,
        } if is_number(number) => number_type(&crate::build::number_in(expression)?),
        Expr::UnaryOp {
            op: UnaryOperator::Minus | UnaryOperator::Plus | UnaryOperator::BitwiseNot,
            expr,
        } => of(expr),
        Expr::BinaryOp { left, op, right } => operator(left, op, right, leaf),
        Expr::Case { .. } => chosen(expression, leaf),
        Expr::Function(function) => functions::of(function, leaf),
        Expr::Identifier(word) if is_session_name(word) => Some(oid::NAME),
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Subquery(_) => leaf(expression),
        Expr::Ceil { expr, .. } | Expr::Floor { expr, .. } => functions::whole(of(expr)),
        Expr::Position { .. } => Some(oid::INT4),
        Expr::Substring { .. } | Expr::Trim { .. } | Expr::Overlay { .. } => Some(oid::TEXT),
        _ => None,
    }
}

/// Whether an expression is true, false or unknown by its form: what IRIS takes
/// as a condition and nowhere else.
pub(crate) fn is_predicate(expression: &Expr) -> bool {
    match expression {
        Expr::Nested(inner) => is_predicate(inner),
        Expr::UnaryOp {
            op: UnaryOperator::Not,
            ..
        }
        | Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::IsNotTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsNotFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotUnknown(_)
        | Expr::IsDistinctFrom(..)
        | Expr::IsNotDistinctFrom(..)
        | Expr::IsJson { .. }
        | Expr::InList { .. }
        | Expr::InSubquery { .. }
        | Expr::Between { .. }
        | Expr::Like { .. }
        | Expr::ILike { .. }
        | Expr::SimilarTo { .. }
        | Expr::AnyOp { .. }
        | Expr::AllOp { .. }
        | Expr::Exists { .. } => true,
        Expr::BinaryOp { op, .. } => is_comparison(op),
        _ => false,
    }
}

fn is_comparison(operator: &BinaryOperator) -> bool {
    use BinaryOperator as O;
    match operator {
        O::Eq | O::NotEq | O::Lt | O::LtEq | O::Gt | O::GtEq | O::And | O::Or => true,
        O::PGRegexMatch | O::PGRegexIMatch | O::PGRegexNotMatch | O::PGRegexNotIMatch => true,
        O::PGLikeMatch
        | O::PGILikeMatch
        | O::PGNotLikeMatch
        | O::PGNotILikeMatch
        | O::PGStartsWith => true,
        O::AtArrow | O::ArrowAt | O::PGOverlap | O::AtQuestion | O::AtAt => true,
        O::Question | O::QuestionAnd | O::QuestionPipe => true,
        O::Custom(name) => name.starts_with('%'),
        _ => false,
    }
}

fn literal(value: &Value) -> Option<Oid> {
    match value {
        Value::Boolean(_) => Some(oid::BOOL),
        Value::Number(digits, _) => number_type(digits),
        _ => None,
    }
}

fn is_number(expression: &Expr) -> bool {
    matches!(expression, Expr::Value(value) if matches!(value.value, Value::Number(..)))
}

/// Of a number as it is written: an integer if it is one that has room.
fn number_type(digits: &str) -> Option<Oid> {
    Some(match digits.parse::<i64>() {
        Ok(number) if i32::try_from(number).is_ok() => oid::INT4,
        Ok(_) => oid::INT8,
        Err(_) => oid::NUMERIC,
    })
}

fn operator(left: &Expr, operator: &BinaryOperator, right: &Expr, leaf: Leaf<'_>) -> Option<Oid> {
    use BinaryOperator as O;
    match operator {
        O::Plus | O::Minus => {
            let (left, right) = pair(left, right, leaf)?;
            moment(left, operator, right).or_else(|| wider(left, right))
        }
        O::Multiply | O::Divide => {
            let (left, right) = pair(left, right, leaf)?;
            if left == oid::INTERVAL || right == oid::INTERVAL {
                return Some(oid::INTERVAL);
            }
            wider(left, right)
        }
        O::Modulo => {
            let (left, right) = pair(left, right, leaf)?;
            wider(left, right).filter(|oid| !matches!(*oid, oid::FLOAT4 | oid::FLOAT8))
        }
        O::PGExp => {
            let (left, right) = pair(left, right, leaf)?;
            wider(left, right).map(|oid| match oid {
                oid::NUMERIC => oid::NUMERIC,
                _ => oid::FLOAT8,
            })
        }
        // IRIS's division of integers.
        O::Custom(name) if name == "\\" => {
            let (left, right) = pair(left, right, leaf)?;
            wider(left, right)
        }
        O::BitwiseAnd | O::BitwiseOr | O::PGBitwiseXor => {
            let (left, right) = pair(left, right, leaf)?;
            wider(left, right).filter(|oid| is_integer(*oid))
        }
        O::PGBitwiseShiftLeft | O::PGBitwiseShiftRight => {
            of_with(left, leaf).filter(|oid| is_integer(*oid))
        }
        O::StringConcat => joined(left, right, leaf),
        O::Arrow | O::HashArrow if !crate::functions::is_name(right) => {
            of_with(left, leaf).filter(|oid| matches!(*oid, oid::JSON | oid::JSONB))
        }
        O::LongArrow | O::HashLongArrow => Some(oid::TEXT),
        O::Spaceship | O::LtDashGt => Some(oid::FLOAT8),
        O::Custom(name) if matches!(name.as_str(), "<#>" | "<->" | "<+>") => Some(oid::FLOAT8),
        _ => None,
    }
}

// Arms of their own keep the frame of the function that calls itself small.

fn chosen(expression: &Expr, leaf: Leaf<'_>) -> Option<Oid> {
    let Expr::Case {
        conditions,
        else_result,
        ..
    } = expression
    else {
        return None;
    };
    // PostgreSQL begins with ELSE (`transformCaseExpr`).
    let results = conditions.iter().map(|when| &when.result);
    common(else_result.as_deref().into_iter().chain(results), leaf)
}

/// What a cast to the type gives, or a literal behind its name.
fn of_type(data_type: &DataType) -> Option<Oid> {
    types::of(data_type)?.result_oid()
}

fn zoned(timestamp: &Expr, leaf: Leaf<'_>) -> Option<Oid> {
    let own = of_with(timestamp, leaf);
    crate::functions::result_type(crate::functions::Returns::Zoned, &[None, own])
}

fn is_session_name(word: &Ident) -> bool {
    word.quote_style.is_none()
        && ["current_schema", "current_role"]
            .iter()
            .any(|name| word.value.eq_ignore_ascii_case(name))
}

/// Down a chain on its right side only: a sum of many texts is asked at each of them.
fn joined(left: &Expr, right: &Expr, leaf: Leaf<'_>) -> Option<Oid> {
    let is_kept = |known: &Oid| *known == oid::JSONB || types::kept::is_array(*known);
    let of_left = match left {
        Expr::BinaryOp { .. } => None,
        left => of_with(left, leaf).filter(is_kept),
    };
    of_left
        .or_else(|| of_with(right, leaf).filter(is_kept))
        .or(Some(oid::TEXT))
}

/// Of `ARRAY[…]`; IRIS has no arrays of its own.
fn array_type(array: &Array, leaf: Leaf<'_>) -> Option<Oid> {
    if !array.named || array.elem.is_empty() {
        return None;
    }
    let element = match array.elem.iter().all(is_untyped) {
        true => oid::TEXT,
        false => common(array.elem.iter(), leaf)?,
    };
    Some(types::kept::array_of(element)).filter(|known| *known != 0)
}

fn is_integer(oid: Oid) -> bool {
    matches!(oid, oid::INT2 | oid::INT4 | oid::INT8)
}

/// The types of both sides; a literal without one has that of the other side.
fn pair(left: &Expr, right: &Expr, leaf: Leaf<'_>) -> Option<(Oid, Oid)> {
    let sides = (of_with(left, leaf), of_with(right, leaf));
    match sides {
        (Some(left), Some(right)) => Some((left, right)),
        (Some(known), None) if is_untyped(right) => Some((known, known)),
        (None, Some(known)) if is_untyped(left) => Some((known, known)),
        _ => None,
    }
}

/// Sums and differences of dates, times and intervals.
fn moment(left: Oid, operator: &BinaryOperator, right: Oid) -> Option<Oid> {
    let is_plus = *operator == BinaryOperator::Plus;
    match (left, right) {
        (oid::DATE, oid::DATE) if !is_plus => Some(oid::INT4),
        (oid::DATE, oid::INT2 | oid::INT4) => Some(oid::DATE),
        (oid::INT2 | oid::INT4, oid::DATE) if is_plus => Some(oid::DATE),
        (oid::DATE | oid::TIMESTAMP, oid::INTERVAL) => Some(oid::TIMESTAMP),
        (oid::TIMESTAMPTZ, oid::INTERVAL | oid::TIME) => Some(oid::TIMESTAMPTZ),
        (oid::INTERVAL, oid::DATE | oid::TIMESTAMP) if is_plus => Some(oid::TIMESTAMP),
        (oid::INTERVAL | oid::TIME, oid::TIMESTAMPTZ) if is_plus => Some(oid::TIMESTAMPTZ),
        (oid::DATE, oid::TIME) | (oid::TIME, oid::DATE) if is_plus => Some(oid::TIMESTAMP),
        (oid::INTERVAL, oid::INTERVAL) => Some(oid::INTERVAL),
        (
            oid::DATE | oid::TIMESTAMP | oid::TIMESTAMPTZ,
            oid::DATE | oid::TIMESTAMP | oid::TIMESTAMPTZ,
        )
        | (oid::TIME, oid::TIME)
            if !is_plus =>
        {
            Some(oid::INTERVAL)
        }
        (oid::TIME, oid::INTERVAL) => Some(oid::TIME),
        (oid::INTERVAL, oid::TIME) if is_plus => Some(oid::TIME),
        _ => None,
    }
}

/// Types of numbers: PostgreSQL makes one of a later type of each without being told.
const NUMBERS: [Oid; 6] = [
    oid::INT2,
    oid::INT4,
    oid::INT8,
    oid::NUMERIC,
    oid::FLOAT4,
    oid::FLOAT8,
];

/// How wide a type of numbers is; none if it is another type.
pub(crate) fn width(oid: Oid) -> Option<usize> {
    NUMBERS.iter().position(|known| *known == oid)
}

/// The type in which PostgreSQL computes with two numbers.
pub(crate) fn wider(left: Oid, right: Oid) -> Option<Oid> {
    let widest = *NUMBERS.get(width(left)?.max(width(right)?))?;
    Some(if widest == oid::FLOAT4 && left != right {
        oid::FLOAT8
    } else {
        widest
    })
}

/// The type of values of two types in one column; none if PostgreSQL refuses them
/// or they are not known here.
pub(crate) fn merged(left: Oid, right: Oid) -> Option<Oid> {
    if left == right {
        return Some(left);
    }
    match (left, right) {
        // Of two string types the first is kept.
        (oid::VARCHAR | oid::TEXT | oid::BPCHAR, oid::VARCHAR | oid::TEXT | oid::BPCHAR) => {
            Some(left)
        }
        (oid::DATE, oid::TIMESTAMP) | (oid::TIMESTAMP, oid::DATE) => Some(oid::TIMESTAMP),
        (oid::DATE | oid::TIMESTAMP, oid::TIMESTAMPTZ)
        | (oid::TIMESTAMPTZ, oid::DATE | oid::TIMESTAMP) => Some(oid::TIMESTAMPTZ),
        // A CASE or UNION of real and another number stays real.
        (oid::FLOAT4, oid::INT2 | oid::INT4 | oid::INT8 | oid::NUMERIC)
        | (oid::INT2 | oid::INT4 | oid::INT8 | oid::NUMERIC, oid::FLOAT4) => Some(oid::FLOAT4),
        _ => wider(left, right),
    }
}

/// The type that all of them get; those that take any type become text if there
/// is no other.
fn common<'a>(expressions: impl Iterator<Item = &'a Expr>, leaf: Leaf<'_>) -> Option<Oid> {
    let mut common = None;
    for expression in expressions {
        let Some(oid) = of_with(expression, leaf) else {
            if is_untyped(expression) || raise::is_one(expression) {
                continue;
            }
            return None;
        };
        common = Some(match common {
            None => oid,
            Some(known) => merged(known, oid)?,
        });
    }
    common.or(Some(oid::TEXT))
}

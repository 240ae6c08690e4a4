//! How many digits a number has, where that can be told without its value.

use sqlparser::ast::{BinaryOperator, DataType, ExactNumberInfo, Expr, UnaryOperator, Value};

use crate::build;
use crate::types::{self, Digits, oid};
use crate::wit::Oid;

/// Precision and scale of an expression, asking `leaf` about names.
pub(crate) fn of(expression: &Expr, leaf: &dyn Fn(&Expr) -> Option<Digits>) -> Option<Digits> {
    match expression {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => leaf(expression),
        Expr::Nested(inner) => of(inner, leaf),
        Expr::UnaryOp {
            op: UnaryOperator::Minus | UnaryOperator::Plus | UnaryOperator::PGAbs,
            expr,
        } => of(expr, leaf),
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => of_literal(digits),
            _ => None,
        },
        Expr::Cast {
            expr, data_type, ..
        } => match types::of(data_type)?.oid {
            oid::NUMERIC => of_type(data_type).or_else(|| match types::of(data_type)?.kind {
                types::Kind::Numeric => of(expr, leaf),
                _ => None,
            }),
            whole => of_integer(whole),
        },
        Expr::Function(function) => match build::function_name(function)?.as_str() {
            "abs" | "min" | "max" => of(build::arguments(function).first()?, leaf),
            _ => None,
        },
        Expr::BinaryOp {
            left,
            op: op @ (BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply),
            right,
        } => computed(of(left, leaf)?, op, of(right, leaf)?),
        _ => None,
    }
}

/// How many digits PostgreSQL shows behind the point of a `numeric`, if that is the same for
/// every value. (PostgreSQL manual, "Numeric Types"; `select_div_scale` decides by the values,
/// so that of a quotient is not known.)
pub(crate) fn scale_of(expression: &Expr, leaf: &dyn Fn(&Expr) -> Option<Digits>) -> Option<u32> {
    let of_all = |expressions: &[&Expr]| {
        let (first, others) = expressions.split_first()?;
        let first = scale_of(first, leaf)?;
        let same = |other: &&Expr| scale_of(other, leaf) == Some(first);
        others.iter().all(same).then_some(first)
    };
    match expression {
        Expr::Nested(inner) => scale_of(inner, leaf),
        Expr::UnaryOp {
            op: UnaryOperator::Minus | UnaryOperator::Plus | UnaryOperator::PGAbs,
            expr,
        } => scale_of(expr, leaf),
        Expr::BinaryOp {
            left,
            op,
            right: right_side,
        } => {
            let (left, right) = (scale_of(left, leaf)?, scale_of(right_side, leaf)?);
            match op {
                BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Modulo => {
                    Some(left.max(right))
                }
                BinaryOperator::Multiply => Some(left + right),
                BinaryOperator::PGExp => (right == 0).then(|| left.max(16)),
                _ => None,
            }
        }
        Expr::Case {
            conditions,
            else_result,
            ..
        } => {
            let results = build::results(conditions, else_result.as_deref());
            of_all(&results.collect::<Vec<_>>())
        }
        Expr::Function(function) => {
            let arguments = build::arguments(function);
            match build::function_name(function)?.as_str() {
                "abs" | "min" | "max" | "sum" | "nullif" => scale_of(arguments.first()?, leaf),
                "floor" | "ceil" | "ceiling" | "sign" => Some(0),
                "round" | "trunc" => match arguments[..] {
                    [_] => Some(0),
                    [_, Expr::Value(places)] => match &places.value {
                        Value::Number(places, _) => places.parse().ok(),
                        _ => None,
                    },
                    _ => None,
                },
                "coalesce" | "greatest" | "least" => of_all(&arguments),
                // `numeric_power` by a whole number: sixteen digits, whatever the value.
                "power" | "pow" if scale_of(arguments.get(1)?, leaf)? == 0 => {
                    Some(scale_of(arguments.first()?, leaf)?.max(16))
                }
                "mod" => {
                    let [left, right] = arguments[..] else {
                        return None;
                    };
                    Some(scale_of(left, leaf)?.max(scale_of(right, leaf)?))
                }
                _ => None,
            }
        }
        Expr::Ceil { .. } | Expr::Floor { .. } => Some(0),
        other => Some(of(other, leaf)?.scale),
    }
    .filter(|scale| *scale <= MOST_DECIMALS)
}

/// As many as IRIS has room for behind the point.
const MOST_DECIMALS: u32 = 16;

/// Those of a sum or product; more than IRIS keeps are none.
fn computed(left: Digits, op: &BinaryOperator, right: Digits) -> Option<Digits> {
    let digits = if *op == BinaryOperator::Multiply {
        Digits {
            precision: left.precision + right.precision,
            scale: left.scale + right.scale,
        }
    } else {
        let scale = left.scale.max(right.scale);
        Digits {
            precision: left.whole().max(right.whole()) + scale + 1,
            scale,
        }
    };
    (digits.scale < 17 && digits.precision <= 1_000).then_some(digits)
}

/// Those of a whole number.
pub(crate) fn of_integer(oid: Oid) -> Option<Digits> {
    let precision = match oid {
        oid::INT2 => 5,
        oid::INT4 => 10,
        oid::INT8 => 19,
        _ => return None,
    };
    Some(Digits {
        precision,
        scale: 0,
    })
}

/// Those that `numeric(p, s)` says.
pub(crate) fn of_type(data_type: &DataType) -> Option<Digits> {
    let (DataType::Numeric(info) | DataType::Decimal(info) | DataType::Dec(info)) = data_type
    else {
        return None;
    };
    let (precision, scale) = match info {
        ExactNumberInfo::None => return None,
        ExactNumberInfo::Precision(precision) => (*precision, 0),
        ExactNumberInfo::PrecisionAndScale(precision, scale) => (*precision, *scale),
    };
    Some(Digits {
        precision: precision.try_into().ok()?,
        scale: scale.try_into().ok()?,
    })
}

/// Those of a literal as it is written.
fn of_literal(digits: &str) -> Option<Digits> {
    if let Some((mantissa, exponent)) = digits.split_once(['e', 'E']) {
        let mantissa = of_literal(mantissa)?;
        let exponent: i32 = exponent.parse().ok().filter(|e| (-300..=300).contains(e))?;
        let scale = i64::from(mantissa.scale) - i64::from(exponent);
        return Some(Digits {
            precision: mantissa.precision + exponent.unsigned_abs(),
            scale: u32::try_from(scale.max(0)).ok()?,
        });
    }
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let length = |part: &str| u32::try_from(part.len()).ok();
    (plain(whole) && plain(fraction)).then_some(())?;
    Some(Digits {
        precision: length(whole.trim_start_matches('0'))? + length(fraction)?,
        scale: length(fraction)?,
    })
}

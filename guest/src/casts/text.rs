//! Casts to strings: PostgreSQL's spelling of every value.

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{BinaryOperator, CaseWhen, DataType, Expr};

use super::{Operand, is_integer, is_string, unwrapped};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::functions::varchar;
use crate::raise;
use crate::types::{Kind, LONGEST_STRING, PgType, oid};
use crate::typing;
use crate::wit::Diagnostic;

/// The longest text of a number, a date or a time.
const SHORT: u64 = 50;

/// Stands before a number while zeros are put before its point.
const FENCE: &str = "~";

pub(super) fn text(
    operand: &mut Operand<'_>,
    target: &PgType,
    written: &DataType,
) -> Diagnosed<Option<Expr>> {
    let Some(from) = operand.oid else {
        return Ok(None);
    };
    let spelled = match from {
        string if is_string(string) => {
            let value = build::nested(build::take(&mut operand.expr));
            return Ok(Some(limited(value, target, written)));
        }
        integer if is_integer(integer) => return Ok(None),
        oid::NUMERIC => numeric(operand)?,
        oid::FLOAT4 | oid::FLOAT8 => double(operand)?,
        // The time zone of the session is UTC.
        oid::TIMESTAMPTZ => build::nested(build::binary(
            short(operand.argument()?),
            BinaryOperator::StringConcat,
            build::string("+00"),
        )),
        oid::UUID => build::call("LOWER", vec![short(operand.argument()?)]),
        oid::BYTEA => {
            return Err(Diagnostic::not_supported(
                "cast from type bytea to text is not supported",
                "convert the bytes in the client",
            ));
        }
        _ => return Ok(None),
    };
    Ok(Some(limited(spelled, target, written)))
}

/// A string as `varchar(n)` and its like, which cut it; as it is without a length.
pub(super) fn limited(value: Expr, target: &PgType, written: &DataType) -> Expr {
    match (&target.kind, target.cast_target(written)) {
        // Kept without the blanks that fill it up.
        (Kind::Text(Some(_)), Some(limit)) if target.oid == oid::BPCHAR => {
            build::call("RTRIM", vec![build::cast(value, limit)])
        }
        (Kind::Text(Some(_)), Some(limit)) => build::cast(value, limit),
        _ if matches!(build::unnested(&value), Expr::Value(_)) => {
            build::cast(value, varchar(LONGEST_STRING))
        }
        _ => value,
    }
}

/// The text of a number, a date or a time, as IRIS writes it.
pub(crate) fn short(value: Expr) -> Expr {
    build::cast(value, varchar(SHORT))
}

/// A boolean is `true` or `false`.
pub(super) fn truth(operand: &mut Operand<'_>) -> Diagnosed<Expr> {
    if typing::is_predicate(&operand.expr) {
        // In few frames: predicates nest deep, and a copy recurses into all of them.
        let opposite = operand.copy()?;
        return Ok(predicate(build::take(&mut operand.expr), opposite));
    }
    Ok(value(operand.argument()?))
}

fn predicate(condition: Expr, again: Expr) -> Expr {
    build::case(
        vec![
            (unwrapped(condition), build::string("true")),
            (build::not(unwrapped(again)), build::string("false")),
        ],
        None,
    )
}

fn value(bit: Expr) -> Expr {
    let when = |bit: u8, word| CaseWhen {
        condition: build::number(bit),
        result: build::string(word),
    };
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: Some(Box::new(bit)),
        conditions: vec![when(1, "true"), when(0, "false")],
        else_result: None,
    }
}

/// With the decimals of the type if it says how many, and a zero before the point.
fn numeric(operand: &mut Operand<'_>) -> Diagnosed<Expr> {
    let value = operand.argument()?;
    Ok(match operand.digits {
        Some(digits) if digits.scale == 0 => short(value),
        Some(digits) => build::call(
            "$JUSTIFY",
            vec![value, build::number(0), build::number(digits.scale)],
        ),
        None => with_zero(short(value)),
    })
}

/// IRIS writes `.5` and `-.5`.
fn with_zero(digits: Expr) -> Expr {
    let fenced = build::binary(build::string(FENCE), BinaryOperator::StringConcat, digits);
    let replace = |text, from: &str, to: &str| {
        build::call(
            "REPLACE",
            vec![text, build::string(from), build::string(to)],
        )
    };
    let positive = replace(fenced, &format!("{FENCE}."), &format!("{FENCE}0."));
    let negative = replace(positive, &format!("{FENCE}-."), &format!("{FENCE}-0."));
    replace(negative, FENCE, "")
}

/// `float8out` writes an exponent from 1e15 on and below 1e-4; IRIS has none to offer.
fn double(operand: &mut Operand<'_>) -> Diagnosed<Expr> {
    let size = |operand: &mut Operand<'_>| -> Diagnosed<Expr> {
        Ok(build::call("ABS", vec![operand.argument()?]))
    };
    let large = build::binary(size(operand)?, BinaryOperator::GtEq, build::number("1E15"));
    let small = build::nested(build::binary(
        build::binary(size(operand)?, BinaryOperator::Lt, build::number("0.0001")),
        BinaryOperator::And,
        build::binary(
            build::nested(operand.copy()?),
            BinaryOperator::NotEq,
            build::number(0),
        ),
    ));
    let refusal = raise::plain(
        "0A000",
        "text of a double precision that needs an exponent is not supported",
    );
    let plain = with_zero(short(operand.argument()?));
    Ok(build::case(
        vec![(
            build::binary(large, BinaryOperator::Or, small),
            short(refusal),
        )],
        Some(plain),
    ))
}

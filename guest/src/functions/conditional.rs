//! Functions that choose among their arguments.

use sqlparser::ast::{BinaryOperator, DataType, ExactNumberInfo, Expr, UnaryOperator, Value};

use super::call::is_not_null;
use super::{ANY, Call, Entry, Fate, Returns};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::types::oid;

pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        &["coalesce"],
        (1, ANY),
        Returns::Unknown,
        Fate::Translated("`COALESCE(…)`; of one argument the argument", |call| {
            if call.args.len() == 1 {
                return Ok(build::nested(call.take(0)));
            }
            Ok(build::call("COALESCE", std::mem::take(&mut call.args)))
        }),
    ),
    Entry::new(&["nullif"], (2, 2), Returns::Unknown, Fate::Same),
    Entry::new(
        &["greatest"],
        (1, ANY),
        Returns::Common,
        Fate::Translated(
            "`GREATEST(COALESCE(a, b), …)`: IRIS does not skip NULL",
            |call| extreme(call, "GREATEST"),
        ),
    )
    .typed(),
    Entry::new(
        &["least"],
        (1, ANY),
        Returns::Common,
        Fate::Translated(
            "`LEAST(COALESCE(a, b), …)`: IRIS does not skip NULL",
            |call| extreme(call, "LEAST"),
        ),
    )
    .typed(),
    Entry::new(
        &["num_nulls"],
        (1, ANY),
        Returns::Type(oid::INT4),
        Fate::Emulated("a sum of `CASE WHEN a IS NULL THEN 1 ELSE 0 END`", |call| {
            Ok(counted(call, 1, 0))
        }),
    ),
    Entry::new(
        &["num_nonnulls"],
        (1, ANY),
        Returns::Type(oid::INT4),
        Fate::Emulated("a sum of `CASE WHEN a IS NULL THEN 0 ELSE 1 END`", |call| {
            Ok(counted(call, 0, 1))
        }),
    ),
];

/// The type of a literal that is a number or a boolean.
fn literal_type(argument: &Expr) -> Option<DataType> {
    let literal = match build::unnested(argument) {
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr,
        } => build::unnested(expr),
        other => other,
    };
    let Expr::Value(value) = literal else {
        return None;
    };
    match &value.value {
        Value::Boolean(_) => Some(DataType::Bit(None)),
        Value::Number(digits, _) if digits.parse::<i32>().is_ok() => Some(DataType::Integer(None)),
        Value::Number(digits, _) if digits.parse::<i64>().is_ok() => Some(DataType::BigInt(None)),
        Value::Number(digits, _) => {
            let (_, fraction) = digits.split_once('.')?;
            let scale = i64::try_from(fraction.len()).ok()?;
            let fits = digits.len() <= 18 && fraction.bytes().all(|digit| digit.is_ascii_digit());
            let info = ExactNumberInfo::PrecisionAndScale(18, scale);
            fits.then_some(DataType::Numeric(info))
        }
        _ => None,
    }
}

/// An argument that is NULL takes the value of another: the result stays the same,
/// and is NULL if all of them are.
fn extreme(call: &mut Call<'_, '_, '_>, name: &str) -> Diagnosed<Expr> {
    if call.args.len() == 1 {
        return Ok(build::nested(call.take(0)));
    }
    for argument in &mut call.args {
        // A literal among them makes text of all, which goes with no number and no BIT.
        if let Some(data_type) = literal_type(argument) {
            *argument = build::cast(build::take(argument), data_type);
        }
    }
    let count = call.args.len();
    let nullable: Vec<bool> = (0..count).map(|index| call.may_be_null(index)).collect();
    let certain = nullable.iter().position(|nullable| !nullable);
    let mut chosen = Vec::with_capacity(count);
    for (index, nullable) in nullable.into_iter().enumerate() {
        let mut argument = vec![call.copy(index)?];
        if nullable {
            match certain {
                Some(certain) => argument.push(call.copy(certain)?),
                None => {
                    for other in 1..count {
                        argument.push(call.copy((index + other) % count)?);
                    }
                }
            }
        }
        chosen.push(match argument.pop() {
            Some(only) if argument.is_empty() => only,
            last => {
                argument.extend(last);
                build::call("COALESCE", argument)
            }
        });
    }
    Ok(build::call(name, chosen))
}

fn counted(call: &mut Call<'_, '_, '_>, null: u8, other: u8) -> Expr {
    let sum = std::mem::take(&mut call.args)
        .into_iter()
        .map(|argument| {
            build::case(
                vec![(is_not_null(argument), build::number(other))],
                Some(build::number(null)),
            )
        })
        .reduce(|sum, next| build::binary(sum, BinaryOperator::Plus, next));
    build::nested(sum.unwrap_or_else(|| build::number(0)))
}

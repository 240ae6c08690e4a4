//! Rounding, dividing, and what else keeps numbers exact.

use sqlparser::ast::{BinaryOperator, DataType, ExactNumberInfo, Expr};

use super::call::{braced, operation};
use super::json::{BROKER, elsewhere};
use super::{Call, Entry, Fate, Returns, Wants};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::types::oid;

pub(super) const TABLE: &[Entry] = &[
    Entry::new(&["abs"], (1, 1), Returns::First, Fate::Same).wanting(Wants::Number),
    Entry::new(
        &["ceil", "ceiling"],
        (1, 1),
        Returns::Real,
        Fate::Named("CEILING"),
    )
    .wanting(Wants::Number),
    Entry::new(&["floor"], (1, 1), Returns::Real, Fate::Same).wanting(Wants::Number),
    Entry::new(&["sign"], (1, 1), Returns::Real, Fate::Same).wanting(Wants::Number),
    Entry::new(
        &["mod"],
        (2, 2),
        Returns::Widest,
        Fate::Translated("`{fn MOD(a, b)}`", modulo),
    )
    .wanting(Wants::Number)
    .typed(),
    Entry::new(
        &["div"],
        (2, 2),
        Returns::Type(oid::NUMERIC),
        Fate::Translated("`a \\ b`", |call| {
            let (left, right) = (call.take(0), call.take(1));
            let by = BinaryOperator::Custom("\\".to_owned());
            Ok(build::cast(
                operation(left, by, right),
                DataType::Numeric(ExactNumberInfo::PrecisionAndScale(36, 0)),
            ))
        }),
    )
    .wanting(Wants::Number),
    Entry::new(
        &["round"],
        (1, 2),
        Returns::Real,
        Fate::Translated(
            "`ROUND(x, scale)`; a `double precision` rounds half to even",
            round,
        ),
    )
    .wanting(Wants::Number)
    .typed(),
    Entry::new(
        &["trunc"],
        (1, 2),
        Returns::Real,
        Fate::Translated("`{fn TRUNCATE(x, scale)}`", |call| {
            Ok(to_scale(call, "TRUNCATE"))
        }),
    )
    .wanting(Wants::Number)
    .typed(),
    Entry::new(
        &["gcd", "lcm"],
        (2, 2),
        Returns::Widest,
        Fate::Emulated(BROKER, elsewhere),
    )
    .bringing(Marks::ACCESS)
    .wanting(Wants::Number),
    Entry::new(
        &["factorial"],
        (1, 1),
        Returns::Type(oid::NUMERIC),
        Fate::Emulated(BROKER, elsewhere),
    )
    .bringing(Marks::ACCESS)
    .wanting(Wants::Number),
    Entry::new(
        &["width_bucket"],
        (4, 4),
        Returns::Type(oid::INT4),
        Fate::Arranged("say the limits of the buckets in a CASE"),
    ),
    Entry::new(
        &["scale", "min_scale"],
        (1, 1),
        Returns::Type(oid::INT4),
        Fate::Arranged("IRIS drops the zeros at the end of a number"),
    ),
    Entry::new(
        &["trim_scale"],
        (1, 1),
        Returns::Type(oid::NUMERIC),
        Fate::Arranged("IRIS drops the zeros at the end of a computed number"),
    ),
];

/// A `numeric` has as many digits as the operand that has more.
fn modulo(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let digits = |index: usize| call.scopes.digits_of(call.args.get(index)?);
    let scale = digits(0).zip(digits(1)).map(|(a, b)| a.scale.max(b.scale));
    let is_numeric = [0, 1]
        .map(|index| call.type_of(index))
        .contains(&Some(oid::NUMERIC));
    let remainder = braced("MOD", vec![call.take(0), call.take(1)]);
    Ok(match scale.map(i64::from) {
        Some(scale) if is_numeric => build::cast(
            remainder,
            DataType::Numeric(ExactNumberInfo::PrecisionAndScale(36, scale)),
        ),
        _ => remainder,
    })
}

fn scale(call: &mut Call<'_, '_, '_>) -> Expr {
    match call.args.len() {
        1 => build::number(0),
        _ => call.take(1),
    }
}

/// A function with a scale. The digits of a `numeric` result are those of the scale,
/// which IRIS learns from a cast.
fn to_scale(call: &mut Call<'_, '_, '_>, name: &str) -> Expr {
    let is_numeric = call.args.len() > 1 || call.type_of(0) == Some(oid::NUMERIC);
    let digits = match call.args.len() {
        1 => Some(0),
        _ => call.integer(1).map(|digits| digits.clamp(0, 18)),
    };
    let scale = scale(call);
    let number = braced(name, vec![call.take(0), scale]);
    match digits {
        Some(digits) if is_numeric => build::cast(
            number,
            DataType::Numeric(ExactNumberInfo::PrecisionAndScale(36, digits)),
        ),
        _ => number,
    }
}

/// IRIS rounds every half away from zero, as PostgreSQL does with `numeric`.
fn round(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let is_double = matches!(call.type_of(0), Some(oid::FLOAT4 | oid::FLOAT8));
    if call.args.len() > 1 || !is_double {
        return Ok(to_scale(call, "ROUND"));
    }
    let floor = build::call("FLOOR", vec![call.copy(0)?]);
    let fraction = operation(call.copy(0)?, BinaryOperator::Minus, floor);
    let is_half = build::binary(
        build::nested(fraction),
        BinaryOperator::Eq,
        build::number("0.5"),
    );
    let half = operation(call.copy(0)?, BinaryOperator::Divide, build::number(2));
    let even = operation(
        build::number(2),
        BinaryOperator::Multiply,
        braced("ROUND", vec![half, build::number(0)]),
    );
    let away = braced("ROUND", vec![call.take(0), build::number(0)]);
    Ok(build::case(vec![(is_half, even)], Some(away)))
}

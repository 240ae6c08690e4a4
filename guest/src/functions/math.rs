//! Roots, logarithms, angles and chance. PostgreSQL counts them in doubles unless an
//! argument is `numeric`; IRIS counts in decimals unless the argument is DOUBLE.

use sqlparser::ast::{BinaryOperator, Expr};

use super::call::{braced, operation, to_double};
use super::{Call, Entry, Fate, Returns, Wants};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::types::oid;

const FLOAT8: Returns = Returns::Type(oid::FLOAT8);

macro_rules! braced {
    ($pg:literal, $returns:expr, $iris:literal) => {
        Entry::new(
            &[$pg],
            (1, 1),
            $returns,
            Fate::Translated(concat!("`{fn ", $iris, "(x)}`"), |call| {
                Ok(braced($iris, vec![call.double(0)]))
            }),
        )
        .wanting(Wants::Number)
        .typed()
    };
}

pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        &["sqrt"],
        (1, 1),
        Returns::Real,
        Fate::Translated("`SQRT(x)`", |call| {
            Ok(build::call("SQRT", vec![call.double(0)]))
        }),
    )
    .wanting(Wants::Number)
    .typed(),
    Entry::new(
        &["power", "pow"],
        (2, 2),
        Returns::Real,
        Fate::Translated("`POWER(x, y)`", |call| {
            let base = match (call.type_of(0), call.type_of(1)) {
                (_, Some(oid::NUMERIC)) => call.take(0),
                _ => call.double(0),
            };
            Ok(build::call("POWER", vec![base, call.take(1)]))
        }),
    )
    .wanting(Wants::Number)
    .typed(),
    braced!("exp", Returns::Real, "EXP"),
    braced!("ln", Returns::Real, "LOG"),
    Entry::new(
        &["log"],
        (1, 2),
        Returns::Real,
        Fate::Translated(
            "`{fn LOG10(x)}`; `log(b, x)` as `{fn LOG(x)} / {fn LOG(b)}`",
            log,
        ),
    )
    .wanting(Wants::Number)
    .typed(),
    braced!("log10", Returns::Real, "LOG10"),
    Entry::new(
        &["pi"],
        (0, 0),
        FLOAT8,
        Fate::Translated("`CAST({fn PI()} AS DOUBLE)`", |_| {
            Ok(to_double(braced("PI", Vec::new())))
        }),
    ),
    braced!("sin", FLOAT8, "SIN"),
    braced!("cos", FLOAT8, "COS"),
    braced!("tan", FLOAT8, "TAN"),
    braced!("cot", FLOAT8, "COT"),
    braced!("asin", FLOAT8, "ASIN"),
    braced!("acos", FLOAT8, "ACOS"),
    braced!("atan", FLOAT8, "ATAN"),
    Entry::new(
        &["atan2"],
        (2, 2),
        FLOAT8,
        Fate::Translated("`{fn ATAN2(y, x)}`", |call| {
            Ok(braced("ATAN2", vec![call.double(0), call.double(1)]))
        }),
    )
    .wanting(Wants::Number)
    .typed(),
    Entry::new(
        &["degrees"],
        (1, 1),
        FLOAT8,
        Fate::Translated("`DEGREES(x)`", |call| {
            Ok(build::call("DEGREES", vec![call.double(0)]))
        }),
    )
    .wanting(Wants::Number)
    .typed(),
    Entry::new(
        &["radians"],
        (1, 1),
        FLOAT8,
        Fate::Translated("`RADIANS(x)`", |call| {
            Ok(build::call("RADIANS", vec![call.double(0)]))
        }),
    )
    .wanting(Wants::Number)
    .typed(),
    Entry::new(
        &["cbrt"],
        (1, 1),
        FLOAT8,
        Fate::Refused("use power(x, 1.0 / 3), which is not exact"),
    ),
    Entry::new(
        &[
            "sind", "cosd", "tand", "cotd", "asind", "acosd", "atand", "atan2d",
        ],
        (1, 2),
        FLOAT8,
        Fate::Refused("use the function that counts in radians with radians(x) or degrees(x)"),
    ),
    Entry::new(
        &["sinh", "cosh", "tanh", "asinh", "acosh", "atanh"],
        (1, 1),
        FLOAT8,
        Fate::Refused("put it together from exp and ln"),
    ),
    Entry::new(
        &["erf", "erfc", "gamma", "lgamma"],
        (1, 1),
        FLOAT8,
        Fate::Refused("compute it in the client"),
    ),
    Entry::new(
        &["random"],
        (0, 0),
        FLOAT8,
        Fate::Refused("pass a random number as a parameter"),
    ),
    Entry::new(
        &["setseed", "random_normal"],
        (0, 2),
        Returns::Unknown,
        Fate::Refused("pass a random number as a parameter"),
    ),
];

/// PostgreSQL's `log` has base 10, IRIS's base e.
fn log(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    if call.args.len() == 1 {
        return Ok(braced("LOG10", vec![call.double(0)]));
    }
    let base = braced("LOG", vec![call.take(0)]);
    let number = braced("LOG", vec![call.take(1)]);
    Ok(build::nested(operation(
        number,
        BinaryOperator::Divide,
        base,
    )))
}

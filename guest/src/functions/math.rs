//! Roots, logarithms, angles and chance. PostgreSQL counts them in doubles unless an
//! argument is `numeric`; IRIS counts in decimals unless the argument is DOUBLE.

use sqlparser::ast::{BinaryOperator, DataType, ExactNumberInfo, Expr};

use super::call::{braced, operation, to_double};
use super::json::{BROKER, elsewhere};
use super::{Call, Entry, Fate, Returns, Wants, domain};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
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

/// The same where the function has no value for every number.
macro_rules! checked {
    ($pg:literal, $returns:expr, $iris:literal, $check:path) => {
        Entry::new(
            &[$pg],
            (1, 1),
            $returns,
            Fate::Translated(concat!("`{fn ", $iris, "(x)}`"), |call| {
                $check(call, |call| braced($iris, vec![call.double(0)]))
            }),
        )
        .wanting(Wants::Number)
        .typed()
    };
}

macro_rules! logarithm {
    ($pg:literal, $iris:literal) => {
        Entry::new(
            &[$pg],
            (1, 1),
            Returns::Real,
            Fate::Translated(concat!("`{fn ", $iris, "(x)}`"), |call| {
                of_base(call, $iris)
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
        Fate::Translated("`{fn SQRT(x)}`", |call| {
            domain::root(call, |call| braced("SQRT", vec![call.double(0)]))
        }),
    )
    .wanting(Wants::Number)
    .typed(),
    Entry::new(
        &["power", "pow"],
        (2, 2),
        Returns::Real,
        Fate::Translated("`{fn POWER(x, y)}`", power),
    )
    .wanting(Wants::Number)
    .typed(),
    checked!("exp", Returns::Real, "EXP", domain::exponential),
    logarithm!("ln", "LOG"),
    Entry::new(
        &["log"],
        (1, 2),
        Returns::Logarithm,
        Fate::Translated(
            "`{fn LOG10(x)}`; `log(b, x)` as `{fn LOG(x)} / {fn LOG(b)}`, whose last decimals may differ",
            log,
        ),
    )
    .wanting(Wants::Number)
    .typed(),
    logarithm!("log10", "LOG10"),
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
    checked!("cot", FLOAT8, "COT", domain::cotangent),
    checked!("asin", FLOAT8, "ASIN", domain::arc),
    checked!("acos", FLOAT8, "ACOS", domain::arc),
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
        Fate::Arranged("use power(x, 1.0 / 3), which is not exact"),
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
        Fate::Emulated(BROKER, elsewhere),
    )
    .bringing(Marks::ACCESS),
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
        return of_base(call, "LOG10");
    }
    let base = braced("LOG", vec![call.copy(0)?]);
    let number = braced("LOG", vec![call.copy(1)?]);
    let quotient = build::cast(
        operation(number, BinaryOperator::Divide, base),
        DataType::Numeric(ExactNumberInfo::PrecisionAndScale(36, 18)),
    );
    domain::quotient(call, quotient)
}

/// A logarithm of one argument.
fn of_base(call: &mut Call<'_, '_, '_>, name: &str) -> Diagnosed<Expr> {
    let argument = call.copy(0)?;
    let argument = match call.type_of(0) {
        Some(oid::INT2 | oid::INT4 | oid::INT8 | oid::FLOAT4) => to_double(argument),
        _ => argument,
    };
    domain::logarithm(call, 0, braced(name, vec![argument]))
}

/// A `numeric` to a whole power has sixteen digits behind the point.
fn power(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let failures = domain::power(call)?;
    let is_numeric = [call.type_of(0), call.type_of(1)].contains(&Some(oid::NUMERIC));
    let scale = |index: usize| Some(call.scopes.digits_of(call.args.get(index)?)?.scale);
    let is_whole = scale(1) == Some(0);
    let digits = scale(0).unwrap_or(0).max(WHOLE_POWER);
    let base = match (call.type_of(0), call.type_of(1)) {
        (_, Some(oid::NUMERIC)) => call.take(0),
        _ => call.double(0),
    };
    let mut value = braced("POWER", vec![base, call.take(1)]);
    if is_numeric && is_whole && digits == WHOLE_POWER {
        let digits = ExactNumberInfo::PrecisionAndScale(36, digits.into());
        value = build::cast(value, DataType::Numeric(digits));
    }
    Ok(domain::powered(failures, value))
}

/// `NUMERIC_MIN_SIG_DIGITS`
const WHOLE_POWER: u32 = 16;

//! Numeric functions. They count in exact decimals unless their argument is DOUBLE.

use super::Returns::{Integer, Number, Product, Quotient, Real, SameNumber, Whole};
use super::Signature;

pub(super) fn find(name: &str) -> Option<Signature> {
    let (args, returns, sql) = match name {
        "ABS" => ("n", SameNumber, "iris_abs"),
        "CEILING" => ("x", Whole, "iris_ceiling"),
        "FLOOR" => ("x", Whole, "iris_floor"),
        "SIGN" => ("x", Integer, "iris_sign"),
        "MOD" => ("nn", Quotient, "iris_mod"),
        "ROUND" => ("nn|i", SameNumber, "iris_round"),
        "SQUARE" => ("n", Product, "iris_square"),
        "POWER" => ("nn", Real(36, 18), "iris_power"),
        "SQRT" => ("n", Real(36, 18), "iris_sqrt"),
        "ISNUMERIC" => ("x", Integer, "iris_isnumeric"),
        "TO_NUMBER" | "TONUMBER" => ("x", Number, "iris_to_number"),
        "ACOS" | "ASIN" | "COS" | "SIN" => ("n", Real(19, 18), "iris_math"),
        "LOG" | "LOG10" => ("n", Real(21, 18), "iris_math"),
        "ATAN" | "COT" | "EXP" | "TAN" | "DEGREES" | "RADIANS" => ("n", Real(36, 18), "iris_math"),
        "ATAN2" => ("nn", Real(36, 18), "iris_atan2"),
        "PI" => ("", Real(19, 18), "iris_pi"),
        "%TSQL.ZRAND" => ("n", Real(19, 0), "iris_random"),
        _ => return None,
    };
    Some(Signature::new(args, returns, sql))
}

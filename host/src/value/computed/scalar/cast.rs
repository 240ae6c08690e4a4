//! Casts between numbers, and from booleans: `numeric.c`, `int8.c`, `float.c`, `bool.c`.

use std::str::FromStr as _;

use bigdecimal::{BigDecimal, RoundingMode};

use super::{Operands, Scalar};
use crate::value::{Kind, ValueError, text};

pub(super) const SCALARS: &[Scalar] = &[
    Scalar::new("numeric_int2", 1, |operands| {
        rounded(operands.text(0), Kind::Int2)
    }),
    Scalar::new("numeric_int4", 1, |operands| {
        rounded(operands.text(0), Kind::Int4)
    }),
    Scalar::new("numeric_int8", 1, |operands| {
        rounded(operands.text(0), Kind::Int8)
    }),
    Scalar::new("i4toi2", 1, |operands| {
        in_range(operands.text(0), Kind::Int2)
    }),
    Scalar::new("int82", 1, |operands| {
        in_range(operands.text(0), Kind::Int2)
    }),
    Scalar::new("int84", 1, |operands| {
        in_range(operands.text(0), Kind::Int4)
    }),
    Scalar::new("dtoi2", 1, |operands| operands.rounded_double(Kind::Int2)),
    Scalar::new("dtoi4", 1, |operands| operands.rounded_double(Kind::Int4)),
    Scalar::new("dtoi8", 1, |operands| operands.rounded_double(Kind::Int8)),
    Scalar::new("bool_int4", 1, |operands| {
        let is_true = operands.text(0) == "t";
        Ok(u8::from(is_true).to_string())
    }),
    Scalar::new("booltext", 1, |operands| {
        Ok((operands.text(0) == "t").to_string())
    }),
];

impl Operands<'_> {
    /// A double, rounded to the even number where it is between two.
    fn rounded_double(&self, target: Kind) -> Result<String, ValueError> {
        let whole = self.double(0)?.round_ties_even();
        if !whole.is_finite() {
            return Err(ValueError::range(target));
        }
        in_range(&format!("{whole:.0}"), target)
    }
}

/// A whole number, if the type has it.
fn in_range(whole: &str, target: Kind) -> Result<String, ValueError> {
    let value = text::read(target, whole).map_err(|_| ValueError::range(target))?;
    Ok(value.to_string())
}

/// A number, rounded away from zero where it is between two.
pub(super) fn rounded(written: &str, target: Kind) -> Result<String, ValueError> {
    let number = BigDecimal::from_str(written).map_err(|_| {
        let message = format!("cannot convert {written} to {}", target.name());
        ValueError::refused("0A000", message)
    })?;
    let whole = number.with_scale_round(0, RoundingMode::HalfUp);
    in_range(&whole.to_plain_string(), target)
}

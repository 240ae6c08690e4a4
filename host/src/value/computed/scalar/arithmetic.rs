//! What is computed with whole numbers and floats.

use super::{Operands, Scalar};
use crate::value::{Kind, Scalar as Value, ValueError, float};

/// Two operands of a whole type, and what is made of them; none if it is out of range.
macro_rules! of_two {
    ($name:literal, $kind:ident, $operation:expr) => {
        Scalar::new($name, 2, |operands| operands.whole(Kind::$kind, $operation))
    };
}

/// The same of a quotient or a remainder.
macro_rules! divided {
    ($name:literal, $kind:ident, $operation:expr) => {
        Scalar::new($name, 2, |operands| {
            match operands.integer(1, Kind::$kind)? {
                0 => Err(ValueError::division_by_zero()),
                _ => operands.whole(Kind::$kind, $operation),
            }
        })
    };
}

/// One operand of a whole type.
macro_rules! of_one {
    ($name:literal, $kind:ident, $operation:expr) => {
        Scalar::new($name, 1, |operands| {
            let operation: fn(i64) -> Option<i64> = $operation;
            let number = operands.integer(0, Kind::$kind)?;
            in_range(Kind::$kind, operation(number))
        })
    };
}

/// The remainder of the least number by -1 is 0.
fn remainder(left: i64, right: i64) -> Option<i64> {
    Some(left.wrapping_rem(right))
}

pub(super) const SCALARS: &[Scalar] = &[
    of_two!("int2pl", Int2, i64::checked_add),
    of_two!("int2mi", Int2, i64::checked_sub),
    of_two!("int2mul", Int2, i64::checked_mul),
    divided!("int2div", Int2, i64::checked_div),
    divided!("int2mod", Int2, remainder),
    of_one!("int2um", Int2, i64::checked_neg),
    of_one!("int2abs", Int2, i64::checked_abs),
    of_two!("int4pl", Int4, i64::checked_add),
    of_two!("int4mi", Int4, i64::checked_sub),
    of_two!("int4mul", Int4, i64::checked_mul),
    divided!("int4div", Int4, i64::checked_div),
    divided!("int4mod", Int4, remainder),
    of_one!("int4um", Int4, i64::checked_neg),
    of_one!("int4abs", Int4, i64::checked_abs),
    of_two!("int8pl", Int8, i64::checked_add),
    of_two!("int8mi", Int8, i64::checked_sub),
    of_two!("int8mul", Int8, i64::checked_mul),
    divided!("int8div", Int8, i64::checked_div),
    divided!("int8mod", Int8, remainder),
    of_one!("int8um", Int8, i64::checked_neg),
    of_one!("int8abs", Int8, i64::checked_abs),
    Scalar::new("float8pl", 2, |operands| {
        let (left, right) = operands.floats()?;
        float::finite(left + right, &[left, right]).map(shown)
    }),
    Scalar::new("float8mi", 2, |operands| {
        let (left, right) = operands.floats()?;
        float::finite(left - right, &[left, right]).map(shown)
    }),
    Scalar::new("float8mul", 2, |operands| {
        let (left, right) = operands.floats()?;
        let product = left * right;
        if product == 0.0 && left != 0.0 && right != 0.0 {
            return Err(ValueError::float_underflow());
        }
        float::finite(product, &[left, right]).map(shown)
    }),
    Scalar::new("float8div", 2, |operands| {
        let (left, right) = operands.floats()?;
        if right == 0.0 && !left.is_nan() {
            return Err(ValueError::division_by_zero());
        }
        let quotient = left / right;
        if quotient == 0.0 && left != 0.0 && !right.is_infinite() {
            return Err(ValueError::float_underflow());
        }
        float::finite(quotient, &[left]).map(shown)
    }),
    Scalar::new("float8um", 1, |operands| Ok(shown(-operands.double(0)?))),
    Scalar::new("float8abs", 1, |operands| {
        Ok(shown(operands.double(0)?.abs()))
    }),
    Scalar::new("dcbrt", 1, |operands| Ok(shown(operands.double(0)?.cbrt()))),
];

impl Operands<'_> {
    fn whole(
        &self,
        kind: Kind,
        operation: fn(i64, i64) -> Option<i64>,
    ) -> Result<String, ValueError> {
        let (left, right) = (self.integer(0, kind)?, self.integer(1, kind)?);
        in_range(kind, operation(left, right))
    }

    fn floats(&self) -> Result<(f64, f64), ValueError> {
        Ok((self.double(0)?, self.double(1)?))
    }
}

fn in_range(kind: Kind, result: Option<i64>) -> Result<String, ValueError> {
    match result {
        Some(number) if kind.range().contains(&number) => Ok(number.to_string()),
        _ => Err(ValueError::range(kind)),
    }
}

fn shown(number: f64) -> String {
    Value::Double(number).to_string()
}

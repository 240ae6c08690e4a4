//! Casts to types with digits or a length of their own.

use sqlparser::ast::{CharacterLength, DataType, ExactNumberInfo};

use super::{Computed, is_number, is_text};
use crate::types::oid;
use crate::wit::{Function, Oid};

/// The most digits of a `numeric` (PostgreSQL manual, "Arbitrary Precision Numbers").
const MOST_DIGITS: u64 = 1_000;

/// `numeric` or `varchar`, and the modifier as in `pg_attribute.atttypmod`; none for others.
pub(super) fn of(data_type: &DataType) -> Option<(Oid, i64)> {
    use DataType as T;
    match data_type {
        T::Numeric(digits) | T::Decimal(digits) | T::Dec(digits) => {
            let (precision, scale) = match digits {
                ExactNumberInfo::None => return None,
                ExactNumberInfo::Precision(precision) => (*precision, 0),
                ExactNumberInfo::PrecisionAndScale(precision, scale) => (*precision, *scale),
            };
            let most = i64::try_from(MOST_DIGITS).ok()?;
            if !(1..=MOST_DIGITS).contains(&precision) || !(-most..=most).contains(&scale) {
                return None;
            }
            let precision = i64::try_from(precision).ok()?;
            Some((oid::NUMERIC, (precision << 16 | scale & 0x7ff) + 4))
        }
        T::Varchar(length) | T::CharacterVarying(length) | T::CharVarying(length) => match length {
            Some(CharacterLength::IntegerLength { length, .. }) => {
                Some((oid::VARCHAR, i64::try_from(*length).ok()? + 4))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The value as one of the type; none if that is not by its text.
pub(super) fn cast(value: Computed, target: Oid, modifier: i64) -> Option<Computed> {
    let from = value.type_oid;
    let is_by_text = match target {
        oid::NUMERIC => is_number(from) || is_text(from),
        _ => from != oid::BOOL,
    };
    if from == 0 || !is_by_text {
        return None;
    }
    let modifier = Computed::constant(Some(modifier.to_string()), oid::INT4);
    let both = value.with(modifier);
    Some(both.then(Function::CastLimited, target, target))
}

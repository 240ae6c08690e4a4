//! Values as their types order them: read once, and compared often.

use std::cmp::Ordering;

use bigdecimal::BigDecimal;
use pgiris_values::document::NotJson;
use pgiris_values::document::order::Ordered;
use pgiris_values::interval::Interval;

use super::kind::BPCHAR;
use super::{Kind, Oid, Scalar, ValueError, array, calendar, text};

/// A value that is compared with others of its type; equal values are the same here, however they
/// are written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::value) enum Comparable {
    Int(i64),
    Bool(bool),
    Number(Number),
    /// Of the bits of a float a number that is ordered as floats are.
    Float(i64),
    /// Microseconds or days.
    Moment(i64),
    /// Of an interval.
    Span(i128),
    Uuid([u8; 16]),
    Bytes(Vec<u8>),
    Text(String),
    Array(Elements),
    Document(Ordered<BigDecimal>),
}

/// A numeric, from the least to the greatest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::value) enum Number {
    MinusInfinity,
    Finite(BigDecimal),
    Infinity,
    NaN,
}

/// `array_cmp`: the elements decide, then how many there are, then the dimensions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::value) struct Elements {
    elements: Vec<Element>,
    dimensions: usize,
    lengths: Vec<usize>,
}

/// NULL is the greatest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Element {
    Value(Comparable),
    Null,
}

impl Number {
    /// # Errors
    /// 22P02: it is no numeric.
    pub(in crate::value) fn read(written: &str) -> Result<Self, ValueError> {
        let word = text::trimmed(written);
        let is = |names: &[&str]| names.iter().any(|name| word.eq_ignore_ascii_case(name));
        if is(&["nan"]) {
            return Ok(Self::NaN);
        }
        if is(&["infinity", "+infinity", "inf", "+inf"]) {
            return Ok(Self::Infinity);
        }
        if is(&["-infinity", "-inf"]) {
            return Ok(Self::MinusInfinity);
        }
        super::numeric::read_text(written).map(Self::Finite)
    }
}

impl Comparable {
    /// # Errors
    /// The text is no value of the type.
    pub(in crate::value) fn read(type_oid: Oid, written: &str) -> Result<Self, ValueError> {
        let kind = Kind::of(type_oid);
        match kind {
            Kind::Numeric => return Number::read(written).map(Self::normalized),
            Kind::Jsonb => return of_document(written),
            Kind::Date | Kind::Timestamp | Kind::Timestamptz => {
                if let Some(moment) = infinite(written) {
                    return Ok(Self::Moment(moment));
                }
            }
            Kind::Text if type_oid == BPCHAR => {
                return Ok(Self::Text(written.trim_end_matches(' ').to_owned()));
            }
            Kind::Other => {
                if let Some(element) = array::element_of(type_oid) {
                    return of_array(element, written);
                }
            }
            _ => {}
        }
        Ok(match text::read(kind, written)? {
            Scalar::Int(value) => Self::Int(value),
            Scalar::Bool(value) => Self::Bool(value),
            Scalar::Float(value) => Self::Float(float_order(value.into())),
            Scalar::Double(value) => Self::Float(float_order(value)),
            Scalar::Date(date) => Self::Moment(calendar::days_of_date(date).into()),
            Scalar::Time(time) => Self::Moment(calendar::micros_of_time(time)),
            Scalar::Timestamp(moment) | Scalar::Timestamptz(moment) => {
                Self::Moment(calendar::micros_of_timestamp(moment))
            }
            Scalar::Interval(interval) => Self::Span(Interval::span(interval)),
            Scalar::Uuid(uuid) => Self::Uuid(uuid),
            Scalar::Bytes(bytes) => Self::Bytes(bytes.into_owned()),
            _ => Self::Text(written.to_owned()),
        })
    }

    /// Zeros behind the point say nothing.
    fn normalized(number: Number) -> Self {
        Self::Number(match number {
            Number::Finite(number) => Number::Finite(number.normalized()),
            other => other,
        })
    }
}

/// Zero has no sign when it is compared, and NaN is the greatest.
pub(in crate::value) fn float_order(value: f64) -> i64 {
    let value = if value.is_nan() {
        f64::NAN
    } else {
        value + 0.0
    };
    let bits = value.to_bits().cast_signed();
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

fn infinite(written: &str) -> Option<i64> {
    match text::trimmed(written) {
        word if word.eq_ignore_ascii_case("infinity") => Some(i64::MAX),
        word if word.eq_ignore_ascii_case("-infinity") => Some(i64::MIN),
        _ => None,
    }
}

fn of_array(element: Oid, written: &str) -> Result<Comparable, ValueError> {
    let array = array::parsed(written)?;
    let elements = array.elements.iter().map(|one| match one {
        Some(one) => Comparable::read(element, one).map(Element::Value),
        None => Ok(Element::Null),
    });
    Ok(Comparable::Array(Elements {
        elements: elements.collect::<Result<_, _>>()?,
        dimensions: array.lengths.len(),
        lengths: array.lengths,
    }))
}

fn of_document(written: &str) -> Result<Comparable, ValueError> {
    let number = |digits: &str| {
        let number = super::numeric::read_text(digits).ok()?;
        Some(number.normalized())
    };
    let document = Ordered::read(written, &number).map_err(|NotJson| ValueError::json_syntax());
    document.map(Comparable::Document)
}

impl From<NotJson> for ValueError {
    fn from(_: NotJson) -> Self {
        Self::json_syntax()
    }
}

/// How rows are ordered by one of their values.
#[derive(Clone, Copy, Debug)]
pub(in crate::value) struct Key {
    pub(in crate::value) type_oid: Oid,
    pub(in crate::value) descends: bool,
    pub(in crate::value) nulls_first: bool,
}

impl Key {
    /// From the least to the greatest, NULL behind them.
    pub(in crate::value) fn ascending(type_oid: Oid) -> Self {
        Self {
            type_oid,
            descends: false,
            nulls_first: false,
        }
    }

    /// None of NULL.
    ///
    /// # Errors
    /// The text is no value of the key's type.
    pub(in crate::value) fn read(
        &self,
        written: Option<&str>,
    ) -> Result<Option<Comparable>, ValueError> {
        written
            .map(|written| Comparable::read(self.type_oid, written))
            .transpose()
    }

    fn compare(&self, left: Option<&Comparable>, right: Option<&Comparable>) -> Ordering {
        let before = |is_left: bool| match is_left == self.nulls_first {
            true => Ordering::Less,
            false => Ordering::Greater,
        };
        match (left, right) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => before(true),
            (Some(_), None) => before(false),
            (Some(left), Some(right)) if self.descends => right.cmp(left),
            (Some(left), Some(right)) => left.cmp(right),
        }
    }
}

/// By the first key that tells the rows apart, each of which has a value for each key.
pub(in crate::value) fn compare(
    keys: &[Key],
    left: &[Option<Comparable>],
    right: &[Option<Comparable>],
) -> Ordering {
    let mut orders = keys
        .iter()
        .zip(left.iter().zip(right))
        .map(|(key, (left, right))| key.compare(left.as_ref(), right.as_ref()));
    orders
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_ordered_by_their_types() {
        for (type_oid, sorted) in [
            (23, &["-2", "9", "10"][..]),
            (1700, &["-Infinity", "-1", "0.5", "10", "Infinity", "NaN"]),
            (701, &["-Infinity", "-1.5", "0", "1e+20", "Infinity", "NaN"]),
            (1082, &["-infinity", "1999-12-31", "2000-01-01", "infinity"]),
            (1186, &["-1 days", "23:00:00", "1 day 01:00:00", "1 mon"]),
            (25, &["", "B", "a", "a ", "ä"]),
            (1007, &["{}", "{1}", "{1,2}", "{{1,2}}", "{1,NULL}", "{2}"]),
            (3802, &["[]", "null", "\"a\"", "9", "10", "{}"]),
        ] {
            let read = |text: &&str| Comparable::read(type_oid, text).unwrap();
            let read: Vec<_> = sorted.iter().map(read).collect();
            assert!(read.is_sorted_by(|left, right| left < right), "{read:?}");
        }
    }

    #[test]
    fn equal_values_are_the_same() {
        for (type_oid, left, right) in [
            (1700, "1.0", "1.00"),
            (701, "-0", "0"),
            (1042, "a ", "a"),
            (1186, "24:00:00", "1 day"),
            (3802, r#"{"a": 1.0, "b": 2}"#, r#"{"b": 2, "a": 1}"#),
            (1231, "{1.0}", "{1}"),
        ] {
            assert_eq!(
                Comparable::read(type_oid, left),
                Comparable::read(type_oid, right)
            );
        }
    }
}

//! The encoded form of `$LIST` values: each element is a length, a type byte and data.
//!
//! In text a list is the same bytes, one character each: that is how IRIS keeps
//! one in a VARCHAR column.

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::{BigInt, Sign};

use crate::decimal;

/// One element; `None` is an element without a value.
pub(crate) type Element = Option<Item>;

/// The value of an element.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    Text(String),
    Number(BigDecimal),
    Double(f64),
}

impl Item {
    /// As text, numbers in canonical form.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => decimal::canonical(number),
            Self::Double(number) => decimal::canonical(&decimal::from_f64(*number)),
        }
    }
}

const BYTES: u8 = 1;
const WIDE: u8 = 2;
const POSITIVE: u8 = 4;
const NEGATIVE: u8 = 5;
const POSITIVE_DECIMAL: u8 = 6;
const NEGATIVE_DECIMAL: u8 = 7;
const DOUBLE: u8 = 8;

/// Appends one element to a list.
pub(crate) fn push(list: &mut Vec<u8>, element: &Element) {
    match element {
        None => list.push(1),
        Some(Item::Text(text)) => push_text(list, text),
        Some(Item::Double(number)) => frame(list, DOUBLE, &number.to_le_bytes()),
        Some(Item::Number(number)) => push_number(list, number),
    }
}

/// SQL's `''` is the one character `$CHAR(0)`.
fn push_text(list: &mut Vec<u8>, text: &str) {
    if text.is_empty() {
        return frame(list, BYTES, &[0]);
    }
    match narrow(text) {
        Some(bytes) => frame(list, BYTES, &bytes),
        None => {
            let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            frame(list, WIDE, &bytes);
        }
    }
}

fn push_number(list: &mut Vec<u8>, number: &BigDecimal) {
    let (digits, scale) = number.normalized().into_bigint_and_scale();
    let negative = digits.sign() == Sign::Minus;
    let Ok(exponent) = i8::try_from(-scale) else {
        return push_text(list, &decimal::canonical(number));
    };
    let (digits, exponent) = if exponent > 0 {
        (
            digits * BigInt::from(10).pow(exponent.unsigned_abs().into()),
            0,
        )
    } else {
        (digits, exponent)
    };
    let magnitude = digits.magnitude().to_bytes_le();
    let magnitude = if digits.sign() == Sign::NoSign {
        Vec::new()
    } else {
        magnitude
    };
    if exponent == 0 {
        frame(list, if negative { NEGATIVE } else { POSITIVE }, &magnitude);
    } else {
        let data = [&exponent.to_le_bytes()[..], &magnitude].concat();
        let kind = if negative {
            NEGATIVE_DECIMAL
        } else {
            POSITIVE_DECIMAL
        };
        frame(list, kind, &data);
    }
}

/// Length (itself, the type and the data), type, data; longer ones take a zero and two or four bytes.
fn frame(list: &mut Vec<u8>, kind: u8, data: &[u8]) {
    let length = data.len() + 2;
    match (u8::try_from(length), u16::try_from(data.len() + 1)) {
        (Ok(short), _) => list.push(short),
        (_, Ok(long)) => {
            list.push(0);
            list.extend_from_slice(&long.to_le_bytes());
        }
        _ => {
            list.extend_from_slice(&[0, 0, 0]);
            let longest = u32::try_from(data.len() + 1).unwrap_or(u32::MAX);
            list.extend_from_slice(&longest.to_le_bytes());
        }
    }
    list.push(kind);
    list.extend_from_slice(data);
}

/// The elements of an encoded list, or nothing if it is none.
pub(crate) fn elements(mut bytes: &[u8]) -> Option<Vec<Element>> {
    let mut elements = Vec::new();
    while let [first, ..] = bytes {
        let (header, length) = match usize::from(*first) {
            0 => long_length(bytes)?,
            length => (1, length - 1),
        };
        let body = bytes.get(header..header.checked_add(length)?)?;
        elements.push(match body {
            [] => None,
            [kind, data @ ..] => Some(item(*kind, data)?),
        });
        bytes = bytes.get(header + length..)?;
    }
    Some(elements)
}

/// Header and body length of an element whose first byte is zero.
fn long_length(bytes: &[u8]) -> Option<(usize, usize)> {
    let two = u16::from_le_bytes([*bytes.get(1)?, *bytes.get(2)?]);
    if two > 0 {
        return Some((3, two.into()));
    }
    let four = bytes.get(3..7)?;
    let four = u32::from_le_bytes([four[0], four[1], four[2], four[3]]);
    Some((7, usize::try_from(four).ok()?))
}

fn item(kind: u8, data: &[u8]) -> Option<Item> {
    Some(match kind {
        BYTES if *data == [0] => Item::Text(String::new()),
        BYTES => Item::Text(widened(data)),
        WIDE => {
            let units = data
                .chunks_exact(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
            let units: Vec<u16> = units.collect();
            (units.len() * 2 == data.len()).then(|| Item::Text(String::from_utf16_lossy(&units)))?
        }
        POSITIVE | NEGATIVE => Item::Number(signed(data, kind == NEGATIVE).into()),
        POSITIVE_DECIMAL | NEGATIVE_DECIMAL => {
            let (exponent, magnitude) = data.split_first()?;
            let exponent = i8::from_le_bytes([*exponent]);
            let digits = signed(magnitude, kind == NEGATIVE_DECIMAL);
            Item::Number(BigDecimal::new(digits, -i64::from(exponent)))
        }
        DOUBLE => Item::Double(f64::from_le_bytes(data.try_into().ok()?)),
        _ => return None,
    })
}

fn signed(magnitude: &[u8], negative: bool) -> BigInt {
    let sign = if negative { Sign::Minus } else { Sign::Plus };
    BigInt::from_bytes_le(sign, magnitude)
}

/// The bytes of a text whose characters all fit one.
pub(crate) fn narrow(text: &str) -> Option<Vec<u8>> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).ok())
        .collect()
}

/// One character per byte.
pub(crate) fn widened(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// The elements with `delimiter` between them; one without a value is empty.
pub(crate) fn joined(elements: &[Element], delimiter: &str) -> String {
    let texts: Vec<String> = elements
        .iter()
        .map(|element| element.as_ref().map(Item::text).unwrap_or_default())
        .collect();
    texts.join(delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(element: Element) -> Vec<u8> {
        let mut list = Vec::new();
        push(&mut list, &element);
        list
    }

    #[test]
    fn elements_survive_a_round_trip() {
        let number = |text: &str| Some(Item::Number(decimal::exact(text).unwrap()));
        let long = "x".repeat(70_000);
        let all = vec![
            Some(Item::Text("Red".into())),
            None,
            Some(Item::Text(String::new())),
            Some(Item::Text("π".into())),
            Some(Item::Text("y".repeat(300))),
            Some(Item::Text(long)),
            number("0"),
            number("365"),
            number("-1200"),
            number("-1.25"),
            Some(Item::Double(0.1)),
        ];
        let mut list = Vec::new();
        all.iter().for_each(|element| push(&mut list, element));
        assert_eq!(elements(&list).unwrap(), all);
    }

    #[test]
    fn the_bytes_are_those_of_listbuild() {
        assert_eq!(encoded(Some(Item::Text("AB".into()))), [4, 1, b'A', b'B']);
        assert_eq!(encoded(None), [1]);
        assert_eq!(encoded(Some(Item::Number(7.into()))), [3, 4, 7]);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for text in ["fred", "\0", "Blue"] {
            assert_eq!(elements(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(elements(b""), Some(vec![]));
    }
}

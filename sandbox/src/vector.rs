//! Vectors: contiguous little-endian elements, and the two distances IRIS has.

use std::fmt::Write as _;

use crate::{decimal, temporal};

/// What a vector is made of; the type of the column or of TO_VECTOR, never stored per value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    /// 32 bits.
    Float,
    /// 64 bits.
    Double,
    /// IRIS decimals: a signed 64-bit significand and the power of ten in one byte.
    Decimal,
    /// 64-bit integers.
    Integer,
    /// POSIXTIME's 64-bit numbers.
    Timestamp,
}

impl Element {
    /// The element type of a DDL or TO_VECTOR keyword.
    pub(crate) fn of_keyword(keyword: &str) -> Option<Self> {
        match keyword.to_ascii_uppercase().as_str() {
            "FLOAT" => Some(Self::Float),
            "DOUBLE" => Some(Self::Double),
            "DECIMAL" => Some(Self::Decimal),
            "INT" | "INTEGER" => Some(Self::Integer),
            "TIMESTAMP" => Some(Self::Timestamp),
            _ => None,
        }
    }

    /// As DDL writes it.
    pub(crate) fn keyword(self) -> &'static str {
        match self {
            Self::Float => "FLOAT",
            Self::Double => "DOUBLE",
            Self::Decimal => "DECIMAL",
            Self::Integer => "INTEGER",
            Self::Timestamp => "TIMESTAMP",
        }
    }

    /// Bytes per element.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::Float => 4,
            Self::Decimal => DECIMAL_SIZE,
            _ => 8,
        }
    }
}

/// Significand and exponent.
const DECIMAL_SIZE: usize = 9;

/// Reads `1,2,3` or `[1,2,3]`; padded with 0 or cut if a length is given.
pub(crate) fn parse(text: &str, element: Element, length: Option<usize>) -> Option<Vec<u8>> {
    let text = text.trim();
    let inner = text
        .strip_prefix('[')
        .and_then(|t| t.strip_suffix(']'))
        .unwrap_or(text);
    let mut blob = Vec::with_capacity(inner.len() / 2);
    if !inner.trim().is_empty() {
        for part in inner.split(',') {
            push(&mut blob, part.trim(), element)?;
        }
    }
    if let Some(length) = length {
        blob.resize(length * element.size(), 0);
    }
    Some(blob)
}

fn push(blob: &mut Vec<u8>, text: &str, element: Element) -> Option<()> {
    match element {
        Element::Float => {
            let number = text.parse::<f32>().ok().filter(|x| x.is_finite())?;
            blob.extend_from_slice(&number.to_le_bytes());
        }
        Element::Double => {
            let number = text.parse::<f64>().ok().filter(|x| x.is_finite())?;
            blob.extend_from_slice(&number.to_le_bytes());
        }
        Element::Decimal => {
            let (significand, exponent) = decimal::significand(&decimal::exact(text)?)?;
            blob.extend_from_slice(&significand.to_le_bytes());
            blob.extend_from_slice(&exponent.to_le_bytes());
        }
        Element::Integer => {
            let number = decimal::whole(&decimal::exact(text)?)?;
            blob.extend_from_slice(&number.to_le_bytes());
        }
        Element::Timestamp => {
            let at = temporal::parse_timestamp(text)?;
            blob.extend_from_slice(&temporal::posix_logical(at).to_le_bytes());
        }
    }
    Some(())
}

/// The comma-separated text of a vector, numbers in IRIS's form.
pub(crate) fn text(blob: &[u8], element: Element) -> String {
    let mut text = String::with_capacity(blob.len() * 2);
    let mut number = String::new();
    for bytes in blob.chunks_exact(element.size()) {
        if !text.is_empty() {
            text.push(',');
        }
        number.clear();
        let written = match element {
            Element::Float => write!(number, "{}", f32_at(bytes)),
            Element::Double => write!(number, "{}", f64_at(bytes)),
            Element::Decimal => write!(number, "{}", decimal_text(bytes)),
            Element::Integer => write!(number, "{}", i64_at(bytes)),
            Element::Timestamp => write!(number, "{}", timestamp_text(bytes)),
        };
        debug_assert!(written.is_ok(), "writing to a string cannot fail");
        match number
            .strip_prefix("0.")
            .map(|f| ("", f))
            .or(number.strip_prefix("-0.").map(|f| ("-", f)))
        {
            Some((sign, fraction)) => {
                text.push_str(sign);
                text.push('.');
                text.push_str(fraction);
            }
            None => text.push_str(&number),
        }
    }
    text
}

fn f32_at(bytes: &[u8]) -> f32 {
    f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

fn f64_at(bytes: &[u8]) -> f64 {
    f64::from_bits(i64_at(bytes) as u64)
}

fn i64_at(bytes: &[u8]) -> i64 {
    i64::from_le_bytes([
        bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7],
    ])
}

fn exponent_at(bytes: &[u8]) -> i8 {
    i8::from_le_bytes([bytes[8]])
}

fn decimal_text(bytes: &[u8]) -> String {
    decimal::canonical(&decimal::of_significand(i64_at(bytes), exponent_at(bytes)))
}

/// A decimal as the distances compute with it.
fn decimal_as_f64(bytes: &[u8]) -> f64 {
    let (significand, exponent) = (i64_at(bytes) as f64, i32::from(exponent_at(bytes)));
    if exponent < 0 {
        significand / 10_f64.powi(-exponent)
    } else {
        significand * 10_f64.powi(exponent)
    }
}

fn timestamp_text(bytes: &[u8]) -> String {
    match temporal::of_posix_logical(i64_at(bytes)) {
        Some(at) => temporal::timestamp_text(at),
        // What fills a vector up is 0, which is no moment.
        None => i64_at(bytes).to_string(),
    }
}

/// Σ aᵢbᵢ, Σ aᵢ², Σ bᵢ². Eight independent sums, so that the compiler uses vector registers.
fn sums<const SIZE: usize>(a: &[u8], b: &[u8], at: impl Fn(&[u8]) -> f64) -> (f64, f64, f64) {
    const LANES: usize = 8;
    let (mut dot, mut aa, mut bb) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    let mut a_blocks = a.chunks_exact(SIZE * LANES);
    let mut b_blocks = b.chunks_exact(SIZE * LANES);
    for (x, y) in a_blocks.by_ref().zip(b_blocks.by_ref()) {
        for lane in 0..LANES {
            let (x, y) = (at(&x[lane * SIZE..][..SIZE]), at(&y[lane * SIZE..][..SIZE]));
            dot[lane] += x * y;
            aa[lane] += x * x;
            bb[lane] += y * y;
        }
    }
    let mut totals = (dot.iter().sum(), aa.iter().sum(), bb.iter().sum());
    for (x, y) in a_blocks
        .remainder()
        .chunks_exact(SIZE)
        .zip(b_blocks.remainder().chunks_exact(SIZE))
    {
        let (x, y) = (at(x), at(y));
        totals.0 += x * y;
        totals.1 += x * x;
        totals.2 += y * y;
    }
    totals
}

fn all_sums(a: &[u8], b: &[u8], element: Element) -> (f64, f64, f64) {
    match element {
        Element::Float => sums::<4>(a, b, |bytes| f64::from(f32_at(bytes))),
        Element::Double => sums::<8>(a, b, f64_at),
        Element::Decimal => sums::<DECIMAL_SIZE>(a, b, decimal_as_f64),
        Element::Integer | Element::Timestamp => sums::<8>(a, b, |bytes| i64_at(bytes) as f64),
    }
}

/// `VECTOR_DOT_PRODUCT`
pub(crate) fn dot_product(a: &[u8], b: &[u8], element: Element) -> f64 {
    all_sums(a, b, element).0
}

/// `VECTOR_COSINE`; nothing for a vector of zeros.
pub(crate) fn cosine(a: &[u8], b: &[u8], element: Element) -> Option<f64> {
    let (dot, aa, bb) = all_sums(a, b, element);
    let norm = aa.sqrt() * bb.sqrt();
    (norm > 0.0).then(|| (dot / norm).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trip_in_canonical_numbers() {
        for (element, wanted) in [(Element::Float, ".1,-.5,3"), (Element::Double, ".1,-.5,3")] {
            let blob = parse("[0.1, -0.5, 3]", element, None).unwrap();
            assert_eq!(text(&blob, element), wanted);
        }
        assert_eq!(
            text(
                &parse("1,2", Element::Integer, Some(3)).unwrap(),
                Element::Integer
            ),
            "1,2,0"
        );
        assert!(parse("1,x", Element::Float, None).is_none());
    }

    #[test]
    fn decimals_and_timestamps_are_kept_exactly() {
        for (text, element) in [
            ("1234567890123456789,-.000000001,0", Element::Decimal),
            (
                "2024-02-29 12:30:45.123456,0001-01-01 00:00:00",
                Element::Timestamp,
            ),
            ("9223372036854775807,-9223372036854775808", Element::Integer),
        ] {
            assert_eq!(
                super::text(&parse(text, element, None).unwrap(), element),
                text
            );
        }
        assert!(parse("1,2024-01-01", Element::Timestamp, None).is_none());
    }

    #[test]
    fn distances_of_long_vectors() {
        let ones = parse(&vec!["1"; 19].join(","), Element::Double, None).unwrap();
        assert_eq!(dot_product(&ones, &ones, Element::Double), 19.0);
        assert!((cosine(&ones, &ones, Element::Double).unwrap() - 1.0).abs() < 1e-12);
    }
}

//! Vectors: contiguous little-endian elements, and the two distances IRIS has.

use crate::decimal;

/// What a vector is made of; the type of the column or of TO_VECTOR, never stored per value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    /// 32 bits.
    Float,
    /// 64 bits.
    Double,
    /// IRIS decimals; kept as doubles here.
    Decimal,
    /// 64-bit integers.
    Integer,
}

impl Element {
    /// The element type of a DDL or TO_VECTOR keyword.
    pub(crate) fn of_keyword(keyword: &str) -> Option<Self> {
        match keyword.to_ascii_uppercase().as_str() {
            "FLOAT" => Some(Self::Float),
            "DOUBLE" => Some(Self::Double),
            "DECIMAL" => Some(Self::Decimal),
            "INT" | "INTEGER" => Some(Self::Integer),
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
        }
    }

    /// Bytes per element.
    pub(crate) fn size(self) -> usize {
        if self == Self::Float { 4 } else { 8 }
    }
}

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
        Element::Float => blob.extend_from_slice(
            &text
                .parse::<f32>()
                .ok()
                .filter(|x| x.is_finite())?
                .to_le_bytes(),
        ),
        Element::Double | Element::Decimal => {
            blob.extend_from_slice(
                &text
                    .parse::<f64>()
                    .ok()
                    .filter(|x| x.is_finite())?
                    .to_le_bytes(),
            );
        }
        Element::Integer => {
            blob.extend_from_slice(&decimal::to_i64(&decimal::exact(text)?).to_le_bytes())
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
        use std::fmt::Write as _;
        let written = match element {
            Element::Float => write!(number, "{}", f32_at(bytes)),
            Element::Double | Element::Decimal => write!(number, "{}", f64_at(bytes)),
            Element::Integer => write!(number, "{}", i64_at(bytes)),
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
        Element::Double | Element::Decimal => sums::<8>(a, b, f64_at),
        Element::Integer => sums::<8>(a, b, |bytes| i64_at(bytes) as f64),
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
    fn distances_of_long_vectors() {
        let ones = parse(&vec!["1"; 19].join(","), Element::Double, None).unwrap();
        assert_eq!(dot_product(&ones, &ones, Element::Double), 19.0);
        assert!((cosine(&ones, &ones, Element::Double).unwrap() - 1.0).abs() < 1e-12);
    }
}

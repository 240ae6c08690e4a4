//! pgvector's vector and halfvec: `[1,2.5]` in text; in binary a count, an unused
//! number and the elements, big-endian.

use std::fmt::{self, Write};

use bigdecimal::ToPrimitive;
use bytes::{Buf, BufMut, BytesMut};

use super::{Kind, ValueError, float, text};

/// `VECTOR_MAX_DIM`, `HALFVEC_MAX_DIM`
const MOST_DIMENSIONS: usize = 16_000;

/// The count and the unused number.
const HEADER: usize = 4;

/// `vector_in`, `halfvec_in`
pub(super) fn read(kind: Kind, whole: &str) -> Result<Vec<f32>, ValueError> {
    let syntax = || ValueError::text_syntax(kind, whole);
    let inner = text::trimmed(whole).strip_prefix('[').ok_or_else(syntax)?;
    let (inner, behind) = inner.split_once(']').ok_or_else(syntax)?;
    if !text::trimmed(behind).is_empty() {
        return Err(syntax());
    }
    if text::trimmed(inner).is_empty() {
        return Err(ValueError::vector(format!(
            "{} must have at least 1 dimension",
            kind.name()
        )));
    }
    elements(kind, inner, syntax)
}

/// As IRIS writes it: without brackets.
pub(super) fn read_bare(kind: Kind, whole: &str) -> Result<Vec<f32>, ValueError> {
    let bare = text::trimmed(whole);
    let bare = bare.strip_prefix('[').unwrap_or(bare);
    let bare = bare.strip_suffix(']').unwrap_or(bare);
    if bare.is_empty() {
        return Ok(Vec::new());
    }
    elements(kind, bare, || ValueError::text_syntax(kind, whole))
}

fn elements(
    kind: Kind,
    inner: &str,
    syntax: impl Fn() -> ValueError,
) -> Result<Vec<f32>, ValueError> {
    let mut found = Vec::with_capacity(inner.len() / 4);
    for part in inner.split(',') {
        let part = text::trimmed(part);
        let number: f32 = part.parse().map_err(|_| syntax())?;
        let number = rounded(kind, number);
        if number.is_infinite() && part.contains(|c: char| c.is_ascii_digit()) {
            let message = format!("\"{part}\" is out of range for type {}", kind.name());
            return Err(ValueError::numeric_range(message));
        }
        found.push(checked(kind, number)?);
        if found.len() > MOST_DIMENSIONS {
            return Err(too_long(kind));
        }
    }
    Ok(found)
}

/// As the type keeps it.
pub(super) fn rounded(kind: Kind, number: f32) -> f32 {
    match kind {
        Kind::Halfvec => from_half(to_half(number)),
        _ => number,
    }
}

fn checked(kind: Kind, number: f32) -> Result<f32, ValueError> {
    let name = kind.name();
    if number.is_nan() {
        return Err(ValueError::vector(format!("NaN not allowed in {name}")));
    }
    if number.is_infinite() {
        let message = format!("infinite value not allowed in {name}");
        return Err(ValueError::vector(message));
    }
    Ok(number)
}

fn too_long(kind: Kind) -> ValueError {
    ValueError::too_many(format!(
        "{} cannot have more than {MOST_DIMENSIONS} dimensions",
        kind.name()
    ))
}

/// `vector_out`, `halfvec_out`
pub(super) fn write(elements: &[f32], out: &mut impl Write) -> fmt::Result {
    for (index, element) in elements.iter().enumerate() {
        out.write_char(if index == 0 { '[' } else { ',' })?;
        float::write_real(*element, out)?;
    }
    out.write_str(if elements.is_empty() { "[]" } else { "]" })
}

/// `vector_recv`, `halfvec_recv`
pub(super) fn read_binary(kind: Kind, mut bytes: &[u8]) -> Result<Vec<f32>, ValueError> {
    if bytes.len() < HEADER {
        return Err(ValueError::cut_off());
    }
    let count = usize::try_from(bytes.get_i16()).map_err(|_| ValueError::binary())?;
    let unused = bytes.get_i16();
    if count == 0 {
        let message = format!("{} must have at least 1 dimension", kind.name());
        return Err(ValueError::vector(message));
    }
    if count > MOST_DIMENSIONS {
        return Err(too_long(kind));
    }
    if unused != 0 {
        let message = format!("expected unused to be 0, not {unused}");
        return Err(ValueError::vector(message));
    }
    let size = match kind {
        Kind::Halfvec => 2,
        _ => 4,
    };
    if bytes.len() < count * size {
        return Err(ValueError::cut_off());
    }
    if bytes.len() != count * size {
        return Err(ValueError::binary());
    }
    let element = |mut bytes: &[u8]| match kind {
        Kind::Halfvec => from_half(bytes.get_u16()),
        _ => bytes.get_f32(),
    };
    bytes
        .chunks_exact(size)
        .map(|bytes| checked(kind, element(bytes)))
        .collect()
}

/// `vector_send`, `halfvec_send`
pub(super) fn write_binary(
    kind: Kind,
    elements: &[f32],
    buffer: &mut BytesMut,
) -> Result<(), ValueError> {
    let count = i16::try_from(elements.len()).map_err(|_| too_long(kind))?;
    buffer.put_i16(count);
    buffer.put_i16(0);
    for element in elements {
        match kind {
            Kind::Halfvec => buffer.put_u16(to_half(*element)),
            _ => buffer.put_f32(*element),
        }
    }
    Ok(())
}

/// IEEE 754's binary16 nearest to a number, ties to even.
fn to_half(number: f32) -> u16 {
    let bits = number.to_bits();
    let sign = u16::from(bits >> 31 != 0) << 15;
    let magnitude = f64::from(number.abs());
    let half = if number.is_nan() {
        0x7e00
    } else if magnitude < f64::from(SMALLEST_NORMAL) {
        // Multiples of 2^-24; doubles hold them and what lies between exactly.
        whole((magnitude * 16_777_216.0).round_ties_even())
    } else {
        // A step is 2^13 of a float's own steps.
        let bits = bits & 0x7fff_ffff;
        let even = bits + 0xfff + (bits >> 13 & 1);
        let shifted = (even >> 13).saturating_sub((127 - 15) << 10);
        u16::try_from(shifted.min(INFINITY)).unwrap_or(u16::MAX)
    };
    sign | half
}

/// 2^-14
const SMALLEST_NORMAL: f32 = 6.103_515_6e-5;

/// All bits of the exponent.
const INFINITY: u32 = 0x7c00;

fn whole(number: f64) -> u16 {
    number.to_u16().unwrap_or(u16::MAX)
}

fn from_half(half: u16) -> f32 {
    let sign = if half >> 15 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from(half >> 10 & 0x1f);
    let fraction = f32::from(half & 0x3ff);
    sign * match exponent {
        0 => fraction * 2_f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1024.0 + fraction) * 2_f32.powi(exponent - 25),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(elements: &[f32]) -> String {
        let mut text = String::new();
        write(elements, &mut text).unwrap();
        text
    }

    #[test]
    fn text_is_printed_as_pgvector_prints_it() {
        for (kind, text, expected) in [
            (
                Kind::Vector,
                "[0.1, -2.50,1e10, 1e-7]",
                "[0.1,-2.5,1e+10,1e-07]",
            ),
            (Kind::Vector, " [ 1 , 2 ] ", "[1,2]"),
            (Kind::Vector, "[123456.789,1e-50]", "[123456.79,0]"),
            (
                Kind::Halfvec,
                "[0.1,65504,1e-10,6e-8]",
                "[0.099975586,65504,0,5.9604645e-08]",
            ),
        ] {
            let read = read(kind, text).unwrap();
            assert_eq!(printed(&read), expected);
            let mut buffer = BytesMut::new();
            write_binary(kind, &read, &mut buffer).unwrap();
            assert_eq!(read_binary(kind, &buffer).unwrap(), read);
        }
        assert_eq!(
            printed(&read_bare(Kind::Vector, ".5,-1").unwrap()),
            "[0.5,-1]"
        );
    }

    #[test]
    fn errors_are_those_of_pgvector() {
        for (kind, text, expected) in [
            (
                Kind::Vector,
                "[1,2",
                "22P02 invalid input syntax for type vector: \"[1,2\"",
            ),
            (
                Kind::Vector,
                "1,2",
                "22P02 invalid input syntax for type vector: \"1,2\"",
            ),
            (
                Kind::Vector,
                "[1,,2]",
                "22P02 invalid input syntax for type vector: \"[1,,2]\"",
            ),
            (
                Kind::Vector,
                "[]",
                "22000 vector must have at least 1 dimension",
            ),
            (Kind::Vector, "[NaN]", "22000 NaN not allowed in vector"),
            (
                Kind::Vector,
                "[inf]",
                "22000 infinite value not allowed in vector",
            ),
            (
                Kind::Vector,
                "[4e38]",
                "22003 \"4e38\" is out of range for type vector",
            ),
            (
                Kind::Halfvec,
                "[65520]",
                "22003 \"65520\" is out of range for type halfvec",
            ),
        ] {
            let error = read(kind, text).unwrap_err();
            assert_eq!(format!("{} {error}", error.sqlstate()), expected);
        }
        assert!(read_binary(Kind::Vector, b"\0\x01\0\0\0\0").is_err());
        assert!(read_binary(Kind::Vector, b"\0\0\0\0").is_err());
    }

    #[test]
    fn halves_survive() {
        for half in (0..0x7c00).chain(0x8000..0xfc00) {
            assert_eq!(to_half(from_half(half)), half, "{half:#x}");
        }
        assert_eq!(from_half(to_half(65519.0)), 65504.0);
    }
}

//! NUMERIC in PostgreSQL's binary format: digits of base 10000.

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::{BigInt, Sign};
use bytes::{Buf, BufMut};

/// The sign word of a negative number.
const NEGATIVE: u16 = 0x4000;

/// Appends the number; `None` if the format has no room for it.
pub(crate) fn encode(number: &BigDecimal, out: &mut impl BufMut) -> Option<()> {
    let text = number.abs().to_plain_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let whole = format!("{:0>1$}", whole, whole.len().next_multiple_of(4));
    let padded = format!("{fraction:0<0$}", fraction.len().next_multiple_of(4));
    let mut weight = i16::try_from(whole.len() / 4).ok()? - 1;
    let all = format!("{whole}{padded}");
    let mut digits: Vec<i16> = (0..all.len() / 4)
        .map(|n| all[4 * n..4 * n + 4].parse().unwrap_or(0))
        .collect();
    while digits.last() == Some(&0) {
        digits.pop();
    }
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    digits.drain(..zeros);
    weight -= i16::try_from(zeros).ok()?;
    let is_negative = number.sign() == Sign::Minus;
    out.put_i16(i16::try_from(digits.len()).ok()?);
    out.put_i16(if digits.is_empty() { 0 } else { weight });
    out.put_u16(if is_negative { NEGATIVE } else { 0 });
    out.put_i16(i16::try_from(fraction.len()).ok()?);
    digits.iter().for_each(|digit| out.put_i16(*digit));
    Some(())
}

/// Reads a number; `None` if it is none, as NaN and infinity are not.
pub(crate) fn decode(mut bytes: &[u8]) -> Option<BigDecimal> {
    let count = usize::from(bytes.try_get_u16().ok()?);
    let weight = bytes.try_get_i16().ok()?;
    let sign = match bytes.try_get_u16().ok()? {
        0 => Sign::Plus,
        NEGATIVE => Sign::Minus,
        _ => return None,
    };
    let scale = bytes.try_get_u16().ok()?;
    let mut text = String::with_capacity(4 * count);
    for _ in 0..count {
        let digit = bytes.try_get_u16().ok().filter(|digit| *digit < 10_000)?;
        text.push_str(&format!("{digit:04}"));
    }
    if bytes.has_remaining() {
        return None;
    }
    let digits = BigInt::parse_bytes(text.as_bytes(), 10).unwrap_or_default();
    let exponent = 4 * (i64::try_from(count).ok()? - i64::from(weight) - 1);
    let magnitude = BigDecimal::new(digits, exponent).with_scale(i64::from(scale));
    Some(if sign == Sign::Minus {
        -magnitude
    } else {
        magnitude
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_the_round_trip() {
        for text in [
            "0",
            "0.00",
            "1",
            "-1.50",
            "12345.678",
            "10000",
            "0.0001",
            "0.00001",
            "123456789012345678.000000000001",
            "-99999999",
            "100000000.5",
        ] {
            let number: BigDecimal = text.parse().unwrap();
            let mut bytes = Vec::new();
            encode(&number, &mut bytes).unwrap();
            assert_eq!(decode(&bytes).unwrap().to_plain_string(), text);
        }
    }

    #[test]
    fn the_bytes_are_those_of_postgresql() {
        let mut bytes = Vec::new();
        encode(&"12345.67".parse().unwrap(), &mut bytes).unwrap();
        assert_eq!(
            bytes,
            [0, 3, 0, 1, 0, 0, 0, 2, 0, 1, 9, 41, 26, 44],
            "1 2345 . 6700"
        );
    }

    #[test]
    fn nonsense_is_no_number() {
        assert_eq!(decode(&[]), None);
        assert_eq!(decode(&[0, 0, 0, 0, 0xC0, 0, 0, 0]), None);
        assert_eq!(decode(&[0, 1, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]), None);
    }
}

//! bytea in text: the hex form, and on input the escape form as well.

use std::fmt::{self, Write};

use super::ValueError;
use super::uuid::hex_digit;

/// `byteain`.
pub(super) fn read(text: &str) -> Result<Vec<u8>, ValueError> {
    match text.strip_prefix("\\x") {
        Some(digits) => hex(digits),
        None => escaped(text.as_bytes()).ok_or_else(ValueError::bytea_syntax),
    }
}

/// White space is allowed between bytes, not within one.
pub(super) fn hex(digits: &str) -> Result<Vec<u8>, ValueError> {
    let value = |digit: u8, at: usize| {
        hex_digit(digit).ok_or_else(|| {
            let shown = digits[at..].chars().next().unwrap_or_default();
            ValueError::hexadecimal(format!("invalid hexadecimal digit: \"{shown}\""))
        })
    };
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    let mut rest = digits.bytes().enumerate();
    while let Some((at, high)) = rest.find(|(_, digit)| !b" \n\t\r".contains(digit)) {
        let high = value(high, at)?;
        let Some((at, low)) = rest.next() else {
            return Err(ValueError::hexadecimal(
                "invalid hexadecimal data: odd number of digits".to_owned(),
            ));
        };
        bytes.push((high << 4) | value(low, at)?);
    }
    Ok(bytes)
}

/// `\\` is a backslash, `\ooo` a byte in octal, everything else itself.
pub(super) fn escaped(mut text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    loop {
        text = match text {
            [] => return Some(bytes),
            [b'\\', b'\\', rest @ ..] => {
                bytes.push(b'\\');
                rest
            }
            [
                b'\\',
                a @ b'0'..=b'3',
                b @ b'0'..=b'7',
                c @ b'0'..=b'7',
                rest @ ..,
            ] => {
                bytes.push(((a - b'0') << 6) | ((b - b'0') << 3) | (c - b'0'));
                rest
            }
            [b'\\', ..] => return None,
            [byte, rest @ ..] => {
                bytes.push(*byte);
                rest
            }
        };
    }
}

/// `bytea_output = hex`, PostgreSQL's default.
pub(super) fn write(bytes: &[u8], out: &mut impl Write) -> fmt::Result {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.write_str("\\x")?;
    for byte in bytes {
        out.write_char(DIGITS[usize::from(byte >> 4)].into())?;
        out.write_char(DIGITS[usize::from(byte & 15)].into())?;
    }
    Ok(())
}

/// `bytea_output = escape`: printable ASCII as it is, the backslash doubled, the others in
/// octal.
pub(super) fn write_escaped(bytes: &[u8], out: &mut impl Write) -> fmt::Result {
    for byte in bytes {
        match byte {
            b'\\' => out.write_str("\\\\")?,
            b' '..=b'~' => out.write_char((*byte).into())?,
            byte => write!(out, "\\{byte:03o}")?,
        }
    }
    Ok(())
}

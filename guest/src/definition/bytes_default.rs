//! A default of bytes: IRIS takes the letters of a string for them.
//!
//! PostgreSQL manual, "Binary Data Types": the hex format, and the escape format.

use sqlparser::ast::{Expr, Ident};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::wit::Diagnostic;

/// What of ObjectScript stands for bytes that are no plain letters.
const CHARACTERS: &str = "$CHAR(";

/// The default in IRIS's words.
///
/// # Errors
/// What PostgreSQL says of a text that is none of bytes, and bytes that IRIS may keep as
/// letters of another character set.
pub(super) fn written(text: &str) -> Diagnosed<Expr> {
    let bytes = bytes_of(text)?;
    if !bytes.is_ascii() {
        return Err(Diagnostic::not_supported(
            "a default of bytes above 127 is not supported",
            "give the value in INSERT",
        ));
    }
    if bytes.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return Ok(build::string(&String::from_utf8_lossy(&bytes)));
    }
    let codes: Vec<String> = bytes.iter().map(u8::to_string).collect();
    let code = format!("{CHARACTERS}{})", codes.join(","));
    Ok(Expr::Prefixed {
        prefix: Ident::new("OBJECTSCRIPT"),
        value: Box::new(build::string(&code)),
    })
}

/// The bytes of such a default as IRIS tells of it, in PostgreSQL's hex format.
pub(crate) fn read(default: &str) -> Option<String> {
    let (_, codes) = default.split_once(CHARACTERS)?;
    let (codes, _) = codes.split_once(')')?;
    let bytes: Option<Vec<u8>> = codes
        .split(',')
        .map(|code| code.trim().parse().ok())
        .collect();
    Some(hexadecimal(&bytes?))
}

/// Bytes in PostgreSQL's hex format.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    format!("\\x{}", digits.collect::<String>())
}

fn bytes_of(text: &str) -> Diagnosed<Vec<u8>> {
    match text.strip_prefix("\\x") {
        Some(digits) => from_hexadecimal(digits),
        None => from_escapes(text),
    }
}

fn from_hexadecimal(digits: &str) -> Diagnosed<Vec<u8>> {
    let wrong = |message: String| Diagnostic::error("22023", message);
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    let mut high = None;
    for digit in digits.chars().filter(|one| !one.is_ascii_whitespace()) {
        let value = digit
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
            .ok_or_else(|| wrong(format!("invalid hexadecimal digit: \"{digit}\"")))?;
        match high.take() {
            None => high = Some(value),
            Some(high) => bytes.push(high * 16 + value),
        }
    }
    match high {
        None => Ok(bytes),
        Some(_) => Err(wrong(
            "invalid hexadecimal data: odd number of digits".to_owned(),
        )),
    }
}

/// `\\` is a backslash, and `\nnn` the byte of that octal number.
fn from_escapes(text: &str) -> Diagnosed<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        rest = match (first, behind) {
            (b'\\', [b'\\', behind @ ..]) => {
                bytes.push(b'\\');
                behind
            }
            (
                b'\\',
                [
                    high @ b'0'..=b'3',
                    middle @ b'0'..=b'7',
                    low @ b'0'..=b'7',
                    behind @ ..,
                ],
            ) => {
                bytes.push((high - b'0') * 64 + (middle - b'0') * 8 + (low - b'0'));
                behind
            }
            (b'\\', _) => {
                let message = "invalid input syntax for type bytea";
                return Err(Diagnostic::error("22P02", message));
            }
            (plain, behind) => {
                bytes.push(*plain);
                behind
            }
        };
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_as_in_postgresql() {
        assert_eq!(bytes_of("\\x00 fF").ok(), Some(vec![0, 255]));
        assert_eq!(bytes_of("a\\000\\\\").ok(), Some(b"a\0\\".to_vec()));
        for wrong in ["\\x0", "\\xzz", "a\\", "\\400"] {
            assert!(bytes_of(wrong).is_err(), "{wrong}");
        }
        assert_eq!(read("$CHAR(0,1,127)").as_deref(), Some("\\x00017f"));
    }
}

//! Bytes as texts: `bytea` and `uuid`.

use std::error::Error;
use std::fmt::{self, Display, Formatter, Write};

/// Why a text is none of bytes, in PostgreSQL's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// A character that is no hexadecimal digit.
    Digit(char),
    /// Half a byte at the end.
    OddDigits,
    /// A backslash with something else behind it than a backslash or three octal digits.
    Escape,
}

impl Wrong {
    /// The code of PostgreSQL's error.
    pub const fn sqlstate(self) -> &'static str {
        match self {
            Self::Digit(_) | Self::OddDigits => "22023",
            Self::Escape => "22P02",
        }
    }
}

impl Display for Wrong {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digit(digit) => write!(out, "invalid hexadecimal digit: \"{digit}\""),
            Self::OddDigits => out.write_str("invalid hexadecimal data: odd number of digits"),
            Self::Escape => out.write_str("invalid input syntax for type bytea"),
        }
    }
}

impl Error for Wrong {}

/// What a text of `bytea` stands for, in the hex format or the escape format (`byteain`).
///
/// # Errors
/// It is in neither.
pub fn read(text: &str) -> Result<Vec<u8>, Wrong> {
    match text.strip_prefix("\\x") {
        Some(digits) => of_hexadecimal(digits),
        None => of_escapes(text.as_bytes()),
    }
}

/// White space is allowed between bytes, not within one (`hex_decode`).
///
/// # Errors
/// What else is no pair of digits.
pub fn of_hexadecimal(digits: &str) -> Result<Vec<u8>, Wrong> {
    let value = |digit: u8, at: usize| {
        hexadecimal_digit(digit)
            .ok_or_else(|| Wrong::Digit(digits[at..].chars().next().unwrap_or_default()))
    };
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    let mut rest = digits.bytes().enumerate();
    while let Some((at, high)) = rest.find(|(_, digit)| !b" \n\t\r".contains(digit)) {
        let high = value(high, at)?;
        let (at, low) = rest.next().ok_or(Wrong::OddDigits)?;
        bytes.push(high << 4 | value(low, at)?);
    }
    Ok(bytes)
}

/// `\\` is a backslash, `\ooo` a byte in octal, everything else itself (`esc_decode`).
///
/// # Errors
/// A backslash with something else behind it.
pub fn of_escapes(mut text: &[u8]) -> Result<Vec<u8>, Wrong> {
    let mut bytes = Vec::with_capacity(text.len());
    loop {
        text = match text {
            [] => return Ok(bytes),
            [b'\\', b'\\', rest @ ..] => {
                bytes.push(b'\\');
                rest
            }
            [
                b'\\',
                high @ b'0'..=b'3',
                middle @ b'0'..=b'7',
                low @ b'0'..=b'7',
                rest @ ..,
            ] => {
                bytes.push((high - b'0') << 6 | (middle - b'0') << 3 | (low - b'0'));
                rest
            }
            [b'\\', ..] => return Err(Wrong::Escape),
            [byte, rest @ ..] => {
                bytes.push(*byte);
                rest
            }
        };
    }
}

/// In the hex format, PostgreSQL's default (`bytea_output`).
pub fn shown(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(2 + 2 * bytes.len());
    // A string takes all that is written.
    let _ = write(bytes, &mut shown);
    shown
}

/// The same, written somewhere.
///
/// # Errors
/// Where it is written to fails.
pub fn write(bytes: &[u8], out: &mut impl Write) -> fmt::Result {
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
///
/// # Errors
/// Where it is written to fails.
pub fn write_escaped(bytes: &[u8], out: &mut impl Write) -> fmt::Result {
    for byte in bytes {
        match byte {
            b'\\' => out.write_str("\\\\")?,
            b' '..=b'~' => out.write_char((*byte).into())?,
            byte => write!(out, "\\{byte:03o}")?,
        }
    }
    Ok(())
}

/// What a text of `uuid` stands for: 32 hexadecimal digits, hyphens after any group of four, braces
/// around (`uuid_in`). None if it is no such text.
pub fn uuid(text: &str) -> Option<[u8; 16]> {
    let mut rest = match text.as_bytes() {
        [b'{', inner @ .., b'}'] => inner,
        bare => bare,
    };
    let mut bytes = [0; 16];
    for (index, byte) in bytes.iter_mut().enumerate() {
        let ([high, low], after) = rest.split_first_chunk::<2>()?;
        *byte = hexadecimal_digit(*high)? << 4 | hexadecimal_digit(*low)?;
        rest = match after {
            [b'-', after @ ..] if index % 2 == 1 && index < 15 => after,
            after => after,
        };
    }
    rest.is_empty().then_some(bytes)
}

/// As PostgreSQL writes it.
///
/// # Errors
/// Where it is written to fails.
pub fn write_uuid(uuid: &[u8; 16], out: &mut impl Write) -> fmt::Result {
    for (index, byte) in uuid.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            out.write_char('-')?;
        }
        write!(out, "{byte:02x}")?;
    }
    Ok(())
}

fn hexadecimal_digit(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_as_in_postgresql() {
        assert_eq!(read("\\x00 fF"), Ok(vec![0, 255]));
        assert_eq!(read("a\\000\\\\é"), Ok(b"a\0\\\xc3\xa9".to_vec()));
        assert_eq!(read(""), Ok(Vec::new()));
        assert_eq!(read("\\x0"), Err(Wrong::OddDigits));
        assert_eq!(read("\\x0 0"), Err(Wrong::Digit(' ')));
        assert_eq!(read("\\xzz"), Err(Wrong::Digit('z')));
        assert_eq!(read("\\x0é"), Err(Wrong::Digit('é')));
        for wrong in ["a\\", "\\400", "\\n"] {
            assert_eq!(read(wrong), Err(Wrong::Escape), "{wrong}");
        }
        assert_eq!(shown(&[0, 255]), "\\x00ff");
    }

    #[test]
    fn uuids_are_read_as_in_postgresql() {
        let plain = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
        for written in [
            plain,
            "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
            "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}",
            "a0eebc999c0b4ef8bb6d6bb9bd380a11",
            "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
        ] {
            let mut shown = String::new();
            let read = uuid(written).map(|uuid| write_uuid(&uuid, &mut shown));
            assert!(read.is_some() && shown == plain, "{written}");
        }
        for wrong in [
            "",
            "a0eebc99",
            "{a0eebc999c0b4ef8bb6d6bb9bd380a11",
            "a0eebc999c0b4ef8bb6d6bb9bd380a11-",
        ] {
            assert_eq!(uuid(wrong), None, "{wrong}");
        }
    }
}

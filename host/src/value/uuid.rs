//! uuid in text: 32 hexadecimal digits, hyphens after any group of four, braces allowed.

use std::fmt::{self, Write};

use super::{Kind, ValueError};

/// `uuid_in`: what it accepts is wider than what it prints.
pub(super) fn read(text: &str) -> Result<[u8; 16], ValueError> {
    parse(text.as_bytes()).ok_or_else(|| ValueError::text_syntax(Kind::Uuid, text))
}

fn parse(text: &[u8]) -> Option<[u8; 16]> {
    let mut rest = match text {
        [b'{', inner @ .., b'}'] => inner,
        bare => bare,
    };
    let mut bytes = [0; 16];
    for (index, byte) in bytes.iter_mut().enumerate() {
        let ([high, low], after) = rest.split_first_chunk::<2>()?;
        *byte = (hex_digit(*high)? << 4) | hex_digit(*low)?;
        rest = match after {
            [b'-', after @ ..] if index % 2 == 1 && index < 15 => after,
            after => after,
        };
    }
    rest.is_empty().then_some(bytes)
}

/// The value of a hexadecimal digit of either case.
pub(super) fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

pub(super) fn write(uuid: &[u8; 16], out: &mut impl Write) -> fmt::Result {
    for (index, byte) in uuid.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            out.write_char('-')?;
        }
        write!(out, "{byte:02x}")?;
    }
    Ok(())
}

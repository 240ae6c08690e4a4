//! Of bytes, and their texts: `encode.c` and `cryptohashfuncs.c`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pgiris_values::bytes::{self, shown};
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};

use super::{Operands, Scalar};
use crate::value::ValueError;

/// Bytes of a line of base64.
const LINE: usize = 57;

pub(super) const SCALARS: &[Scalar] = &[
    Scalar::new("binary_encode", 2, |operands| {
        let bytes = operands.bytes()?;
        match operands.encoding()? {
            Encoding::Hexadecimal => Ok(shown(&bytes).trim_start_matches("\\x").to_owned()),
            Encoding::Base64 => Ok(in_lines(&bytes)),
            Encoding::Escape => Ok(escaped(&bytes)),
        }
    }),
    Scalar::new("binary_decode", 2, |operands| {
        let written = operands.text(0);
        let bytes = match operands.encoding()? {
            Encoding::Hexadecimal => bytes::of_hexadecimal(written)?,
            Encoding::Base64 => of_base64(written)?,
            Encoding::Escape => bytes::of_escapes(written.as_bytes())?,
        };
        Ok(shown(&bytes))
    }),
    Scalar::new("byteaoctetlen", 1, |operands| {
        Ok(operands.bytes()?.len().to_string())
    }),
    Scalar::new("sha224_bytea", 1, |operands| {
        Ok(shown(&Sha224::digest(operands.bytes()?)))
    }),
    Scalar::new("sha256_bytea", 1, |operands| {
        Ok(shown(&Sha256::digest(operands.bytes()?)))
    }),
    Scalar::new("sha384_bytea", 1, |operands| {
        Ok(shown(&Sha384::digest(operands.bytes()?)))
    }),
    Scalar::new("sha512_bytea", 1, |operands| {
        Ok(shown(&Sha512::digest(operands.bytes()?)))
    }),
];

enum Encoding {
    Hexadecimal,
    Base64,
    Escape,
}

impl Operands<'_> {
    fn bytes(&self) -> Result<Vec<u8>, ValueError> {
        Ok(bytes::read(self.text(0))?)
    }

    fn encoding(&self) -> Result<Encoding, ValueError> {
        let name = self.text(1);
        Ok(match name.to_ascii_lowercase().as_str() {
            "hex" => Encoding::Hexadecimal,
            "base64" => Encoding::Base64,
            "escape" => Encoding::Escape,
            _ => {
                let message = format!("unrecognized encoding: \"{name}\"");
                return Err(ValueError::refused("22023", message));
            }
        })
    }
}

/// Behind each whole line there is its end, also behind the last one.
fn in_lines(bytes: &[u8]) -> String {
    let mut written = String::with_capacity(bytes.len() / 2 * 3);
    for line in bytes.chunks(LINE) {
        STANDARD.encode_string(line, &mut written);
        if line.len() == LINE {
            written.push('\n');
        }
    }
    written
}

/// `esc_encode`: zeros and what is not ASCII in octal, the backslash doubled.
fn escaped(bytes: &[u8]) -> String {
    let mut written = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'\\' => written.push_str("\\\\"),
            0 | 0x80.. => written.push_str(&format!("\\{byte:03o}")),
            byte => written.push(char::from(*byte)),
        }
    }
    written
}

/// `pg_base64_decode`: blanks are passed over, and what stands behind a `=` means nothing.
fn of_base64(written: &str) -> Result<Vec<u8>, ValueError> {
    let refused = |message: String| ValueError::refused("22023", message);
    let (mut bytes, mut group, mut count) = (Vec::new(), 0_u32, 0);
    // How many bytes the last group has.
    let mut kept = 3;
    for letter in written.chars() {
        let value = match letter {
            ' ' | '\t' | '\n' | '\r' => continue,
            '=' => {
                kept = match (kept, count) {
                    (3, 2) => 1,
                    (3, 3) => 2,
                    (3, _) => {
                        let message = "unexpected \"=\" while decoding base64 sequence";
                        return Err(refused(message.to_owned()));
                    }
                    (kept, _) => kept,
                };
                0
            }
            'A'..='Z' => u32::from(letter) - u32::from('A'),
            'a'..='z' => u32::from(letter) - u32::from('a') + 26,
            '0'..='9' => u32::from(letter) - u32::from('0') + 52,
            '+' => 62,
            '/' => 63,
            other => {
                return Err(refused(format!(
                    "invalid symbol \"{other}\" found while decoding base64 sequence"
                )));
            }
        };
        group = group << 6 | value;
        count += 1;
        if count == 4 {
            let [_, all @ ..] = group.to_be_bytes();
            bytes.extend(all.iter().take(kept));
            (group, count) = (0, 0);
        }
    }
    match count {
        0 => Ok(bytes),
        _ => Err(ValueError::base64_end()),
    }
}

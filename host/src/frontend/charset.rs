//! The character sets of clients that do not speak UTF-8: those of one byte for a character.
//!
//! PostgreSQL manual, "Character Set Support". Which character a byte stands for is
//! encoding_rs's knowledge; a test asks a real PostgreSQL whether it is its own.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use encoding_rs::{self as rs, Encoding};

mod frames;
mod names;

pub(crate) use frames::recoded;
pub(crate) use names::{Name, named};

/// A character set, whose lower half is ASCII.
pub(crate) struct Charset {
    name: &'static str,
    /// The characters of the upper half; none where a byte stands for nothing.
    characters: [Option<char>; 128],
    bytes: HashMap<char, u8>,
}

/// What has no equivalent in the other character set.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Untranslatable {
    /// A byte of the client's.
    Byte(u8, &'static str),
    /// A character of the server's.
    Character(char, &'static str),
    /// A zero byte, which no text has.
    Zero(&'static str),
}

impl Untranslatable {
    pub(crate) fn sqlstate(&self) -> &'static str {
        match self {
            Self::Zero(_) => "22021",
            Self::Byte(..) | Self::Character(..) => "22P05",
        }
    }
}

impl fmt::Display for Untranslatable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zero(name) => write!(f, "invalid byte sequence for encoding \"{name}\": 0x00"),
            Self::Byte(byte, name) => write!(
                f,
                "character with byte sequence 0x{byte:02x} in encoding \"{name}\" has no equivalent \
                 in encoding \"UTF8\""
            ),
            Self::Character(character, name) => {
                f.write_str("character with byte sequence")?;
                for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                    write!(f, " 0x{byte:02x}")?;
                }
                write!(
                    f,
                    " in encoding \"UTF8\" has no equivalent in encoding \"{name}\""
                )
            }
        }
    }
}

impl Charset {
    /// The one of this name, as `SHOW client_encoding` prints it; `None` if texts need no
    /// conversion.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let (name, source) = SOURCES.iter().find(|(known, _)| *known == name)?;
        let mut characters = [None; 128];
        for (byte, slot) in (0x80..=0xff).zip(&mut characters) {
            let other = OTHERWISE
                .iter()
                .find(|(set, other, _)| (*set, *other) == (*name, byte));
            *slot = match other {
                Some((_, _, character)) => *character,
                None => source.character(byte),
            };
        }
        let bytes = (0x80..=0xff)
            .zip(&characters)
            .filter_map(|(byte, character)| Some(((*character)?, byte)))
            .collect();
        Some(Self {
            name,
            characters,
            bytes,
        })
    }

    /// As `SHOW client_encoding` prints it.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// A text of the client's in UTF-8.
    ///
    /// # Errors
    /// A byte stands for nothing.
    pub(crate) fn decoded(&self, text: &Bytes) -> Result<Bytes, Untranslatable> {
        if memchr::memchr(0, text).is_some() {
            return Err(Untranslatable::Zero(self.name));
        }
        if text.is_ascii() {
            return Ok(text.clone());
        }
        let mut decoded = String::with_capacity(text.len() * 2);
        for &byte in text.iter() {
            decoded.push(match self.characters.get(usize::from(byte & 0x7f)) {
                Some(upper) if !byte.is_ascii() => {
                    upper.ok_or(Untranslatable::Byte(byte, self.name))?
                }
                _ => char::from(byte),
            });
        }
        Ok(decoded.into())
    }

    /// Adds a text of the server's, which is in UTF-8.
    ///
    /// # Errors
    /// A character is not in the set.
    pub(crate) fn encode(&self, text: &[u8], out: &mut BytesMut) -> Result<(), Untranslatable> {
        if text.is_ascii() {
            out.put_slice(text);
            return Ok(());
        }
        for character in lossless(text).chars() {
            let byte = u8::try_from(character)
                .ok()
                .filter(u8::is_ascii)
                .or_else(|| self.bytes.get(&character).copied());
            out.put_u8(byte.ok_or(Untranslatable::Character(character, self.name))?);
        }
        Ok(())
    }

    /// The same for a text that must come across, with question marks for what is not in the
    /// set.
    fn encode_anyhow(&self, text: &[u8], out: &mut BytesMut) {
        for character in lossless(text).chars() {
            let mut bytes = [0; 4];
            let one = character.encode_utf8(&mut bytes).as_bytes();
            if self.encode(one, out).is_err() {
                out.put_u8(b'?');
            }
        }
    }
}

/// What the broker sends as text is UTF-8.
fn lossless(text: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(text)
}

/// Where the upper half of a set is taken from.
enum Source {
    /// Every byte is the code point of that number.
    Latin1,
    Library(&'static Encoding),
    /// Web browsers take bytes that stand for nothing for control characters.
    Windows(&'static Encoding),
    /// Web browsers have it only with Windows' characters in place of the controls.
    WithControls(&'static Encoding),
}

impl Source {
    fn character(&self, byte: u8) -> Option<char> {
        let is_control = (0x80..0xa0).contains(&byte);
        match self {
            Self::Latin1 => Some(char::from(byte)),
            Self::WithControls(_) if is_control => Some(char::from(byte)),
            Self::Library(encoding) | Self::WithControls(encoding) => decode(encoding, byte),
            Self::Windows(encoding) => {
                decode(encoding, byte).filter(|found| !is_control || *found != char::from(byte))
            }
        }
    }
}

fn decode(encoding: &'static Encoding, byte: u8) -> Option<char> {
    let bytes = [byte];
    let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes)?;
    text.chars().next()
}

/// Every set that is converted, by PostgreSQL's name.
const SOURCES: &[(&str, Source)] = &[
    ("ISO_8859_5", Source::Library(rs::ISO_8859_5)),
    ("ISO_8859_6", Source::Library(rs::ISO_8859_6)),
    ("ISO_8859_7", Source::Library(rs::ISO_8859_7)),
    ("ISO_8859_8", Source::Library(rs::ISO_8859_8)),
    ("KOI8R", Source::Library(rs::KOI8_R)),
    ("KOI8U", Source::Library(rs::KOI8_U)),
    ("LATIN1", Source::Latin1),
    ("LATIN2", Source::Library(rs::ISO_8859_2)),
    ("LATIN3", Source::Library(rs::ISO_8859_3)),
    ("LATIN4", Source::Library(rs::ISO_8859_4)),
    ("LATIN5", Source::WithControls(rs::WINDOWS_1254)),
    ("LATIN6", Source::Library(rs::ISO_8859_10)),
    ("LATIN7", Source::Library(rs::ISO_8859_13)),
    ("LATIN8", Source::Library(rs::ISO_8859_14)),
    ("LATIN9", Source::Library(rs::ISO_8859_15)),
    ("LATIN10", Source::Library(rs::ISO_8859_16)),
    ("WIN866", Source::Library(rs::IBM866)),
    ("WIN874", Source::Windows(rs::WINDOWS_874)),
    ("WIN1250", Source::Windows(rs::WINDOWS_1250)),
    ("WIN1251", Source::Windows(rs::WINDOWS_1251)),
    ("WIN1252", Source::Windows(rs::WINDOWS_1252)),
    ("WIN1253", Source::Windows(rs::WINDOWS_1253)),
    ("WIN1254", Source::Windows(rs::WINDOWS_1254)),
    ("WIN1255", Source::Windows(rs::WINDOWS_1255)),
    ("WIN1256", Source::Windows(rs::WINDOWS_1256)),
    ("WIN1257", Source::Windows(rs::WINDOWS_1257)),
    ("WIN1258", Source::Windows(rs::WINDOWS_1258)),
];

/// Where PostgreSQL's sets are older than those of web browsers.
const OTHERWISE: &[(&str, u8, Option<char>)] = &[
    ("KOI8U", 0xae, Some('╝')),
    ("KOI8U", 0xbe, Some('╬')),
    ("WIN1255", 0xca, None),
];

#[cfg(test)]
mod tests;

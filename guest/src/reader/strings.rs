//! The values of PostgreSQL's string literals, written as IRIS writes them: quotes
//! doubled, nothing escaped.
//!
//! PostgreSQL manual, sections 4.1.2.1 to 4.1.2.4.

use std::borrow::Cow;

use super::lexeme::{Kind, Lexeme};
use super::lexer::UESCAPE;
use crate::diagnostic::Diagnosed;
use crate::wit::Diagnostic;

/// What stands between the quotes of the literal, or of the identifier, in IRIS.
///
/// # Errors
/// An escape sequence that PostgreSQL refuses.
pub(crate) fn between_quotes(text: &str, lexeme: Lexeme) -> Diagnosed<Cow<'_, str>> {
    let source = lexeme.text(text);
    let decoded = match lexeme.kind {
        Kind::String => return Ok(join(source, false)),
        Kind::NationalString => return Ok(join(&source[1..], false)),
        Kind::QuotedIdentifier => return Ok(Cow::Borrowed(&source[1..source.len() - 1])),
        Kind::DollarString => {
            let delimiter = source[1..].find('$').map_or(0, |at| at + 2);
            source[delimiter..source.len() - delimiter].replace('\'', "''")
        }
        Kind::EscapeString => double(&backslashes(&join(&source[1..], true))?, '\''),
        Kind::UnicodeString => {
            let (source, escape) = with_escape(source)?;
            double(&unicode(&join(&source[2..], false), escape)?, '\'')
        }
        Kind::UnicodeIdentifier => {
            let (source, escape) = with_escape(source)?;
            double(&unicode(&source[3..source.len() - 1], escape)?, '"')
        }
        _ => return Ok(Cow::Borrowed(source)),
    };
    if decoded.contains('\0') {
        return Err(Diagnostic::error(
            "22021",
            "invalid byte sequence for encoding \"UTF8\": 0x00",
        ));
    }
    Ok(Cow::Owned(decoded))
}

/// The parts of a continued string as one, without the outer quotes.
fn join(source: &str, backslashes: bool) -> Cow<'_, str> {
    let inner = &source[1..source.len() - 1];
    let bytes = inner.as_bytes();
    if memchr::memchr2(b'\n', b'\r', bytes).is_none() || memchr::memchr(b'\'', bytes).is_none() {
        return Cow::Borrowed(inner);
    }
    let mut joined = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find(|c| c == '\'' || (backslashes && c == '\\')) {
        let pair = rest[at..]
            .chars()
            .take(2)
            .map(char::len_utf8)
            .sum::<usize>();
        if rest[at..].starts_with('\\') || rest[at + 1..].starts_with('\'') {
            joined.push_str(&rest[..at + pair]);
            rest = &rest[at + pair..];
        } else {
            // A closing quote: what follows are blanks and the opening one.
            joined.push_str(&rest[..at]);
            rest = rest[at + 1..].trim_start().strip_prefix('\'').unwrap_or("");
        }
    }
    joined.push_str(rest);
    Cow::Owned(joined)
}

fn double(value: &str, quote: char) -> String {
    let mut doubled = String::with_capacity(value.len());
    for character in value.chars() {
        doubled.push(character);
        if character == quote {
            doubled.push(quote);
        }
    }
    doubled
}

/// The value of an `E'…'` string.
fn backslashes(source: &str) -> Diagnosed<String> {
    let bytes = source.as_bytes();
    let mut value = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte == b'\'' {
            at += 1;
            value.push(b'\'');
            continue;
        }
        if byte != b'\\' {
            value.push(byte);
            continue;
        }
        let Some(&escape) = bytes.get(at) else { break };
        at += 1;
        match escape {
            b'b' => value.push(0x08),
            b'f' => value.push(0x0C),
            b'n' => value.push(b'\n'),
            b'r' => value.push(b'\r'),
            b't' => value.push(b'\t'),
            b'0'..=b'7' => {
                at -= 1;
                value.push(digits(bytes, &mut at, 3, 8));
            }
            b'x' if bytes.get(at).is_some_and(u8::is_ascii_hexdigit) => {
                value.push(digits(bytes, &mut at, 2, 16));
            }
            b'u' | b'U' => {
                let width = if escape == b'u' { 4 } else { 8 };
                let character = code_point(source, &mut at, width, |source, at| {
                    let width = match source.get(at..at + 2)? {
                        "\\u" => 4,
                        "\\U" => 8,
                        _ => return None,
                    };
                    Some((at + 2, width))
                })?;
                value.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            other => value.push(other),
        }
    }
    String::from_utf8(value).map_err(|error| {
        let byte = error
            .as_bytes()
            .get(error.utf8_error().valid_up_to())
            .copied()
            .unwrap_or(0);
        Diagnostic::error(
            "22021",
            format!("invalid byte sequence for encoding \"UTF8\": 0x{byte:02x}"),
        )
    })
}

/// Up to `most` digits of a base, modulo 256.
fn digits(bytes: &[u8], at: &mut usize, most: usize, base: u32) -> u8 {
    let mut value = 0_u32;
    for _ in 0..most {
        let Some(digit) = bytes
            .get(*at)
            .and_then(|byte| char::from(*byte).to_digit(base))
        else {
            break;
        };
        value = value * base + digit;
        *at += 1;
    }
    (value & 0xFF) as u8
}

/// A literal without its UESCAPE clause, and the character that escapes.
fn with_escape(source: &str) -> Diagnosed<(&str, char)> {
    let clause = || {
        let mut characters = source.strip_suffix('\'')?.chars();
        let escape = characters.next_back()?;
        let rest = characters.as_str().strip_suffix('\'')?.trim_end();
        let (literal, word) = rest.split_at_checked(rest.len().checked_sub(UESCAPE.len())?)?;
        let literal = literal.trim_end();
        let is_clause = word.eq_ignore_ascii_case(UESCAPE) && literal.ends_with(['\'', '"']);
        is_clause.then_some((literal, escape))
    };
    let Some((literal, escape)) = clause() else {
        return Ok((source, '\\'));
    };
    if escape.is_ascii_hexdigit() || escape.is_whitespace() || matches!(escape, '+' | '\'' | '"') {
        return Err(Diagnostic::error(
            "42601",
            "invalid Unicode escape character",
        ));
    }
    Ok((literal, escape))
}

/// The value of a `U&'…'` string.
fn unicode(source: &str, escape: char) -> Diagnosed<String> {
    let mut value = String::with_capacity(source.len());
    let mut at = 0;
    let width_at = |source: &str, at: usize| {
        let rest = source.get(at..)?.strip_prefix(escape)?;
        let at = at + escape.len_utf8();
        Some(if rest.starts_with('+') {
            (at + 1, 6)
        } else {
            (at, 4)
        })
    };
    while let Some(character) = source[at..].chars().next() {
        if character != escape {
            at += character.len_utf8();
            value.push(character);
            // Quotes are still doubled here.
            if matches!(character, '\'' | '"') && source[at..].starts_with(character) {
                at += 1;
            }
            continue;
        }
        if source[at + escape.len_utf8()..].starts_with(escape) {
            value.push(escape);
            at += 2 * escape.len_utf8();
            continue;
        }
        let Some((start, width)) = width_at(source, at) else {
            break;
        };
        at = start;
        value.push(code_point(source, &mut at, width, width_at)?);
    }
    Ok(value)
}

/// The character of `width` hexadecimal digits at `at`; of two such groups if
/// they are a surrogate pair. `next` finds the digits of a further escape.
fn code_point(
    source: &str,
    at: &mut usize,
    width: usize,
    next: impl Fn(&str, usize) -> Option<(usize, usize)>,
) -> Diagnosed<char> {
    let unit = hexadecimal(source, at, width)?;
    let code = match unit {
        0xD800..0xDC00 => {
            let (start, width) = next(source, *at).ok_or_else(bad_pair)?;
            *at = start;
            let low = hexadecimal(source, at, width)?;
            if !(0xDC00..0xE000).contains(&low) {
                return Err(bad_pair());
            }
            0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
        }
        0xDC00..0xE000 => return Err(bad_pair()),
        code => code,
    };
    char::from_u32(code).ok_or_else(|| Diagnostic::error("22025", "invalid Unicode escape value"))
}

fn hexadecimal(source: &str, at: &mut usize, width: usize) -> Diagnosed<u32> {
    let digits = source
        .get(*at..*at + width)
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let value = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
    *at += width;
    value.ok_or_else(|| {
        Diagnostic::error("22025", "invalid Unicode escape").with_hint(
            "Unicode escapes must be \\XXXX or \\+XXXXXX in U&'', \\uXXXX or \\UXXXXXXXX in E''",
        )
    })
}

fn bad_pair() -> Diagnostic {
    Diagnostic::error("42601", "invalid Unicode surrogate pair")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::lexer::lex;

    fn value(text: &str) -> String {
        let tokens = lex(text).unwrap();
        assert_eq!(tokens.lexemes.len(), 1, "{text}");
        between_quotes(text, tokens.lexemes[0])
            .unwrap()
            .into_owned()
    }

    #[test]
    fn plain_strings_stay_as_they_are() {
        assert_eq!(value("'a\\b''c'"), "a\\b''c");
        assert_eq!(value("'a' \n 'b'"), "ab");
        assert_eq!(value("'it''s' \n 'x''y'"), "it''sx''y");
    }

    #[test]
    fn escape_strings_are_decoded() {
        assert_eq!(
            value(r"E'a\nb\'c''d\\e\x41\101\u00e9\U0001F600\q'"),
            "a\nb''c''d\\eAA\u{e9}\u{1F600}q"
        );
        assert_eq!(value(r"E'\ud83d\ude00'"), "\u{1F600}");
        assert_eq!(value("E'a\\'b'\n'c'"), "a''bc");
    }

    #[test]
    fn unicode_and_dollar_strings_are_decoded() {
        assert_eq!(value(r"U&'d\0061t\+000061'"), "data");
        assert_eq!(value("U&'d!0061t!+000061\\!!' uescape '!'"), "data\\!");
        assert_eq!(value("U&\"d!0061t\"\nUESCAPE '!'"), "dat");
        assert_eq!(value("U&'a uescape ''!''b'"), "a uescape ''!''b");
        assert_eq!(value("$$it's$$"), "it''s");
        assert_eq!(value("$q$ $$ $q$"), " $$ ");
        assert_eq!(value("$$$$"), "");
    }

    #[test]
    fn bad_escapes_are_refused() {
        for text in [
            r"E'\u12'",
            r"E'\xff'",
            r"E'\000'",
            r"U&'\d800x'",
            "U&'a' UESCAPE '+'",
            r"E'\udc00'",
        ] {
            let tokens = lex(text).unwrap();
            assert!(between_quotes(text, tokens.lexemes[0]).is_err(), "{text}");
        }
    }
}

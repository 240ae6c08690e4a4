//! Takes a line apart into its fields, as `CopyReadAttributesText` and
//! `CopyReadAttributesCSV` do.

use bytes::Bytes;

use super::{Csv, Text};

/// A quoted field has no end.
#[derive(Debug)]
pub(super) struct Unterminated;

/// The fields of a line.
#[derive(Default)]
pub(super) struct Fields {
    /// `None` is NULL.
    pub(super) values: Vec<Option<Bytes>>,
    /// Those that stand for the default of their column, by number.
    pub(super) defaulted: Vec<usize>,
}

impl Fields {
    pub(super) fn with_capacity(columns: usize) -> Self {
        Self {
            values: Vec::with_capacity(columns),
            defaulted: Vec::new(),
        }
    }

    /// Whether a field, as it stands in the line, is the mark of a default, and then takes it.
    fn take_default(&mut self, raw: &[u8], marker: Option<&Vec<u8>>) -> bool {
        let is_default = marker.is_some_and(|marker| *marker == raw);
        if is_default {
            self.defaulted.push(self.values.len());
            self.values.push(None);
        }
        is_default
    }
}

/// The fields of a line in the text format.
pub(super) fn text(line: &Bytes, format: &Text, fields: &mut Fields) {
    let (mut start, mut at, mut escaped) = (0, 0, false);
    loop {
        match memchr::memchr2(format.delimiter, b'\\', &line[at..]) {
            Some(found) if line[at + found] == b'\\' => {
                escaped = true;
                at = (at + found + 2).min(line.len());
            }
            Some(found) => {
                text_field(line.slice(start..at + found), escaped, format, fields);
                at += found + 1;
                start = at;
                escaped = false;
            }
            None => {
                text_field(line.slice(start..), escaped, format, fields);
                return;
            }
        }
    }
}

/// The null string and that of the default are compared before escapes are read.
fn text_field(raw: Bytes, escaped: bool, format: &Text, fields: &mut Fields) {
    if *raw == *format.null {
        fields.values.push(None);
    } else if !fields.take_default(&raw, format.default.as_ref()) {
        let value = if escaped { unescaped(&raw).into() } else { raw };
        fields.values.push(Some(value));
    }
}

fn unescaped(raw: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&character, after)) = rest.split_first() {
        rest = after;
        if character != b'\\' {
            value.push(character);
            continue;
        }
        let Some((&escape, after)) = rest.split_first() else {
            // A backslash at the end of the line stands for itself.
            value.push(b'\\');
            break;
        };
        rest = after;
        value.push(match escape {
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 0x0b,
            b'0'..=b'7' => digits(u32::from(escape - b'0'), &mut rest, 8, 2),
            b'x' if rest.first().is_some_and(u8::is_ascii_hexdigit) => digits(0, &mut rest, 16, 2),
            other => other,
        });
    }
    value
}

/// At most so many digits more; what does not fit into a byte is cut off.
fn digits(first: u32, rest: &mut &[u8], radix: u32, most: usize) -> u8 {
    let mut value = first;
    for _ in 0..most {
        let digit = rest
            .first()
            .and_then(|digit| char::from(*digit).to_digit(radix));
        let Some(digit) = digit else { break };
        value = value * radix + digit;
        *rest = &rest[1..];
    }
    value.to_le_bytes()[0]
}

/// The fields of a line in the CSV format.
pub(super) fn csv(line: &Bytes, format: &Csv, fields: &mut Fields) -> Result<(), Unterminated> {
    let mut at = 0;
    loop {
        let start = at;
        // Up to a quote, most fields are a piece of the line.
        at +=
            memchr::memchr2(format.delimiter, format.quote, &line[at..]).unwrap_or(line.len() - at);
        let (value, quoted) = if line.get(at) == Some(&format.quote) {
            (quoted(line, start, &mut at, format)?.into(), true)
        } else {
            (line.slice(start..at), false)
        };
        csv_field(value, quoted, format, fields);
        if at >= line.len() {
            return Ok(());
        }
        at += 1;
        if at == line.len() {
            // A delimiter at the end: one more field, which is empty.
            csv_field(Bytes::new(), false, format, fields);
            return Ok(());
        }
    }
}

fn csv_field(value: Bytes, quoted: bool, format: &Csv, fields: &mut Fields) {
    if quoted {
        fields.values.push(Some(value));
    } else if *value == *format.null {
        fields.values.push(None);
    } else if !fields.take_default(&value, format.default.as_ref()) {
        fields.values.push(Some(value));
    }
}

/// A field with quotes, from `start`, whose first quote is at `at`; leaves `at` at its end.
fn quoted(
    line: &[u8],
    start: usize,
    at: &mut usize,
    format: &Csv,
) -> Result<Vec<u8>, Unterminated> {
    let mut value = line[start..*at].to_vec();
    let mut in_quote = false;
    while let Some(&character) = line.get(*at) {
        if in_quote {
            let next = line.get(*at + 1).copied();
            if character == format.escape
                && let Some(next) = next
                && (next == format.escape || next == format.quote)
            {
                value.push(next);
                *at += 2;
                continue;
            }
            if character == format.quote {
                in_quote = false;
            } else {
                value.push(character);
            }
        } else if character == format.delimiter {
            return Ok(value);
        } else if character == format.quote {
            in_quote = true;
        } else {
            value.push(character);
        }
        *at += 1;
    }
    if in_quote {
        return Err(Unterminated);
    }
    Ok(value)
}

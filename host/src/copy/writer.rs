//! From rows to what a client receives.

use bytes::{BufMut, Bytes, BytesMut};

use super::binary::SIGNATURE;
use super::{Csv, Format, Header, Text};

/// Writes rows; each call adds the body of one message.
pub(crate) struct Writer {
    format: Format,
    /// What goes before the first row.
    opening: BytesMut,
}

impl Writer {
    /// `columns`: their names, for a header.
    pub(crate) fn new(format: Format, columns: &[&str]) -> Self {
        let mut writer = Self {
            format,
            opening: BytesMut::new(),
        };
        if writer.format == Format::Binary {
            writer.opening.put_slice(SIGNATURE);
            writer.opening.put_u64(0);
        }
        if let Format::Csv(csv) = &mut writer.format {
            // The names of the columns are quoted only where they must be.
            let forced = std::mem::take(&mut csv.force_quote);
            writer.header(columns);
            if let Format::Csv(csv) = &mut writer.format {
                csv.force_quote = forced;
            }
        } else {
            writer.header(columns);
        }
        writer
    }

    fn header(&mut self, columns: &[&str]) {
        if self.format.header() == Header::None {
            return;
        }
        let names: Vec<_> = columns
            .iter()
            .map(|name| Some(Bytes::copy_from_slice(name.as_bytes())))
            .collect();
        let mut line = BytesMut::new();
        self.fields(&names, &mut line);
        self.opening = line;
    }

    /// The header line, a message of its own in the text formats.
    pub(crate) fn header_line(&mut self) -> Option<Bytes> {
        let is_line = self.format != Format::Binary && !self.opening.is_empty();
        is_line.then(|| std::mem::take(&mut self.opening).freeze())
    }

    pub(crate) fn row(&mut self, fields: &[Option<Bytes>], out: &mut BytesMut) {
        out.put_slice(&self.opening);
        self.opening.clear();
        self.fields(fields, out);
    }

    /// What goes after the last row.
    pub(crate) fn trailer(&mut self, out: &mut BytesMut) {
        if self.format == Format::Binary {
            out.put_slice(&self.opening);
            self.opening.clear();
            out.put_i16(-1);
        }
    }

    fn fields(&self, fields: &[Option<Bytes>], out: &mut BytesMut) {
        match &self.format {
            Format::Text(text) => text_line(fields, text, out),
            Format::Csv(csv) => csv_line(fields, csv, out),
            Format::Binary => {
                out.put_u16(fields.len() as u16);
                for field in fields {
                    match field {
                        None => out.put_i32(-1),
                        Some(value) => {
                            // A value is a part of one message, whose length is 32 bits.
                            out.put_i32(value.len() as i32);
                            out.put_slice(value);
                        }
                    }
                }
            }
        }
    }
}

fn text_line(fields: &[Option<Bytes>], format: &Text, out: &mut BytesMut) {
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            out.put_u8(format.delimiter);
        }
        match field {
            None => out.put_slice(&format.null),
            Some(value) => text_value(value, format.delimiter, out),
        }
    }
    out.put_u8(b'\n');
}

fn text_value(value: &[u8], delimiter: u8, out: &mut BytesMut) {
    let mut start = 0;
    for (at, &character) in value.iter().enumerate() {
        let escape = match character {
            0x08 => b'b',
            0x0c => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x0b => b'v',
            b'\\' => b'\\',
            other if other == delimiter => delimiter,
            _ => continue,
        };
        out.put_slice(&value[start..at]);
        out.put_slice(&[b'\\', escape]);
        start = at + 1;
    }
    out.put_slice(&value[start..]);
}

fn csv_line(fields: &[Option<Bytes>], format: &Csv, out: &mut BytesMut) {
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            out.put_u8(format.delimiter);
        }
        let Some(value) = field else {
            out.put_slice(&format.null);
            continue;
        };
        let quoted = format.force_quote.get(index) == Some(&true)
            || needs_quotes(value, format, fields.len() == 1);
        if !quoted {
            out.put_slice(value);
            continue;
        }
        out.put_u8(format.quote);
        for &character in value.iter() {
            if character == format.quote || character == format.escape {
                out.put_u8(format.escape);
            }
            out.put_u8(character);
        }
        out.put_u8(format.quote);
    }
    out.put_u8(b'\n');
}

/// A value that would be read as NULL, as several, or as the end of the data.
fn needs_quotes(value: &[u8], format: &Csv, alone: bool) -> bool {
    *value == *format.null
        || (alone && value == b"\\.")
        || value
            .iter()
            .any(|character| [format.delimiter, format.quote, b'\n', b'\r'].contains(character))
}

#[cfg(test)]
mod tests;

//! From what a client sends to rows.

use bytes::Bytes;

use super::binary::Binary;
use super::fields::{self, Fields};
use super::lines::{Cut, Lines};
use super::{CopyError, Csv, Format, Header, Row};

/// Takes data in pieces of any size, gives rows.
pub(crate) struct Reader {
    format: Format,
    columns: Vec<String>,
    source: Source,
    header: Header,
}

enum Source {
    Lines(Lines),
    Binary(Binary),
}

impl Reader {
    /// `columns`: their names.
    pub(crate) fn new(format: Format, columns: Vec<String>) -> Self {
        let source = match format {
            Format::Binary => Source::Binary(Binary::new()),
            _ => Source::Lines(Lines::new(&format)),
        };
        Self {
            header: format.header(),
            format,
            columns,
            source,
        }
    }

    pub(crate) fn feed(&mut self, data: &[u8]) {
        match &mut self.source {
            Source::Lines(lines) => lines.feed(data),
            Source::Binary(binary) => binary.feed(data),
        }
    }

    /// No more data will come.
    pub(crate) fn finish(&mut self) {
        match &mut self.source {
            Source::Lines(lines) => lines.finish(),
            Source::Binary(binary) => binary.finish(),
        }
    }

    /// How much waits for the rest of its row.
    pub(crate) fn waiting(&self) -> usize {
        match &self.source {
            Source::Lines(lines) => lines.waiting(),
            Source::Binary(binary) => binary.waiting(),
        }
    }

    /// The number of the row or line that is being read.
    pub(crate) fn line(&self) -> u64 {
        match &self.source {
            Source::Lines(lines) => lines.number + 1,
            Source::Binary(_) => 1,
        }
    }

    /// The next row; `None` if more data is needed or there is none.
    ///
    /// # Errors
    /// The data is not in its format.
    pub(crate) fn next(&mut self) -> Result<Option<Row>, CopyError> {
        loop {
            let lines = match &mut self.source {
                Source::Binary(binary) => return binary.next(self.columns.len()),
                Source::Lines(lines) => lines,
            };
            let Cut::Line(raw) = lines.next()? else {
                return Ok(None);
            };
            lines.number += 1;
            let line = lines.number;
            let header = std::mem::replace(&mut self.header, Header::None);
            if header == Header::Present {
                continue;
            }
            let fields = self.fields(&raw, line)?;
            if header == Header::Matching {
                self.check_header(&fields.values, line)
                    .map_err(|error| error.in_line(&raw))?;
                continue;
            }
            self.check_count(&fields.values, line)
                .map_err(|error| error.in_line(&raw))?;
            return Ok(Some(Row {
                line,
                raw,
                fields: fields.values,
                defaulted: fields.defaulted,
            }));
        }
    }

    fn fields(&self, raw: &Bytes, line: u64) -> Result<Fields, CopyError> {
        check_encoding(raw, line, None)?;
        let mut fields = Fields::with_capacity(self.columns.len());
        match &self.format {
            Format::Text(text) => {
                fields::text(raw, text, &mut fields);
                if memchr::memchr(b'\\', raw).is_some() {
                    for field in fields.values.iter().flatten() {
                        check_encoding(field, line, Some(raw))?;
                    }
                }
            }
            Format::Csv(csv) => {
                fields::csv(raw, csv, &mut fields).map_err(|_| {
                    CopyError::new(line, "unterminated CSV quoted field").in_line(raw)
                })?;
                force(&mut fields.values, csv);
            }
            Format::Binary => {}
        }
        Ok(fields)
    }

    fn check_count(&self, fields: &[Option<Bytes>], line: u64) -> Result<(), CopyError> {
        if let Some(missing) = self.columns.get(fields.len()) {
            let message = format!("missing data for column \"{missing}\"");
            return Err(CopyError {
                before: fields.to_vec(),
                ..CopyError::new(line, message)
            });
        }
        if fields.len() > self.columns.len() {
            return Err(CopyError::new(
                line,
                "extra data after last expected column",
            ));
        }
        Ok(())
    }

    fn check_header(&self, fields: &[Option<Bytes>], line: u64) -> Result<(), CopyError> {
        let (found, wanted) = (fields.len(), self.columns.len());
        if found != wanted {
            return Err(CopyError::new(
                line,
                format!(
                    "wrong number of fields in header line: field count is {found}, expected {wanted}"
                ),
            ));
        }
        for (index, (field, name)) in fields.iter().zip(&self.columns).enumerate() {
            let number = index + 1;
            let message = match field {
                Some(field) if field[..] == *name.as_bytes() => continue,
                Some(field) => format!(
                    "column name mismatch in header line field {number}: got \"{}\", expected \"{name}\"",
                    String::from_utf8_lossy(field)
                ),
                None => format!(
                    "column name mismatch in header line field {number}: got null value (\"{}\"), expected \"{name}\"",
                    String::from_utf8_lossy(self.null())
                ),
            };
            return Err(CopyError::new(line, message));
        }
        Ok(())
    }

    fn null(&self) -> &[u8] {
        match &self.format {
            Format::Text(text) => &text.null,
            Format::Csv(csv) => &csv.null,
            Format::Binary => &[],
        }
    }
}

/// FORCE_NOT_NULL and FORCE_NULL.
fn force(fields: &mut [Option<Bytes>], csv: &Csv) {
    let is_forced = |list: &[bool], index: usize| list.get(index) == Some(&true);
    for (index, field) in fields.iter_mut().enumerate() {
        match field {
            None if is_forced(&csv.force_not_null, index) => {
                *field = Some(Bytes::copy_from_slice(&csv.null));
            }
            Some(value) if is_forced(&csv.force_null, index) && **value == *csv.null => {
                *field = None;
            }
            _ => {}
        }
    }
}

/// Text must be UTF-8 without zero bytes.
fn check_encoding(text: &[u8], line: u64, raw: Option<&Bytes>) -> Result<(), CopyError> {
    let invalid = match std::str::from_utf8(text) {
        Ok(_) => memchr::memchr(0, text).map(|zero| &text[zero..=zero]),
        Err(error) => {
            let start = error.valid_up_to();
            let length = error.error_len().unwrap_or(text.len() - start);
            Some(&text[start..start + length])
        }
    };
    let Some(invalid) = invalid else {
        return Ok(());
    };
    let bytes: Vec<_> = invalid.iter().map(|byte| format!("0x{byte:02x}")).collect();
    let error = CopyError {
        sqlstate: "22021",
        ..CopyError::new(
            line,
            format!(
                "invalid byte sequence for encoding \"UTF8\": {}",
                bytes.join(" ")
            ),
        )
    };
    Err(match raw {
        Some(raw) => error.in_line(raw),
        None => error,
    })
}

#[cfg(test)]
mod tests;

//! Options that go together (`ProcessCopyOptions`).

use super::{Given, Target};
use crate::diagnostic::Diagnosed;
use crate::wit::{CopyColumns, CopyCsv, CopyFormat, CopyHeader, CopyText, Diagnostic};

fn unsupported(message: &str) -> Diagnostic {
    Diagnostic::error("0A000", message)
}

fn invalid(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("22023", message)
}

impl Given {
    /// The format that they make.
    ///
    /// # Errors
    /// What PostgreSQL says of options that do not go together.
    pub(crate) fn checked(self, target: Target) -> Diagnosed<CopyFormat> {
        if self.binary && self.csv {
            return Err(Diagnostic::error(
                "42601",
                "conflicting or redundant options",
            ));
        }
        for (given, name) in [
            (&self.delimiter, "DELIMITER"),
            (&self.null, "NULL"),
            (&self.default, "DEFAULT"),
        ] {
            if self.binary && given.is_some() {
                return Err(Diagnostic::error(
                    "42601",
                    format!("cannot specify {name} in BINARY mode"),
                ));
            }
        }
        let header = self.header.unwrap_or(CopyHeader::None);
        if self.binary && header != CopyHeader::None {
            return Err(unsupported("cannot specify HEADER in BINARY mode"));
        }
        let delimiter = self.delimiter()?;
        let null = self.null()?;
        self.check_marker()?;
        let (quote, escape) = self.quotes(delimiter)?;
        self.check_forces(target)?;
        if null.contains(delimiter) {
            return Err(unsupported(
                "COPY delimiter must not appear in the NULL specification",
            ));
        }
        if self.csv && null.contains(quote) {
            return Err(unsupported(
                "CSV quote character must not appear in the NULL specification",
            ));
        }
        self.check_default(target, delimiter, quote, &null)?;
        let none = || CopyColumns::Named(Vec::new());
        Ok(if self.binary {
            CopyFormat::Binary
        } else if self.csv {
            CopyFormat::Csv(CopyCsv {
                delimiter,
                null,
                header,
                quote,
                escape,
                force_quote: self.force_quote.unwrap_or_else(none),
                force_not_null: self.force_not_null.unwrap_or_else(none),
                force_null: self.force_null.unwrap_or_else(none),
            })
        } else {
            CopyFormat::Text(CopyText {
                delimiter,
                null,
                header,
            })
        })
    }

    fn delimiter(&self) -> Diagnosed<char> {
        let default = if self.csv { "," } else { "\t" };
        let text = self.delimiter.as_deref().unwrap_or(default);
        let delimiter = one_byte(text)
            .ok_or_else(|| unsupported("COPY delimiter must be a single one-byte character"))?;
        if matches!(delimiter, '\n' | '\r') {
            return Err(invalid(
                "COPY delimiter cannot be newline or carriage return",
            ));
        }
        let is_special = matches!(delimiter, '\\' | '.' | 'a'..='z' | '0'..='9');
        if !self.csv && is_special {
            return Err(invalid(format!("COPY delimiter cannot be \"{delimiter}\"")));
        }
        Ok(delimiter)
    }

    fn null(&self) -> Diagnosed<String> {
        let default = if self.csv { "" } else { "\\N" };
        let null = self.null.as_deref().unwrap_or(default);
        if null.contains(['\n', '\r']) {
            return Err(invalid(
                "COPY null representation cannot use newline or carriage return",
            ));
        }
        Ok(null.to_owned())
    }

    fn check_marker(&self) -> Diagnosed<()> {
        match self.default.as_deref() {
            Some(marker) if marker.contains(['\n', '\r']) => Err(invalid(
                "COPY default representation cannot use newline or carriage return",
            )),
            _ => Ok(()),
        }
    }

    fn check_default(
        &self,
        target: Target,
        delimiter: char,
        quote: char,
        null: &str,
    ) -> Diagnosed<()> {
        let Some(marker) = self.default.as_deref() else {
            return Ok(());
        };
        if target == Target::Client {
            return Err(unsupported("COPY DEFAULT only available using COPY FROM"));
        }
        if marker.contains(delimiter) {
            return Err(unsupported(
                "COPY delimiter must not appear in the DEFAULT specification",
            ));
        }
        if self.csv && marker.contains(quote) {
            return Err(unsupported(
                "CSV quote character must not appear in the DEFAULT specification",
            ));
        }
        if marker == null {
            return Err(unsupported(
                "NULL specification and DEFAULT specification cannot be the same",
            ));
        }
        Ok(())
    }

    fn quotes(&self, delimiter: char) -> Diagnosed<(char, char)> {
        if !self.csv && self.quote.is_some() {
            return Err(unsupported("COPY quote available only in CSV mode"));
        }
        let quote = one_byte(self.quote.as_deref().unwrap_or("\""))
            .ok_or_else(|| unsupported("COPY quote must be a single one-byte character"))?;
        if self.csv && quote == delimiter {
            return Err(invalid("COPY delimiter and quote must be different"));
        }
        if !self.csv && self.escape.is_some() {
            return Err(unsupported("COPY escape available only in CSV mode"));
        }
        let escape = match self.escape.as_deref() {
            None => quote,
            Some(text) => one_byte(text)
                .ok_or_else(|| unsupported("COPY escape must be a single one-byte character"))?,
        };
        Ok((quote, escape))
    }

    fn check_forces(&self, target: Target) -> Diagnosed<()> {
        for (given, name, only) in [
            (&self.force_quote, "force quote", Target::Client),
            (&self.force_not_null, "force not null", Target::Server),
            (&self.force_null, "force null", Target::Server),
        ] {
            if given.is_none() {
                continue;
            }
            if !self.csv {
                return Err(unsupported(&format!(
                    "COPY {name} available only in CSV mode"
                )));
            }
            if only != target {
                let direction = match only {
                    Target::Client => "TO",
                    Target::Server => "FROM",
                };
                return Err(unsupported(&format!(
                    "COPY {name} only available using COPY {direction}"
                )));
            }
        }
        Ok(())
    }
}

/// The character of a text that is one byte.
fn one_byte(text: &str) -> Option<char> {
    match text.as_bytes() {
        [byte] => Some(char::from(*byte)),
        _ => None,
    }
}

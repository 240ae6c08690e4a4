//! The options of COPY, old and new syntax, with PostgreSQL's checks.
//!
//! PostgreSQL manual, COPY; messages and their order as `ProcessCopyOptions` has them.

use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::reader::lexeme::Kind;
use crate::rules::column_list;
use crate::wit::{CopyColumns, CopyCsv, CopyFormat, CopyHeader, CopyText, Diagnostic};

/// Where the rows go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// COPY FROM.
    Server,
    /// COPY TO.
    Client,
}

/// Options as they were written.
#[derive(Default)]
pub(crate) struct Given {
    pub(crate) binary: bool,
    csv: bool,
    /// FORMAT was given in the new syntax.
    format: bool,
    freeze: bool,
    pub(crate) delimiter: Option<String>,
    null: Option<String>,
    header: Option<CopyHeader>,
    quote: Option<String>,
    escape: Option<String>,
    encoding: Option<String>,
    force_quote: Option<CopyColumns>,
    force_not_null: Option<CopyColumns>,
    force_null: Option<CopyColumns>,
}

/// Reads what follows STDIN or STDOUT, to the end of the statement.
pub(crate) fn options(
    words: &mut Words<'_>,
    mut given: Given,
    target: Target,
) -> Diagnosed<CopyFormat> {
    words.take("WITH");
    if words.take_symbol("(") {
        loop {
            generic(words, &mut given, target)?;
            if !words.take_symbol(",") {
                break;
            }
        }
        if !words.take_symbol(")") {
            return words.fail();
        }
    } else {
        while old(words, &mut given)? {}
    }
    if target == Target::Server && words.next_is("WHERE") {
        return Err(Diagnostic::not_supported(
            "WHERE in COPY FROM is not supported",
            "copy into a table of its own and use INSERT … SELECT",
        ));
    }
    words.end()?;
    given.checked(target)
}

/// One option of the syntax before PostgreSQL 9.0; false if there is none.
fn old(words: &mut Words<'_>, given: &mut Given) -> Diagnosed<bool> {
    if words.take("BINARY") {
        given.binary = true;
    } else if words.take("CSV") {
        given.csv = true;
    } else if words.take("FREEZE") {
        once(words, &mut given.freeze)?;
    } else if words.take("HEADER") {
        set(words, &mut given.header, CopyHeader::Present)?;
    } else if words.take("DELIMITER") {
        let value = as_string(words)?;
        set(words, &mut given.delimiter, value)?;
    } else if words.take("NULL") {
        let value = as_string(words)?;
        set(words, &mut given.null, value)?;
    } else if words.take("QUOTE") {
        let value = as_string(words)?;
        set(words, &mut given.quote, value)?;
    } else if words.take("ESCAPE") {
        let value = as_string(words)?;
        set(words, &mut given.escape, value)?;
    } else if words.take("ENCODING") {
        let value = as_string(words)?;
        set(words, &mut given.encoding, value)?;
    } else if words.take_all(&["FORCE", "QUOTE"]) {
        let value = bare_columns(words, true)?;
        set(words, &mut given.force_quote, value)?;
    } else if words.take_all(&["FORCE", "NOT", "NULL"]) {
        let value = bare_columns(words, false)?;
        set(words, &mut given.force_not_null, value)?;
    } else if words.take_all(&["FORCE", "NULL"]) {
        let value = bare_columns(words, false)?;
        set(words, &mut given.force_null, value)?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// `name [ value ]`
fn generic(words: &mut Words<'_>, given: &mut Given, target: Target) -> Diagnosed<()> {
    let place = words.clone();
    let name = words.identifier()?;
    match name.as_str() {
        "format" => {
            if given.format {
                return Err(redundant(&place));
            }
            given.format = true;
            match value(words)?.as_deref() {
                Some("text") => {}
                Some("csv") => given.csv = true,
                Some("binary") => given.binary = true,
                Some(other) => {
                    return Err(Diagnostic::error(
                        "22023",
                        format!("COPY format \"{other}\" not recognized"),
                    ));
                }
                None => return Err(requires("format", "a parameter")),
            }
        }
        "freeze" => {
            once(&place, &mut given.freeze)?;
            let value = value(words)?;
            boolean(value.as_deref()).ok_or_else(|| requires("freeze", "a Boolean value"))?;
        }
        "header" => {
            let value = value(words)?;
            let header = header(value.as_deref(), target)?;
            set(&place, &mut given.header, header)?;
        }
        "delimiter" => text(words, &place, &mut given.delimiter, "delimiter")?,
        "null" => text(words, &place, &mut given.null, "null")?,
        "quote" => text(words, &place, &mut given.quote, "quote")?,
        "escape" => text(words, &place, &mut given.escape, "escape")?,
        "encoding" => text(words, &place, &mut given.encoding, "encoding")?,
        "force_quote" => {
            let columns = listed(words, &name, true)?;
            set(&place, &mut given.force_quote, columns)?;
        }
        "force_not_null" => {
            let columns = listed(words, &name, false)?;
            set(&place, &mut given.force_not_null, columns)?;
        }
        "force_null" => {
            let columns = listed(words, &name, false)?;
            set(&place, &mut given.force_null, columns)?;
        }
        _ => {
            return Err(
                Diagnostic::error("42601", format!("option \"{name}\" not recognized"))
                    .at_next(&place),
            );
        }
    }
    Ok(())
}

impl Diagnostic {
    fn at_next(self, words: &Words<'_>) -> Self {
        let source = words.source;
        let start = words
            .peek()
            .map_or(source.range().end, |lexeme| lexeme.range().start);
        self.at(source.text, start)
    }
}

fn redundant(place: &Words<'_>) -> Diagnostic {
    Diagnostic::error("42601", "conflicting or redundant options").at_next(place)
}

fn requires(name: &str, what: &str) -> Diagnostic {
    Diagnostic::error("42601", format!("{name} requires {what}"))
}

fn set<T>(place: &Words<'_>, slot: &mut Option<T>, value: T) -> Diagnosed<()> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(redundant(place)),
    }
}

fn once(place: &Words<'_>, slot: &mut bool) -> Diagnosed<()> {
    if std::mem::replace(slot, true) {
        return Err(redundant(place));
    }
    Ok(())
}

fn text(
    words: &mut Words<'_>,
    place: &Words<'_>,
    slot: &mut Option<String>,
    name: &str,
) -> Diagnosed<()> {
    let value = value(words)?.ok_or_else(|| requires(name, "a parameter"))?;
    set(place, slot, value)
}

/// `[ AS ] 'string'`
fn as_string(words: &mut Words<'_>) -> Diagnosed<String> {
    words.take("AS");
    match words.string()? {
        Some(value) => Ok(value),
        None => words.fail(),
    }
}

/// A string, a word or a number, if one comes next.
fn value(words: &mut Words<'_>) -> Diagnosed<Option<String>> {
    if let Some(text) = words.string()? {
        return Ok(Some(text));
    }
    match words.peek() {
        Some(lexeme) if lexeme.kind == Kind::Number => {
            words.advance();
            Ok(Some(lexeme.text(words.source.text).to_owned()))
        }
        Some(lexeme) if matches!(lexeme.kind, Kind::Word | Kind::QuotedIdentifier) => {
            words.identifier().map(Some)
        }
        _ => Ok(None),
    }
}

/// An option without a value is on.
fn boolean(value: Option<&str>) -> Option<bool> {
    let Some(value) = value else {
        return Some(true);
    };
    let is = |words: [&str; 3]| words.iter().any(|word| value.eq_ignore_ascii_case(word));
    if is(["true", "on", "1"]) {
        Some(true)
    } else if is(["false", "off", "0"]) {
        Some(false)
    } else {
        None
    }
}

fn header(value: Option<&str>, target: Target) -> Diagnosed<CopyHeader> {
    if value.is_some_and(|value| value.eq_ignore_ascii_case("match")) {
        return match target {
            Target::Server => Ok(CopyHeader::Matching),
            Target::Client => Err(Diagnostic::error(
                "0A000",
                "cannot use \"match\" with HEADER in COPY TO",
            )),
        };
    }
    match boolean(value) {
        Some(true) => Ok(CopyHeader::Present),
        Some(false) => Ok(CopyHeader::None),
        None => Err(requires("header", "a Boolean value or \"match\"")),
    }
}

/// `column, …` without parentheses, or `*`.
fn bare_columns(words: &mut Words<'_>, star: bool) -> Diagnosed<CopyColumns> {
    if star && words.take_symbol("*") {
        return Ok(CopyColumns::All);
    }
    let mut columns = vec![words.identifier()?];
    while words.take_symbol(",") {
        columns.push(words.identifier()?);
    }
    Ok(CopyColumns::Named(columns))
}

fn listed(words: &mut Words<'_>, name: &str, star: bool) -> Diagnosed<CopyColumns> {
    if star && words.take_symbol("*") {
        return Ok(CopyColumns::All);
    }
    match column_list(words)? {
        Some(columns) => Ok(CopyColumns::Named(columns)),
        None => Err(Diagnostic::error(
            "22023",
            format!("argument to option \"{name}\" must be a list of column names"),
        )),
    }
}

fn unsupported(message: &str) -> Diagnostic {
    Diagnostic::error("0A000", message)
}

fn invalid(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("22023", message)
}

impl Given {
    fn checked(self, target: Target) -> Diagnosed<CopyFormat> {
        if self.binary && self.csv {
            return Err(Diagnostic::error(
                "42601",
                "conflicting or redundant options",
            ));
        }
        self.check_encoding()?;
        if self.binary && self.delimiter.is_some() {
            return Err(Diagnostic::error(
                "42601",
                "cannot specify DELIMITER in BINARY mode",
            ));
        }
        if self.binary && self.null.is_some() {
            return Err(Diagnostic::error(
                "42601",
                "cannot specify NULL in BINARY mode",
            ));
        }
        let header = self.header.unwrap_or(CopyHeader::None);
        if self.binary && header != CopyHeader::None {
            return Err(unsupported("cannot specify HEADER in BINARY mode"));
        }
        let delimiter = self.delimiter()?;
        let null = self.null()?;
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

    fn check_encoding(&self) -> Diagnosed<()> {
        match self.encoding.as_deref() {
            None => Ok(()),
            Some(name)
                if ["utf8", "utf-8", "unicode"]
                    .iter()
                    .any(|known| name.eq_ignore_ascii_case(known)) =>
            {
                Ok(())
            }
            Some(name) => Err(Diagnostic::not_supported(
                format!("encoding \"{name}\" in COPY is not supported"),
                "send and receive UTF8",
            )),
        }
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

//! The options of COPY, old and new syntax, with PostgreSQL's checks.
//!
//! PostgreSQL manual, COPY; messages and their order as `ProcessCopyOptions` has them.

mod checks;

use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::reader::lexeme::Kind;
use crate::rules::column_list;
use crate::wit::{CopyColumns, CopyHeader, Diagnostic};

/// Where the rows go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// COPY FROM.
    Server,
    /// COPY TO.
    Client,
}

/// The character set of an option, and where that stands in the text.
pub(crate) struct Encoding {
    pub(crate) name: String,
    pub(crate) at: usize,
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
    pub(crate) encoding: Option<Encoding>,
    /// What stands in the data for the default of a column.
    pub(crate) default: Option<String>,
    force_quote: Option<CopyColumns>,
    force_not_null: Option<CopyColumns>,
    force_null: Option<CopyColumns>,
}

/// Reads the options that follow STDIN or STDOUT.
pub(crate) fn options(words: &mut Words<'_>, given: &mut Given, target: Target) -> Diagnosed<()> {
    words.take("WITH");
    if !words.take_symbol("(") {
        while old(words, given)? {}
        return Ok(());
    }
    loop {
        generic(words, given, target)?;
        if !words.take_symbol(",") {
            break;
        }
    }
    match words.take_symbol(")") {
        true => Ok(()),
        false => words.fail(),
    }
}

/// One option of the syntax before PostgreSQL 9.0; false if there is none.
fn old(words: &mut Words<'_>, given: &mut Given) -> Diagnosed<bool> {
    let place = words.clone();
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
        let name = as_string(words)?;
        let at = place.at_next();
        set(words, &mut given.encoding, Encoding { name, at })?;
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
        "default" => text(words, &place, &mut given.default, "default")?,
        "encoding" => {
            let name = value(words)?.ok_or_else(|| requires("encoding", "a parameter"))?;
            let at = place.at_next();
            set(&place, &mut given.encoding, Encoding { name, at })?;
        }
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

impl Words<'_> {
    /// The byte of the text at which the next word begins.
    pub(crate) fn at_next(&self) -> usize {
        self.peek()
            .map_or(self.source.range().end, |lexeme| lexeme.range().start)
    }
}

impl Diagnostic {
    fn at_next(self, words: &Words<'_>) -> Self {
        self.at(words.source.text, words.at_next())
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

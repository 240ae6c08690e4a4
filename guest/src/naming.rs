//! Names in statements that are read word by word, written as IRIS reads them.

use crate::command::Words;
use crate::diagnostic::Diagnosed;
use crate::reader::lexeme::Kind;
use crate::reserved;

/// The name of a table, a view or a routine, with its schema if it has one.
///
/// # Errors
/// PostgreSQL's syntax error if no name comes next.
pub(crate) fn qualified(words: &mut Words<'_>) -> Diagnosed<String> {
    let before = words.clone();
    let first = name(words)?;
    if !words.take_symbol(".") {
        return Ok(first);
    }
    let mut before = before;
    Ok(format!("{}.{}", schema(&mut before)?, name(words)?))
}

/// A name, as it is written where IRIS reads it so.
///
/// # Errors
/// PostgreSQL's syntax error if no name comes next.
pub(crate) fn name(words: &mut Words<'_>) -> Diagnosed<String> {
    let lexeme = words.peek();
    let folded = words.identifier()?;
    Ok(match lexeme {
        Some(lexeme) if lexeme.kind == Kind::Word => {
            let written = lexeme.text(words.source.text);
            if reserved::only_in_iris(&written.to_ascii_uppercase()) {
                quoted(&folded)
            } else {
                written.to_owned()
            }
        }
        _ => quoted(&folded),
    })
}

/// A schema: PostgreSQL's `public` is IRIS's `SQLUser`.
///
/// # Errors
/// As [`name`].
pub(crate) fn schema(words: &mut Words<'_>) -> Diagnosed<String> {
    let before = words.clone();
    if words.identifier()? == "public" {
        return Ok("SQLUser".to_owned());
    }
    let mut before = before;
    name(&mut before)
}

/// A folded name, in quotes where it must be.
pub(crate) fn quoted(name: &str) -> String {
    let is_plain = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && !reserved::only_in_iris(&name.to_ascii_uppercase());
    if is_plain {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// A string literal.
pub(crate) fn literal(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// One or more of what `item` reads, with commas between.
///
/// # Errors
/// Those of `item`.
pub(crate) fn list<T>(
    words: &mut Words<'_>,
    mut item: impl FnMut(&mut Words<'_>) -> Diagnosed<T>,
) -> Diagnosed<Vec<T>> {
    let mut items = vec![item(words)?];
    while words.take_symbol(",") {
        items.push(item(words)?);
    }
    Ok(items)
}

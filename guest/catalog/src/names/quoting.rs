//! Quoting of identifiers and literals.

pub use pgiris_values::quoting::quote_ident;
pub(crate) use pgiris_values::quoting::quote_literal;

use crate::failure::{Failure, Result};

/// The parts of a qualified name, folded where they are not quoted.
pub(crate) fn parts(text: &str) -> Result<Vec<String>> {
    let invalid = || Failure::new("42602", "invalid name syntax");
    let mut parts = Vec::new();
    let mut rest = text.trim();
    loop {
        if let Some(inner) = rest.strip_prefix('"') {
            let (name, after) = quoted(inner).ok_or_else(invalid)?;
            parts.push(name);
            rest = after.trim_start();
        } else {
            let end = rest
                .find(|c: char| c == '.' || c.is_whitespace())
                .unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            if name.is_empty() {
                return Err(invalid());
            }
            parts.push(name.to_lowercase());
            rest = after.trim_start();
        }
        if rest.is_empty() {
            return Ok(parts);
        }
        rest = rest.strip_prefix('.').ok_or_else(invalid)?.trim_start();
    }
}

fn quoted(inner: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut characters = inner.char_indices().peekable();
    while let Some((place, c)) = characters.next() {
        if c != '"' {
            name.push(c);
        } else if characters.next_if(|(_, next)| *next == '"').is_some() {
            name.push('"');
        } else {
            return Some((name, inner.get(place + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_folded_and_unquoted() {
        assert_eq!(
            parts("Public.\"My Table\"").unwrap(),
            ["public", "My Table"]
        );
        assert!(parts("a..b").is_err());
        assert!(parts("\"a").is_err());
    }
}

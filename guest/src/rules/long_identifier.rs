//! # What it does
//! Cuts names after 63 bytes, wherever they are written, and tells so.
//!
//! # Why
//! PostgreSQL does, and clients that choose long names (those of constraints, for the
//! most part) count on it; IRIS takes 128 characters.
//!
//! # Example
//! A table called by a name of 70 letters is called by the first 63 of them, with the
//! NOTICE `identifier "…" will be truncated to "…"`.
//!
//! # Limits
//! Tables of IRIS with longer names cannot be named.
//!
//! # Versions
//! All.

use sqlparser::ast::Statement;

use crate::diagnostic::Diagnosed;
use crate::labels::LONGEST_NAME;
use crate::reader::lexeme::Kind;
use crate::reader::marks::Marks;
use crate::reader::statement::Source;
use crate::rule::{Pass, Rule};
use crate::wit::{Diagnostic, Severity};

pub(crate) struct LongIdentifier;

impl Rule for LongIdentifier {
    fn name(&self) -> &'static str {
        "long_identifier"
    }

    fn summary(&self) -> &'static str {
        "cuts names after 63 bytes"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::LONG_NAME)
    }

    /// The reader has cut them already.
    fn rewrite(&self, _tree: &mut Statement, _pass: &mut Pass<'_>) -> Diagnosed<bool> {
        Ok(true)
    }
}

/// The notices about the names that were cut.
pub(crate) fn notices(source: &Source<'_>) -> Vec<Diagnostic> {
    let names = source.lexemes.iter().filter_map(|lexeme| {
        let text = lexeme.text(source.text);
        match lexeme.kind {
            Kind::Word => Some(text.to_lowercase()),
            Kind::QuotedIdentifier => Some(text.get(1..text.len() - 1)?.replace("\"\"", "\"")),
            _ => None,
        }
    });
    names
        .filter(|name| name.len() > LONGEST_NAME)
        .map(|name| {
            let cut = cut(&name);
            let message = format!("identifier \"{name}\" will be truncated to \"{cut}\"");
            Diagnostic {
                severity: Severity::Notice,
                ..Diagnostic::error("42622", message)
            }
        })
        .collect()
}

/// `truncate_identifier`: at the end of a character.
pub(crate) fn cut(name: &str) -> &str {
    let mut end = name.len().min(LONGEST_NAME);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}

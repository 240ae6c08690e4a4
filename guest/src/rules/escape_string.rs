//! # What it does
//! Writes `E'…'`, `U&'…'`, `N'…'`, `$$…$$` and strings continued on another line
//! as plain `'…'` with the same value, and numbers like `1_000` and `0xFF` with decimal digits
//! alone.
//!
//! # Why
//! IRIS has one form of string, in which nothing but a doubled quote is special, and takes what
//! stands behind the first digits of such a number for an alias.
//!
//! # Example
//! `SELECT E'it\'s\n'` becomes `SELECT 'it''s` and a line break and `'`.
//!
//! # Limits
//! Bit strings (`B'…'`, `X'…'`) are the matter of `bit_operator`.
//!
//! # Versions
//! All.

use sqlparser::ast::Statement;

use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};

pub(crate) struct EscapeString;

impl Rule for EscapeString {
    fn name(&self) -> &'static str {
        "escape_string"
    }

    fn summary(&self) -> &'static str {
        "writes escape, Unicode, national and dollar-quoted strings, and numbers, as plain ones"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::LITERAL)
    }

    /// The reader has put the values into the tree; what is left is to print it.
    fn rewrite(&self, _tree: &mut Statement, _pass: &mut Pass<'_>) -> Diagnosed<bool> {
        Ok(true)
    }
}

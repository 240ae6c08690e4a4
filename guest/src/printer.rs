//! Writes a statement for IRIS: the client's own text, or the text of a changed tree.

use std::fmt::Write;

use sqlparser::ast::{Expr, Statement as Tree, UnaryOperator, Value};

use crate::build;
use crate::placeholder;
use crate::reader::lexeme::Kind;
use crate::reader::statement::Source;
use crate::walk;
use crate::wit::{Argument, Statement};

/// The client's own text with its placeholders cut out.
pub(crate) fn as_written(source: &Source<'_>) -> Statement {
    let mut pieces = Vec::with_capacity(1);
    let mut arguments = Vec::new();
    let mut start = source.range().start;
    for lexeme in source.lexemes {
        if let Kind::Placeholder(number) = lexeme.kind {
            pieces.push(piece(source, start, lexeme.range().start));
            arguments.push(Argument::Parameter(number));
            start = lexeme.range().end;
        }
    }
    pieces.push(piece(source, start, source.range().end));
    Statement { pieces, arguments }
}

/// A part of the text, without the comments that IRIS would end too early.
fn piece(source: &Source<'_>, start: usize, end: usize) -> String {
    let mut piece = String::with_capacity(end - start);
    let mut from = start;
    for comment in source.nested_comments(start..end) {
        piece.push_str(&source.text[from..comment.start]);
        piece.push(' ');
        from = comment.end;
    }
    piece.push_str(&source.text[from..end]);
    piece
}

/// A tree as IRIS reads it, and what follows it.
pub(crate) fn printed(tree: &Tree, suffix: &str, source: &Source<'_>) -> Statement {
    let mut text = String::with_capacity(source.range().len() + suffix.len());
    let written = match with_strings_as_they_are(tree, source) {
        Some(tree) => write!(text, "{tree}"),
        None => write!(text, "{tree}"),
    };
    written.expect("a string takes all that is written to it");
    if text.contains("--") {
        text = without_comments(tree).unwrap_or(text);
    }
    text.push_str(suffix);
    if source.begins(&["INSERT", "OR", "UPDATE"]) {
        // The parser knows IRIS's statement as SQLite's.
        text = text.replacen("INSERT OR REPLACE", "INSERT OR UPDATE", 1);
    }
    for comment in source.option_comments() {
        text.push(' ');
        text.push_str(comment);
    }
    placeholder::cut(&text)
}

/// From this length on it pays to look at a string before it is printed, in bytes: the parser's
/// printer takes each character by itself.
const LONG: usize = 1024;

/// The tree with long strings, an embedding or a document, that the printer need not look at; none if
/// the client sent no such string.
fn with_strings_as_they_are(tree: &Tree, source: &Source<'_>) -> Option<Tree> {
    let mut lexemes = source.lexemes.iter();
    if !lexemes.any(|lexeme| lexeme.kind == Kind::String && lexeme.range().len() >= LONG) {
        return None;
    }
    let mut tree = tree.clone();
    walk::expressions(&mut tree, &mut |expression| {
        if let Expr::Value(literal) = expression
            && let Value::SingleQuotedString(text) = &literal.value
            && text.len() >= LONG
            && memchr::memchr2(b'\'', 0, text.as_bytes()).is_none()
        {
            literal.value = Value::Placeholder(format!("'{text}'"));
        }
        Ok(())
    })
    .ok()?;
    Some(tree)
}

/// The text of a tree in which a sign in front of a sign would begin a comment.
fn without_comments(tree: &Tree) -> Option<String> {
    let mut tree = tree.clone();
    let mut changed = false;
    walk::expressions(&mut tree, &mut |expression| {
        if let Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr: inner,
        } = expression
            && matches!(
                **inner,
                Expr::UnaryOp {
                    op: UnaryOperator::Minus,
                    ..
                }
            )
        {
            **inner = build::nested(build::take(inner));
            changed = true;
        }
        Ok(())
    })
    .ok()?;
    changed.then(|| tree.to_string())
}

//! Placeholders inside a tree and inside the text printed from it.
//!
//! A NUL character stands on either side of what a placeholder refers to. No text
//! that a client sends contains one (the lexer refuses it), so nothing else in a
//! printed statement can be taken for a placeholder.

use sqlparser::ast::{Expr, Value};

use crate::wit::{Argument, Statement};

/// Delimits placeholders.
const MARK: char = '\0';
/// Marks those whose parentheses are not IRIS's but the parser's.
const BARE: char = 'b';
/// The word ALL, bare.
const ALL: &str = "ball";

/// What the tree holds for `$n`.
pub(crate) fn parameter(number: u32) -> String {
    format!("{MARK}{number}{MARK}")
}

/// `TOP ?`: the parser wants parentheses there, IRIS has none.
pub(crate) fn bare_parameter(number: u32) -> String {
    format!("{MARK}{BARE}{number}{MARK}")
}

/// `TOP ALL`.
pub(crate) fn bare_all() -> String {
    format!("{MARK}{ALL}{MARK}")
}

/// The number of the placeholder that an expression is.
pub(crate) fn number_of(expression: &Expr) -> Option<u32> {
    let Expr::Value(value) = expression else {
        return None;
    };
    let Value::Placeholder(content) = &value.value else {
        return None;
    };
    content
        .trim_matches(MARK)
        .trim_start_matches(BARE)
        .parse()
        .ok()
}

/// Cuts a printed statement at its placeholders.
pub(crate) fn cut(printed: &str) -> Statement {
    let mut pieces = vec![String::with_capacity(printed.len())];
    let mut arguments = Vec::new();
    let mut bare = false;
    for (index, part) in printed.split(MARK).enumerate() {
        let last = pieces.len() - 1;
        if index % 2 == 0 {
            let part = if bare {
                part.strip_prefix(')').unwrap_or(part)
            } else {
                part
            };
            pieces[last].push_str(part);
            continue;
        }
        bare = part.starts_with(BARE);
        if bare && pieces[last].ends_with('(') {
            pieces[last].pop();
        }
        match part.trim_start_matches(BARE).parse() {
            Ok(number) => {
                arguments.push(Argument::Parameter(number));
                pieces.push(String::new());
            }
            Err(_) => pieces[last].push_str("ALL"),
        }
    }
    Statement { pieces, arguments }
}

/// A statement with `$n` for its placeholders, for people to read.
pub fn readable(statement: &Statement) -> String {
    let mut text = statement.pieces[0].clone();
    for (argument, piece) in statement.arguments.iter().zip(&statement.pieces[1..]) {
        match argument {
            Argument::Parameter(number) => text.push_str(&format!("${number}")),
            Argument::Constant(constant) => {
                text.push_str(&format!(
                    "'{}'",
                    constant
                        .value
                        .as_deref()
                        .unwrap_or_default()
                        .replace('\'', "''")
                ));
            }
            Argument::Kept(kept) => text.push_str(&format!("<{}.{}>", kept.slot, kept.column)),
        }
        text.push_str(piece);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_cut_out() {
        let statement = cut(&format!(
            "SELECT TOP ({}) a, {}",
            bare_parameter(2),
            parameter(1)
        ));
        assert_eq!(statement.pieces, ["SELECT TOP ", " a, ", ""]);
        assert_eq!(
            statement.arguments,
            [Argument::Parameter(2), Argument::Parameter(1)]
        );
        assert_eq!(readable(&statement), "SELECT TOP $2 a, $1");
        assert_eq!(
            cut(&format!("SELECT TOP ({}) a", bare_all())).pieces,
            ["SELECT TOP ALL a"]
        );
    }
}

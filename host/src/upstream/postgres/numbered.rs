//! A statement with the numbered placeholders of PostgreSQL's protocol.

use std::fmt::Write;

use crate::upstream::{Oid, Statement};

/// A statement's text, and how its placeholders and its `$k` belong together.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Numbered {
    pub(super) text: String,
    /// For each `$k` its type; 0: to be inferred.
    pub(super) types: Vec<Oid>,
    /// For each placeholder the position of its `$k`, from 0.
    pub(super) positions: Vec<usize>,
    /// For each `$k` the first of its placeholders.
    pub(super) firsts: Vec<usize>,
}

impl Numbered {
    /// Numbers the placeholders by first appearance; equal numbers of the
    /// statement share one `$k`, whose type is the first that is known.
    pub(super) fn of(statement: &Statement, known_types: &[Oid]) -> Self {
        let (positions, firsts) = assign(&statement.placeholders);
        let mut types = vec![0; firsts.len()];
        for (position, known) in positions.iter().zip(known_types) {
            if types[*position] == 0 {
                types[*position] = *known;
            }
        }
        let mut text = String::new();
        for (index, piece) in statement.pieces.iter().enumerate() {
            text.push_str(piece);
            if let Some(position) = positions.get(index) {
                write!(text, "${}", position + 1).expect("writing to memory does not fail");
            }
        }
        Self {
            text,
            types,
            positions,
            firsts,
        }
    }
}

fn assign(placeholders: &[u32]) -> (Vec<usize>, Vec<usize>) {
    let mut positions = Vec::with_capacity(placeholders.len());
    let mut firsts: Vec<usize> = Vec::with_capacity(placeholders.len());
    let mut seen = std::collections::HashMap::new();
    for (index, number) in placeholders.iter().enumerate() {
        let position = *seen.entry(number).or_insert_with(|| {
            firsts.push(index);
            firsts.len() - 1
        });
        positions.push(position);
    }
    (positions, firsts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_share_a_placeholder() {
        let pieces = ["a = ", " OR b = ", " OR c = ", ""]
            .map(str::to_owned)
            .to_vec();
        let statement = Statement {
            pieces,
            placeholders: vec![7, 2, 7],
        };
        let numbered = Numbered::of(&statement, &[0, 25, 23]);
        assert_eq!(numbered.text, "a = $1 OR b = $2 OR c = $1");
        assert_eq!(numbered.types, [23, 25]);
        assert_eq!(numbered.positions, [0, 1, 0]);
        assert_eq!(numbered.firsts, [0, 1]);
    }

    #[test]
    fn a_statement_without_placeholders_is_its_text() {
        let numbered = Numbered::of(&Statement::plain("SELECT '$1'"), &[]);
        assert_eq!(
            (numbered.text.as_str(), numbered.types.len()),
            ("SELECT '$1'", 0)
        );
    }
}

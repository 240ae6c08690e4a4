//! A statement with the numbered placeholders of PostgreSQL's protocol, and their types.

use crate::upstream::{self, Oid, Statement};

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
        let upstream::Numbered {
            text,
            positions,
            firsts,
        } = statement.numbered();
        let mut types = vec![0; firsts.len()];
        for (position, known) in positions.iter().zip(known_types) {
            if types[*position] == 0 {
                types[*position] = *known;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_type_that_is_known_counts() {
        let pieces = ["a = ", " OR b = ", " OR c = ", ""]
            .map(str::to_owned)
            .to_vec();
        let statement = Statement {
            pieces,
            placeholders: vec![7, 2, 7],
        };
        let numbered = Numbered::of(&statement, &[0, 25, 23]);
        assert_eq!(numbered.types, [23, 25]);
    }
}

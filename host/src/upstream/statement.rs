//! IRIS SQL, and the ways in which protocols write its placeholders.

use std::fmt::Write;

/// IRIS SQL with its placeholders between the pieces.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Statement {
    /// One more than there are placeholders.
    pub pieces: Vec<String>,
    /// For each placeholder a number: equal numbers take equal values, so that
    /// a connector with numbered placeholders may share them.
    pub placeholders: Vec<u32>,
}

/// A statement with the numbered placeholders of PostgreSQL's protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// With `$1`, `$2` and so on, by first appearance.
    pub text: String,
    /// For each placeholder the position of its `$k`, from 0.
    pub positions: Vec<usize>,
    /// For each `$k` the first of its placeholders, from 0.
    pub firsts: Vec<usize>,
}

impl Statement {
    /// A statement without placeholders.
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            pieces: vec![text.into()],
            placeholders: Vec::new(),
        }
    }

    /// With a `?` for each placeholder, as ODBC and IRIS's own protocol have it.
    pub fn with_question_marks(&self) -> String {
        self.pieces.join("?")
    }

    /// With `$1`, `$2` and so on; placeholders of equal numbers share one.
    ///
    /// ```
    /// let statement = pgiris::upstream::Statement {
    ///     pieces: ["a = ", " OR b = ", " OR c = ", ""].map(String::from).to_vec(),
    ///     placeholders: vec![7, 2, 7],
    /// };
    /// let numbered = statement.numbered();
    /// assert_eq!(numbered.text, "a = $1 OR b = $2 OR c = $1");
    /// assert_eq!(numbered.firsts, [0, 1]);
    /// ```
    pub fn numbered(&self) -> Numbered {
        let (positions, firsts) = assign(&self.placeholders);
        let mut text = String::new();
        for (index, piece) in self.pieces.iter().enumerate() {
            text.push_str(piece);
            if let Some(position) = positions.get(index) {
                write!(text, "${}", position + 1).expect("writing to memory does not fail");
            }
        }
        Numbered {
            text,
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
        let numbered = statement.numbered();
        assert_eq!(numbered.text, "a = $1 OR b = $2 OR c = $1");
        assert_eq!(numbered.positions, [0, 1, 0]);
        assert_eq!(numbered.firsts, [0, 1]);
        assert_eq!(statement.with_question_marks(), "a = ? OR b = ? OR c = ?");
    }

    #[test]
    fn a_statement_without_placeholders_is_its_text() {
        let numbered = Statement::plain("SELECT '$1'").numbered();
        assert_eq!(
            (numbered.text.as_str(), numbered.firsts.len()),
            ("SELECT '$1'", 0)
        );
    }
}

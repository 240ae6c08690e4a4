//! What CommandComplete says of a portal, whose rows may come in several parts.
//!
//! PostgreSQL (`PortalRun`): each Execute counts the rows that it sent itself, also of a
//! statement that ran as a whole before its first row was sent.

use crate::rules::wit_plan::Tag;

/// The tag of a portal that returns rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    /// This word and the rows of the last Execute.
    Rows(String),
    /// This and nothing else.
    Whole(String),
}

impl Closing {
    /// Of a statement whose rows the upstream holds.
    pub(crate) fn of(tag: &Tag) -> Self {
        match tag.counted {
            true => Self::Rows(tag.word.clone()),
            false => Self::Whole(tag.word.clone()),
        }
    }

    /// Of a statement that has run, by what CommandComplete said.
    pub(crate) fn after(completed: &str) -> Self {
        match completed.rsplit_once(' ') {
            Some((words, count)) if count.parse::<u64>().is_ok() => Self::Rows(words.to_owned()),
            _ => Self::Whole(completed.to_owned()),
        }
    }

    /// What CommandComplete says after so many rows.
    pub(crate) fn tag(&self, rows: u64) -> String {
        match self {
            Self::Rows(word) => format!("{word} {rows}"),
            Self::Whole(tag) => tag.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_counted_again() {
        for (completed, then) in [
            ("SELECT 5", "SELECT 2"),
            ("INSERT 0 5", "INSERT 0 2"),
            ("FETCH 5", "FETCH 2"),
            ("SHOW", "SHOW"),
            ("CREATE TABLE", "CREATE TABLE"),
        ] {
            assert_eq!(Closing::after(completed).tag(2), then);
        }
    }
}

//! What a column may be besides a name and a type.

use super::Expr;

/// `COMPUTECODE {…}`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Computed {
    /// What stands between the braces.
    pub(crate) code: String,
    pub(crate) when: ComputeTime,
}

/// When compute code runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ComputeTime {
    /// Once, when the row is inserted.
    Insert,
    /// When it is inserted and when one of these changes; `%%UPDATE` is any.
    Change(Vec<String>),
    /// Whenever it is read.
    Calculated,
    Transient,
}

/// A value with the text that it was written as.
pub(crate) type Written = (Expr, String);

//! Paths of SQL/JSON: what PostgreSQL's type `jsonpath` says, and what it finds in a document.
//!
//! PostgreSQL manual, "The SQL/JSON Path Language"; `jsonpath_scan.l`, `jsonpath_gram.y`,
//! `jsonpath_exec.c`. Numbers stay digits: who evaluates a path computes with them, and searches by
//! regular expressions ([`Host`]).

mod item;
mod lexer;
mod number;
mod parser;
mod run;
mod tree;

use std::cmp::Ordering;

pub use item::Item;
pub use tree::{Flags, Operator, Path, Pattern, Unary};

/// Why a text is no path, or why it cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// PostgreSQL's code for it.
    pub sqlstate: &'static str,
    /// PostgreSQL's words.
    pub message: String,
    /// What PostgreSQL says beside it.
    pub detail: Option<String>,
}

impl Wrong {
    pub(crate) fn new(sqlstate: &'static str, message: impl Into<String>) -> Self {
        Self {
            sqlstate,
            message: message.into(),
            detail: None,
        }
    }

    pub(crate) fn detailed(self, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..self
        }
    }

    /// `check_stack_depth`
    pub(crate) fn too_deep() -> Self {
        Self::new("54001", "stack depth limit exceeded")
    }
}

/// Why nothing is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure<E> {
    /// The path or the document.
    Path(Wrong),
    /// What the host computes.
    Host(E),
}

/// What a path needs beside itself. Numbers are digits as `numeric` shows them, some with an
/// exponent.
pub trait Host {
    /// Why something cannot be computed.
    type Error;

    /// # Errors
    /// The divisor is 0, or the result is too large.
    fn binary(&self, operator: Operator, left: &str, right: &str) -> Result<String, Self::Error>;

    /// # Errors
    /// It is no number.
    fn unary(&self, operator: Unary, operand: &str) -> Result<String, Self::Error>;

    /// # Errors
    /// One of them is no number.
    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Self::Error>;

    /// A text as `double precision`, in digits of `numeric`; none if it is none, or not finite.
    fn double(&self, text: &str) -> Option<String>;

    /// Whether a text has something in it that the expression matches.
    ///
    /// # Errors
    /// It is no expression, or the search takes too long.
    fn matches(&self, text: &str, pattern: &Pattern) -> Result<bool, Self::Error>;
}

/// What a path is followed in.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// The document.
    pub document: &'a str,
    /// The object of the variables; none for an operator, where all of them are `null`.
    pub variables: Option<&'a str>,
    /// Whether errors of a path that does not fit the document are no errors.
    pub is_silent: bool,
}

/// `jsonb_path_exists`: whether anything is found; none if that is unknown.
///
/// # Errors
/// The path cannot be followed.
pub fn exists<H: Host>(
    path: &Path,
    given: Given<'_>,
    host: &H,
) -> Result<Option<bool>, Failure<H::Error>> {
    run::exists(path, given, host)
}

/// `jsonb_path_match`: what the predicate says; none if that is unknown.
///
/// # Errors
/// The path cannot be followed, or does not find one truth.
pub fn matches<H: Host>(
    path: &Path,
    given: Given<'_>,
    host: &H,
) -> Result<Option<bool>, Failure<H::Error>> {
    match run::all(path, given, host)?.as_slice() {
        [Item::Boolean(truth)] => Ok(Some(*truth)),
        [Item::Null] => Ok(None),
        _ if given.is_silent => Ok(None),
        _ => Err(Failure::Path(Wrong::new(
            "22038",
            "single boolean result is expected",
        ))),
    }
}

/// `jsonb_path_query`: all that is found.
///
/// # Errors
/// The path cannot be followed.
pub fn query<H: Host>(
    path: &Path,
    given: Given<'_>,
    host: &H,
) -> Result<Vec<Item>, Failure<H::Error>> {
    run::all(path, given, host)
}

#[cfg(test)]
mod tests;

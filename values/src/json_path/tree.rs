//! A path that was read.

use super::Wrong;
use super::parser;

/// The number of a part.
pub(super) type Place = usize;

/// A path.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    pub(super) parts: Vec<Part>,
    pub(super) start: Place,
    pub(super) is_lax: bool,
    pub(super) patterns: Vec<Pattern>,
}

impl Path {
    /// Reads a path (`jsonpath_in`). What its regular expressions say is not looked at.
    ///
    /// # Errors
    /// It is no path, or takes the method `datetime`.
    pub fn read(text: &str) -> Result<Self, Wrong> {
        parser::read(text)
    }

    /// The regular expressions of `like_regex`.
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }
}

/// A regular expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// As it is written.
    pub expression: String,
    /// Behind `flag`.
    pub flags: Flags,
}

/// The flags of `like_regex`; without any, only a point and what excludes characters do not match
/// the end of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "five letters, each there or not"
)]
pub struct Flags {
    /// `i`
    pub ignoring_case: bool,
    /// `s`: a point matches the end of a line.
    pub dot_all: bool,
    /// `m`: `^` and `$` match at the ends of each line.
    pub multiline: bool,
    /// `x`
    pub expanded: bool,
    /// `q`: it is no expression, but the text itself.
    pub quoted: bool,
}

/// An operator between numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
}

impl Operator {
    pub(super) fn name(self) -> char {
        match self {
            Self::Add => '+',
            Self::Subtract => '-',
            Self::Multiply => '*',
            Self::Divide => '/',
            Self::Modulo => '%',
        }
    }
}

/// What is computed of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unary {
    /// `-`
    Minus,
    /// `.abs()`
    Abs,
    /// `.floor()`
    Floor,
    /// `.ceiling()`
    Ceiling,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Type,
    Size,
    Double,
    Number(Unary),
    KeyValue,
}

impl Method {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Size => "size",
            Self::Double => "double",
            Self::Number(Unary::Abs) => "abs",
            Self::Number(Unary::Floor) => "floor",
            Self::Number(Unary::Ceiling) => "ceiling",
            Self::Number(Unary::Minus) => "-",
            Self::KeyValue => "keyvalue",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A part, and the accessor behind it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) what: What,
    pub(super) next: Option<Place>,
}

/// `last` among the levels of `**`.
pub(super) const LAST_LEVEL: u32 = u32::MAX;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    Root,
    Current,
    Last,
    Null,
    Boolean(bool),
    Number(String),
    Text(String),
    Variable(String),
    Key(String),
    AnyKey,
    AnyElement,
    /// From one to another, or to itself.
    Elements(Vec<(Place, Option<Place>)>),
    /// `**`
    AnyLevel {
        first: u32,
        last: u32,
    },
    Filter(Place),
    Method(Method),
    Arithmetic(Operator, Place, Place),
    Plus(Place),
    Minus(Place),
    And(Place, Place),
    Or(Place, Place),
    Not(Place),
    IsUnknown(Place),
    Exists(Place),
    Compare(Comparison, Place, Place),
    StartsWith(Place, Place),
    /// The number of the pattern.
    LikeRegex(Place, usize),
}

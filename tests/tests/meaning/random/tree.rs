//! Statements as trees of text, so that one that fails can be made smaller.

use std::fmt;

/// What stands where: trees of one kind may take each other's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Integer,
    Bigint,
    Numeric,
    Float,
    Text,
    Date,
    Timestamp,
    Boolean,
    /// What a statement can do without.
    Optional,
    /// Anything else.
    Fixed,
}

impl Kind {
    /// Those that an expression can have.
    pub(crate) const VALUES: [Self; 8] = [
        Self::Integer,
        Self::Bigint,
        Self::Numeric,
        Self::Float,
        Self::Text,
        Self::Date,
        Self::Timestamp,
        Self::Boolean,
    ];

    /// The name of its type in SQL; empty if it has none.
    pub(crate) fn type_name(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Bigint => "bigint",
            Self::Numeric => "numeric",
            Self::Float => "float8",
            Self::Text => "text",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::Boolean => "boolean",
            Self::Optional | Self::Fixed => "",
        }
    }
}

/// A piece of a statement.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    kind: Kind,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
pub(crate) enum Part {
    Words(String),
    /// A value of a type, as its text; printed as a literal or as a parameter.
    Value {
        literal: String,
        kind: Kind,
    },
    Tree(Tree),
}

impl From<&str> for Part {
    fn from(words: &str) -> Self {
        Self::Words(words.to_owned())
    }
}

impl From<String> for Part {
    fn from(words: String) -> Self {
        Self::Words(words)
    }
}

impl From<Tree> for Part {
    fn from(tree: Tree) -> Self {
        Self::Tree(tree)
    }
}

/// A tree of some parts, of kind `Fixed`.
macro_rules! tree {
    ($($part:expr),* $(,)?) => {
        crate::random::tree::Tree::new(
            crate::random::tree::Kind::Fixed,
            vec![$(crate::random::tree::Part::from($part)),*],
        )
    };
}
pub(crate) use tree;

impl Tree {
    pub(crate) fn new(kind: Kind, parts: Vec<Part>) -> Self {
        Self { kind, parts }
    }

    pub(crate) fn words(kind: Kind, words: impl Into<String>) -> Self {
        Self::new(kind, vec![Part::Words(words.into())])
    }

    /// The same piece as one that a statement can do without.
    pub(crate) fn optional(self) -> Self {
        Self {
            kind: Kind::Optional,
            ..self
        }
    }

    /// Several with something between them.
    pub(crate) fn list(trees: Vec<Self>, between: &str) -> Self {
        let mut parts = Vec::new();
        for tree in trees {
            if !parts.is_empty() {
                parts.push(Part::from(between));
            }
            parts.push(Part::Tree(tree));
        }
        Self::new(Kind::Fixed, parts)
    }

    /// The text with parameters in the place of values, and the values' texts in order.
    pub(crate) fn with_parameters(&self) -> (String, Vec<String>) {
        let mut values = Vec::new();
        let mut text = String::new();
        self.each(&mut |part| match part {
            Part::Value { literal, kind } => {
                values.push(literal.clone());
                text += &format!("${}::{}", values.len(), kind.type_name());
            }
            Part::Words(words) => text += words,
            Part::Tree(_) => {}
        });
        (text, values)
    }

    fn each(&self, seen: &mut dyn FnMut(&Part)) {
        for part in &self.parts {
            match part {
                Part::Tree(tree) => tree.each(seen),
                other => seen(other),
            }
        }
    }

    /// Trees that differ from this one in one place, where they are shorter.
    pub(crate) fn smaller(&self) -> Vec<Self> {
        let mut found = Vec::new();
        let length = self.to_string().len();
        let mut offer = |candidate: Self| {
            if candidate.to_string().len() < length {
                found.push(candidate);
            }
        };
        match self.kind {
            Kind::Optional => offer(Self::words(Kind::Fixed, "")),
            Kind::Fixed => {}
            kind => {
                self.inner(kind, &mut offer);
                offer(Self::words(kind, format!("NULL::{}", kind.type_name())));
            }
        }
        for (place, part) in self.parts.iter().enumerate() {
            let Part::Tree(child) = part else { continue };
            for candidate in child.smaller() {
                let mut parts = self.parts.clone();
                if let Some(part) = parts.get_mut(place) {
                    *part = Part::Tree(candidate);
                }
                offer(Self::new(self.kind, parts));
            }
        }
        found
    }

    /// What of a kind is within.
    fn inner(&self, kind: Kind, found: &mut dyn FnMut(Self)) {
        for part in &self.parts {
            let Part::Tree(child) = part else { continue };
            if child.kind == kind {
                found(child.clone());
            }
            child.inner(kind, found);
        }
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Words(words) => out.write_str(words)?,
                Part::Value { literal, kind } => write_literal(literal, *kind, out)?,
                Part::Tree(tree) => tree.fmt(out)?,
            }
        }
        Ok(())
    }
}

/// A value as somebody would write it.
fn write_literal(value: &str, kind: Kind, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    match kind {
        Kind::Integer | Kind::Numeric | Kind::Boolean => out.write_str(value),
        Kind::Text => write!(out, "'{}'", value.replace('\'', "''")),
        Kind::Date => write!(out, "DATE '{value}'"),
        Kind::Timestamp => write!(out, "TIMESTAMP '{value}'"),
        Kind::Bigint | Kind::Float | Kind::Optional | Kind::Fixed => {
            write!(out, "{value}::{}", kind.type_name())
        }
    }
}

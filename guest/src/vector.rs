//! What is known of vectors: pgvector's types on IRIS's.

pub(crate) mod distance;
pub(crate) mod literal;
pub(crate) mod operand;

use sqlparser::ast::{DataType, Expr};

use crate::rule::Pass;
use crate::types::{self, Kind, oid};
use literal::Type;

/// The setting that says what vectors are made of.
pub(crate) const ELEMENT_SETTING: &str = "pgiris.vector_type";

/// What a vector is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    Float,
    Double,
    Decimal,
    Integer,
}

impl Element {
    /// By IRIS's keyword.
    pub(crate) fn of(word: &str) -> Option<Self> {
        [Self::Float, Self::Double, Self::Decimal, Self::Integer]
            .into_iter()
            .find(|element| element.keyword().eq_ignore_ascii_case(word))
            .or_else(|| word.eq_ignore_ascii_case("INT").then_some(Self::Integer))
    }

    pub(crate) fn keyword(self) -> &'static str {
        match self {
            Self::Float => "FLOAT",
            Self::Double => "DOUBLE",
            Self::Decimal => "DECIMAL",
            Self::Integer => "INTEGER",
        }
    }
}

/// What is known of a column of vectors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) element: Option<Element>,
    pub(crate) length: Option<u64>,
}

impl Shape {
    /// From the parameters of a property, `DATATYPE=DOUBLE,LEN=3` in whatever
    /// punctuation.
    pub(crate) fn of(parameters: &str) -> Self {
        let mut words = parameters
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty());
        let mut shape = Self::default();
        while let Some(word) = words.next() {
            match word {
                "DATATYPE" => shape.element = words.next().and_then(Element::of),
                "LEN" => shape.length = words.next().and_then(|length| length.parse().ok()),
                _ => {}
            }
        }
        shape
    }
}

/// The element type of vectors of which nothing says what they are made of: IRIS compares
/// only vectors of the same one.
pub(crate) fn default_element(pass: &Pass<'_>) -> Element {
    let setting = pass.scene.setting(ELEMENT_SETTING).and_then(Element::of);
    match setting {
        Some(element @ (Element::Float | Element::Decimal)) => element,
        _ => Element::Double,
    }
}

/// pgvector's type that a name means, with its dimensions.
pub(crate) fn type_of(data_type: &DataType) -> Option<(Type, Option<u64>)> {
    let known = types::of(data_type)?;
    match known.kind {
        Kind::Vector(length) if known.oid == oid::HALFVEC => Some((Type::Halfvec, length)),
        Kind::Vector(length) => Some((Type::Vector, length)),
        _ => None,
    }
}

/// The byte of the client's text where an operator between two operands stands.
pub(crate) fn operator_at(left: &Expr, operator: &str, text: &str) -> usize {
    use sqlparser::ast::Spanned;
    let behind = usize::try_from(left.span().end.column)
        .unwrap_or(0)
        .saturating_sub(1)
        .min(text.len());
    text.get(behind..)
        .and_then(|rest| rest.find(operator))
        .map_or(behind, |at| behind + at)
}

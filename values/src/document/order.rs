//! Documents as `jsonb` orders them (`compareJsonbContainers`); strings by their bytes.

use super::{NotJson, read};
use crate::json::Value;

/// A document whose numbers are `N`; the order of the cases is that of the kinds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ordered<N> {
    /// `null`
    Null,
    /// A string.
    Text(String),
    /// A number.
    Number(N),
    /// `true` or `false`.
    Boolean(bool),
    /// Of two arrays the longer one is greater.
    List(List<N>),
    /// Of two objects the one with more members.
    Object(usize, Vec<(String, Ordered<N>)>),
}

/// An array, or what stands alone: to PostgreSQL that is an array of one element, and less than
/// another one of one element.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct List<N> {
    length: usize,
    is_array: bool,
    elements: Vec<Ordered<N>>,
}

impl<N> List<N> {
    fn new(is_array: bool, elements: Vec<Ordered<N>>) -> Self {
        Self {
            length: elements.len(),
            is_array,
            elements,
        }
    }
}

impl<N> Ordered<N> {
    /// What a text says, if `number` reads its numbers.
    ///
    /// # Errors
    /// It is no JSON.
    pub fn read(document: &str, number: &impl Fn(&str) -> Option<N>) -> Result<Self, NotJson> {
        let whole = Self::of(read(document)?, number).ok_or(NotJson)?;
        Ok(match whole {
            Self::List(_) | Self::Object(..) => whole,
            only => Self::List(List::new(false, vec![only])),
        })
    }

    fn of(value: Value, number: &impl Fn(&str) -> Option<N>) -> Option<Self> {
        Some(match value {
            Value::Word(word) => match word.as_str() {
                "null" => Self::Null,
                "true" => Self::Boolean(true),
                "false" => Self::Boolean(false),
                digits => Self::Number(number(digits)?),
            },
            Value::Text(text) => Self::Text(text),
            Value::List(values) => {
                let elements = values.into_iter().map(|value| Self::of(value, number));
                Self::List(List::new(true, elements.collect::<Option<_>>()?))
            }
            Value::Object(members) => {
                let members = members.into_iter();
                let members: Option<Vec<_>> = members
                    .map(|((_, key), value)| Some((key, Self::of(value, number)?)))
                    .collect();
                let members = members?;
                Self::Object(members.len(), members)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_in_the_order_of_jsonb() {
        let sorted = [
            "[]",
            "null",
            "\"a\"",
            "\"b\"",
            "9",
            "10",
            "false",
            "true",
            "[null]",
            r#"["a"]"#,
            "[1]",
            "[[]]",
            "[[1]]",
            "[{}]",
            "[1, 2]",
            "{}",
            r#"{"a": 1}"#,
            r#"{"a": 2}"#,
            r#"{"aa": 1}"#,
            r#"{"b": 0}"#,
            r#"{"b": 1}"#,
            r#"{"a": 1, "b": 1}"#,
        ];
        let read = |text: &&str| Ordered::read(text, &|digits| digits.parse::<i32>().ok());
        let all: Vec<_> = sorted.iter().map(|text| read(text).unwrap()).collect();
        assert!(all.is_sorted_by(|left, right| left < right), "{all:?}");
        assert!(read(&"[1,]").is_err());
    }
}

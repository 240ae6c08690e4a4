//! What a path finds: parts of a document, and what is computed of them.

use std::collections::HashMap;
use std::rc::Rc;

use super::number;
use crate::json::{Value, quote};

/// One of what is found.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// `null`, and what is unknown.
    Null,
    /// A truth.
    Boolean(bool),
    /// The digits of a number.
    Number(Rc<str>),
    /// A string.
    Text(Rc<str>),
    /// The elements of an array.
    List(Rc<Vec<Item>>),
    /// The members of an object, as `jsonb` orders them.
    Object(Rc<Vec<(Rc<str>, Item)>>),
}

impl Item {
    pub(super) fn of(value: Value) -> Self {
        match value {
            Value::Word(word) => match word.as_str() {
                "null" => Self::Null,
                "true" => Self::Boolean(true),
                "false" => Self::Boolean(false),
                digits => Self::Number(digits.into()),
            },
            Value::Text(text) => Self::Text(text.into()),
            Value::List(values) => Self::List(Rc::new(values.into_iter().map(Self::of).collect())),
            Value::Object(members) => {
                let members = members.into_iter();
                let members = members.map(|((_, key), value)| (key.into(), Self::of(value)));
                Self::Object(Rc::new(members.collect()))
            }
        }
    }

    /// As the method `type` calls it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "boolean",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::List(_) => "array",
            Self::Object(_) => "object",
        }
    }

    pub(super) fn member(&self, key: &str) -> Option<&Self> {
        let Self::Object(members) = self else {
            return None;
        };
        let wanted = (key.len(), key);
        let found = members.binary_search_by(|(name, _)| (name.len(), &**name).cmp(&wanted));
        found
            .ok()
            .and_then(|at| members.get(at))
            .map(|(_, item)| item)
    }

    /// What an array or an object consists of; nothing of others.
    pub(super) fn parts(&self) -> impl Iterator<Item = &Self> {
        let (elements, members): (&[Self], &[(Rc<str>, Self)]) = match self {
            Self::List(elements) => (elements, &[]),
            Self::Object(members) => (&[], members),
            _ => (&[], &[]),
        };
        elements.iter().chain(members.iter().map(|(_, item)| item))
    }

    /// Of a number or a text.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Number(digits) => digits.len(),
            Self::Text(text) => text.len(),
            _ => 0,
        }
    }

    pub(super) fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Object(_))
    }

    /// As `jsonb` shows it.
    pub fn shown(&self) -> String {
        let mut shown = String::new();
        self.write(&mut shown);
        shown
    }

    /// Behind another text.
    pub fn write(&self, into: &mut String) {
        match self {
            Self::Null => into.push_str("null"),
            Self::Boolean(truth) => into.push_str(if *truth { "true" } else { "false" }),
            Self::Number(digits) => into.push_str(digits),
            Self::Text(text) => quote(text, into),
            Self::List(elements) => {
                into.push('[');
                for (index, element) in elements.iter().enumerate() {
                    into.push_str(if index == 0 { "" } else { ", " });
                    element.write(into);
                }
                into.push(']');
            }
            Self::Object(members) => {
                into.push('{');
                for (index, (key, item)) in members.iter().enumerate() {
                    into.push_str(if index == 0 { "" } else { ", " });
                    quote(key, into);
                    into.push_str(": ");
                    item.write(into);
                }
                into.push('}');
            }
        }
    }

    /// What tells an object from others of the same members.
    fn address(&self) -> Option<usize> {
        match self {
            Self::Object(members) => Some(Rc::as_ptr(members).addr()),
            _ => None,
        }
    }
}

/// A document whose objects have numbers, by which the method `keyvalue` tells them apart: those are
/// the places where PostgreSQL keeps them.
pub(super) struct Base {
    number: u64,
    root: Option<Item>,
    offsets: std::cell::OnceCell<HashMap<usize, u64>>,
}

/// As many numbers as there are for the objects of one document.
const NUMBERS: u64 = 10_000_000_000;

impl Base {
    pub(super) fn new(number: u64, root: Option<Item>) -> Rc<Self> {
        Rc::new(Self {
            number,
            root,
            offsets: std::cell::OnceCell::new(),
        })
    }

    pub(super) fn id(&self, object: &Item) -> u64 {
        let offsets = self.offsets.get_or_init(|| {
            let mut offsets = HashMap::new();
            if let Some(root) = &self.root {
                laid_out(root, 0, &mut offsets);
            }
            offsets
        });
        let offset = object.address().and_then(|address| offsets.get(&address));
        self.number * NUMBERS + offset.copied().unwrap_or_default()
    }
}

/// `convertJsonbValue`: the bytes up to the end of an item that is put behind so many others.
fn laid_out(item: &Item, mut end: u64, offsets: &mut HashMap<usize, u64>) -> u64 {
    let count = |length: usize| u64::try_from(length).unwrap_or_default();
    match item {
        Item::Null | Item::Boolean(_) => {}
        Item::Number(digits) => end = end.next_multiple_of(4) + number::size(digits),
        Item::Text(text) => end += count(text.len()),
        Item::List(elements) => {
            end = end.next_multiple_of(4) + 4 + 4 * count(elements.len());
            for element in elements.iter() {
                end = laid_out(element, end, offsets);
            }
        }
        Item::Object(members) => {
            end = end.next_multiple_of(4);
            if let Some(address) = item.address() {
                offsets.insert(address, end);
            }
            end += 4 + 8 * count(members.len());
            end += members.iter().map(|(key, _)| count(key.len())).sum::<u64>();
            for (_, item) in members.iter() {
                end = laid_out(item, end, offsets);
            }
        }
    }
    end
}

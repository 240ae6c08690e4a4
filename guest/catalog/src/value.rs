//! Values, and how PostgreSQL compares them.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// A value; what type it has stands in the plan.
#[derive(Clone, Debug)]
pub enum Value {
    /// NULL
    Null,
    /// `bool`
    Bool(bool),
    /// Whole numbers and OIDs of every kind.
    Int(i64),
    /// `float4`, `float8`, and `numeric` with a fraction.
    Float(f64),
    /// Whatever is a text, or is only ever shown as one.
    Text(Rc<str>),
    /// Arrays.
    Array(Rc<Array>),
    /// Composite values.
    Row(Row),
}

/// A row of a relation; shared, never copied.
pub type Row = Rc<[Value]>;

/// An array of any number of dimensions.
#[derive(Clone, Debug)]
pub struct Array {
    /// Length and first subscript of each dimension; none: the empty array.
    pub dimensions: Vec<(usize, i64)>,
    /// Row by row.
    pub elements: Vec<Value>,
}

impl Array {
    /// Of one dimension.
    pub fn of(elements: Vec<Value>) -> Self {
        Self::from(elements, 1)
    }

    /// Of one dimension, with subscripts from `first`.
    pub fn from(elements: Vec<Value>, first: i64) -> Self {
        let dimensions = if elements.is_empty() {
            Vec::new()
        } else {
            vec![(elements.len(), first)]
        };
        Self {
            dimensions,
            elements,
        }
    }
}

impl Value {
    /// A text.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::Text(Rc::from(text.as_ref()))
    }

    /// An array of one dimension.
    pub fn array(elements: Vec<Value>) -> Self {
        Self::Array(Rc::new(Array::of(elements)))
    }

    /// Whether it is NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(crate) fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Bool(flag) => Some(i64::from(*flag)),
            _ => None,
        }
    }

    pub(crate) fn as_float(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn as_text(&self) -> Option<&Rc<str>> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_array(&self) -> Option<&Array> {
        match self {
            Self::Array(array) => Some(array),
            _ => None,
        }
    }

    /// True, false or unknown.
    pub(crate) fn truth(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// Rough size in bytes, for the budget.
    pub(crate) fn weight(&self) -> u64 {
        let own = size_of::<Self>() as u64;
        match self {
            Self::Text(text) => own + text.len() as u64,
            Self::Array(array) => own + array.elements.iter().map(Self::weight).sum::<u64>(),
            Self::Row(row) => own + row.iter().map(Self::weight).sum::<u64>(),
            _ => own,
        }
    }

    /// The order of a btree, NULL last.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Null, _) => Ordering::Greater,
            (_, Self::Null) => Ordering::Less,
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
            (Self::Array(a), Self::Array(b)) => orders(&a.elements, &b.elements)
                .then_with(|| a.dimensions.len().cmp(&b.dimensions.len())),
            (Self::Row(a), Self::Row(b)) => orders(a, b),
            _ => match (self.as_float(), other.as_float()) {
                // PostgreSQL puts NaN above every number.
                (Some(a), Some(b)) => a
                    .partial_cmp(&b)
                    .unwrap_or_else(|| a.is_nan().cmp(&b.is_nan())),
                _ => self.rank().cmp(&other.rank()),
            },
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Bool(_) => 0,
            Self::Int(_) | Self::Float(_) => 1,
            Self::Text(_) => 2,
            Self::Array(_) => 3,
            Self::Row(_) => 4,
            Self::Null => 5,
        }
    }
}

fn orders(left: &[Value], right: &[Value]) -> Ordering {
    left.iter()
        .zip(right)
        .map(|(a, b)| a.order(b))
        .find(|order| order.is_ne())
        .unwrap_or_else(|| left.len().cmp(&right.len()))
}

/// As a key: NULL equals NULL.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.order(other).is_eq()
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Null => 5_u8.hash(state),
            Self::Bool(flag) => flag.hash(state),
            // A whole number hashes alike whichever way it is held.
            Self::Int(number) => (*number as f64).to_bits().hash(state),
            Self::Float(number) => (number + 0.0).to_bits().hash(state),
            Self::Text(text) => text.hash(state),
            Self::Array(array) => array.elements.hash(state),
            Self::Row(row) => row.hash(state),
        }
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

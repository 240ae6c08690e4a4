//! Texts, bytes and arrays of all values.

use pgiris_values::array::Array;

use super::State;
use crate::value::arranged::memory::size_of_text;
use crate::value::array::{element_of, parsed};
use crate::value::{Oid, ValueError};

/// `string_agg`: the second operand stands before the value, unless that is the first one.
#[derive(Default)]
pub(super) struct Joined {
    text: Option<String>,
}

impl Joined {
    fn push(&mut self, value: &str, separator: Option<&str>) -> usize {
        match &mut self.text {
            None => {
                self.text = Some(value.to_owned());
                value.len()
            }
            Some(text) => {
                let separator = separator.unwrap_or_default();
                text.push_str(separator);
                text.push_str(value);
                separator.len() + value.len()
            }
        }
    }
}

impl State for Joined {
    fn add(&mut self, operands: &[Option<&str>]) -> Result<usize, ValueError> {
        Ok(match operands {
            [Some(value), separator] => self.push(value, *separator),
            _ => 0,
        })
    }

    fn result(&self) -> Result<Option<String>, ValueError> {
        Ok(self.text.clone())
    }
}

/// The same of `bytea`, in its hexadecimal form.
#[derive(Default)]
pub(super) struct BytesJoined(Joined);

impl State for BytesJoined {
    fn add(&mut self, operands: &[Option<&str>]) -> Result<usize, ValueError> {
        let digits = |bytes: &str| -> Result<String, ValueError> {
            use crate::value::{Kind, text};
            let shown = text::read(Kind::Bytea, bytes)?.to_string();
            Ok(shown.trim_start_matches("\\x").to_owned())
        };
        let [Some(value), separator] = operands else {
            return Ok(0);
        };
        let separator = separator.map(digits).transpose()?;
        Ok(self.0.push(&digits(value)?, separator.as_deref()))
    }

    fn result(&self) -> Result<Option<String>, ValueError> {
        let digits = self.0.result()?;
        Ok(digits.map(|digits| format!("\\x{digits}")))
    }
}

/// `array_agg` of values that are no arrays.
#[derive(Default)]
pub(super) struct Elements(Vec<Option<String>>);

impl State for Elements {
    fn add(&mut self, operands: &[Option<&str>]) -> Result<usize, ValueError> {
        let value = operands.first().copied().flatten();
        self.0.push(value.map(str::to_owned));
        Ok(size_of_text(value))
    }

    fn result(&self) -> Result<Option<String>, ValueError> {
        Ok((!self.0.is_empty()).then(|| Array::of(self.0.clone()).shown()))
    }
}

/// `array_agg` of arrays, which gives one of a dimension more (`accumArrayResultArr`).
#[derive(Default)]
pub(super) struct Arrays {
    count: usize,
    lengths: Vec<usize>,
    elements: Vec<Option<String>>,
}

impl Arrays {
    /// Whether values of this type are arrays.
    pub(super) fn are(type_oid: Oid) -> bool {
        element_of(type_oid).is_some()
    }
}

impl State for Arrays {
    fn add(&mut self, operands: &[Option<&str>]) -> Result<usize, ValueError> {
        let Some(written) = operands.first().copied().flatten() else {
            return Err(ValueError::refused(
                "22004",
                "cannot accumulate null arrays",
            ));
        };
        let array = parsed(written)?;
        if array.elements.is_empty() {
            return Err(ValueError::refused(
                "2202E",
                "cannot accumulate empty arrays",
            ));
        }
        if self.count > 0 && self.lengths != array.lengths {
            let message = "cannot accumulate arrays of different dimensionality";
            return Err(ValueError::refused("2202E", message));
        }
        self.count += 1;
        self.lengths = array.lengths;
        let size = array
            .elements
            .iter()
            .map(|one| size_of_text(one.as_deref()));
        let size = size.sum();
        self.elements.extend(array.elements);
        Ok(size)
    }

    fn result(&self) -> Result<Option<String>, ValueError> {
        if self.count == 0 {
            return Ok(None);
        }
        let mut lengths = vec![self.count];
        lengths.extend(&self.lengths);
        let array = Array {
            lengths,
            elements: self.elements.clone(),
        };
        Ok(Some(array.shown()))
    }
}

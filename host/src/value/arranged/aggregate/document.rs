//! Documents of all values.

use pgiris_values::json::canonical;

use super::State;
use crate::value::json::{document, has_lines, key};
use crate::value::{Oid, ValueError};

/// Which type the document is of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Jsonb,
}

impl Form {
    fn shown(self, written: String) -> Result<String, ValueError> {
        match self {
            Self::Json => Ok(written),
            Self::Jsonb => canonical(&written).ok_or_else(ValueError::json_syntax),
        }
    }
}

/// An array.
pub(super) struct Documents {
    form: Form,
    type_oid: Oid,
    /// Without the bracket at the end.
    written: Option<String>,
}

impl Documents {
    pub(super) fn new(form: Form, type_oid: Oid) -> Self {
        Self {
            form,
            type_oid,
            written: None,
        }
    }
}

impl State for Documents {
    fn add(&mut self, operands: &[Option<&str>]) -> Result<usize, ValueError> {
        let value = document(self.type_oid, operands.first().copied().flatten())?;
        let separator = match has_lines(self.type_oid) {
            true => ", \n ",
            false => ", ",
        };
        match &mut self.written {
            None => self.written = Some(format!("[{value}")),
            Some(written) => {
                written.push_str(separator);
                written.push_str(&value);
            }
        }
        Ok(value.len() + separator.len())
    }

    fn result(&self) -> Result<Option<String>, ValueError> {
        let written = self.written.as_ref();
        written
            .map(|written| self.form.shown(format!("{written}]")))
            .transpose()
    }
}

/// An object, of names and values.
pub(super) struct Members {
    form: Form,
    name: Oid,
    value: Oid,
    /// Without the brace at the end.
    written: Option<String>,
}

impl Members {
    pub(super) fn new(form: Form, name: Oid, value: Oid) -> Self {
        Self {
            form,
            name,
            value,
            written: None,
        }
    }
}

impl State for Members {
    fn add(&mut self, operands: &[Option<&str>]) -> Result<usize, ValueError> {
        let [Some(name), value] = operands else {
            let message = "field name must not be null";
            return Err(ValueError::refused("22023", message));
        };
        let (name, value) = (key(self.name, name)?, document(self.value, *value)?);
        let size = name.len() + value.len();
        let written = self.written.get_or_insert_with(|| "{ ".to_owned());
        if written.len() > 2 {
            written.push_str(", ");
        }
        written.push_str(&name);
        written.push_str(" : ");
        written.push_str(&value);
        Ok(size)
    }

    fn result(&self) -> Result<Option<String>, ValueError> {
        let written = self.written.as_ref();
        written
            .map(|written| self.form.shown(format!("{written} }}")))
            .transpose()
    }
}

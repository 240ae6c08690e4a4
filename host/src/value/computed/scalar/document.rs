//! Of documents of `jsonb`.

use std::ops::RangeInclusive;

use pgiris_values::document::edited::{self, Change, Wrong};
use pgiris_values::json::quoted;

use super::{Body, Operands, Scalar};
use crate::value::array::parsed;
use crate::value::{Kind, ValueError};

pub(super) const SCALARS: &[Scalar] = &[
    Scalar::new("jsonb_concat", 2, |operands| {
        Ok(edited::concatenated(operands.text(0), operands.text(1))?)
    }),
    Scalar::new("jsonb_delete", 2, |operands| {
        let key = operands.text(1).to_owned();
        Ok(edited::without_keys(operands.text(0), &[key])?)
    }),
    Scalar::new("jsonb_delete_array", 2, |operands| {
        let keys: Vec<String> = operands.path(1)?.into_iter().flatten().collect();
        Ok(edited::without_keys(operands.text(0), &keys)?)
    }),
    Scalar::new("jsonb_delete_idx", 2, |operands| {
        let number = operands.integer(1, Kind::Int4)?;
        Ok(edited::without_item(operands.text(0), number)?)
    }),
    Scalar::new("jsonb_delete_path", 2, |operands| {
        let path = operands.path(1)?;
        Ok(edited::changed(
            operands.text(0),
            &path,
            "",
            Change::Delete,
        )?)
    }),
    of_path("jsonb_set", |operands| {
        let creates = operands.flag(3, true);
        operands.changed(Change::Set { creates })
    }),
    of_path("jsonb_insert", |operands| {
        let after = operands.flag(3, false);
        operands.changed(Change::Insert { after })
    }),
    // Of names, and of values that are documents already.
    Scalar::of_nulls("json_build_object", ANY, |operands| {
        object(operands, " : ", ", ").map(Some)
    }),
    Scalar::of_nulls("row_to_json", ANY, |operands| {
        object(operands, ":", ",").map(Some)
    }),
    // Of documents.
    Scalar::of_nulls("json_build_array", ANY, |operands| {
        let items: Vec<&str> = operands.iter().map(or_null).collect();
        Ok(Some(format!("[{}]", items.join(", "))))
    }),
    Scalar::new("jsonb_strip_nulls", 1, |operands| {
        Ok(edited::without_nulls(operands.text(0))?)
    }),
    Scalar::new("jsonb_pretty", 1, |operands| {
        Ok(edited::indented(operands.text(0))?)
    }),
];

const ANY: RangeInclusive<u32> = 0..=u32::MAX;

fn or_null(document: &Option<String>) -> &str {
    document.as_deref().unwrap_or("null")
}

/// An object of names and documents in turn.
fn object(
    operands: &[Option<String>],
    behind_name: &str,
    between: &str,
) -> Result<String, ValueError> {
    let mut members = Vec::with_capacity(operands.len() / 2);
    for (index, pair) in operands.chunks(2).enumerate() {
        let [Some(name), document] = pair else {
            let message = format!("argument {} cannot be null", 2 * index + 1);
            return Err(ValueError::refused("22023", message));
        };
        members.push(format!(
            "{}{behind_name}{}",
            quoted(name),
            or_null(document)
        ));
    }
    Ok(format!("{{{}}}", members.join(between)))
}

/// Document, path, new value, and perhaps a flag.
const OF_PATH: RangeInclusive<u32> = 3..=4;

const fn of_path(
    name: &'static str,
    result: fn(Operands<'_>) -> Result<String, ValueError>,
) -> Scalar {
    Scalar {
        name,
        operands: OF_PATH,
        result: Body::Strict(result),
    }
}

impl Operands<'_> {
    fn path(&self, index: usize) -> Result<Vec<Option<String>>, ValueError> {
        let written = self.text(index);
        let array = parsed(written)?;
        match array.lengths.len() {
            0 | 1 => Ok(array.elements),
            _ => Err(ValueError::path_dimensions()),
        }
    }

    fn changed(&self, change: Change) -> Result<String, ValueError> {
        let path = self.path(1)?;
        Ok(edited::changed(self.text(0), &path, self.text(2), change)?)
    }

    fn flag(&self, index: usize, otherwise: bool) -> bool {
        match self.0.get(index) {
            Some(flag) => flag == "t",
            None => otherwise,
        }
    }
}

impl From<Wrong> for ValueError {
    fn from(wrong: Wrong) -> Self {
        let of_path =
            |number: usize, what: &str| format!("path element at position {number} is {what}");
        let invalid = |message: &str| Self::refused("22023", message);
        match wrong {
            Wrong::NotJson => Self::json_syntax(),
            Wrong::DeletionFromScalar => invalid("cannot delete from scalar"),
            Wrong::IndexOfObject => invalid("cannot delete from object using integer index"),
            Wrong::DeletedPathInScalar => invalid("cannot delete path in scalar"),
            Wrong::PathInScalar => invalid("cannot set path in scalar"),
            Wrong::ExistingKey => invalid("cannot replace existing key"),
            Wrong::NullStep(number) => Self::refused("22004", of_path(number, "null")),
            Wrong::NoNumber(number, step) => {
                let what = format!("not an integer: \"{step}\"");
                Self::refused("22P02", of_path(number, &what))
            }
        }
    }
}

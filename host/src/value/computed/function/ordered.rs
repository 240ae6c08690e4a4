//! Values in the order of keys that stand beside them.

use std::cmp::Ordering;

use pgiris_values::array::Array;

use super::compare;
use crate::value::{Oid, ValueError};

/// How rows are ordered by one of their keys.
struct Key {
    type_oid: Oid,
    descends: bool,
    nulls_first: bool,
}

impl Key {
    /// Of `23 asc last`; none if it is written otherwise.
    fn of(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        Some(Self {
            type_oid: words.next()?.parse().ok()?,
            descends: match words.next()? {
                "asc" => false,
                "desc" => true,
                _ => return None,
            },
            nulls_first: match words.next()? {
                "first" => true,
                "last" => false,
                _ => return None,
            },
        })
    }

    fn compare(&self, left: Option<&str>, right: Option<&str>) -> Result<Ordering, ValueError> {
        let before = |is_left: bool| match is_left == self.nulls_first {
            true => Ordering::Less,
            false => Ordering::Greater,
        };
        Ok(match (left, right) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => before(true),
            (Some(_), None) => before(false),
            (Some(left), Some(right)) => {
                let order = compare(self.type_oid, left, right)?;
                if self.descends {
                    order.reverse()
                } else {
                    order
                }
            }
        })
    }
}

/// The last value of each row, ordered by those before it.
///
/// # Errors
/// A key is none of its type, or the rows are not as long as the keys say.
pub(super) fn values(rows: Array, keys: &str) -> Result<Array, ValueError> {
    let keys: Option<Vec<Key>> = keys.split(',').map(Key::of).collect();
    let keys = keys.ok_or_else(ValueError::no_value)?;
    let width = keys.len() + 1;
    if !rows.elements.len().is_multiple_of(width) {
        return Err(ValueError::array_syntax(""));
    }
    let mut rows: Vec<&[Option<String>]> = rows.elements.chunks(width).collect();
    let mut failure = None;
    rows.sort_by(|left, right| {
        for (key, (left, right)) in keys.iter().zip(left.iter().zip(right.iter())) {
            match key.compare(left.as_deref(), right.as_deref()) {
                Ok(Ordering::Equal) => {}
                Ok(order) => return order,
                Err(error) => failure = Some(error),
            }
        }
        Ordering::Equal
    });
    match failure {
        Some(error) => Err(error),
        None => Ok(Array::of(
            rows.iter()
                .map(|row| row.last().cloned().flatten())
                .collect(),
        )),
    }
}

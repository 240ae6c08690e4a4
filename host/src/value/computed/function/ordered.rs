//! Values in the order of keys that stand beside them.

use pgiris_values::array::Array;

use crate::value::ValueError;
use crate::value::order::{Key, compare};

/// What `23 asc last` says; none if it is written otherwise.
fn key(text: &str) -> Option<Key> {
    let mut words = text.split(' ');
    Some(Key {
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

/// The last value of each row, ordered by those before it.
///
/// # Errors
/// A key is none of its type, or the rows are not as long as the keys say.
pub(super) fn values(rows: Array, keys: &str) -> Result<Array, ValueError> {
    let keys: Option<Vec<Key>> = keys.split(',').map(key).collect();
    let keys = keys.ok_or_else(ValueError::no_value)?;
    let width = keys.len() + 1;
    if !rows.elements.len().is_multiple_of(width) {
        return Err(ValueError::array_syntax(""));
    }
    let mut ordered = Vec::with_capacity(rows.elements.len() / width);
    for row in rows.elements.chunks(width) {
        let read = keys
            .iter()
            .zip(row)
            .map(|(key, text)| key.read(text.as_deref()));
        let read = read.collect::<Result<Vec<_>, _>>()?;
        ordered.push((read, row.last().cloned().flatten()));
    }
    ordered.sort_by(|(left, _), (right, _)| compare(&keys, left, right));
    let values = ordered.into_iter().map(|(_, value)| value);
    Ok(Array::of(values.collect()))
}

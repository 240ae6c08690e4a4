//! Numerics without the zeros at their ends.

use crate::answer::Answer;

/// The OID of type numeric.
const NUMERIC: u32 = 1700;

/// An answer whose numerics are written as short as they can be.
pub(crate) fn without_zeros(answer: &Answer) -> Answer {
    let mut shorter = answer.clone();
    let Answer::Rows {
        columns: Some(columns),
        rows,
        ..
    } = &mut shorter
    else {
        return shorter;
    };
    for row in rows {
        for (cell, column) in row.iter_mut().zip(&*columns) {
            if let Some(value) = cell.as_mut().filter(|_| column.kind == NUMERIC) {
                *value = short(value);
            }
        }
    }
    shorter
}

/// Of a text the zeros behind the point; of the bytes in hexadecimal, as [`super::typed`] shows
/// them, how many digits are shown, the fourth number of two bytes.
fn short(value: &str) -> String {
    if let Some(bytes) = value.strip_prefix('[') {
        let bytes: Vec<&str> = bytes.split(", ").collect();
        let shown = bytes.iter().enumerate();
        let kept = shown.filter(|(place, _)| !matches!(place, 6 | 7));
        return kept.map(|(_, byte)| *byte).collect::<Vec<_>>().join(", ");
    }
    if !value.contains('.') {
        return value.to_owned();
    }
    value.trim_end_matches('0').trim_end_matches('.').to_owned()
}

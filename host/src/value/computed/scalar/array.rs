//! Of arrays of one dimension; elements are the same if their texts are.

use super::Scalar;
use crate::value::ValueError;
use crate::value::array::parsed;

pub(super) const SCALARS: &[Scalar] = &[
    Scalar::of_nulls("array_append", 2..=2, |operands| {
        let mut elements = elements(operands, 0)?.unwrap_or_default();
        elements.push(operand(operands, 1));
        Ok(Some(super::array(elements)))
    }),
    Scalar::of_nulls("array_prepend", 2..=2, |operands| {
        let mut elements = elements(operands, 1)?.unwrap_or_default();
        elements.insert(0, operand(operands, 0));
        Ok(Some(super::array(elements)))
    }),
    Scalar::of_nulls("array_cat", 2..=2, |operands| {
        Ok(match (elements(operands, 0)?, elements(operands, 1)?) {
            (Some(mut left), Some(right)) => {
                left.extend(right);
                Some(super::array(left))
            }
            (left, right) => left.or(right).map(super::array),
        })
    }),
    Scalar::of_nulls("array_remove", 2..=2, |operands| {
        let wanted = operand(operands, 1);
        let elements = elements(operands, 0)?.map(|mut elements| {
            elements.retain(|element| *element != wanted);
            elements
        });
        Ok(elements.map(super::array))
    }),
    Scalar::of_nulls("array_replace", 3..=3, |operands| {
        let (old, new) = (operand(operands, 1), operand(operands, 2));
        let elements = elements(operands, 0)?.map(|mut elements| {
            for element in elements.iter_mut().filter(|element| **element == old) {
                element.clone_from(&new);
            }
            elements
        });
        Ok(elements.map(super::array))
    }),
];

fn operand(operands: &[Option<String>], index: usize) -> Option<String> {
    operands.get(index).cloned().flatten()
}

/// None of NULL.
fn elements(
    operands: &[Option<String>],
    index: usize,
) -> Result<Option<Vec<Option<String>>>, ValueError> {
    let Some(Some(written)) = operands.get(index) else {
        return Ok(None);
    };
    let array = parsed(written)?;
    match array.lengths.len() {
        0 | 1 => Ok(Some(array.elements)),
        _ => Err(ValueError::array_of_one_dimension()),
    }
}

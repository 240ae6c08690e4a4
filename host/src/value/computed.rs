//! What the host computes of the values of a row, by the instructions of a plan.

mod function;
mod scalar;

use std::slice::Iter;

use crate::rules::wit_plan::{Function, Instruction};

pub(in crate::value) use scalar::{matches, moment_later, parts, path_items, split};

use super::{Format, Oid, ValueError, decode, kept_text, text};

/// The result of instructions that [`is_sound`] allows and whose parameters are bound;
/// `column` gives the text of a column.
///
/// # Errors
/// A value is none of the type that a function takes, or what PostgreSQL refuses as well.
pub(crate) fn result<'a>(
    instructions: &[Instruction],
    column: impl Fn(u32) -> Option<&'a [u8]>,
) -> Result<Option<String>, ValueError> {
    let mut stack: Vec<Option<String>> = Vec::new();
    let mut left = instructions.iter();
    while let Some(instruction) = left.next() {
        let value = match instruction {
            Instruction::Column(number) => match column(*number) {
                Some(bytes) => Some(text::utf8(bytes)?.to_owned()),
                None => None,
            },
            // A parameter is a constant once its value is known.
            Instruction::Parameter(_) => return Err(ValueError::no_value()),
            Instruction::Constant(value) => value.clone(),
            Instruction::Call(call) => {
                let start = stack.len().saturating_sub(operands_of(call.function));
                let operands = stack.split_off(start);
                function::result(call.function, call.operand_type, operands)?
            }
            Instruction::Scalar(call) => {
                let start = stack.len().saturating_sub(call.operands as usize);
                let operands = stack.split_off(start);
                scalar::result(&call.name, operands)?
            }
            Instruction::SkipUnless(count) => {
                if stack.pop().flatten().as_deref() != Some("t") {
                    left = behind(&left, *count);
                }
                continue;
            }
            Instruction::Skip(count) => {
                left = behind(&left, *count);
                continue;
            }
        };
        stack.push(value);
    }
    Ok(stack.pop().flatten())
}

/// What is left behind so many instructions.
fn behind<'i>(left: &Iter<'i, Instruction>, count: u32) -> Iter<'i, Instruction> {
    let left = left.as_slice().get(count as usize..);
    left.unwrap_or_default().iter()
}

/// Whether instructions leave one value, and take none that is not there.
pub(crate) fn is_sound(
    instructions: &[Instruction],
    columns: Option<u32>,
    parameters: u32,
) -> bool {
    // How many values there are before each instruction, and at the end; none if it is not come to.
    let mut depths: Vec<Option<usize>> = vec![None; instructions.len() + 1];
    depths[0] = Some(0);
    for (at, instruction) in instructions.iter().enumerate() {
        let Some(depth) = depths[at] else {
            return false;
        };
        let (takes, gives, skipped) = match instruction {
            Instruction::Column(number) if columns.is_some_and(|columns| *number >= columns) => {
                return false;
            }
            Instruction::Parameter(number) if *number == 0 || *number > parameters => return false,
            Instruction::Scalar(call) if !scalar::takes(&call.name, call.operands) => return false,
            Instruction::Column(_) | Instruction::Parameter(_) | Instruction::Constant(_) => {
                (0, 1, None)
            }
            Instruction::Call(call) => (operands_of(call.function), 1, None),
            Instruction::Scalar(call) => (call.operands as usize, 1, None),
            Instruction::SkipUnless(count) => (1, 0, Some(*count as usize)),
            Instruction::Skip(count) => (0, 0, Some(*count as usize)),
        };
        let Some(left) = depth.checked_sub(takes) else {
            return false;
        };
        let next = (!matches!(instruction, Instruction::Skip(_))).then_some(at + 1);
        let behind = skipped.map(|count| (at + 1).saturating_add(count));
        for place in next.into_iter().chain(behind) {
            let Some(known) = depths.get_mut(place) else {
                return false;
            };
            if known.is_some_and(|known| known != left + gives) {
                return false;
            }
            *known = Some(left + gives);
        }
    }
    depths.last() == Some(&Some(1))
}

fn operands_of(function: Function) -> usize {
    use Function as F;
    match function {
        F::JsonOf
        | F::JsonTypeof
        | F::JsonArrayLength
        | F::ArrayNdims
        | F::Cardinality
        | F::ArraySorted
        | F::ArraySortedDescending
        | F::Cast
        | F::IsNull
        | F::Negated => 1,
        F::ArraySlice | F::ArrayToString => 3,
        _ => 2,
    }
}

/// The text of a client's value.
///
/// # Errors
/// `bytes` is no value of the type.
pub(crate) fn text_of(type_oid: Oid, format: Format, bytes: &[u8]) -> Result<String, ValueError> {
    match kept_text(type_oid, format, bytes) {
        Some(text) => text,
        None => Ok(decode(type_oid, format, bytes)?.to_string()),
    }
}

#[cfg(test)]
mod tests;

//! What the host computes of the values of a row, by the instructions of a plan.

mod function;
mod scalar;

use crate::rules::wit_plan::{Function, Instruction};

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
    for instruction in instructions {
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
        };
        stack.push(value);
    }
    Ok(stack.pop().flatten())
}

/// Whether instructions leave one value, and take none that is not there.
pub(crate) fn is_sound(
    instructions: &[Instruction],
    columns: Option<u32>,
    parameters: u32,
) -> bool {
    let mut depth = 0_usize;
    for instruction in instructions {
        let mut take = |operands: usize| {
            depth = depth.checked_sub(operands)?;
            Some(())
        };
        match instruction {
            Instruction::Column(number) if columns.is_some_and(|columns| *number >= columns) => {
                return false;
            }
            Instruction::Parameter(number) if *number == 0 || *number > parameters => return false,
            Instruction::Call(call) if take(operands_of(call.function)).is_none() => return false,
            Instruction::Scalar(call)
                if !scalar::takes(&call.name, call.operands)
                    || take(call.operands as usize).is_none() =>
            {
                return false;
            }
            _ => {}
        }
        depth += 1;
    }
    depth == 1
}

fn operands_of(function: Function) -> usize {
    use Function as F;
    match function {
        F::JsonTypeof
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

//! Instructions on what other instructions give.

use crate::wit::Instruction;

/// Instructions of which each value of the row is what others give.
pub(crate) fn in_place_of_columns(
    instructions: &[Instruction],
    others: &[Instruction],
) -> Vec<Instruction> {
    let lengths = instructions.iter().map(|instruction| match instruction {
        Instruction::Column(_) => others.len(),
        _ => 1,
    });
    // Where each stands from now on, and the end.
    let mut places = vec![0];
    for length in lengths {
        places.push(places.last().copied().unwrap_or_default() + length);
    }
    let skipped = |index: usize, count: u32| {
        let target = (index + 1 + count as usize).min(instructions.len());
        u32::try_from(places[target] - places[index] - 1).unwrap_or(u32::MAX)
    };
    let mut written = Vec::new();
    for (index, instruction) in instructions.iter().enumerate() {
        match instruction {
            Instruction::Column(_) => written.extend_from_slice(others),
            Instruction::Skip(count) => written.push(Instruction::Skip(skipped(index, *count))),
            Instruction::SkipUnless(count) => {
                written.push(Instruction::SkipUnless(skipped(index, *count)));
            }
            other => written.push(other.clone()),
        }
    }
    written
}

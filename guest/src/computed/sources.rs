//! What IRIS is asked for, so that the broker can compute a column of it: one value, or several as
//! the text of an array.

use sqlparser::ast::{DataType, Expr};

use super::{Computed, is_text};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::functions::{Call, array};
use crate::kept_text::is_canonical;
use crate::reader::marks::Marks;
use crate::rule::Pass;
use crate::scope::Scopes;
use crate::types::{kept, oid};
use crate::wit::{Call as Called, Function, Instruction, Oid};

/// Values of a row that instructions take, by number from 0.
#[derive(Default)]
pub(crate) struct Sources {
    values: Vec<(Expr, Oid)>,
}

impl Sources {
    /// The number of a value of this type; none if the broker cannot be told of it.
    pub(crate) fn number(&mut self, value: &Expr, type_oid: Oid) -> Option<(u32, Oid)> {
        let is_told = is_whole(type_oid)
            || matches!(
                type_oid,
                oid::INT2
                    | oid::INT4
                    | oid::INT8
                    | oid::NUMERIC
                    | oid::DATE
                    | oid::TIME
                    | oid::TIMESTAMP
                    | oid::UUID
            );
        if !is_told {
            return None;
        }
        let known = self.values.iter().position(|(known, _)| known == value);
        let number = known.unwrap_or_else(|| {
            self.values.push((value.clone(), type_oid));
            self.values.len() - 1
        });
        Some((u32::try_from(number).ok()?, type_oid))
    }

    /// Whether this holds for all of them.
    pub(crate) fn are_all(&self, mut holds: impl FnMut(&Expr) -> bool) -> bool {
        self.values.iter().all(|(value, _)| holds(value))
    }

    /// What IRIS is asked for, and what is computed of that.
    ///
    /// # Errors
    /// A value cannot be told beside others.
    pub(crate) fn written(
        self,
        mut computed: Computed,
        scopes: &Scopes<'_>,
        pass: &mut Pass<'_>,
    ) -> Diagnosed<(Expr, Computed)> {
        match self.values.as_slice() {
            [] => return Ok((build::string(""), computed)),
            [(value, type_oid)] if is_whole(*type_oid) => return Ok((value.clone(), computed)),
            _ => {}
        }
        let element = |(value, type_oid): (Expr, Oid)| match type_oid {
            // What is put together is a text, whatever it is put together of.
            oid::INTERVAL | oid::JSON | oid::JSONB => build::cast(value, DataType::Text),
            array if kept::is_array(array) => build::cast(value, DataType::Text),
            _ => value,
        };
        pass.brought.add(Marks::CAST);
        let mut call = Call {
            name: "ARRAY",
            args: self.values.into_iter().map(element).collect(),
            function: None,
            scopes,
            pass,
        };
        let together = array::constructor(&mut call)?;
        computed.instructions = all_taken(computed.instructions);
        Ok((together, computed))
    }
}

/// Whether a value comes as PostgreSQL shows it.
fn is_whole(type_oid: Oid) -> bool {
    is_canonical(type_oid) || is_text(type_oid)
}

/// Instructions that take their values out of the array; what is left out may be longer by then.
fn all_taken(instructions: Vec<Instruction>) -> Vec<Instruction> {
    let longer: Vec<Vec<Instruction>> = instructions.into_iter().map(taken).collect();
    let lengths: Vec<usize> = longer.iter().map(Vec::len).collect();
    let skipped = |from: usize, count: u32| {
        let behind = lengths.iter().skip(from + 1).take(count as usize);
        u32::try_from(behind.sum::<usize>()).unwrap_or(u32::MAX)
    };
    let renumbered = |(index, part): (usize, Vec<Instruction>)| -> Vec<Instruction> {
        let renumber = |instruction| match instruction {
            Instruction::Skip(count) => Instruction::Skip(skipped(index, count)),
            Instruction::SkipUnless(count) => Instruction::SkipUnless(skipped(index, count)),
            other => other,
        };
        part.into_iter().map(renumber).collect()
    };
    longer
        .into_iter()
        .enumerate()
        .flat_map(renumbered)
        .collect()
}

/// A value, out of the array.
fn taken(instruction: Instruction) -> Vec<Instruction> {
    let Instruction::Column(number) = instruction else {
        return vec![instruction];
    };
    vec![
        Instruction::Column(0),
        Instruction::Constant(Some((number + 1).to_string())),
        Instruction::Call(Called {
            function: Function::ArrayItem,
            operand_type: 0,
        }),
    ]
}

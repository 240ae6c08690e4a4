//! `||`, `-` and `#-` by what they join, or take something out of.

use super::{Compiled, Compiler, Computed, is_integer, is_text, known};
use crate::types::{kept, oid};
use crate::wit::{Function, Oid};

impl Compiler<'_> {
    /// `left || right`
    pub(super) fn joined(&mut self, left: Computed, right: Computed) -> Compiled {
        let is_array = kept::is_array;
        match (left.type_oid, right.type_oid) {
            (oid::JSONB, 0 | oid::JSONB) | (0, oid::JSONB) => {
                let types = [oid::JSONB, oid::JSONB];
                self.operation("jsonb_concat", [left, right], types, oid::JSONB)
            }
            (array, other) | (other, array)
                if is_array(array) && (other == 0 || is_array(other)) =>
            {
                self.operation("array_cat", [left, right], [array, array], array)
            }
            (array, _) if is_array(array) => {
                let element = known!(kept::element_of(array));
                self.operation("array_append", [left, right], [array, element], array)
            }
            (_, array) if is_array(array) => {
                let element = known!(kept::element_of(array));
                self.operation("array_prepend", [left, right], [element, array], array)
            }
            (first, second) if is_text(first) || is_text(second) || first == 0 && second == 0 => {
                let left = known!(self.shown(&left)?);
                let right = known!(self.shown(&right)?);
                let both = left.with(right);
                Ok(Some(both.then(Function::Concatenated, 0, oid::TEXT)))
            }
            _ => Ok(None),
        }
    }

    /// `document - keys`; none of other types.
    pub(super) fn removed(&mut self, left: Computed, right: Computed) -> Compiled {
        let (code, wanted) = match right.type_oid {
            known if is_integer(known) => ("jsonb_delete_idx", oid::INT4),
            known if kept::is_array(known) => ("jsonb_delete_array", super::elements::TEXTS),
            0 | oid::TEXT | oid::VARCHAR => ("jsonb_delete", oid::TEXT),
            _ => return Ok(None),
        };
        self.operation(code, [left, right], [oid::JSONB, wanted], oid::JSONB)
    }

    /// `document #- path`
    pub(super) fn removed_path(&mut self, left: Computed, right: Computed) -> Compiled {
        let types = [oid::JSONB, super::elements::TEXTS];
        self.operation("jsonb_delete_path", [left, right], types, oid::JSONB)
    }

    fn operation(
        &mut self,
        code: &str,
        operands: [Computed; 2],
        types: [Oid; 2],
        gives: Oid,
    ) -> Compiled {
        let mut call = Computed::none_of(gives);
        for (operand, wanted) in operands.into_iter().zip(types) {
            call = call.with(known!(self.settled(operand, wanted)?));
        }
        Ok(Some(call.called(code, 2)))
    }
}

//! A value beside any or all elements of an array.
//!
//! PostgreSQL manual, "Row and Array Comparisons".

use std::cmp::Ordering;

use pgiris_values::array::Array;

use super::{Operand, compare, is_equal, truth};
use crate::rules::wit_plan::Function;
use crate::value::{Oid, ValueError};

/// Whether one element decides, and how it is compared.
pub(super) struct Test {
    /// What an element says that decides: true of ANY, false of ALL.
    decisive: bool,
    comparison: Comparison,
}

enum Comparison {
    Equal,
    Different,
    /// The value is on one of these sides of the element.
    Ordered(&'static [Ordering]),
}

const LESS: Comparison = Comparison::Ordered(&[Ordering::Less]);
const LESS_OR_EQUAL: Comparison = Comparison::Ordered(&[Ordering::Less, Ordering::Equal]);
const GREATER: Comparison = Comparison::Ordered(&[Ordering::Greater]);
const GREATER_OR_EQUAL: Comparison = Comparison::Ordered(&[Ordering::Greater, Ordering::Equal]);

impl Test {
    /// None for other functions.
    pub(super) fn of(function: Function) -> Option<Self> {
        use Function as F;
        let (decisive, comparison) = match function {
            F::EqualsAny => (true, Comparison::Equal),
            F::DiffersAny => (true, Comparison::Different),
            F::LessAny => (true, LESS),
            F::LessOrEqualAny => (true, LESS_OR_EQUAL),
            F::GreaterAny => (true, GREATER),
            F::GreaterOrEqualAny => (true, GREATER_OR_EQUAL),
            F::EqualsAll => (false, Comparison::Equal),
            F::DiffersAll => (false, Comparison::Different),
            F::LessAll => (false, LESS),
            F::LessOrEqualAll => (false, LESS_OR_EQUAL),
            F::GreaterAll => (false, GREATER),
            F::GreaterOrEqualAll => (false, GREATER_OR_EQUAL),
            _ => return None,
        };
        Some(Self {
            decisive,
            comparison,
        })
    }

    /// NULL among the values leaves it open, unless another decides.
    pub(super) fn result(
        &self,
        type_oid: Oid,
        value: Option<&str>,
        array: &Array,
    ) -> Result<Operand, ValueError> {
        let mut unknown = false;
        for element in &array.elements {
            match (value, element) {
                (Some(value), Some(element)) => {
                    if self.holds(type_oid, value, element)? == self.decisive {
                        return Ok(truth(self.decisive));
                    }
                }
                _ => unknown = true,
            }
        }
        Ok(match unknown {
            true => None,
            false => truth(!self.decisive),
        })
    }

    fn holds(&self, type_oid: Oid, value: &str, element: &str) -> Result<bool, ValueError> {
        Ok(match &self.comparison {
            Comparison::Equal => is_equal(type_oid, value, element)?,
            Comparison::Different => !is_equal(type_oid, value, element)?,
            Comparison::Ordered(sides) => sides.contains(&compare(type_oid, value, element)?),
        })
    }
}

//! Numbers that are counted with, and values that are chosen among.

use sqlparser::ast::{BinaryOperator, CaseWhen, Expr};

use super::{Compiled, Compiler, Computed, comparison, is_number, known};
use crate::types::oid;
use crate::typing;
use crate::wit::{Function, Instruction, Oid};

impl Compiler<'_> {
    /// An operator of numbers; none if it is another.
    pub(super) fn arithmetic(
        &mut self,
        left: &Expr,
        operator: &BinaryOperator,
        right: &Expr,
    ) -> Compiled {
        use BinaryOperator as O;
        let suffix = match operator {
            O::Plus => "pl",
            O::Minus => "mi",
            O::Multiply => "mul",
            O::Divide => "div",
            O::Modulo => "mod",
            _ => return Ok(None),
        };
        let (left, right) = (known!(self.compile(left)?), known!(self.compile(right)?));
        if let Some(found) = self.moment_arithmetic(&left, operator, &right)? {
            return Ok(Some(found));
        }
        if left.type_oid == oid::JSONB {
            return match operator {
                O::Minus => self.removed(left, right),
                _ => Ok(None),
            };
        }
        let both = match (left.type_oid, right.type_oid) {
            (0, known) | (known, 0) => known,
            (left, right) => known!(typing::wider(left, right)),
        };
        let code = known!(code(both, suffix));
        let left = known!(self.settled(left, both)?);
        let right = known!(self.settled(right, both)?);
        Ok(Some(left.with(right).called(&code, 2).typed(both)))
    }

    pub(super) fn negated_number(&mut self, number: &Expr) -> Compiled {
        let number = known!(self.compile(number)?);
        let type_oid = number.type_oid;
        let code = known!(match type_oid {
            oid::NUMERIC => Some("numeric_uminus".to_owned()),
            other => code(other, "um"),
        });
        Ok(Some(number.called(&code, 1).typed(type_oid)))
    }

    /// `CASE`, of which nothing is computed that is not chosen.
    pub(super) fn choice(
        &mut self,
        operand: Option<&Expr>,
        branches: &[CaseWhen],
        otherwise: Option<&Expr>,
    ) -> Compiled {
        let mut conditions = Vec::with_capacity(branches.len());
        let mut results = Vec::with_capacity(branches.len() + 1);
        for branch in branches {
            let condition = match operand {
                Some(operand) => {
                    self.comparison(operand, &BinaryOperator::Eq, &branch.condition)?
                }
                None => self.compile(&branch.condition)?,
            };
            let condition = known!(condition);
            conditions.push(known!(self.settled(condition, oid::BOOL)?));
            results.push(known!(self.compile(&branch.result)?));
        }
        results.push(match otherwise {
            Some(otherwise) => known!(self.compile(otherwise)?),
            None => Computed::constant(None, 0),
        });
        let type_oid = known!(merged(&results));
        let mut settled = Vec::with_capacity(results.len());
        for result in results {
            settled.push(known!(self.settled(result, type_oid)?));
        }
        let last = known!(settled.pop());
        let branches = conditions.into_iter().zip(settled).rev();
        Ok(Some(branches.fold(last, |rest, (condition, result)| {
            chosen(condition, result, rest)
        })))
    }

    /// `NULLIF`
    pub(super) fn null_if(&mut self, value: &Expr, other: &Expr) -> Compiled {
        let same = known!(self.comparison(value, &BinaryOperator::Eq, other)?);
        let value = known!(self.compile(value)?);
        let nothing = Computed::constant(None, value.type_oid);
        Ok(Some(chosen(same, nothing, value)))
    }

    /// `GREATEST` and `LEAST`, to which NULL is nothing.
    pub(super) fn extreme(&mut self, values: &[&Expr], operator: &BinaryOperator) -> Compiled {
        let mut all = Vec::with_capacity(values.len());
        for value in values {
            all.push(known!(self.compile(value)?));
        }
        let type_oid = known!(merged(&all));
        let mut values = all.into_iter();
        let first = known!(values.next());
        let mut extreme = known!(self.settled(first, type_oid)?);
        for value in values {
            let value = known!(self.settled(value, type_oid)?);
            let compared = self.compared(extreme.clone(), operator, value.clone())?;
            let is_null = |value: &Computed| value.clone().then(Function::IsNull, 0, oid::BOOL);
            let stays = known!(compared)
                .with(is_null(&value))
                .then(Function::Either, 0, oid::BOOL);
            let is_nothing = is_null(&extreme);
            extreme = chosen(is_nothing, value.clone(), chosen(stays, extreme, value));
            if extreme.instructions.len() > MOST_INSTRUCTIONS {
                return Ok(None);
            }
        }
        Ok(Some(extreme))
    }
}

/// What a value is computed of that is written several times.
const MOST_INSTRUCTIONS: usize = 4_096;

/// A result if the condition is true, else another.
fn chosen(condition: Computed, result: Computed, otherwise: Computed) -> Computed {
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let type_oid = otherwise.type_oid;
    let mut instructions = condition.instructions;
    instructions.push(Instruction::SkipUnless(count(
        result.instructions.len() + 1,
    )));
    instructions.extend(result.instructions);
    instructions.push(Instruction::Skip(count(otherwise.instructions.len())));
    instructions.extend(otherwise.instructions);
    Computed {
        instructions,
        type_oid,
    }
}

/// The type of what one of several values is.
pub(super) fn merged<'a>(values: impl IntoIterator<Item = &'a Computed>) -> Option<Oid> {
    let mut known = 0;
    for value in values {
        known = match (known, value.type_oid) {
            (0, other) | (other, 0) => other,
            (left, right) => comparison::common(left, right)?,
        };
    }
    Some(if known == 0 { oid::TEXT } else { known })
}

/// The name of the code of an operator of a type of numbers.
fn code(type_oid: Oid, suffix: &str) -> Option<String> {
    let prefix = match type_oid {
        oid::INT2 => "int2",
        oid::INT4 => "int4",
        oid::INT8 => "int8",
        oid::FLOAT8 if suffix != "mod" => "float8",
        oid::NUMERIC => {
            let name = match suffix {
                "pl" => "numeric_add",
                "mi" => "numeric_sub",
                "mul" => "numeric_mul",
                "div" => "numeric_div",
                "mod" => "numeric_mod",
                _ => return None,
            };
            return Some(name.to_owned());
        }
        _ => return None,
    };
    is_number(type_oid).then(|| format!("{prefix}{suffix}"))
}

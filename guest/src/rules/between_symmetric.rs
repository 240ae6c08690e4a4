//! # What it does
//! Writes `BETWEEN SYMMETRIC` as two BETWEEN, and leaves the word ASYMMETRIC out.
//!
//! # Why
//! IRIS has BETWEEN alone. (InterSystems SQL Reference, "BETWEEN".)
//!
//! # Example
//! `a BETWEEN SYMMETRIC 3 AND 1` becomes `(a BETWEEN 3 AND 1 OR a BETWEEN 1 AND 3)`.
//!
//! # Limits
//! What is compared is written twice.
//!
//! # Versions
//! All.

use sqlparser::ast::{BinaryOperator, Expr, Statement};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::dialect;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::walk;

pub(crate) struct BetweenSymmetric;

impl Rule for BetweenSymmetric {
    fn name(&self) -> &'static str {
        "between_symmetric"
    }

    fn summary(&self) -> &'static str {
        "writes BETWEEN SYMMETRIC as two BETWEEN"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::SYMMETRY)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let copies = &mut pass.copies;
        let mut changed = false;
        walk::expressions(tree, &mut |expression| {
            let Some((operand, low, high, is_symmetric)) = dialect::between(expression) else {
                return Ok(());
            };
            let between = |operand: Expr, low: Expr, high: Expr| Expr::Between {
                expr: Box::new(operand),
                negated: false,
                low: Box::new(low),
                high: Box::new(high),
            };
            let fresh = if is_symmetric {
                let (operand, low, high) =
                    (copies.copy(operand)?, copies.copy(low)?, copies.copy(high)?);
                let one = between(operand.clone(), low.clone(), high.clone());
                let other = between(operand, high, low);
                build::nested(build::binary(one, BinaryOperator::Or, other))
            } else {
                between(operand.clone(), low.clone(), high.clone())
            };
            *expression = fresh;
            changed = true;
            Ok(())
        })?;
        Ok(changed)
    }
}

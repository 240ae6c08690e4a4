//! # What it does
//! Writes the operators that change documents and arrays as the functions that they are to PostgreSQL, for the
//! broker to compute.
//!
//! # Why
//! IRIS keeps both as texts: its `||` would join these, and its `-` count with them. What the operators mean
//! depends on the types of their operands.
//!
//! # Example
//! `UPDATE t SET data = data || '{"seen": true}'` becomes `UPDATE t SET data = jsonb_concat(data, …)`, which the
//! rule `element_access` leaves to the broker.
//!
//! # Limits
//! Where the broker computes, see `element_access`. Arrays have one dimension.
//!
//! # Versions
//! All.

use sqlparser::ast::{BinaryOperator, Expr, ObjectNamePart, Statement};
use sqlparser::tokenizer::{Location, Span};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::scope::{ScopedHooks, Scopes, scoped};
use crate::types::{kept, oid};
use crate::typing;
use crate::vector::operator_at;
use crate::wit::Oid;

pub(crate) struct DocumentChange;

impl Rule for DocumentChange {
    fn name(&self) -> &'static str {
        "document_change"
    }

    fn summary(&self) -> &'static str {
        "names the functions behind the operators that change documents and arrays"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(
            Marks::CONCATENATION
                .and(Marks::ARITHMETIC)
                .and(Marks::ACCESS),
        )
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            changed: false,
            text: pass.text,
        };
        scoped(tree, pass.relations, &pass.parameters, &mut walk)?;
        if walk.changed {
            pass.brought.add(Marks::ACCESS.and(Marks::FUNCTION));
        }
        Ok(walk.changed)
    }
}

struct Walk<'a> {
    changed: bool,
    /// The client's.
    text: &'a str,
}

impl ScopedHooks for Walk<'_> {
    fn leave_expression(&mut self, expr: &mut Expr, scopes: &mut Scopes<'_>) -> Diagnosed<()> {
        let Some(code) = code_of(expr, scopes) else {
            return Ok(());
        };
        if let Expr::BinaryOp { left, op, right } = expr {
            let place = operator_at(left, &op.to_string(), self.text);
            *expr = build::call(code, vec![build::take(left), build::take(right)]);
            if let Expr::Function(function) = expr
                && let Some(ObjectNamePart::Identifier(name)) = function.name.0.last_mut()
            {
                let column = u64::try_from(place).unwrap_or_default() + 1;
                let at = Location { line: 1, column };
                name.span = Span { start: at, end: at };
            }
            self.changed = true;
        }
        Ok(())
    }
}

/// The name of the function that an operator is; none if it is another.
fn code_of(expr: &Expr, scopes: &Scopes<'_>) -> Option<&'static str> {
    let Expr::BinaryOp { left, op, right } = expr else {
        return None;
    };
    match op {
        BinaryOperator::StringConcat => joining(left, right, scopes),
        BinaryOperator::Minus if scopes.type_of(left)? == oid::JSONB => {
            match scopes.type_of(right) {
                Some(oid::INT2 | oid::INT4) => Some("jsonb_delete_idx"),
                Some(array) if kept::is_array(array) => Some("jsonb_delete_array"),
                Some(oid::TEXT | oid::VARCHAR) => Some("jsonb_delete"),
                None if typing::is_untyped(right) => Some("jsonb_delete"),
                _ => None,
            }
        }
        BinaryOperator::HashMinus if scopes.type_of(left)? == oid::JSONB => {
            Some("jsonb_delete_path")
        }
        _ => None,
    }
}

/// The function behind `||`, if it joins no texts.
fn joining(left: &Expr, right: &Expr, scopes: &Scopes<'_>) -> Option<&'static str> {
    let of = |side: &Expr| match typing::is_untyped(side) {
        true => Some(Side::Untyped),
        false => scopes.type_of(side).map(Side::Of),
    };
    match (of(left)?, of(right)?) {
        (Side::Of(oid::JSONB), Side::Of(oid::JSONB) | Side::Untyped)
        | (Side::Untyped, Side::Of(oid::JSONB)) => Some("jsonb_concat"),
        (Side::Of(array), Side::Untyped) | (Side::Untyped, Side::Of(array))
            if kept::is_array(array) =>
        {
            Some("array_cat")
        }
        (Side::Of(left), Side::Of(right)) => match (kept::is_array(left), kept::is_array(right)) {
            (true, true) => Some("array_cat"),
            (true, false) => Some("array_append"),
            (false, true) => Some("array_prepend"),
            (false, false) => None,
        },
        _ => None,
    }
}

/// What is known of an operand.
enum Side {
    /// A literal or a parameter that takes any type.
    Untyped,
    Of(Oid),
}

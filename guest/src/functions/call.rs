//! A call that is being written for IRIS.

use sqlparser::ast::{BinaryOperator, DataType, Expr, Function, Value};

use crate::build;
use crate::casts::{self, Operand};
use crate::diagnostic::Diagnosed;
use crate::rule::Pass;
use crate::scope::Scopes;
use crate::types::{self, oid};
use crate::wit::{Diagnostic, Oid};

/// The arguments, and what is known around them.
pub(crate) struct Call<'a, 'b, 'c> {
    /// The name by which it was called.
    pub(crate) name: &'a str,
    pub(crate) args: Vec<Expr>,
    /// The call without its arguments, if it was written as one: for aggregates.
    pub(crate) function: Option<Function>,
    pub(crate) scopes: &'a Scopes<'b>,
    pub(crate) pass: &'a mut Pass<'c>,
}

impl Call<'_, '_, '_> {
    /// An argument, taken out; NULL if there are not so many.
    pub(crate) fn take(&mut self, index: usize) -> Expr {
        self.args
            .get_mut(index)
            .map_or_else(|| Expr::value(Value::Null), build::take)
    }

    /// An argument that will be written again.
    pub(crate) fn copy(&mut self, index: usize) -> Diagnosed<Expr> {
        match self.args.get(index) {
            Some(argument) => self.pass.copies.copy(argument),
            None => Ok(Expr::value(Value::Null)),
        }
    }

    pub(crate) fn type_of(&self, index: usize) -> Option<Oid> {
        self.scopes.type_of(self.args.get(index)?)
    }

    pub(crate) fn may_be_null(&self, index: usize) -> bool {
        self.args
            .get(index)
            .is_none_or(|argument| self.scopes.may_be_null(argument))
    }

    /// The whole number that an argument is.
    pub(crate) fn integer(&self, index: usize) -> Option<i64> {
        integer(self.args.get(index)?)
    }

    /// The content of the string literal that an argument is.
    pub(crate) fn string(&self, index: usize) -> Option<String> {
        build::string_in(self.args.get(index)?)
    }

    /// Whether an argument is a string.
    pub(crate) fn is_string(&self, index: usize) -> bool {
        self.string(index).is_some()
            || matches!(
                self.type_of(index),
                Some(oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::NAME)
            )
    }

    /// The argument as text: what IRIS would show as a number of days or as 1 and 0.
    pub(crate) fn text(&mut self, index: usize) -> Diagnosed<Expr> {
        Ok(match self.type_of(index) {
            Some(oid::BOOL) => {
                let again = self.copy(index)?;
                let value = self.take(index);
                build::case(
                    vec![
                        (value, build::string("t")),
                        (build::not(again), build::string("f")),
                    ],
                    None,
                )
            }
            Some(oid::DATE | oid::TIME | oid::TIMESTAMP | oid::TIMESTAMPTZ) => {
                build::cast(self.take(index), varchar(50))
            }
            Some(known @ (oid::NUMERIC | oid::FLOAT4 | oid::FLOAT8 | oid::UUID)) => {
                let expr = self.take(index);
                let mut operand = Operand {
                    digits: self.scopes.digits_to_cast(&expr),
                    expr,
                    oid: Some(known),
                    copies: &mut self.pass.copies,
                };
                let text = DataType::Text;
                let spelled = match types::of(&text) {
                    Some(target) => casts::cast(&mut operand, &target, &text)?,
                    None => None,
                };
                spelled.unwrap_or(operand.expr)
            }
            _ => self.take(index),
        })
    }

    /// The argument as its type is written, where values of all types are joined.
    pub(crate) fn written(&mut self, index: usize) -> Diagnosed<Expr> {
        match self.type_of(index) {
            Some(oid::TIMESTAMPTZ) => {
                let text = build::cast(self.take(index), varchar(50));
                // The time zone of the session is UTC.
                Ok(build::binary(
                    text,
                    BinaryOperator::StringConcat,
                    build::string("+00"),
                ))
            }
            Some(oid::BYTEA) => Err(self.refusal(" of bytea", "join the bytes in the client")),
            _ => self.text(index),
        }
    }

    /// The argument as DOUBLE where PostgreSQL would count in doubles: IRIS counts
    /// in decimals unless it is told.
    pub(crate) fn double(&mut self, index: usize) -> Expr {
        match self.type_of(index) {
            Some(oid::FLOAT8) if !is_cast(self.args.get(index)) => self.take(index),
            Some(oid::INT2 | oid::INT4 | oid::INT8 | oid::FLOAT4 | oid::FLOAT8) => {
                to_double(self.take(index))
            }
            _ => self.take(index),
        }
    }

    /// A refusal of this function.
    pub(crate) fn refusal(&self, what: &str, hint: &str) -> Diagnostic {
        Diagnostic::not_supported(
            format!("function {}{what} is not supported", self.name),
            hint,
        )
    }
}

/// A cast is left to the rules that know casts.
fn is_cast(argument: Option<&Expr>) -> bool {
    matches!(argument.map(build::unnested), Some(Expr::Cast { .. }))
}

/// The whole number that an expression is.
pub(crate) fn integer(expression: &Expr) -> Option<i64> {
    build::number_in(expression)?.parse().ok()
}

/// `{fn NAME(arguments)}`
pub(crate) fn braced(name: &str, arguments: Vec<Expr>) -> Expr {
    let Expr::Function(mut function) = build::call(name, arguments) else {
        return Expr::value(Value::Null);
    };
    function.uses_odbc_syntax = true;
    Expr::Function(function)
}

pub(crate) fn to_double(inner: Expr) -> Expr {
    build::cast(
        inner,
        sqlparser::ast::DataType::Double(sqlparser::ast::ExactNumberInfo::None),
    )
}

/// `VARCHAR(length)`
pub(crate) fn varchar(length: u64) -> sqlparser::ast::DataType {
    sqlparser::ast::DataType::Varchar(Some(sqlparser::ast::CharacterLength::IntegerLength {
        length,
        unit: None,
    }))
}

/// The longest text that a cast keeps.
pub(crate) fn longest() -> sqlparser::ast::DataType {
    varchar(types::LONGEST_STRING)
}

/// `left operator right`, with parentheses around operands that need them.
pub(crate) fn operation(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    build::binary(build::nested(left), op, build::nested(right))
}

pub(crate) fn is_not_null(inner: Expr) -> Expr {
    Expr::IsNotNull(Box::new(build::nested(inner)))
}

/// `left AND right`
pub(crate) fn and(left: Expr, right: Expr) -> Expr {
    build::binary(left, BinaryOperator::And, right)
}

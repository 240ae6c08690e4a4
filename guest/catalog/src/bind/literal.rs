//! Constants as statements write them.

use sqlparser::ast::Value as Literal;

use super::{Binder, Typed};
use crate::failure::{Failure, Result};
use crate::plan::Expr;
use crate::types::Type;
use crate::value::Value;

impl Binder {
    pub(super) fn literal(&self, literal: &Literal) -> Result<Typed> {
        Ok(match literal {
            Literal::Number(digits, _) => number(digits)?,
            Literal::Boolean(flag) => Typed::new(Expr::Constant((*flag).into()), Type::BOOL),
            Literal::Null => Typed::new(Expr::Constant(Value::Null), Type::UNKNOWN),
            Literal::Placeholder(name) => return self.parameter(name),
            other => match text_of(other) {
                Some(text) => Typed::new(Expr::Constant(text.into()), Type::UNKNOWN),
                None => return Err(Failure::not_supported("such a literal")),
            },
        })
    }
}

/// The text of a string literal.
pub(super) fn text_of(literal: &Literal) -> Option<&str> {
    match literal {
        Literal::SingleQuotedString(text)
        | Literal::EscapedStringLiteral(text)
        | Literal::UnicodeStringLiteral(text)
        | Literal::NationalStringLiteral(text) => Some(text),
        Literal::DollarQuotedString(quoted) => Some(&quoted.value),
        _ => None,
    }
}

fn number(digits: &str) -> Result<Typed> {
    if let Ok(whole) = digits.parse::<i64>() {
        let kind = if i32::try_from(whole).is_ok() {
            Type::INT4
        } else {
            Type::INT8
        };
        return Ok(Typed::new(Expr::Constant(whole.into()), kind));
    }
    let real: f64 = digits
        .parse()
        .map_err(|_| Failure::bad_input("numeric", digits))?;
    Ok(Typed::new(
        Expr::Constant(Value::Float(real)),
        Type::NUMERIC,
    ))
}

//! The ODBC escapes `{d …}`, `{t …}` and `{ts …}`: a string or a number in logical form.

use super::typed::{Typed, text_literal};
use super::{Binder, convert};
use crate::ast::Expr;
use crate::datatype::Type;
use crate::error::{Result, SqlError};
use crate::{decimal, temporal};

impl Binder<'_> {
    /// Invalid text is -146 for a date and -147 for a time, a number out of range -400.
    pub(super) fn moment_literal(&mut self, kind: &str, literal: &Expr) -> Result<Typed> {
        let ty = match kind {
            "{D}" => Type::Date,
            // Its logical value keeps a fraction that clients do not see.
            "{T}" => Type::Time(0),
            _ => Type::Timestamp,
        };
        let sql = match (literal, &ty) {
            (Expr::Text(text), Type::Date) => date(text)?,
            (Expr::Text(text), Type::Time(_)) => time(text)?,
            (Expr::Text(text), _) => timestamp(text)?,
            (Expr::Number(number), _) => numbered(number, &ty)?,
            (Expr::Negate(operand), _) if matches!(**operand, Expr::Number(_)) => {
                let Expr::Number(number) = &**operand else {
                    return Err(SqlError::code(-400));
                };
                numbered(&format!("-{number}"), &ty)?
            }
            (Expr::Parameter(_), _) => convert::to(&self.value(literal, None)?, &ty),
            _ => return Err(SqlError::new(-1, "literal expected in ODBC escape")),
        };
        Ok(Typed::computed(sql, ty))
    }
}

/// `yyyy-mm-dd`; of a timestamp the date counts, if the time is valid too.
fn date(text: &str) -> Result<String> {
    let at = temporal::parse_timestamp(text).ok_or_else(|| SqlError::new(-146, text))?;
    Ok(temporal::days(at.date()).to_string())
}

fn time(text: &str) -> Result<String> {
    let time = temporal::parse_time(text).ok_or_else(|| SqlError::new(-147, text))?;
    Ok(temporal::nanoseconds(time).to_string())
}

fn timestamp(text: &str) -> Result<String> {
    let at = temporal::parse_any_timestamp(text)
        .filter(|_| text.contains(['-', '/']) || is_number(text));
    let at =
        at.ok_or_else(|| SqlError::new(-400, format!("<ILLEGAL VALUE> timestamp '{text}'")))?;
    Ok(text_literal(&temporal::timestamp_text(at)))
}

fn is_number(text: &str) -> bool {
    decimal::exact(text).is_some()
}

/// Days since 1840-12-31, or seconds since midnight.
fn numbered(number: &str, ty: &Type) -> Result<String> {
    let number = decimal::leading(number);
    let shown = || decimal::canonical(&number);
    if matches!(ty, Type::Time(_)) {
        let time = temporal::time_of_seconds(&number)
            .ok_or_else(|| SqlError::new(-400, format!("<ILLEGAL VALUE> time {}", shown())))?;
        return Ok(temporal::nanoseconds(time).to_string());
    }
    let days = decimal::whole(&number).filter(|_| number.is_integer());
    let date = days.and_then(temporal::date_in_range);
    let date =
        date.ok_or_else(|| SqlError::new(-400, format!("<VALUE OUT OF RANGE> date {}", shown())))?;
    Ok(match ty {
        Type::Date => temporal::days(date).to_string(),
        _ => text_literal(&temporal::timestamp_text(date.at(0, 0, 0, 0))),
    })
}

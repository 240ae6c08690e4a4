//! An IRIS expression that fails, with an error of PostgreSQL's.
//!
//! `CONVERT(BIT, x)` of anything but 1, 0 and NULL is SQLCODE -141, and the text of the
//! error shows the value. (InterSystems SQL Reference, CONVERT.)

use sqlparser::ast::{BinaryOperator, DataType, Expr, Value};

use crate::build;

/// What stands before the SQLSTATE in the text of the error.
const MARK: &str = "pgiris ";

/// Fails with this SQLSTATE, and with a message that has a value in it.
pub(crate) fn about(sqlstate: &str, before: &str, value: Expr, behind: &str) -> Expr {
    let before = build::string(&format!("{MARK}{sqlstate} {before}"));
    let shown = build::binary(before, BinaryOperator::StringConcat, build::nested(value));
    convert(build::binary(
        shown,
        BinaryOperator::StringConcat,
        build::string(behind),
    ))
}

/// Fails with this SQLSTATE and message.
pub(crate) fn plain(sqlstate: &str, message: &str) -> Expr {
    convert(build::string(&format!("{MARK}{sqlstate} {message}")))
}

fn convert(text: Expr) -> Expr {
    Expr::Convert {
        is_try: false,
        expr: Box::new(text),
        data_type: Some(DataType::Bit(None)),
        charset: None,
        target_before_value: true,
        styles: Vec::new(),
    }
}

/// Whether an expression only fails, and so has no type to bring.
pub(crate) fn is_one(expression: &Expr) -> bool {
    let Expr::Convert {
        expr: text,
        data_type: Some(DataType::Bit(None)),
        ..
    } = expression
    else {
        return false;
    };
    let mut first = &**text;
    while let Expr::BinaryOp { left, .. } = first {
        first = left;
    }
    matches!(first, Expr::Value(value)
        if matches!(&value.value, Value::SingleQuotedString(text) if text.starts_with(MARK)))
}

/// The SQLSTATE and the message that an error's text contains.
pub(crate) fn read(text: &str) -> Option<(&str, &str)> {
    let (_, rest) = text.split_once(MARK)?;
    let (sqlstate, message) = rest.split_at_checked(5)?;
    let ours = sqlstate.starts_with("22") || matches!(sqlstate, "0A000" | "23502" | "21000");
    Some((sqlstate, message.strip_prefix(' ')?)).filter(|_| ours)
}

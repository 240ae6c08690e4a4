//! What PostgreSQL's casts give, in IRIS's expressions: a cast that must fail does, and
//! the others round and spell as PostgreSQL does.

mod literal;
mod moment;
mod number;
mod other;
mod text;

use sqlparser::ast::{DataType, Expr, Value};

use crate::build;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::kept_text;
use crate::types::{self, Digits, PgType, oid};
use crate::typing::padding;
use crate::wit::{Diagnostic, Oid};

pub(crate) use literal::{
    bound_bytes, bound_literal, integer as whole_number, number_as_text, syntax as syntax_error,
    uuid,
};
pub(crate) use moment::clock_of;
pub(crate) use other::truth_of;
pub(crate) use text::short;

/// What is cast.
pub(crate) struct Operand<'a> {
    pub(crate) expr: Expr,
    /// PostgreSQL's type; none if it is not known.
    pub(crate) oid: Option<Oid>,
    /// Of a number.
    pub(crate) digits: Option<Digits>,
    pub(crate) copies: &'a mut Copies,
}

impl Operand<'_> {
    /// The operand once more.
    fn copy(&mut self) -> Diagnosed<Expr> {
        self.copies.copy(&self.expr)
    }

    /// The operand without the blanks that PostgreSQL skips.
    fn trimmed(&mut self) -> Diagnosed<Expr> {
        Ok(build::call("TRIM", vec![unwrapped(self.copy()?)]))
    }

    /// The operand as an argument.
    fn argument(&mut self) -> Diagnosed<Expr> {
        Ok(unwrapped(self.copy()?))
    }

    fn is_text(&self) -> bool {
        self.oid.is_some_and(is_string)
    }
}

/// An expression without parentheses, where a comma or a parenthesis follows.
fn unwrapped(expr: Expr) -> Expr {
    match expr {
        Expr::Nested(inner) => unwrapped(*inner),
        other => other,
    }
}

/// Whether a type's values are strings to PostgreSQL.
pub(crate) fn is_string(oid: Oid) -> bool {
    matches!(
        oid,
        oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::NAME | oid::XML
    )
}

pub(crate) fn is_integer(oid: Oid) -> bool {
    matches!(oid, oid::INT2 | oid::INT4 | oid::INT8)
}

/// Whether a cast of a value of the type itself may change it.
pub(crate) fn limits_bound(target: &PgType, written: &DataType) -> bool {
    match target.oid {
        oid::NUMERIC => number::has_limits(written),
        oid::TIMESTAMP | oid::TIMESTAMPTZ | oid::TIME => moment::digits_of(written).is_some(),
        oid::BPCHAR => padding::of_type(written).is_some(),
        _ => false,
    }
}

/// The cast of an operand; none, and the operand left as it is, if IRIS's own CAST
/// is PostgreSQL's.
///
/// # Errors
/// PostgreSQL has no such cast, or it fails.
pub(crate) fn cast(
    operand: &mut Operand<'_>,
    target: &PgType,
    written: &DataType,
) -> Diagnosed<Option<Expr>> {
    if let Expr::Value(value) = build::unnested(&operand.expr) {
        match &value.value {
            Value::SingleQuotedString(text) => {
                let text = text.replace("''", "'");
                return literal::string(&text, operand.copies, target, written);
            }
            Value::Null => return Ok(None),
            Value::Boolean(truth) if is_string(target.oid) => {
                let word = build::string(if *truth { "true" } else { "false" });
                return Ok(Some(text::limited(word, target, written)));
            }
            Value::Number(digits, _) if is_string(target.oid) => {
                if let Some(word) = literal::number_as_text(digits) {
                    return Ok(Some(text::limited(build::string(&word), target, written)));
                }
            }
            _ => {}
        }
    }
    let Some(from) = operand.oid else {
        return Ok(None);
    };
    if from == oid::TIME
        && is_string(target.oid)
        && let Some(clock) = clock_of(&operand.expr)
    {
        let clock = clock.clone();
        return Ok(Some(text::limited(clock, target, written)));
    }
    if !exists(from, target.oid) {
        return Err(no_cast(from, target.oid));
    }
    if from == oid::BOOL && is_string(target.oid) {
        let word = text::truth(operand)?;
        return Ok(Some(text::limited(word, target, written)));
    }
    if matches!(target.oid, oid::VECTOR | oid::HALFVEC) {
        return Ok(None);
    }
    if kept_text::is_canonical(target.oid) || kept_text::is_canonical(from) {
        return other::kept(operand, from, target.oid);
    }
    match target.oid {
        oid::INT2 | oid::INT4 | oid::INT8 => number::integer(operand, target.oid),
        oid::NUMERIC => number::numeric(operand, written),
        oid::FLOAT4 | oid::FLOAT8 => number::double(operand, target.oid),
        oid::BOOL => other::boolean(operand),
        oid::DATE => moment::date(operand),
        oid::TIMESTAMP | oid::TIMESTAMPTZ => moment::timestamp(operand, target.oid, written),
        oid::TIME => moment::time(operand, written),
        oid::UUID => other::uuid(operand),
        string if is_string(string) => text::text(operand, target, written),
        _ => Ok(None),
    }
}

/// Whether PostgreSQL has a cast: to and from strings it has all, others are in
/// `pg_cast.dat`.
fn exists(from: Oid, to: Oid) -> bool {
    let known = |oid| {
        matches!(
            oid,
            oid::BOOL
                | oid::INT2
                | oid::INT4
                | oid::INT8
                | oid::NUMERIC
                | oid::FLOAT4
                | oid::FLOAT8
                | oid::DATE
                | oid::TIME
                | oid::TIMESTAMP
                | oid::INTERVAL
                | oid::UUID
                | oid::BYTEA
                | oid::JSON
                | oid::JSONB
        )
    };
    if from == to || !known(from) || !known(to) {
        return true;
    }
    let is_number = |oid| types::is_number(oid);
    match (from, to) {
        (oid::BOOL, oid::INT4) | (oid::INT4, oid::BOOL) => true,
        (oid::DATE, oid::TIMESTAMP) | (oid::TIMESTAMP, oid::DATE | oid::TIME) => true,
        (oid::TIME, oid::INTERVAL) | (oid::INTERVAL, oid::TIME) => true,
        (oid::JSON, oid::JSONB) | (oid::JSONB, oid::JSON) => true,
        (oid::JSONB, to) => is_number(to) || to == oid::BOOL,
        (from, to) => is_number(from) && is_number(to),
    }
}

fn no_cast(from: Oid, to: Oid) -> Diagnostic {
    Diagnostic::error(
        "42846",
        format!(
            "cannot cast type {} to {}",
            types::words(from),
            types::words(to)
        ),
    )
}

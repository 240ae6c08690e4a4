//! # What it does
//! Writes `x::type` and `CAST(x AS type)` as a CAST to a type that IRIS has.
//!
//! # Why
//! IRIS takes a colon for a host variable, refuses CAST to `text`, `boolean`,
//! `float` … (SQLCODE -376), and cuts `CAST(x AS VARCHAR)` at 30 characters.
//!
//! # Example
//! `SELECT a::text FROM t` becomes `SELECT CAST(a AS VARCHAR(3641144)) FROM t`.
//!
//! # Limits
//! What a cast gives is the matter of `checked_cast`. Types with a time zone lose it. Types
//! without an equivalent (arrays, `interval`, ranges, `regclass` …) are refused.
//!
//! # Versions
//! All.

use sqlparser::ast::{CastKind, DataType, Expr, Spanned, Statement, Value};

use crate::build;
use crate::definition::offset;
use crate::diagnostic::Diagnosed;
use crate::functions::longest;
use crate::kept_text;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::relations::enums;
use crate::rule::{Pass, Rule};
use crate::types::{self, oid};
use crate::walk;
use crate::wit::Diagnostic;

pub(crate) struct DoubleColonCast;

impl Rule for DoubleColonCast {
    fn name(&self) -> &'static str {
        "double_colon_cast"
    }

    fn summary(&self) -> &'static str {
        "writes casts as CAST to a type that IRIS has"
    }

    fn concerns(&self, marks: Marks) -> bool {
        // A literal in VALUES, a set operation or an array may have got one.
        marks.has(
            Marks::CAST
                .and(Marks::VALUES)
                .and(Marks::SET_OPERATION)
                .and(Marks::QUANTIFIER),
        )
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut changed = false;
        walk::expressions(tree, &mut |expression| {
            let Expr::Cast {
                kind: CastKind::Cast | CastKind::DoubleColon,
                ..
            } = expression
            else {
                return Ok(());
            };
            changed |= spelled(expression, pass)?;
            Ok(())
        })?;
        Ok(changed)
    }
}

/// Writes a cast as IRIS has it; tells whether that changed it.
fn spelled(cast: &mut Expr, pass: &mut Pass<'_>) -> Diagnosed<bool> {
    let Expr::Cast {
        kind,
        expr: inner,
        data_type,
        ..
    } = cast
    else {
        return Ok(false);
    };
    let mut changed = *kind == CastKind::DoubleColon;
    *kind = CastKind::Cast;
    let Some(known) = types::of(data_type) else {
        if is_unknown(data_type) {
            let message = format!("type \"{}\" does not exist", shown(data_type));
            return Err(Diagnostic::error("42704", message).at(pass.text, place(data_type)));
        }
        return Ok(changed);
    };
    let parameter = placeholder::number_of(build::unnested(inner));
    if let Some(number) = parameter {
        pass.parameter_type(number, known.oid);
    }
    let is_parameter = parameter.is_some();
    // IRIS's CAST would cut the fraction of a second off.
    let is_clock = is_parameter && known.oid == oid::TIME;
    if let DataType::Time(Some(0..=5), _) = data_type
        && is_clock
    {
        return Err(Diagnostic::not_supported(
            "rounding a time is not supported",
            "leave the number of digits away, and round in the client",
        )
        .at(pass.text, place(data_type)));
    }
    if is_clock || types::kept::is_array(known.oid) && is_text(inner) {
        *cast = build::take(inner);
        return Ok(true);
    }
    let kept = (is_parameter && kept_text::is_canonical(known.oid)).then(longest);
    let Some(target) = known.cast_target(data_type).or(kept) else {
        return Err(Diagnostic::not_supported(
            format!(
                "cast to type {} is not supported",
                types::display_name(data_type, &known)
            ),
            "IRIS has no such type; cast to text, or convert the value in the client",
        )
        .at(
            pass.text,
            inner.span().start.column.saturating_sub(1) as usize,
        ));
    };
    changed |= *data_type != target;
    *data_type = target;
    Ok(changed)
}

/// A literal, which is the text of an array.
fn is_text(inner: &Expr) -> bool {
    matches!(build::unnested(inner), Expr::Value(value)
        if matches!(value.value, Value::SingleQuotedString(_)))
}

/// Whether neither PostgreSQL nor IRIS has a type of that name to cast to.
/// (InterSystems SQL Reference, "CAST".)
fn is_unknown(data_type: &DataType) -> bool {
    let DataType::Custom(name, _) = data_type else {
        return false;
    };
    let own = name.0.last().and_then(|part| part.as_ident());
    own.is_some_and(|own| {
        let mut targets = IRIS_TARGETS.iter();
        let is_class = own.value.starts_with('%') || own.value.contains('.');
        !is_class && !targets.any(|known| own.value.eq_ignore_ascii_case(known))
    })
}

/// Targets of IRIS's CAST that the parser knows by their names only.
const IRIS_TARGETS: &[&str] = &[
    "GUID",
    "UNIQUEIDENTIFIER",
    "MONEY",
    "SMALLMONEY",
    "NCHAR",
    "NVARCHAR",
    "TINYINT",
    "DATETIME",
    "SMALLDATETIME",
    "POSIXTIME",
    "VECTOR",
    "LONGVARCHAR",
    "LONGVARBINARY",
];

fn shown(data_type: &DataType) -> String {
    match data_type {
        DataType::Custom(name, _) => enums::shown(name),
        other => other.to_string(),
    }
}

fn place(data_type: &DataType) -> usize {
    match data_type {
        DataType::Custom(name, _) => offset(name),
        _ => 0,
    }
}

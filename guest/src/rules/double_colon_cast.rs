//! # What it does
//! Writes `x::type` and `CAST(x AS type)` as a CAST to a type that IRIS has.
//!
//! # Why
//! IRIS takes a colon for a host variable, refuses CAST to `text`, `boolean`,
//! `float` … (SQLCODE -376), and cuts `CAST(x AS VARCHAR)` at 30 characters.
//!
//! # Example
//! `SELECT a::text FROM t` becomes `SELECT CAST(a AS VARCHAR(32767)) FROM t`.
//!
//! # Limits
//! What a cast gives is the matter of `checked_cast`. Types with a time zone lose it. Types
//! without an equivalent (arrays, `interval`, ranges, `regclass` …) are refused.
//!
//! # Versions
//! All.

use sqlparser::ast::{CastKind, Expr, Spanned, Statement};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::placeholder;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule};
use crate::types;
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
        return Ok(changed);
    };
    if let Some(number) = placeholder::number_of(build::unnested(inner)) {
        pass.parameter_type(number, known.oid);
    }
    let Some(target) = known.cast_target(data_type) else {
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

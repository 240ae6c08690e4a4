//! Arrays that are put together: PostgreSQL's text of them is what IRIS keeps.

use sqlparser::ast::{BinaryOperator, Expr, NullTreatment};

use super::Call;
use super::aggregate::{alike, unsorted};
use crate::build;
use crate::casts::short;
use crate::diagnostic::Diagnosed;
use crate::types::{kept, oid};

/// What makes an element be quoted, but for the quote itself.
const SPECIAL: &str = "{},\\ \t\n\r\u{b}\u{c}";

/// `array_agg`
pub(super) fn aggregate(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let is_window = |function: &sqlparser::ast::Function| function.over.is_some();
    if call.function.as_ref().is_some_and(is_window) {
        return Err(call.refusal(" with OVER", "aggregate in a subquery that is grouped"));
    }
    let treatment = call
        .function
        .as_ref()
        .and_then(|function| function.null_treatment);
    let is_sorted = treatment.is_some();
    if !is_sorted {
        unsorted(call)?;
    }
    let element = element(call, 0, treatment != Some(NullTreatment::IgnoreNulls))?;
    let list = alike(call, "%DLIST", element)?;
    let joined = build::call("$LISTTOSTRING", vec![list, build::string(",")]);
    Ok(enclosed(vec![joined]))
}

/// An array of rows, of the arguments each.
pub(crate) fn rows(call: &mut Call<'_, '_, '_>, filter: Option<Expr>) -> Diagnosed<Expr> {
    let row = constructor(call)?;
    let row = match filter {
        Some(condition) => build::case(vec![(condition, row)], None),
        None => row,
    };
    let list = alike(call, "%DLIST", row)?;
    let joined = build::call("$LISTTOSTRING", vec![list, build::string(",")]);
    Ok(enclosed(vec![joined]))
}

/// `ARRAY[…]`, its elements the arguments.
pub(crate) fn constructor(call: &mut Call<'_, '_, '_>) -> Diagnosed<Expr> {
    let mut parts = Vec::with_capacity(2 * call.args.len());
    for index in 0..call.args.len() {
        if index > 0 {
            parts.push(build::string(","));
        }
        parts.push(element(call, index, true)?);
    }
    Ok(enclosed(parts))
}

/// `'{' || … || '}'`
fn enclosed(parts: Vec<Expr>) -> Expr {
    let last = std::iter::once(build::string("}"));
    let whole = parts
        .into_iter()
        .chain(last)
        .fold(build::string("{"), |left, right| {
            build::binary(left, BinaryOperator::StringConcat, right)
        });
    build::nested(whole)
}

/// An argument as an element of an array, quoted where it must be. NULL is one, or is left out.
fn element(call: &mut Call<'_, '_, '_>, index: usize, has_nulls: bool) -> Diagnosed<Expr> {
    let null = build::string("NULL");
    if let Some(text) = call.string(index) {
        let shown = pgiris_values::array::Array::of(vec![Some(text)]).shown();
        let bare = shown.trim_start_matches('{');
        return Ok(build::string(bare.strip_suffix('}').unwrap_or(bare)));
    }
    if call.args.get(index).is_some_and(build::is_null) {
        return Ok(null);
    }
    let may_be_null = has_nulls && call.may_be_null(index);
    let text = match call.type_of(index) {
        Some(oid::INT2 | oid::INT4 | oid::INT8) => short(call.take(index)),
        Some(
            oid::NUMERIC
            | oid::FLOAT4
            | oid::FLOAT8
            | oid::BOOL
            | oid::DATE
            | oid::TIME
            | oid::UUID,
        ) => call.text(index)?,
        Some(oid::TIMESTAMP) => {
            let moment = call.text(index)?;
            let quote = || build::string("\"");
            let before = build::binary(quote(), BinaryOperator::StringConcat, moment);
            build::nested(build::binary(before, BinaryOperator::StringConcat, quote()))
        }
        Some(oid::TEXT | oid::VARCHAR | oid::NAME | oid::JSON | oid::JSONB) => quoted(call, index)?,
        Some(array) if kept::is_array(array) => {
            return Err(call.refusal(" of arrays", "IRIS keeps them as texts: select the rows"));
        }
        _ => {
            return Err(call.refusal(
                " of values of this type",
                "cast them to a type of which PostgreSQL's arrays are known, as text",
            ));
        }
    };
    Ok(match may_be_null {
        true => build::call("COALESCE", vec![text, null]),
        false => text,
    })
}

/// A string, between quotes if there is something special in it, or nothing.
fn quoted(call: &mut Call<'_, '_, '_>, index: usize) -> Diagnosed<Expr> {
    let marked = build::call(
        "$TRANSLATE",
        vec![
            call.copy(index)?,
            build::string(SPECIAL),
            build::string(&"\"".repeat(SPECIAL.chars().count())),
        ],
    );
    let found = build::call("INSTR", vec![marked, build::string("\"")]);
    let special = build::binary(found, BinaryOperator::Gt, build::number(0));
    let equals = |value: Expr, text: &str| {
        build::binary(
            build::nested(value),
            BinaryOperator::Eq,
            build::string(text),
        )
    };
    let empty = equals(call.copy(index)?, "");
    let word = build::call("UPPER", vec![call.copy(index)?]);
    let null = equals(word, "NULL");
    let or = |left, right| build::binary(left, BinaryOperator::Or, right);
    let needs = or(or(special, empty), null);
    let replaced = |value: Expr, old: &str, new: &str| {
        build::call(
            "REPLACE",
            vec![value, build::string(old), build::string(new)],
        )
    };
    let escaped = replaced(replaced(call.copy(index)?, "\\", "\\\\"), "\"", "\\\"");
    let joined = build::binary(build::string("\""), BinaryOperator::StringConcat, escaped);
    let whole = build::binary(joined, BinaryOperator::StringConcat, build::string("\""));
    Ok(build::case(vec![(needs, whole)], Some(call.take(index))))
}

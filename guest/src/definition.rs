//! What the rules about definitions share: names as IRIS reads them, and what a
//! column's default may be.

pub(crate) mod bytes_default;
pub(crate) mod dropped_column;
pub(crate) mod dropped_table;
mod names;
pub(crate) mod primary_key;
pub(crate) mod retyped;

use sqlparser::ast::{
    DataType, Expr, Function, FunctionArguments, Ident, ObjectName, ObjectNamePart, Spanned,
    UnaryOperator, Value, ValueWithSpan,
};

use crate::build;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::moment_text::Order;
use crate::reserved;
use crate::rule::Pass;
use crate::types::{self, oid};
use crate::typing;
use crate::untyped;
use crate::wit::Diagnostic;
use crate::zone;

pub(crate) use names::{NameHooks, each_name};

/// A name in IRIS's words, where no later rule sees it.
pub(crate) fn written(name: &Ident) -> String {
    if name.quote_style.is_some() {
        return name.to_string();
    }
    let folded = labels::folded(name);
    if reserved::only_in_iris(&folded.to_ascii_uppercase()) {
        format!("\"{folded}\"")
    } else {
        folded
    }
}

/// The last part of a qualified name.
pub(crate) fn last(name: &ObjectName) -> Option<&Ident> {
    name.0.last().and_then(ObjectNamePart::as_ident)
}

/// Where the client wrote it.
pub(crate) fn offset(node: &impl Spanned) -> usize {
    usize::try_from(node.span().start.column)
        .unwrap_or(1)
        .saturating_sub(1)
}

/// What IRIS does in place of the function, as `DEFAULT` takes it.
/// InterSystems SQL Reference, CREATE TABLE, "DEFAULT".
fn replaced(name: &str) -> Option<Expr> {
    match name {
        "now"
        | "transaction_timestamp"
        | "statement_timestamp"
        | "clock_timestamp"
        | "current_timestamp"
        | "localtimestamp" => Some(build::call("GETUTCDATE", vec![build::number(6)])),
        "localtime" => Some(build::call("CURRENT_TIME", vec![build::number(6)])),
        "gen_random_uuid" | "uuid_generate_v4" => Some(Expr::Prefixed {
            prefix: Ident::new("OBJECTSCRIPT"),
            value: Box::new(build::string("$SYSTEM.Util.CreateGUID()")),
        }),
        _ => None,
    }
}

/// What IRIS takes as it is.
const KEPT: &[&str] = &[
    "user",
    "current_user",
    "session_user",
    "system_user",
    "current_date",
    "current_time",
    "sysdate",
    "getdate",
    "getutcdate",
    "to_date",
    "to_timestamp",
];

/// Makes a default one that IRIS takes; tells whether it changed it.
pub(crate) fn default(value: &mut Expr, data_type: &DataType, pass: &Pass<'_>) -> Diagnosed<bool> {
    let changed = taken(value, pass)?;
    if is_bytes(data_type)
        && let Some(text) = build::string_in(value)
    {
        *value =
            bytes_default::written(&text).map_err(|error| error.at(pass.text, offset(value)))?;
        return Ok(true);
    }
    if typing::padding::of_type(data_type).is_some()
        && let Some(text) = build::string_in(value)
    {
        // Kept without the blanks that fill it up.
        *value = build::string(text.trim_end_matches(' '));
    }
    if let (Some(oid::TIMESTAMPTZ), Expr::Value(_)) =
        (types::of(data_type).map(|known| known.oid), &*value)
    {
        let located = zone::assigned(
            value,
            None,
            oid::TIMESTAMPTZ,
            &pass.scene,
            &mut Copies::new(),
        )?;
        return Ok(settled(value, Order::of(&pass.scene))? | located | changed);
    }
    let Some(word) = boolean_word(value, data_type) else {
        return Ok(changed);
    };
    *value = build::number(i64::from(word));
    Ok(true)
}

fn is_bytes(data_type: &DataType) -> bool {
    types::of(data_type).is_some_and(|known| known.oid == oid::BYTEA)
}

/// Writes the moment of a literal in UTC; tells whether that changed it.
fn settled(value: &mut Expr, order: Order) -> Diagnosed<bool> {
    let Some(text) = build::string_in(value) else {
        return Ok(false);
    };
    let settled = untyped::settled(&text, oid::TIMESTAMPTZ, order)?;
    let changed = settled.is_some();
    if let Some(settled) = settled {
        *value = settled;
    }
    Ok(changed)
}

/// The literal that `boolin` reads as true or false, of a boolean column; IRIS takes 1
/// and 0.
fn boolean_word(value: &Expr, data_type: &DataType) -> Option<bool> {
    let Expr::Value(ValueWithSpan {
        value: Value::SingleQuotedString(word),
        ..
    }) = build::unnested(value)
    else {
        return None;
    };
    if !matches!(data_type, DataType::Boolean | DataType::Bool) {
        return None;
    }
    match word.trim().to_ascii_lowercase().as_str() {
        "t" | "true" | "y" | "yes" | "on" | "1" => Some(true),
        "f" | "false" | "n" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn taken(value: &mut Expr, pass: &Pass<'_>) -> Diagnosed<bool> {
    match value {
        Expr::Value(_) | Expr::TypedString(_) | Expr::Prefixed { .. } | Expr::Identifier(_) => {
            Ok(false)
        }
        Expr::UnaryOp {
            op: UnaryOperator::Minus | UnaryOperator::Plus,
            expr,
        } if matches!(**expr, Expr::Value(_)) => Ok(false),
        Expr::Nested(inner) => taken(inner, pass),
        Expr::Cast {
            expr, data_type, ..
        } if is_now(expr) => {
            let clock = match types::of(data_type).map(|known| known.oid) {
                Some(oid::DATE) => Some(build::name("CURRENT_DATE")),
                Some(oid::TIMESTAMP | oid::TIMESTAMPTZ) => replaced("now"),
                Some(oid::TIME) => replaced("localtime"),
                _ => None,
            };
            *value = clock.ok_or_else(|| refused(value, pass))?;
            Ok(true)
        }
        Expr::Cast { expr, .. } if is_literal(expr) => {
            *value = build::take(expr);
            Ok(true)
        }
        Expr::Function(function) => match function_default(function, pass)? {
            Some(other) => {
                *value = other;
                Ok(true)
            }
            None => Ok(false),
        },
        other => Err(refused(other, pass)),
    }
}

/// Another expression in place of a call, or none if IRIS takes the call.
fn function_default(function: &Function, pass: &Pass<'_>) -> Diagnosed<Option<Expr>> {
    let name = build::function_name(function).unwrap_or_default();
    if KEPT.contains(&name.as_str()) {
        return Ok(None);
    }
    if name == "nextval" {
        return Err(Diagnostic::not_supported(
            "nextval() as the default of a column that is there is not supported",
            "write it in CREATE TABLE: column integer DEFAULT nextval('sequence'), or serial",
        )
        .at(pass.text, offset(&function.name)));
    }
    let is_bare = matches!(function.args, FunctionArguments::None);
    match replaced(&name) {
        Some(other) if is_bare || build::arguments(function).is_empty() => Ok(Some(other)),
        _ => Err(refused(&Expr::Function(function.clone()), pass)),
    }
}

/// `'now'::text`: what is cast on from there is read anew for each row, where `'now'::date` is the day
/// of the definition.
fn is_now(value: &Expr) -> bool {
    let Expr::Cast {
        expr, data_type, ..
    } = build::unnested(value)
    else {
        return false;
    };
    let kind = types::of(data_type).map(|known| known.oid);
    matches!(kind, Some(oid::TEXT | oid::VARCHAR))
        && build::string_in(expr).is_some_and(|text| text.trim().eq_ignore_ascii_case("now"))
}

fn is_literal(value: &Expr) -> bool {
    match value {
        Expr::Value(ValueWithSpan { value, .. }) => !matches!(value, Value::Placeholder(_)),
        Expr::Nested(inner) => is_literal(inner),
        _ => false,
    }
}

fn refused(value: &Expr, pass: &Pass<'_>) -> Diagnostic {
    Diagnostic::not_supported(
        "a default that is computed is not supported",
        "IRIS takes literals and the current date, time and user; give the value in INSERT",
    )
    .at(pass.text, offset(value))
}

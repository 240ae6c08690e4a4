//! A value as JSON text, as PostgreSQL's `to_json` writes it.
//!
//! PostgreSQL manual, "JSON Functions and Operators"; InterSystems SQL Reference, JSON_ARRAY.

use sqlparser::ast::{BinaryOperator, Expr, TrimWhereField};

use super::super::Call;
use super::super::call::longest;
use crate::build;
use crate::casts::short;
use crate::diagnostic::Diagnosed;
use crate::types::{kept, oid};
use crate::zone::Zone;
use crate::zone::named::Shown;

/// Texts one after the other; those that are constants become one.
#[derive(Default)]
pub(super) struct Text {
    parts: Vec<Expr>,
    constant: String,
}

impl Text {
    pub(super) fn constant(&mut self, text: &str) {
        self.constant.push_str(text);
    }

    pub(super) fn value(&mut self, part: Expr) {
        if let Some(text) = build::string_in(&part) {
            self.constant.push_str(&text);
            return;
        }
        if !self.constant.is_empty() || self.parts.is_empty() {
            let before = std::mem::take(&mut self.constant);
            self.parts.push(build::string(&before));
        }
        self.parts.push(part);
    }

    /// `'…' || a || '…'`
    pub(super) fn finished(mut self) -> Expr {
        if !self.constant.is_empty() || self.parts.is_empty() {
            self.parts.push(build::string(&self.constant));
        }
        let joined = self
            .parts
            .into_iter()
            .reduce(|left, right| build::binary(left, BinaryOperator::StringConcat, right));
        match joined {
            Some(literal @ Expr::Value(_)) => literal,
            Some(joined) => build::nested(joined),
            None => build::string(""),
        }
    }
}

/// An argument as JSON, `null` for NULL.
///
/// # Errors
/// IRIS cannot write it as PostgreSQL does.
pub(super) fn or_null(call: &mut Call<'_, '_, '_>, index: usize, binary: bool) -> Diagnosed<Expr> {
    if call.args.get(index).is_some_and(build::is_null) {
        return Ok(build::string("null"));
    }
    let nullable = call.may_be_null(index) && !is_string(call, index);
    let text = written(call, index, binary)?;
    Ok(match nullable && build::string_in(&text).is_none() {
        true => build::call("COALESCE", vec![text, build::string("null")]),
        false => text,
    })
}

/// An argument as JSON, NULL for NULL.
///
/// # Errors
/// As [`or_null`].
pub(super) fn or_nothing(
    call: &mut Call<'_, '_, '_>,
    index: usize,
    binary: bool,
) -> Diagnosed<Expr> {
    if !is_string(call, index) || call.string(index).is_some() || !call.may_be_null(index) {
        return written(call, index, binary);
    }
    let again = call.copy(index)?;
    let text = written(call, index, binary)?;
    let is_there = Expr::IsNotNull(Box::new(build::nested(again)));
    Ok(build::case(vec![(is_there, text)], None))
}

/// Whether the argument is written by IRIS, which makes `null` of NULL.
fn is_string(call: &Call<'_, '_, '_>, index: usize) -> bool {
    !matches!(
        call.type_of(index),
        Some(
            oid::INT2
                | oid::INT4
                | oid::INT8
                | oid::NUMERIC
                | oid::FLOAT4
                | oid::FLOAT8
                | oid::BOOL
                | oid::DATE
                | oid::TIME
                | oid::TIMESTAMP
                | oid::TIMESTAMPTZ
                | oid::UUID
                | oid::JSON
                | oid::JSONB
        )
    )
}

/// An argument as JSON; of strings, NULL becomes `null`, of others NULL.
fn written(call: &mut Call<'_, '_, '_>, index: usize, binary: bool) -> Diagnosed<Expr> {
    if let Some(text) = call.string(index) {
        return Ok(build::string(&pgiris_values::json::quoted(&text)));
    }
    if call
        .args
        .get(index)
        .is_some_and(|value| call.scopes.is_whole_row(value))
    {
        return Err(call.refusal(
            " of a whole row here",
            "name its columns, as in json_build_object",
        ));
    }
    match call.type_of(index) {
        Some(oid::INT2 | oid::INT4 | oid::INT8) => {
            let value = call.take(index);
            Ok(match &value {
                Expr::Value(number) => build::string(&number.value.to_string()),
                _ => short(value),
            })
        }
        Some(oid::NUMERIC | oid::FLOAT4 | oid::FLOAT8) => call.text(index),
        Some(oid::BOOL) => {
            let again = call.copy(index)?;
            let yes = (call.take(index), build::string("true"));
            let no = (build::not(again), build::string("false"));
            Ok(build::case(vec![yes, no], None))
        }
        Some(oid::DATE | oid::TIME | oid::UUID) => {
            let text = call.text(index)?;
            Ok(between("\"", text, "\""))
        }
        Some(moment @ (oid::TIMESTAMP | oid::TIMESTAMPTZ)) => {
            if moment == oid::TIMESTAMPTZ
                && let Some(zone) = Zone::of(&call.pass.scene)?
            {
                let moment = call.take(index);
                let text = zone.text(moment, Shown::OffsetInMinutes, &mut call.pass.copies)?;
                let joined = vec![text, build::string(" "), build::string("T")];
                return Ok(between("\"", build::call("REPLACE", joined), "\""));
            }
            let text = call.text(index)?;
            let joined = vec![text, build::string(" "), build::string("T")];
            let zone = match moment {
                oid::TIMESTAMP => "\"",
                _ => "+00:00\"",
            };
            Ok(between("\"", build::call("REPLACE", joined), zone))
        }
        Some(oid::JSON) if binary => Err(call.refusal(
            " of a json document",
            "IRIS cannot put it in jsonb's form: keep it in a column of type jsonb",
        )),
        Some(oid::JSON | oid::JSONB) => Ok(build::cast(call.take(index), longest())),
        Some(array) if kept::is_array(array) => Err(call.refusal(
            " of an array",
            "IRIS keeps it as a text: make the document in the client",
        )),
        Some(oid::BYTEA | oid::INTERVAL | oid::VECTOR | oid::HALFVEC) => Err(call.refusal(
            " of a value of this type",
            "cast it to text, or make the document in the client",
        )),
        _ => Ok(string(call.take(index))),
    }
}

fn between(before: &str, value: Expr, behind: &str) -> Expr {
    let mut text = Text::default();
    text.constant(before);
    text.value(value);
    text.constant(behind);
    text.finished()
}

/// `["…"]` without its brackets. IRIS writes an empty string as U+0000, which no string of
/// PostgreSQL's contains.
fn string(value: Expr) -> Expr {
    let array = build::call("JSON_ARRAY", vec![value]);
    let bare = Expr::Trim {
        trim_where: Some(TrimWhereField::Both),
        trim_what: Some(Box::new(build::string("[]"))),
        expr: Box::new(array),
        trim_characters: None,
    };
    let arguments = vec![bare, build::string("\"\\u0000\""), build::string("\"\"")];
    build::call("REPLACE", arguments)
}

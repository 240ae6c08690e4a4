//! Casts.

use sqlparser::ast::{DataType, Expr};

use super::{Compiled, Compiler, Computed, is_read, is_text, known, limit};
use crate::types::{self, is_number, oid};
use crate::wit::{Function, Oid};

impl Compiler<'_> {
    /// `CAST(inner AS data_type)`
    pub(super) fn cast(&mut self, inner: &Expr, data_type: &DataType) -> Compiled {
        if let Some((target, modifier)) = limit::of(data_type) {
            let value = known!(self.compile(inner)?);
            return Ok(limit::cast(value, target, modifier));
        }
        let target = known!(known_type(data_type));
        let value = known!(self.compile(inner)?);
        if is_number(value.type_oid) && is_number(target) {
            return Ok(number_cast(value, target));
        }
        if let Some(value) = self.settled(value.clone(), target)? {
            return Ok(Some(value));
        }
        let is_same_text = |from| from != oid::BOOL && !is_text(from);
        match (value.type_oid, target) {
            (from, to) if is_text(to) && is_same_text(from) => Ok(Some(value.typed(to))),
            (from, to) if is_text(from) && (is_read(to) || to == oid::INTERVAL) => {
                Ok(Some(value.then(Function::Cast, to, to)))
            }
            (oid::BOOL, oid::INT4) => Ok(Some(value.called("bool_int4", 1).typed(target))),
            (oid::BOOL, to) if is_text(to) => Ok(Some(value.called("booltext", 1).typed(to))),
            (oid::JSONB, to) => {
                let code = known!(of_document(to));
                Ok(Some(value.called(code, 1).typed(to)))
            }
            (from, oid::JSON | oid::JSONB) if is_text(from) => {
                Ok(Some(value.then(Function::Cast, target, target)))
            }
            (oid::JSON, oid::JSONB) => Ok(Some(value.then(Function::Cast, target, target))),
            _ => Ok(None),
        }
    }
}

/// A number as one of another type.
fn number_cast(value: Computed, target: Oid) -> Option<Computed> {
    let is_float = |known| matches!(known, oid::FLOAT4 | oid::FLOAT8);
    let code = match (value.type_oid, target) {
        (from, to) if from == to => return Some(value),
        // In the same words.
        (oid::INT2, oid::INT4 | oid::INT8)
        | (oid::INT4, oid::INT8)
        | (oid::INT2 | oid::INT4 | oid::INT8, oid::NUMERIC) => return Some(value.typed(target)),
        (_, to) if is_float(to) => return Some(value.then(Function::Cast, to, to)),
        (oid::INT4, oid::INT2) => "i4toi2",
        (oid::INT8, oid::INT2) => "int82",
        (oid::INT8, oid::INT4) => "int84",
        (oid::NUMERIC, oid::INT2) => "numeric_int2",
        (oid::NUMERIC, oid::INT4) => "numeric_int4",
        (oid::NUMERIC, oid::INT8) => "numeric_int8",
        (from, oid::INT2) if is_float(from) => "dtoi2",
        (from, oid::INT4) if is_float(from) => "dtoi4",
        (from, oid::INT8) if is_float(from) => "dtoi8",
        (from, oid::NUMERIC) if is_float(from) => "float8_numeric",
        _ => return None,
    };
    Some(value.called(code, 1).typed(target))
}

/// The code of a cast from `jsonb`.
fn of_document(target: Oid) -> Option<&'static str> {
    Some(match target {
        oid::BOOL => "jsonb_bool",
        oid::INT2 => "jsonb_int2",
        oid::INT4 => "jsonb_int4",
        oid::INT8 => "jsonb_int8",
        oid::NUMERIC => "jsonb_numeric",
        oid::FLOAT4 => "jsonb_float4",
        oid::FLOAT8 => "jsonb_float8",
        _ => return None,
    })
}

/// A type without a length or digits of its own.
fn known_type(data_type: &DataType) -> Option<Oid> {
    let known = types::of(data_type)?;
    let found = match data_type {
        DataType::Array(_) => known.result_oid().unwrap_or(known.oid),
        _ => known.oid,
    };
    (!types::is_limited(data_type)).then_some(found)
}

//! Documents that are made of values.

use sqlparser::ast::Expr;

use super::{Compiled, Compiler, Computed, is_document, is_number, known};
use crate::types::oid;
use crate::wit::Function;

/// What a statement cannot call: the whole row of a source as a document, by names and values.
pub(crate) const WHOLE_ROW: &str = "row to json";

/// Those that the broker computes.
pub(crate) const NAMES: &[&str] = &[
    "json_build_object",
    "jsonb_build_object",
    "json_build_array",
    "jsonb_build_array",
    "to_json",
    "to_jsonb",
    "row_to_json",
    WHOLE_ROW,
];

impl Compiler<'_> {
    /// A call of one of them.
    pub(super) fn made(&mut self, name: &str, arguments: &[&Expr]) -> Compiled {
        let document = match (name, arguments) {
            ("to_json" | "to_jsonb", [value]) => {
                let value = known!(self.compile(value)?);
                // PostgreSQL cannot tell the type of a literal either.
                if value.type_oid == 0 {
                    return Ok(None);
                }
                self.document_of(value)?
            }
            ("row_to_json", [row]) => self.compile(row)?.filter(|row| row.type_oid == oid::RECORD),
            ("json_build_array" | "jsonb_build_array", values) => {
                self.put_together("json_build_array", values, false)?
            }
            (WHOLE_ROW, pairs) => {
                let row = self.put_together("row_to_json", pairs, true)?;
                return Ok(row.map(|row| row.typed(oid::RECORD)));
            }
            (_, pairs) if pairs.len() % 2 == 0 => {
                self.put_together("json_build_object", pairs, true)?
            }
            _ => None,
        };
        let document = known!(document);
        Ok(Some(
            match name.starts_with("jsonb") || name == "to_jsonb" {
                true => as_jsonb(document),
                false => document.typed(oid::JSON),
            },
        ))
    }

    /// Values, of which each first one of two may be the name of the other.
    fn put_together(&mut self, code: &str, values: &[&Expr], are_named: bool) -> Compiled {
        let mut all = Computed::none_of(oid::JSON);
        for (index, value) in values.iter().enumerate() {
            let value = known!(self.compile(value)?);
            let part = match are_named && index % 2 == 0 {
                true if is_number(value.type_oid) => Some(value),
                true => self.settled(value, oid::TEXT)?,
                false => self.document_of(value)?,
            };
            all = all.with(known!(part));
        }
        Ok(Some(all.called(code, values.len())))
    }

    /// `to_json`
    fn document_of(&mut self, value: Computed) -> Compiled {
        match value.type_oid {
            known if is_document(known) || known == oid::RECORD => Ok(Some(value)),
            0 => {
                let text = known!(self.settled(value, oid::TEXT)?);
                Ok(Some(text.then(Function::JsonOf, oid::TEXT, oid::JSON)))
            }
            // Its text depends on the zone.
            oid::TIMESTAMPTZ if !self.in_utc => Ok(None),
            known => Ok(Some(value.then(Function::JsonOf, known, oid::JSON))),
        }
    }
}

fn as_jsonb(document: Computed) -> Computed {
    match document.type_oid {
        oid::JSONB => document,
        _ => document.then(Function::Cast, oid::JSONB, oid::JSONB),
    }
}

//! Casts from `jsonb`: `jsonb.c`.

use pgiris_values::document;

use super::cast::rounded;
use super::{Operands, Scalar};
use crate::value::{Kind, ValueError, text};

pub(super) const SCALARS: &[Scalar] = &[
    Scalar::new("jsonb_bool", 1, |operands| {
        let value = operands.of_kind(document::Kind::Boolean, Kind::Bool)?;
        Ok(value.chars().take(1).collect())
    }),
    Scalar::new("jsonb_numeric", 1, |operands| {
        operands.json_number(Kind::Numeric).map(str::to_owned)
    }),
    Scalar::new("jsonb_int2", 1, |operands| {
        rounded(operands.json_number(Kind::Int2)?, Kind::Int2)
    }),
    Scalar::new("jsonb_int4", 1, |operands| {
        rounded(operands.json_number(Kind::Int4)?, Kind::Int4)
    }),
    Scalar::new("jsonb_int8", 1, |operands| {
        rounded(operands.json_number(Kind::Int8)?, Kind::Int8)
    }),
    Scalar::new("jsonb_float4", 1, |operands| {
        operands.approximate(Kind::Float4)
    }),
    Scalar::new("jsonb_float8", 1, |operands| {
        operands.approximate(Kind::Float8)
    }),
];

impl Operands<'_> {
    /// A document of this kind.
    fn of_kind(&self, wanted: document::Kind, target: Kind) -> Result<&str, ValueError> {
        let written = self.text(0);
        let kind = document::Kind::of(written);
        if kind == wanted {
            return Ok(written);
        }
        let kind = match kind {
            document::Kind::Number => "numeric",
            other => other.name(),
        };
        Err(ValueError::refused(
            "22023",
            format!("cannot cast jsonb {kind} to type {}", target.name()),
        ))
    }

    fn json_number(&self, target: Kind) -> Result<&str, ValueError> {
        self.of_kind(document::Kind::Number, target)
    }

    fn approximate(&self, target: Kind) -> Result<String, ValueError> {
        let written = self.json_number(target)?;
        Ok(text::read(target, written)?.to_string())
    }
}

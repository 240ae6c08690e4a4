//! Functions that IRIS has as well: the broker computes them where something in them is computed.

use super::Scalar;
use super::texts::{THREE_TEXTS, TWO_TEXTS};
use crate::types::oid;
use crate::wit::Oid;

const TEXT: &[Oid] = &[oid::TEXT];
const TEXT_NUMBER: &[Oid] = &[oid::TEXT, oid::INT4];
const TEXT_TWO_NUMBERS: &[Oid] = &[oid::TEXT, oid::INT4, oid::INT4];
const TEXT_NUMBER_TEXT: &[Oid] = &[oid::TEXT, oid::INT4, oid::TEXT];
const TWO_TEXTS_NUMBER: &[Oid] = &[oid::TEXT, oid::TEXT, oid::INT4];
const NUMERIC: &[Oid] = &[oid::NUMERIC];
const NUMERICS: &[Oid] = &[oid::NUMERIC, oid::NUMERIC];

pub(super) const SCALARS: &[Scalar] = &[
    Scalar::new("lower", "lower", TEXT, oid::TEXT),
    Scalar::new("upper", "upper", TEXT, oid::TEXT),
    Scalar::new("length", "textlen", TEXT, oid::INT4),
    Scalar::new("char_length", "textlen", TEXT, oid::INT4),
    Scalar::new("character_length", "textlen", TEXT, oid::INT4),
    Scalar::new("substr", "text_substr_no_len", TEXT_NUMBER, oid::TEXT),
    Scalar::new("substr", "text_substr", TEXT_TWO_NUMBERS, oid::TEXT),
    Scalar::new("substring", "text_substr_no_len", TEXT_NUMBER, oid::TEXT),
    Scalar::new("substring", "text_substr", TEXT_TWO_NUMBERS, oid::TEXT),
    Scalar::new("left", "text_left", TEXT_NUMBER, oid::TEXT),
    Scalar::new("right", "text_right", TEXT_NUMBER, oid::TEXT),
    Scalar::new("btrim", "btrim1", TEXT, oid::TEXT),
    Scalar::new("btrim", "btrim", TWO_TEXTS, oid::TEXT),
    Scalar::new("ltrim", "ltrim1", TEXT, oid::TEXT),
    Scalar::new("ltrim", "ltrim", TWO_TEXTS, oid::TEXT),
    Scalar::new("rtrim", "rtrim1", TEXT, oid::TEXT),
    Scalar::new("rtrim", "rtrim", TWO_TEXTS, oid::TEXT),
    Scalar::new("replace", "replace_text", THREE_TEXTS, oid::TEXT),
    Scalar::new("strpos", "textpos", TWO_TEXTS, oid::INT4),
    Scalar::new("position", "textpos", TWO_TEXTS, oid::INT4),
    Scalar::new("reverse", "text_reverse", TEXT, oid::TEXT),
    Scalar::new("repeat", "repeat", TEXT_NUMBER, oid::TEXT),
    Scalar::new("lpad", "lpad", TEXT_NUMBER_TEXT, oid::TEXT),
    Scalar::new("rpad", "rpad", TEXT_NUMBER_TEXT, oid::TEXT),
    Scalar::new("split_part", "split_part", TWO_TEXTS_NUMBER, oid::TEXT),
    Scalar::new("starts_with", "text_starts_with", TWO_TEXTS, oid::BOOL),
    Scalar::new("translate", "translate", THREE_TEXTS, oid::TEXT),
    Scalar::new("ascii", "ascii", TEXT, oid::INT4),
    Scalar::new("chr", "chr", &[oid::INT4], oid::TEXT),
    Scalar::new("abs", "int4abs", &[oid::INT4], oid::INT4),
    Scalar::new("abs", "int8abs", &[oid::INT8], oid::INT8),
    Scalar::new("abs", "numeric_abs", NUMERIC, oid::NUMERIC),
    Scalar::new("abs", "float8abs", &[oid::FLOAT8], oid::FLOAT8),
    Scalar::new("ceil", "numeric_ceil", NUMERIC, oid::NUMERIC),
    Scalar::new("ceiling", "numeric_ceil", NUMERIC, oid::NUMERIC),
    Scalar::new("floor", "numeric_floor", NUMERIC, oid::NUMERIC),
    Scalar::new("mod", "int4mod", &[oid::INT4, oid::INT4], oid::INT4),
    Scalar::new("mod", "int8mod", &[oid::INT8, oid::INT8], oid::INT8),
    Scalar::new("mod", "numeric_mod", NUMERICS, oid::NUMERIC),
];

/// Those that the broker alone has: IRIS need not be asked for them where the broker makes the
/// result anyway.
pub(super) const OWN: &[Scalar] = &[
    Scalar::new(
        "encode",
        "binary_encode",
        &[oid::BYTEA, oid::TEXT],
        oid::TEXT,
    ),
    Scalar::new("decode", "binary_decode", TWO_TEXTS, oid::BYTEA),
    Scalar::new("sha224", "sha224_bytea", &[oid::BYTEA], oid::BYTEA),
    Scalar::new("sha384", "sha384_bytea", &[oid::BYTEA], oid::BYTEA),
    Scalar::new(
        "width_bucket",
        "width_bucket_numeric",
        &[oid::NUMERIC, oid::NUMERIC, oid::NUMERIC, oid::INT4],
        oid::INT4,
    ),
    Scalar::new(
        "width_bucket",
        "width_bucket_float8",
        &[oid::FLOAT8, oid::FLOAT8, oid::FLOAT8, oid::INT4],
        oid::INT4,
    ),
    Scalar::new("hashtext", "hashtext", TEXT, oid::INT4),
    Scalar::new(
        "hashtextextended",
        "hashtextextended",
        &[oid::TEXT, oid::INT8],
        oid::INT8,
    ),
    Scalar::new("cbrt", "dcbrt", &[oid::FLOAT8], oid::FLOAT8),
    Scalar::new("scale", "numeric_scale", NUMERIC, oid::INT4),
    Scalar::new("min_scale", "numeric_min_scale", NUMERIC, oid::INT4),
    Scalar::new("trim_scale", "numeric_trim_scale", NUMERIC, oid::NUMERIC),
];

//! Of texts and numbers.

use super::Scalar;
use crate::computed::elements::TEXTS;
use crate::types::oid;
use crate::wit::Oid;

const TEXT: &[Oid] = &[oid::TEXT];
pub(super) const TWO_TEXTS: &[Oid] = &[oid::TEXT, oid::TEXT];
pub(super) const THREE_TEXTS: &[Oid] = &[oid::TEXT, oid::TEXT, oid::TEXT];
const INTEGERS: &[Oid] = &[oid::INT4, oid::INT4];
const LONG_INTEGERS: &[Oid] = &[oid::INT8, oid::INT8];

pub(super) const SCALARS: &[Scalar] = &[
    Scalar::new("md5", "md5_text", TEXT, oid::TEXT),
    Scalar::new("initcap", "initcap", TEXT, oid::TEXT),
    Scalar::new("octet_length", "textoctetlen", TEXT, oid::INT4),
    Scalar::new("bit_length", "bit_length", TEXT, oid::INT4),
    Scalar::new("quote_ident", "quote_ident", TEXT, oid::TEXT),
    Scalar::new("to_hex", "to_hex32", &[oid::INT4], oid::TEXT),
    Scalar::new("to_hex", "to_hex64", &[oid::INT8], oid::TEXT),
    Scalar::new("gcd", "int4gcd", INTEGERS, oid::INT4),
    Scalar::new("gcd", "int8gcd", LONG_INTEGERS, oid::INT8),
    Scalar::new("lcm", "int4lcm", INTEGERS, oid::INT4),
    Scalar::new("lcm", "int8lcm", LONG_INTEGERS, oid::INT8),
    // Another one in each row.
    Scalar::new("random", "drandom", &[], oid::FLOAT8).of_nulls(),
    Scalar::new("factorial", "numeric_fac", &[oid::INT8], oid::NUMERIC),
    Scalar::new("string_to_array", "text_to_array", TWO_TEXTS, TEXTS).of_nulls(),
    Scalar::new("string_to_array", "text_to_array_null", THREE_TEXTS, TEXTS).of_nulls(),
    Scalar::operator("numeric_to_number", TWO_TEXTS, oid::NUMERIC),
    // PostgreSQL makes a double of the shortest integers.
    Scalar::new(
        "int2_to_char",
        "float8_to_char",
        &[oid::INT2, oid::TEXT],
        oid::TEXT,
    ),
    Scalar::operator("int4_to_char", &[oid::INT4, oid::TEXT], oid::TEXT),
    Scalar::operator("int8_to_char", &[oid::INT8, oid::TEXT], oid::TEXT),
    Scalar::operator("timestamp_to_char", &[oid::TIMESTAMP, oid::TEXT], oid::TEXT),
    Scalar::operator(
        "timestamptz_to_char",
        &[oid::TIMESTAMP, oid::TEXT],
        oid::TEXT,
    ),
    Scalar::operator("numeric_to_char", &[oid::NUMERIC, oid::TEXT], oid::TEXT),
    Scalar::new("format", "text_format", TEXT, oid::TEXT)
        .and_more()
        .of_nulls(),
];

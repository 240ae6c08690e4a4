//! Of texts and regular expressions.

use super::Scalar;
use super::texts::{THREE_TEXTS, TWO_TEXTS};
use crate::computed::elements::TEXTS;
use crate::types::oid;
use crate::wit::Oid;

const FOUR_TEXTS: &[Oid] = &[oid::TEXT, oid::TEXT, oid::TEXT, oid::TEXT];

pub(super) const SCALARS: &[Scalar] = &[
    Scalar::operator("textregexeq", TWO_TEXTS, oid::BOOL),
    Scalar::operator("textregexne", TWO_TEXTS, oid::BOOL),
    Scalar::operator("texticregexeq", TWO_TEXTS, oid::BOOL),
    Scalar::operator("texticregexne", TWO_TEXTS, oid::BOOL),
    Scalar::operator("textregexsubstr", TWO_TEXTS, oid::TEXT),
    Scalar::operator("regexp_like_no_flags", TWO_TEXTS, oid::BOOL),
    Scalar::new("regexp_like_flags", "regexp_like", THREE_TEXTS, oid::BOOL),
    Scalar::new(
        "regexp_replace",
        "textregexreplace_noopt",
        THREE_TEXTS,
        oid::TEXT,
    ),
    Scalar::new("regexp_replace", "textregexreplace", FOUR_TEXTS, oid::TEXT),
    Scalar::new("regexp_match", "regexp_match_no_flags", TWO_TEXTS, TEXTS),
    Scalar::new("regexp_match", "regexp_match", THREE_TEXTS, TEXTS),
    Scalar::new(
        "regexp_substr",
        "regexp_substr_no_start",
        TWO_TEXTS,
        oid::TEXT,
    ),
    Scalar::new(
        "regexp_count",
        "regexp_count_no_start",
        TWO_TEXTS,
        oid::INT4,
    ),
    Scalar::new(
        "regexp_split_to_array",
        "regexp_split_to_array_no_flags",
        TWO_TEXTS,
        TEXTS,
    ),
    Scalar::new(
        "regexp_split_to_array",
        "regexp_split_to_array",
        THREE_TEXTS,
        TEXTS,
    ),
];

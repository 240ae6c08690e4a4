//! Of documents of `jsonb`.

use super::Scalar;
use crate::computed::elements::TEXTS;
use crate::types::oid;
use crate::wit::Oid;

const DOCUMENT: &[Oid] = &[oid::JSONB];
const OF_PATH: &[Oid] = &[oid::JSONB, TEXTS, oid::JSONB];
const OF_PATH_AND_FLAG: &[Oid] = &[oid::JSONB, TEXTS, oid::JSONB, oid::BOOL];

pub(super) const SCALARS: &[Scalar] = &[
    // What the rule `document_change` writes for operators.
    Scalar::operator("jsonb_concat", &[oid::JSONB, oid::JSONB], oid::JSONB),
    Scalar::operator("jsonb_delete", &[oid::JSONB, oid::TEXT], oid::JSONB),
    Scalar::operator("jsonb_delete_array", &[oid::JSONB, TEXTS], oid::JSONB),
    Scalar::operator("jsonb_delete_idx", &[oid::JSONB, oid::INT4], oid::JSONB),
    Scalar::operator("jsonb_delete_path", &[oid::JSONB, TEXTS], oid::JSONB),
    Scalar::operator("jsonb_set", OF_PATH, oid::JSONB),
    Scalar::operator("jsonb_set", OF_PATH_AND_FLAG, oid::JSONB),
    Scalar::operator("jsonb_insert", OF_PATH, oid::JSONB),
    Scalar::operator("jsonb_insert", OF_PATH_AND_FLAG, oid::JSONB),
    Scalar::operator("jsonb_strip_nulls", DOCUMENT, oid::JSONB),
    Scalar::operator("jsonb_pretty", DOCUMENT, oid::TEXT),
];

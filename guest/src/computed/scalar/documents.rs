//! Of documents of `jsonb`.

use super::Scalar;
use crate::computed::elements::TEXTS;
use crate::types::oid;
use crate::wit::Oid;

const DOCUMENT: &[Oid] = &[oid::JSONB];
const OF_PATH: &[Oid] = &[oid::JSONB, TEXTS, oid::JSONB];
const OF_PATH_AND_FLAG: &[Oid] = &[oid::JSONB, TEXTS, oid::JSONB, oid::BOOL];

const PATH: &[Oid] = &[oid::JSONB, oid::JSONPATH];
/// With variables, and whether errors are none.
const WHOLE_PATH: &[Oid] = &[oid::JSONB, oid::JSONPATH, oid::JSONB, oid::BOOL];

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
    Scalar::operator("jsonb_path_exists_opr", PATH, oid::BOOL),
    Scalar::operator("jsonb_path_match_opr", PATH, oid::BOOL),
    Scalar::operator("jsonb_path_exists", WHOLE_PATH, oid::BOOL),
    Scalar::operator("jsonb_path_exists_tz", WHOLE_PATH, oid::BOOL),
    Scalar::operator("jsonb_path_match", WHOLE_PATH, oid::BOOL),
    Scalar::operator("jsonb_path_match_tz", WHOLE_PATH, oid::BOOL),
    Scalar::operator("jsonb_path_query_array", WHOLE_PATH, oid::JSONB),
    Scalar::operator("jsonb_path_query_array_tz", WHOLE_PATH, oid::JSONB),
    Scalar::operator("jsonb_path_query_first", WHOLE_PATH, oid::JSONB),
    Scalar::operator("jsonb_path_query_first_tz", WHOLE_PATH, oid::JSONB),
];

//! Privileges, table 9.72 of the manual. A snapshot holds what its user may see, so
//! that the answer is yes.

use super::{Function, constantly_null, constantly_true, function};
use crate::types::Type;

const TEXT: Type = Type::TEXT;
const NAME: Type = Type::NAME;
const OID: Type = Type::OID;
const BOOL: Type = Type::BOOL;

macro_rules! about {
    ($($name:literal)*) => {
        &[$(
            function($name, &[OID, TEXT], BOOL, constantly_true),
            function($name, &[TEXT, TEXT], BOOL, constantly_true),
            function($name, &[NAME, OID, TEXT], BOOL, constantly_true),
            function($name, &[NAME, TEXT, TEXT], BOOL, constantly_true),
            function($name, &[OID, OID, TEXT], BOOL, constantly_true),
            function($name, &[OID, TEXT, TEXT], BOOL, constantly_true),
        )*
            function("has_column_privilege", &[OID, Type::INT2, TEXT], BOOL, constantly_true),
            function("has_column_privilege", &[OID, TEXT, TEXT], BOOL, constantly_true),
            function("has_column_privilege", &[TEXT, TEXT, TEXT], BOOL, constantly_true),
            function("has_column_privilege", &[TEXT, Type::INT2, TEXT], BOOL, constantly_true),
            function("has_column_privilege", &[NAME, OID, Type::INT2, TEXT], BOOL, constantly_true),
            function("has_column_privilege", &[NAME, OID, TEXT, TEXT], BOOL, constantly_true),
            function("has_column_privilege", &[NAME, TEXT, TEXT, TEXT], BOOL, constantly_true),
            function("acldefault", &[Type::CHAR, OID], Type(1034), constantly_null),
            function("row_security_active", &[OID], BOOL, super::constantly_false),
        ]
    };
}

pub(super) const LIST: &[Function] = about!(
    "has_table_privilege"
    "has_any_column_privilege"
    "has_sequence_privilege"
    "has_schema_privilege"
    "has_database_privilege"
    "has_function_privilege"
    "has_language_privilege"
    "has_tablespace_privilege"
    "has_type_privilege"
    "has_foreign_data_wrapper_privilege"
    "has_server_privilege"
    "pg_has_role"
);

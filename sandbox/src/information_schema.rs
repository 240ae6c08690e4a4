//! INFORMATION_SCHEMA: its relations, their columns, and their rows as JSON.
//!
//! Every `*_CATALOG` is NULL, flags are YES and NO, and unique constraints
//! appear as indexes. Rows are made from the catalog whenever a query asks.

mod rows;

pub(crate) use rows::rows;

use crate::catalog::same;

/// A relation.
pub(crate) struct Relation {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [&'static str],
}

const RELATIONS: &[Relation] = &[
    Relation {
        name: "TABLES",
        columns: &[
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "TABLE_TYPE",
            "SELF_REFERENCING_COLUMN_NAME",
            "REFERENCE_GENERATION",
            "USER_DEFINED_TYPE_CATALOG",
            "USER_DEFINED_TYPE_SCHEMA",
            "USER_DEFINED_TYPE_NAME",
            "IS_INSERTABLE_INTO",
            "IS_TYPED",
            "CLASSNAME",
            "DESCRIPTION",
            "OWNER",
            "IS_SHARDED",
        ],
    },
    Relation {
        name: "COLUMNS",
        columns: &[
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "COLUMN_NAME",
            "ORDINAL_POSITION",
            "DTD_IDENTIFIER",
            "DOMAIN_CATALOG",
            "DOMAIN_SCHEMA",
            "DOMAIN_NAME",
            "COLUMN_DEFAULT",
            "IS_NULLABLE",
            "IS_SELF_REFERENCING",
            "IS_IDENTITY",
            "IDENTITY_GENERATION",
            "IDENTITY_START",
            "IDENTITY_INCREMENT",
            "IDENTITY_MAXIMUM",
            "IDENTITY_MINIMUM",
            "IDENTITY_CYCLE",
            "IS_GENERATED",
            "GENERATION_EXPRESSION",
            "IS_UPDATABLE",
            "DATA_TYPE",
            "CHARACTER_MAXIMUM_LENGTH",
            "CHARACTER_OCTET_LENGTH",
            "NUMERIC_PRECISION",
            "NUMERIC_PRECISION_RADIX",
            "NUMERIC_SCALE",
            "DATETIME_PRECISION",
            "CHARACTER_SET_CATALOG",
            "CHARACTER_SET_SCHEMA",
            "CHARACTER_SET_NAME",
            "COLLATION_CATALOG",
            "COLLATION_SCHEMA",
            "COLLATION_NAME",
            "DESCRIPTION",
            "AUTO_INCREMENT",
            "UNIQUE_COLUMN",
            "PRIMARY_KEY",
        ],
    },
    Relation {
        name: "KEY_COLUMN_USAGE",
        columns: &[
            "CONSTRAINT_CATALOG",
            "CONSTRAINT_SCHEMA",
            "CONSTRAINT_NAME",
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "COLUMN_NAME",
            "ORDINAL_POSITION",
            "POSITION_IN_UNIQUE_CONSTRAINT",
            "REFERENCED_TABLE_CATALOG",
            "REFERENCED_TABLE_SCHEMA",
            "REFERENCED_TABLE_NAME",
            "REFERENCED_CONSTRAINT_NAME",
            "REFERENCED_COLUMN_NAME",
            "CONSTRAINT_TYPE",
        ],
    },
    Relation {
        name: "TABLE_CONSTRAINTS",
        columns: &[
            "CONSTRAINT_CATALOG",
            "CONSTRAINT_SCHEMA",
            "CONSTRAINT_NAME",
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "CONSTRAINT_TYPE",
            "IS_DEFERRABLE",
            "INITIALLY_DEFERRED",
        ],
    },
    Relation {
        name: "CONSTRAINT_COLUMN_USAGE",
        columns: &[
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "COLUMN_NAME",
            "CONSTRAINT_CATALOG",
            "CONSTRAINT_SCHEMA",
            "CONSTRAINT_NAME",
        ],
    },
    Relation {
        name: "REFERENTIAL_CONSTRAINTS",
        columns: &[
            "CONSTRAINT_CATALOG",
            "CONSTRAINT_SCHEMA",
            "CONSTRAINT_TABLE_NAME",
            "CONSTRAINT_NAME",
            "UNIQUE_CONSTRAINT_CATALOG",
            "UNIQUE_CONSTRAINT_SCHEMA",
            "UNIQUE_CONSTRAINT_TABLE",
            "UNIQUE_CONSTRAINT_NAME",
            "MATCH_OPTION",
            "UPDATE_RULE",
            "DELETE_RULE",
        ],
    },
    Relation {
        name: "INDEXES",
        columns: &[
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "NON_UNIQUE",
            "INDEX_CATALOG",
            "INDEX_SCHEMA",
            "INDEX_NAME",
            "ORDINAL_POSITION",
            "COLUMN_NAME",
            "ASC_OR_DESC",
            "PRIMARY_KEY",
            "MAP_STATUS",
            "DATA_FIELDS",
        ],
    },
    Relation {
        name: "SCHEMATA",
        columns: &[
            "CATALOG_NAME",
            "SCHEMA_NAME",
            "SCHEMA_OWNER",
            "DEFAULT_CHARACTER_SET_CATALOG",
            "DEFAULT_CHARACTER_SET_SCHEMA",
            "DEFAULT_CHARACTER_SET_NAME",
            "SQL_PATH",
        ],
    },
    Relation {
        name: "VIEWS",
        columns: &[
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "VIEW_DEFINITION",
            "CHECK_OPTION",
            "IS_UPDATABLE",
            "IS_TRIGGER_UPDATABLE",
            "IS_TRIGGER_DELETABLE",
            "IS_TRIGGER_INSERTABLE_INTO",
            "DESCRIPTION",
            "DATECREATED",
            "DATEMODIFIED",
            "CLASSNAME",
            "OWNER",
            "Queryname",
        ],
    },
    Relation {
        name: "ROUTINES",
        columns: &[
            "SPECIFIC_SCHEMA",
            "SPECIFIC_NAME",
            "ROUTINE_SCHEMA",
            "ROUTINE_NAME",
            "ROUTINE_TYPE",
        ],
    },
    Relation {
        name: "TRIGGERS",
        columns: &[
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "TRIGGER_NAME",
        ],
    },
    Relation {
        name: "CHECK_CONSTRAINTS",
        columns: &[
            "CONSTRAINT_CATALOG",
            "CONSTRAINT_SCHEMA",
            "CONSTRAINT_NAME",
            "CHECK_CLAUSE",
        ],
    },
];

/// The relation of this name, in any case.
pub(crate) fn find(name: &str) -> Option<&'static Relation> {
    RELATIONS.iter().find(|relation| same(relation.name, name))
}

/// Columns that hold numbers; all others hold text.
pub(crate) fn is_integer(relation: &Relation, column: &str) -> bool {
    if column == "PRIMARY_KEY" {
        return relation.name == "INDEXES";
    }
    matches!(
        column,
        "ORDINAL_POSITION"
            | "CHARACTER_MAXIMUM_LENGTH"
            | "CHARACTER_OCTET_LENGTH"
            | "NUMERIC_PRECISION"
            | "NUMERIC_PRECISION_RADIX"
            | "NUMERIC_SCALE"
            | "DATETIME_PRECISION"
            | "NON_UNIQUE"
            | "POSITION_IN_UNIQUE_CONSTRAINT"
    )
}

/// The length announced for a text column.
pub(crate) fn text_length(column: &str) -> u32 {
    match column {
        "VIEW_DEFINITION" | "COLUMN_DEFAULT" | "DESCRIPTION" | "DATA_FIELDS" => 32_767,
        _ => 128,
    }
}

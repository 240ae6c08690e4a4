//! The IRIS queries that tell of one table.

use super::answers;
use super::enums;
use super::names::TableName;
use crate::wit::MetadataQuery;

/// Kinds of queries, by the first part of their names.
pub(super) const COLUMNS: &str = "columns";
pub(super) const KEYS: &str = "keys";
pub(super) const PROPERTIES: &str = "properties";
pub(super) const SHAPES: &str = "shapes";
pub(super) const INDEXES: &str = "indexes";
pub(super) const COLLATIONS: &str = "collations";
pub(super) const ENUMS: &str = "enums";

/// All that is asked of a table.
pub(super) fn of_table(name: &TableName) -> [MetadataQuery; 3] {
    let schema = literal(&name.schema);
    let table = literal(&name.table);
    let make = |kind: &str, text: String, optional: bool| MetadataQuery {
        optional,
        ..answers::query(kind, name, text)
    };
    [
        make(
            COLUMNS,
            format!(
                "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, IS_NULLABLE, \
                 COLUMN_DEFAULT, AUTO_INCREMENT, IS_IDENTITY, NUMERIC_PRECISION, NUMERIC_SCALE, \
                 DESCRIPTION \
                 FROM INFORMATION_SCHEMA.COLUMNS \
                 WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {table} ORDER BY ORDINAL_POSITION"
            ),
            false,
        ),
        make(
            KEYS,
            format!(
                "SELECT INDEX_NAME, COLUMN_NAME, PRIMARY_KEY FROM INFORMATION_SCHEMA.INDEXES \
                 WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {table} AND NON_UNIQUE = 0 \
                 ORDER BY INDEX_NAME, ORDINAL_POSITION"
            ),
            false,
        ),
        // COLLATION_NAME of INFORMATION_SCHEMA is always NULL.
        make(
            COLLATIONS,
            format!(
                "SELECT p.SqlFieldName, p.Collation FROM %Dictionary.CompiledProperty p, \
                 INFORMATION_SCHEMA.TABLES t WHERE p.parent = t.CLASSNAME \
                 AND t.TABLE_SCHEMA = {schema} AND t.TABLE_NAME = {table} \
                 AND p.Collation IS NOT NULL"
            ),
            true,
        ),
    ]
}

/// The columns that are vectors: INFORMATION_SCHEMA calls them VARCHAR. The class
/// dictionary knows better, but only those with the privilege may read it.
pub(super) fn of_vectors(name: &TableName) -> MetadataQuery {
    vectors(PROPERTIES, "p.Type", name)
}

/// The columns that hold labels of enum types: they refer to the types' tables.
pub(super) fn of_enums(name: &TableName) -> MetadataQuery {
    let (schema, table) = (literal(&name.schema), literal(&name.table));
    answers::query(
        ENUMS,
        name,
        format!(
            "SELECT COLUMN_NAME, REFERENCED_TABLE_NAME FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE \
             WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {table} \
             AND REFERENCED_TABLE_SCHEMA = {}",
            literal(enums::SCHEMA)
        ),
    )
}

/// What the vectors are like; asked alone, because it is documented less well.
pub(super) fn of_shapes(name: &TableName) -> MetadataQuery {
    vectors(SHAPES, "p.Parameters", name)
}

fn vectors(kind: &str, column: &str, name: &TableName) -> MetadataQuery {
    let (schema, table) = (literal(&name.schema), literal(&name.table));
    answers::query(
        kind,
        name,
        format!(
            "SELECT p.SqlFieldName, {column} FROM %Dictionary.CompiledProperty p, \
             INFORMATION_SCHEMA.TABLES t WHERE p.parent = t.CLASSNAME \
             AND t.TABLE_SCHEMA = {schema} AND t.TABLE_NAME = {table} \
             AND p.Type = '%Library.Vector'"
        ),
    )
}

/// Whose names begin so: a name to be chosen must be none of theirs.
pub(super) fn of_index(name: &TableName) -> MetadataQuery {
    let schema = literal(&name.schema);
    let beginning = literal(&name.table);
    let text = format!(
        "SELECT INDEX_NAME, TABLE_NAME FROM INFORMATION_SCHEMA.INDEXES \
         WHERE TABLE_SCHEMA = {schema} AND INDEX_NAME %STARTSWITH {beginning} \
         AND ORDINAL_POSITION = 1"
    );
    MetadataQuery {
        optional: false,
        ..answers::query(INDEXES, name, text)
    }
}

pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

//! Rows about tables to tables.

use std::collections::HashMap;

use super::answers::about;
use super::enums::{self, LABELS};
use super::made_as;
use super::names::TableName;
use super::query::{COLLATIONS, COLUMNS, ENUMS, INDEXES, KEYS, PROPERTIES, SHAPES};
use super::sequences;
use super::{Column, Constant, Index, Key, Relation, Vectors};
use crate::catalog::{number_of_table, schemas};
use crate::definition::bytes_default;
use crate::types::{COUNTS_AS_TEXT, Digits, kept, oid};
use crate::vector::Shape;
use crate::wit::{MetadataRows, Oid};

/// The tables that were asked for; one that is not there has no columns.
pub(super) fn tables(
    metadata: &[MetadataRows],
    vectors: &HashMap<TableName, Vectors>,
    enums: &HashMap<TableName, Vec<(String, TableName)>>,
) -> HashMap<TableName, Relation> {
    let mut tables: HashMap<TableName, Relation> = HashMap::new();
    let readers: [(&str, Reader); 3] = [(COLUMNS, columns), (KEYS, keys), (COLLATIONS, collations)];
    for (kind, reader) in readers {
        for (name, answer) in about(metadata, kind) {
            reader(tables.entry(name).or_default(), answer);
        }
    }
    for (name, vectors) in vectors {
        if let Some(relation) = tables.get_mut(name) {
            add_vectors(relation, vectors);
        }
    }
    for (name, columns) in enums {
        if let Some(relation) = tables.get_mut(name) {
            add_enums(relation, columns);
        }
    }
    tables
}

/// Adds an answer to what is known of its table.
type Reader = fn(&mut Relation, &MetadataRows);

/// The indexes that were asked for.
pub(super) fn indexes(metadata: &[MetadataRows]) -> HashMap<TableName, Vec<Index>> {
    let index = |answer: &MetadataRows, row: &Row| {
        Some(Index {
            name: value(answer, row, "INDEX_NAME")?.to_owned(),
            table: value(answer, row, "TABLE_NAME")?.to_owned(),
        })
    };
    let indexes = |answer: &MetadataRows| {
        let rows = answer.rows.iter();
        rows.filter_map(|row| index(answer, row)).collect()
    };
    about(metadata, INDEXES)
        .map(|(name, answer)| (name, indexes(answer)))
        .collect()
}

/// The labels of the enum types that were asked for.
pub(super) fn labels(metadata: &[MetadataRows]) -> HashMap<TableName, Vec<String>> {
    let label = |row: &Vec<Option<String>>| row.first().cloned().flatten();
    about(metadata, LABELS)
        .map(|(name, answer)| (name, answer.rows.iter().filter_map(label).collect()))
        .collect()
}

type Row = [Option<String>];

fn value<'a>(answer: &MetadataRows, row: &'a Row, label: &str) -> Option<&'a str> {
    let labels = answer.columns.iter();
    let at = labels
        .enumerate()
        .find(|(_, known)| known.eq_ignore_ascii_case(label))?
        .0;
    row.get(at)?.as_deref()
}

fn columns(relation: &mut Relation, answer: &MetadataRows) {
    for row in &answer.rows {
        let get = |label| value(answer, row, label);
        let is = |label, wanted: &str| get(label).is_some_and(|v| v.eq_ignore_ascii_case(wanted));
        let Some(name) = get("COLUMN_NAME") else {
            continue;
        };
        if let Some(table) = get("TABLE_NAME") {
            table.clone_into(&mut relation.name);
        }
        if relation.oid.is_none() {
            let schema = get("TABLE_SCHEMA").map(schemas::shown);
            relation.oid = schema.map(|schema| number_of_table(&schema, &relation.name));
        }
        if let Some(sequence) = get("DESCRIPTION").and_then(sequences::described) {
            relation.sequences.push((name.to_owned(), sequence));
        }
        if let Some((identity, _)) = get("DESCRIPTION").and_then(sequences::identity) {
            relation.identities.push((name.to_owned(), identity));
        }
        let length = get("CHARACTER_MAXIMUM_LENGTH").and_then(|length| length.parse().ok());
        let type_oid = match type_oid(get("DATA_TYPE").unwrap_or_default()) {
            // What is as long as a string can be is text, or what is kept as such.
            oid::VARCHAR if length.and_then(kept::of_length).is_some() => {
                length.and_then(kept::of_length).unwrap_or(oid::TEXT)
            }
            oid::VARCHAR if length.is_none_or(|length| length >= COUNTS_AS_TEXT) => oid::TEXT,
            told => made_as::type_of(told, get("DESCRIPTION")).unwrap_or(told),
        };
        relation.columns.push(Column {
            name: name.to_owned(),
            type_oid,
            length,
            digits: digits(get("NUMERIC_PRECISION"), get("NUMERIC_SCALE")),
            vector: None,
            enum_type: None,
            collation: None,
            nullable: !is("IS_NULLABLE", "NO"),
            has_default: get("COLUMN_DEFAULT").is_some_and(|default| !default.is_empty()),
            default: get("COLUMN_DEFAULT").and_then(constant),
            default_call: get("COLUMN_DEFAULT").and_then(|default| call(default, type_oid)),
            generated: is("AUTO_INCREMENT", "YES") || is("IS_IDENTITY", "YES"),
        });
    }
}

/// A literal in ObjectScript.
fn constant(default: &str) -> Option<Constant> {
    if let Some(bytes) = bytes_default::read(default) {
        return Some(Constant::Bytes(bytes));
    }
    if default.eq_ignore_ascii_case("$c(0)") {
        return Some(Constant::Text(String::new()));
    }
    if let Some(rest) = default.strip_prefix('"') {
        let text = rest.strip_suffix('"')?;
        return Some(Constant::Text(text.replace("\"\"", "\"")));
    }
    let digits = default.strip_prefix('-').unwrap_or(default);
    let number = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    number.then(|| Constant::Number(default.to_owned()))
}

/// The function that PostgreSQL has for an expression in ObjectScript, or in the words that this
/// broker writes into a definition.
fn call(default: &str, type_oid: Oid) -> Option<&'static str> {
    let default = default.to_ascii_uppercase();
    let has = |word: &str| default.contains(word);
    match type_oid {
        oid::TIMESTAMP | oid::TIMESTAMPTZ if has("GETUTCDATE") || has("$ZTIMESTAMP") => Some("now"),
        oid::DATE if default.starts_with("+$H") => Some("current_date"),
        oid::TIME if has("$HOROLOG") => Some("localtime"),
        oid::UUID if has("CREATEGUID") => Some("gen_random_uuid"),
        oid::TEXT | oid::VARCHAR if default == "$USERNAME" => Some("current_user"),
        _ => None,
    }
}

fn keys(relation: &mut Relation, answer: &MetadataRows) {
    for row in &answer.rows {
        let get = |label| value(answer, row, label);
        let (Some(name), Some(column)) = (get("INDEX_NAME"), get("COLUMN_NAME")) else {
            continue;
        };
        let known = relation.keys.iter_mut().find(|key| key.name == name);
        match known {
            Some(key) => key.columns.push(column.to_owned()),
            None => relation.keys.push(Key {
                name: name.to_owned(),
                columns: vec![column.to_owned()],
                primary: get("PRIMARY_KEY") == Some("1"),
            }),
        }
    }
    relation.keys.sort_by_key(|key| !key.primary);
}

/// The columns that are vectors, and what is known of them.
pub(super) fn vectors(metadata: &[MetadataRows]) -> HashMap<TableName, Vectors> {
    let mut tables: HashMap<TableName, Vectors> = HashMap::new();
    for kind in [PROPERTIES, SHAPES] {
        for (name, answer) in about(metadata, kind) {
            let vectors = tables.entry(name).or_default();
            vectors.described |= kind == SHAPES;
            for row in &answer.rows {
                let Some(column) = value(answer, row, "SqlFieldName") else {
                    continue;
                };
                let shape = value(answer, row, "Parameters").map_or_else(Shape::default, Shape::of);
                vectors.shapes.retain(|(known, _)| known != column);
                vectors.shapes.push((column.to_owned(), shape));
            }
        }
    }
    tables
}

fn add_vectors(relation: &mut Relation, vectors: &Vectors) {
    for column in &mut relation.columns {
        let mut shapes = vectors.shapes.iter();
        if let Some((_, shape)) = shapes.find(|(name, _)| name.eq_ignore_ascii_case(&column.name)) {
            column.vector = Some(*shape);
            column.type_oid = oid::VECTOR;
            column.length = None;
        }
    }
}

/// The columns of enum types, and the types.
pub(super) fn enums(metadata: &[MetadataRows]) -> HashMap<TableName, Vec<(String, TableName)>> {
    let column = |answer: &MetadataRows, row: &Row| {
        let table = value(answer, row, "REFERENCED_TABLE_NAME")?;
        let column = value(answer, row, "COLUMN_NAME")?;
        Some((column.to_owned(), enums::of_table(table)))
    };
    let columns = |answer: &MetadataRows| {
        let rows = answer.rows.iter();
        rows.filter_map(|row| column(answer, row)).collect()
    };
    about(metadata, ENUMS)
        .map(|(name, answer)| (name, columns(answer)))
        .collect()
}

/// The names of the types, as their tables have them.
pub(super) fn enum_names(metadata: &[MetadataRows]) -> HashMap<TableName, String> {
    let mut names = HashMap::new();
    for (_, answer) in about(metadata, ENUMS) {
        for row in &answer.rows {
            if let Some(table) = value(answer, row, "REFERENCED_TABLE_NAME") {
                let own = enums::parts_of(table).1.to_owned();
                names.insert(enums::of_table(table), own);
            }
        }
    }
    names
}

fn add_enums(relation: &mut Relation, columns: &[(String, TableName)]) {
    for (name, enum_type) in columns {
        let mut own = relation.columns.iter_mut();
        if let Some(column) = own.find(|column| column.name.eq_ignore_ascii_case(name)) {
            column.enum_type = Some(enum_type.clone());
        }
    }
}

fn collations(relation: &mut Relation, answer: &MetadataRows) {
    for row in &answer.rows {
        let (Some(name), Some(collation)) = (
            value(answer, row, "SqlFieldName"),
            value(answer, row, "Collation"),
        ) else {
            continue;
        };
        let columns = relation.columns.iter_mut();
        for column in columns.filter(|column| column.name.eq_ignore_ascii_case(name)) {
            column.collation = Some(collation.trim_start_matches('%').to_ascii_uppercase());
        }
    }
}

/// Precision and scale; none for a `numeric` that was made without them.
fn digits(precision: Option<&str>, scale: Option<&str>) -> Option<Digits> {
    let digits = Digits {
        precision: precision?.parse().ok()?,
        scale: scale?.parse().ok()?,
    };
    (!digits.is_unconstrained()).then_some(digits)
}

/// InterSystems SQL Reference, "Data Types": the names of the ODBC types.
pub(crate) fn type_oid(name: &str) -> Oid {
    match name.to_ascii_uppercase().as_str() {
        "BIT" => oid::BOOL,
        "TINYINT" | "SMALLINT" => oid::INT2,
        "INTEGER" => oid::INT4,
        "BIGINT" => oid::INT8,
        "NUMERIC" | "DECIMAL" => oid::NUMERIC,
        "DOUBLE" | "FLOAT" | "REAL" => oid::FLOAT8,
        "DATE" => oid::DATE,
        "TIME" => oid::TIME,
        "TIMESTAMP" | "POSIXTIME" | "DATETIME" => oid::TIMESTAMP,
        "GUID" | "UNIQUEIDENTIFIER" => oid::UUID,
        "VARBINARY" | "BINARY" | "LONGVARBINARY" => oid::BYTEA,
        "VARCHAR" | "CHAR" => oid::VARCHAR,
        // LONGVARCHAR, and whatever a later version may add.
        _ => oid::TEXT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(kind: &str, columns: &[&str], rows: &[&[Option<&str>]]) -> MetadataRows {
        let row = |row: &&[Option<&str>]| row.iter().map(|v| v.map(str::to_owned)).collect();
        MetadataRows {
            name: format!("{kind}\0SQLUSER\0T"),
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            rows: rows.iter().map(row).collect(),
        }
    }

    #[test]
    fn columns_and_keys_are_read_by_label() {
        let metadata = [
            answer(
                COLUMNS,
                &["TABLE_NAME", "COLUMN_NAME", "DATA_TYPE", "IS_NULLABLE"],
                &[
                    &[Some("t"), Some("Id"), Some("BIGINT"), Some("NO")],
                    &[Some("t"), Some("ok"), Some("BIT"), Some("YES")],
                ],
            ),
            answer(
                KEYS,
                &["INDEX_NAME", "COLUMN_NAME", "PRIMARY_KEY"],
                &[
                    &[Some("A"), Some("Id"), Some("0")],
                    &[Some("A"), Some("ok"), Some("0")],
                    &[Some("P"), Some("Id"), Some("1")],
                ],
            ),
        ];
        let tables = tables(&metadata, &HashMap::new(), &HashMap::new());
        let table = tables.values().next().unwrap();
        assert_eq!(table.name, "t");
        assert_eq!(table.column("ID").map(|c| c.type_oid), Some(oid::INT8));
        assert!(!table.columns[0].nullable && table.columns[1].nullable);
        assert_eq!(table.keys[0].name, "P");
        assert_eq!(table.keys[1].columns, ["Id", "ok"]);
    }
}

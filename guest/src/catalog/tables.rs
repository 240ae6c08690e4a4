//! What IRIS tells of a namespace, in PostgreSQL's terms.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::kept::{self, Name, Sequence};
use super::metadata::{self, Reader};
use super::schemas;
use crate::comments;
use crate::relations::{Identity, enums, made_as, sequences, type_oid};
use crate::types::{self, COUNTS_AS_TEXT, Digits, oid};
use crate::vector::Shape;
use crate::wit::{MetadataRows, Oid};

/// The tables of a namespace, by schema and name.
pub(super) struct Schema {
    pub(super) tables: BTreeMap<Name, Table>,
    /// The labels of enum types.
    pub(super) enums: BTreeMap<Name, Vec<String>>,
    pub(super) sequences: BTreeMap<Name, Sequence>,
}

#[derive(Default)]
pub(super) struct Table {
    pub(super) is_view: bool,
    pub(super) is_temporary: bool,
    pub(super) description: Option<String>,
    /// The text of a view.
    pub(super) query: Option<String>,
    pub(super) columns: Vec<Column>,
    pub(super) indexes: Vec<Index>,
    pub(super) foreign_keys: Vec<ForeignKey>,
    /// Names of constraints that are not foreign keys.
    pub(super) constraints: HashSet<String>,
    class: String,
}

impl Table {
    /// `pg_class.relpersistence`
    pub(super) fn persistence(&self) -> &'static str {
        if self.is_temporary { "t" } else { "p" }
    }
}

pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Oid,
    pub(super) modifier: i64,
    pub(super) nullable: bool,
    /// As IRIS has it: ObjectScript.
    pub(super) default: Option<String>,
    pub(super) is_identity: bool,
    /// Whether it takes no values of one's own, if that is known.
    pub(super) is_always: bool,
    pub(super) is_computed: bool,
    pub(super) description: Option<String>,
    /// The enum type whose labels it takes.
    pub(super) enum_type: Option<Name>,
    /// The text that names the sequence whose next value is the default.
    pub(super) sequence: Option<String>,
    place: i64,
}

pub(super) struct Index {
    pub(super) name: String,
    pub(super) is_unique: bool,
    pub(super) is_primary: bool,
    /// Names, and whether descending.
    pub(super) columns: Vec<(String, bool)>,
}

pub(super) struct ForeignKey {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) referenced: Vec<String>,
    pub(super) key: String,
    /// `pg_constraint.confupdtype` and `confdeltype`.
    pub(super) on_update: &'static str,
    pub(super) on_delete: &'static str,
}

impl Schema {
    pub(super) fn read(metadata: &[MetadataRows]) -> Self {
        let mut schema = Self {
            tables: BTreeMap::new(),
            enums: kept::labels(metadata),
            sequences: kept::sequences(metadata),
        };
        schema.read_tables(metadata);
        schema.read_columns(metadata);
        schema.read_indexes(metadata);
        schema.read_constraints(metadata);
        schema.read_vectors(metadata);
        schema.read_comments(metadata);
        schema
    }

    /// The table of a row.
    fn table<'r>(&mut self, get: &impl Fn(&str) -> Option<&'r str>) -> Option<&mut Table> {
        let key = (
            schemas::shown(get("TABLE_SCHEMA")?),
            get("TABLE_NAME")?.to_owned(),
        );
        self.tables.get_mut(&key)
    }

    fn read_tables(&mut self, metadata: &[MetadataRows]) {
        if let Some(reader) = Reader::of(metadata, metadata::TABLES) {
            for get in reader.rows() {
                let (Some(schema), Some(name)) = (get("TABLE_SCHEMA"), get("TABLE_NAME")) else {
                    continue;
                };
                if schemas::is_kept(schema) {
                    continue;
                }
                let kind = get("TABLE_TYPE").unwrap_or_default();
                let schema = schemas::shown(schema);
                let table = Table {
                    is_view: kind.contains("VIEW"),
                    is_temporary: kind.contains("TEMPORARY") || schemas::is_temporary(&schema),
                    description: get("DESCRIPTION").map(str::to_owned),
                    class: get("CLASSNAME").unwrap_or_default().to_owned(),
                    ..Table::default()
                };
                let key = (schema, name.to_owned());
                self.tables.insert(key, table);
            }
        }
        if let Some(reader) = Reader::of(metadata, metadata::VIEWS) {
            for get in reader.rows() {
                let query = get("VIEW_DEFINITION").map(str::to_owned);
                if let Some(table) = self.table(&get) {
                    table.query = query;
                }
            }
        }
    }

    /// What COMMENT keeps beside the descriptions of IRIS.
    fn read_comments(&mut self, metadata: &[MetadataRows]) {
        let Some(reader) = Reader::of(metadata, metadata::COMMENTS) else {
            return;
        };
        let mut comments: HashMap<(String, String), Vec<(String, String)>> = HashMap::new();
        for get in reader.rows() {
            if let (Some(schema), Some(table), Some(column), Some(text)) = (
                get("TABLE_SCHEMA"),
                get("TABLE_NAME"),
                get("COLUMN_NAME"),
                get("DESCRIPTION"),
            ) {
                let of_table = comments.entry((schema.to_owned(), table.to_owned()));
                of_table
                    .or_default()
                    .push((column.to_owned(), text.to_owned()));
            }
        }
        for ((schema, name), table) in &mut self.tables {
            let key = (schemas::in_iris(schema).to_uppercase(), name.to_uppercase());
            for (column, text) in comments.remove(&key).unwrap_or_default() {
                if column == comments::OF_TABLE {
                    table.description = Some(text);
                } else if let Some(found) = table
                    .columns
                    .iter_mut()
                    .find(|found| found.name.to_uppercase() == column)
                {
                    found.description = Some(text);
                }
            }
        }
    }

    fn read_columns(&mut self, metadata: &[MetadataRows]) {
        let Some(reader) = Reader::of(metadata, metadata::COLUMNS) else {
            return;
        };
        for get in reader.rows() {
            let Some(name) = get("COLUMN_NAME") else {
                continue;
            };
            let is =
                |label, wanted: &str| get(label).is_some_and(|v| v.eq_ignore_ascii_case(wanted));
            let number = |label| get(label).and_then(|value| value.parse::<i64>().ok());
            let (kind, modifier) = column_type(
                get("DATA_TYPE").unwrap_or_default(),
                number("CHARACTER_MAXIMUM_LENGTH"),
                number("NUMERIC_PRECISION"),
                number("NUMERIC_SCALE"),
            );
            let description = get("DESCRIPTION");
            let sequence = description.and_then(sequences::described);
            let identity = description
                .and_then(sequences::identity)
                .map(|(kind, _)| kind);
            let made_as = made_as::type_of(kind, description);
            let column = Column {
                name: name.to_owned(),
                kind: made_as.unwrap_or(kind),
                modifier,
                nullable: !is("IS_NULLABLE", "NO"),
                default: get("COLUMN_DEFAULT").map(str::to_owned),
                is_identity: is("AUTO_INCREMENT", "YES")
                    || is("IS_IDENTITY", "YES")
                    || identity.is_some(),
                is_always: identity == Some(Identity::Always),
                is_computed: is("IS_GENERATED", "YES") || is("IS_GENERATED", "ALWAYS"),
                description: description
                    .filter(|_| sequence.is_none() && made_as.is_none())
                    .map(str::to_owned),
                enum_type: None,
                sequence,
                place: number("ORDINAL_POSITION").unwrap_or(0),
            };
            if let Some(table) = self.table(&get) {
                table.columns.push(column);
            }
        }
        for table in self.tables.values_mut() {
            table.columns.sort_by_key(|column| column.place);
        }
    }

    fn read_indexes(&mut self, metadata: &[MetadataRows]) {
        let Some(reader) = Reader::of(metadata, metadata::INDEXES) else {
            return;
        };
        let mut rows: Vec<_> = reader.rows().collect();
        rows.sort_by_key(|get| get("ORDINAL_POSITION").and_then(|n| n.parse::<i64>().ok()));
        for get in rows {
            let (Some(name), Some(column)) = (get("INDEX_NAME"), get("COLUMN_NAME")) else {
                continue;
            };
            let entry = (column.to_owned(), get("ASC_OR_DESC") == Some("D"));
            let Some(table) = self.table(&get) else {
                continue;
            };
            match table.indexes.iter_mut().find(|index| index.name == name) {
                Some(index) => index.columns.push(entry),
                None => table.indexes.push(Index {
                    name: name.to_owned(),
                    is_unique: get("NON_UNIQUE") == Some("0"),
                    is_primary: get("PRIMARY_KEY") == Some("1"),
                    columns: vec![entry],
                }),
            }
        }
        for table in self.tables.values_mut() {
            table
                .indexes
                .sort_by(|left, right| left.name.cmp(&right.name));
        }
    }

    fn read_constraints(&mut self, metadata: &[MetadataRows]) {
        let mut actions = HashMap::new();
        if let Some(reader) = Reader::of(metadata, metadata::FOREIGN_KEYS) {
            for get in reader.rows() {
                let key = |label| get(label).unwrap_or_default().to_owned();
                actions.insert(
                    (
                        schemas::shown(&key("CONSTRAINT_SCHEMA")),
                        key("CONSTRAINT_TABLE_NAME"),
                        key("CONSTRAINT_NAME"),
                    ),
                    (action(get("UPDATE_RULE")), action(get("DELETE_RULE"))),
                );
            }
        }
        let Some(reader) = Reader::of(metadata, metadata::CONSTRAINTS) else {
            return;
        };
        let mut rows: Vec<_> = reader.rows().collect();
        rows.sort_by_key(|get| get("ORDINAL_POSITION").and_then(|n| n.parse::<i64>().ok()));
        for get in rows {
            let (Some(name), Some(column)) = (get("CONSTRAINT_NAME"), get("COLUMN_NAME")) else {
                continue;
            };
            let place = (
                schemas::shown(get("TABLE_SCHEMA").unwrap_or_default()),
                get("TABLE_NAME").unwrap_or_default().to_owned(),
                name.to_owned(),
            );
            let referenced = get("REFERENCED_COLUMN_NAME").unwrap_or_default().to_owned();
            let Some(table) = self.table(&get) else {
                continue;
            };
            if get("CONSTRAINT_TYPE") != Some("FOREIGN KEY") {
                table.constraints.insert(name.to_owned());
                continue;
            }
            let of_enum = get("REFERENCED_TABLE_SCHEMA")
                .is_some_and(|schema| schema.eq_ignore_ascii_case(enums::SCHEMA));
            if of_enum {
                let labels = get("REFERENCED_TABLE_NAME").map(kept::shown);
                let mut columns = table.columns.iter_mut();
                if let Some(found) = columns.find(|found| found.name == column) {
                    found.enum_type = labels;
                }
                continue;
            }
            let known = table.foreign_keys.iter_mut().find(|key| key.name == name);
            if let Some(key) = known {
                key.columns.push(column.to_owned());
                key.referenced.push(referenced);
                continue;
            }
            let (on_update, on_delete) = actions.get(&place).copied().unwrap_or(("a", "a"));
            table.foreign_keys.push(ForeignKey {
                name: name.to_owned(),
                columns: vec![column.to_owned()],
                schema: schemas::shown(get("REFERENCED_TABLE_SCHEMA").unwrap_or_default()),
                table: get("REFERENCED_TABLE_NAME").unwrap_or_default().to_owned(),
                referenced: vec![referenced],
                key: get("REFERENCED_CONSTRAINT_NAME")
                    .unwrap_or_default()
                    .to_owned(),
                on_update,
                on_delete,
            });
        }
        for table in self.tables.values_mut() {
            table
                .foreign_keys
                .sort_by(|left, right| left.name.cmp(&right.name));
        }
    }

    fn read_vectors(&mut self, metadata: &[MetadataRows]) {
        let Some(reader) = Reader::of(metadata, metadata::VECTORS) else {
            return;
        };
        let mut vectors = vectors(&reader);
        if vectors.is_empty() {
            return;
        }
        if let Some(reader) = Reader::of(metadata, metadata::SHAPES) {
            vectors.extend(self::vectors(&reader));
        }
        for table in self.tables.values_mut() {
            let class = table.class.to_lowercase();
            for column in &mut table.columns {
                if let Some(shape) = vectors.get(&(class.clone(), column.name.to_lowercase())) {
                    column.kind = VECTOR;
                    let length = shape.length.and_then(|length| i64::try_from(length).ok());
                    column.modifier = length.unwrap_or(-1);
                }
            }
        }
    }
}

/// The columns that are vectors, by class and name, with what is told of them.
fn vectors(reader: &Reader<'_>) -> HashMap<(String, String), Shape> {
    let vectors = reader.rows().filter_map(|get| {
        let field = get("SQLFIELDNAME")?.to_lowercase();
        let shape = get("PARAMETERS").map_or_else(Shape::default, Shape::of);
        Some(((get("PARENT")?.to_lowercase(), field), shape))
    });
    vectors.collect()
}

/// The type `vector`, as the broker knows it.
pub(super) const VECTOR: Oid = 16_385;
/// The type `halfvec`, likewise.
pub(super) const HALFVEC: Oid = 16_498;

/// A letter of `pg_constraint`.
fn action(rule: Option<&str>) -> &'static str {
    match rule.map(str::to_ascii_uppercase).as_deref() {
        Some("CASCADE") => "c",
        Some("SET NULL") => "n",
        Some("SET DEFAULT") => "d",
        Some("RESTRICT") => "r",
        _ => "a",
    }
}

/// Type and modifier, as a result column of the table has them.
fn column_type(
    name: &str,
    length: Option<i64>,
    precision: Option<i64>,
    scale: Option<i64>,
) -> (Oid, i64) {
    match type_oid(name) {
        oid::VARCHAR => {
            let characters = length.and_then(|length| u64::try_from(length).ok());
            match (characters.and_then(types::kept::of_length), length) {
                (Some(kept), _) => (kept, -1),
                (None, Some(length)) if characters.is_some_and(|n| n < COUNTS_AS_TEXT) => {
                    (oid::VARCHAR, length + 4)
                }
                _ => (oid::TEXT, -1),
            }
        }
        oid::NUMERIC => {
            let digits = precision.zip(scale).and_then(|(precision, scale)| {
                Some(Digits {
                    precision: u32::try_from(precision).ok()?,
                    scale: u32::try_from(scale).ok()?,
                })
            });
            match digits {
                Some(digits) if !digits.is_unconstrained() && digits.precision > 0 => {
                    let packed = i64::from(digits.precision) << 16 | i64::from(digits.scale);
                    (oid::NUMERIC, packed + 4)
                }
                _ => (oid::NUMERIC, -1),
            }
        }
        other => (other, -1),
    }
}

#[cfg(test)]
pub(super) fn column_for_tests(kind: Oid, default: &str) -> Column {
    Column {
        name: "c".to_owned(),
        kind,
        modifier: -1,
        nullable: true,
        default: Some(default.to_owned()),
        is_identity: false,
        is_always: false,
        is_computed: false,
        description: None,
        enum_type: None,
        sequence: None,
        place: 1,
    }
}

//! What IRIS tells of the tables that a statement names.
//!
//! InterSystems SQL Reference, "INFORMATION_SCHEMA": names there compare without
//! regard to case and come back as they were written when the table was made.

mod answers;
mod commented;
mod dependents;
pub(crate) mod enums;
mod filled;
mod index;
mod itself;
mod kinds;
pub(crate) mod made_as;
mod names;
mod owned;
mod path;
mod query;
mod read;
mod references;
pub(crate) mod sequences;
pub(crate) mod temporary;
mod views;

use std::collections::HashMap;

use sqlparser::ast::Statement;

use crate::types::{Digits, oid};
use crate::vector::Shape;
use crate::wit::{MetadataQuery, MetadataRows, Oid};

pub(crate) use dependents::{Dependents, ForeignKeyTo, ViewOf};
pub(crate) use filled::Filled;
pub(crate) use index::{chosen_name, indexes_named_in, object_name, of_new as name_of_new};
pub(crate) use kinds::Kind;
pub(crate) use names::{DEFAULT_SCHEMA, TableName, named_in};
pub(crate) use path::Path;
pub(crate) use read::type_oid;
pub(crate) use references::Reference;
pub(crate) use sequences::{Identity, Numbers, sequences_named_in};
pub(crate) use temporary::{TEMPORARY_SETTING, Temporary};

/// The tables that were looked up.
#[derive(Debug, Default)]
pub(crate) struct Relations {
    tables: HashMap<TableName, Relation>,
    /// Labels of enum types, by the names of the types.
    labels: HashMap<TableName, Vec<String>>,
    /// The sequences that were asked for.
    sequences: HashMap<TableName, Option<Numbers>>,
    /// By what their names begin with.
    indexes: HashMap<TableName, Vec<Index>>,
    /// The columns of enum types, of the tables that were asked for them.
    enums: HashMap<TableName, Vec<(String, TableName)>>,
    /// The names of these types, with their capitals.
    enum_names: HashMap<TableName, String>,
    /// The vectors of the tables that were asked for them.
    vectors: HashMap<TableName, Vectors>,
    /// The tables that have comments, if they were asked for.
    commented: Option<Vec<TableName>>,
    /// Foreign keys of all tables, if they were asked for.
    references: Option<Vec<Reference>>,
    /// The columns that sequences fill, if they were asked for.
    filled: Option<Vec<Filled>>,
    /// The columns that refer to their own tables, of those that were asked for them.
    itself: HashMap<TableName, Vec<String>>,
    /// The sequences that belong to columns, of the tables that were asked for them.
    owned: HashMap<TableName, Vec<TableName>>,
    /// What uses the columns of the tables that were asked for it.
    dependents: HashMap<TableName, Dependents>,
    /// Whether there are columns of types that IRIS does not tell, of the tables that were
    /// asked for them.
    made_as: HashMap<TableName, bool>,
    /// The queries of the views among the names that were asked about.
    views: HashMap<TableName, Option<Statement>>,
    /// What the names stand for that were asked about; none for those that stand for nothing.
    kinds: HashMap<TableName, Option<Kind>>,
}

/// The columns of a table that are vectors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Vectors {
    shapes: Vec<(String, Shape)>,
    /// Whether it was asked what they are like.
    described: bool,
}

/// An index, by its name and that of its table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Index {
    pub(crate) name: String,
    pub(crate) table: String,
}

/// A table or view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Relation {
    /// As IRIS writes it.
    pub(crate) name: String,
    /// `pg_class.oid`, if IRIS told the schema.
    pub(crate) oid: Option<Oid>,
    /// In order, without the hidden RowID.
    pub(crate) columns: Vec<Column>,
    /// The primary key first, then the unique ones.
    pub(crate) keys: Vec<Key>,
    /// Columns whose default is the next value of a sequence, and the texts that name
    /// these.
    pub(crate) sequences: Vec<(String, String)>,
    /// Those of them that are identity columns.
    pub(crate) identities: Vec<(String, Identity)>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// As IRIS writes it.
    pub(crate) name: String,
    /// PostgreSQL's type of what it holds.
    pub(crate) type_oid: Oid,
    /// Of strings, if there is a limit.
    pub(crate) length: Option<u64>,
    /// Of numbers; none for a `numeric` without limits.
    pub(crate) digits: Option<Digits>,
    /// Of strings, in capitals without `%`, if IRIS told it.
    pub(crate) collation: Option<String>,
    /// What it is like, if it is a vector and IRIS told so.
    pub(crate) vector: Option<Shape>,
    /// The enum type that it was made with.
    pub(crate) enum_type: Option<TableName>,
    pub(crate) nullable: bool,
    pub(crate) has_default: bool,
    /// The default, if it is a literal.
    pub(crate) default: Option<Constant>,
    /// The function of PostgreSQL's, without arguments, that gives the default.
    pub(crate) default_call: Option<&'static str>,
    /// IDENTITY or AUTO_INCREMENT: IRIS gives the value.
    pub(crate) generated: bool,
}

/// A literal as IRIS keeps it: in ObjectScript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Constant {
    Number(String),
    Text(String),
    /// In PostgreSQL's hex format.
    Bytes(String),
}

/// Columns whose values together occur once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
    pub(crate) primary: bool,
}

impl Relations {
    /// Reads what a `lookup` brought.
    pub(crate) fn read(metadata: &[MetadataRows]) -> Self {
        let vectors = read::vectors(metadata);
        let enums = read::enums(metadata);
        let mut relations = Self {
            tables: read::tables(metadata, &vectors, &enums),
            enums,
            enum_names: read::enum_names(metadata),
            labels: read::labels(metadata),
            sequences: sequences::read(metadata).collect(),
            indexes: read::indexes(metadata),
            commented: commented::read(metadata),
            references: references::read(metadata),
            filled: filled::read(metadata),
            itself: itself::read(metadata),
            owned: owned::read(metadata),
            dependents: dependents::read(metadata),
            made_as: made_as::read(metadata),
            views: views::read(metadata),
            kinds: kinds::read(metadata),
            vectors,
        };
        views::tell(&mut relations);
        relations
    }

    /// The labels of a type, if it was looked for and is an enum.
    pub(crate) fn labels_of(&self, name: &TableName) -> Option<&[String]> {
        let labels = self.labels.get(name)?;
        (!labels.is_empty()).then_some(labels.as_slice())
    }

    /// The name of an enum type of a column, as PostgreSQL shows it.
    pub(crate) fn enum_shown(&self, name: &TableName) -> String {
        let known = self.enum_names.get(name).cloned();
        known.unwrap_or_else(|| name.table.to_lowercase())
    }

    /// What must be asked to know whether these are enums.
    pub(crate) fn missing_enums(&self, names: &[TableName]) -> Vec<MetadataQuery> {
        names
            .iter()
            .filter(|name| !self.labels.contains_key(name))
            .map(enums::query)
            .collect()
    }

    /// What a sequence is like, if it was looked for and is there.
    pub(crate) fn sequence(&self, name: &TableName) -> Option<Numbers> {
        self.sequences.get(name).copied().flatten()
    }

    /// What must be asked to know these sequences.
    pub(crate) fn missing_sequences(&self, names: &[TableName]) -> Vec<MetadataQuery> {
        let missing = names
            .iter()
            .filter(|name| !self.sequences.contains_key(name));
        missing.map(sequences::query).collect()
    }

    /// Whether an enum type was looked for and found.
    pub(crate) fn have_enums(&self) -> bool {
        self.labels.values().any(|labels| !labels.is_empty())
    }

    /// The indexes of a schema whose names begin so, in any case of their letters.
    pub(crate) fn indexes(&self, beginning: &TableName) -> &[Index] {
        self.indexes.get(beginning).map_or(&[], Vec::as_slice)
    }

    /// The indexes of exactly that name.
    pub(crate) fn indexes_called(&self, name: &TableName) -> impl Iterator<Item = &Index> {
        let wanted = name.table.clone();
        self.indexes(name)
            .iter()
            .filter(move |index| index.name.to_uppercase() == wanted)
    }

    /// What must be asked to know the indexes of these names.
    pub(crate) fn missing_indexes(&self, names: &[TableName]) -> Vec<MetadataQuery> {
        names
            .iter()
            .filter(|name| !self.indexes.contains_key(name))
            .map(query::of_index)
            .collect()
    }

    /// The table, if it was looked up and is there.
    pub(crate) fn find(&self, name: &TableName) -> Option<&Relation> {
        self.tables
            .get(name)
            .filter(|relation| !relation.columns.is_empty())
    }

    /// The foreign keys of all tables, if they were asked for.
    pub(crate) fn references(&self) -> &[Reference] {
        self.references.as_deref().unwrap_or_default()
    }

    /// The columns of all tables that sequences fill, if they were asked for.
    pub(crate) fn filled(&self) -> &[Filled] {
        self.filled.as_deref().unwrap_or_default()
    }

    /// What must be asked to know them.
    pub(crate) fn missing_filled(&self) -> Option<MetadataQuery> {
        self.filled.is_none().then(filled::query)
    }

    /// The tables that have comments, if they were asked for.
    pub(crate) fn commented(&self) -> &[TableName] {
        self.commented.as_deref().unwrap_or_default()
    }

    /// What must be asked to know them.
    pub(crate) fn missing_commented(&self) -> Option<MetadataQuery> {
        self.commented.is_none().then(commented::query)
    }

    /// What a name stands for, if that was asked and it stands for something.
    pub(crate) fn kind_of(&self, name: &TableName) -> Option<Kind> {
        self.kinds.get(name).copied().flatten()
    }

    /// The sequences that belong to the columns of a table, if they were asked for.
    pub(crate) fn owned_by(&self, table: &TableName) -> &[TableName] {
        self.owned.get(table).map_or(&[], Vec::as_slice)
    }

    /// What must be asked to know those of these tables.
    pub(crate) fn missing_owned(&self, names: &[TableName]) -> Vec<MetadataQuery> {
        let missing = names.iter().filter(|name| !self.owned.contains_key(name));
        missing.map(owned::query).collect()
    }

    /// What uses the columns of a table, if that was asked.
    pub(crate) fn dependents(&self, table: &TableName) -> Option<&Dependents> {
        self.dependents.get(table)
    }

    /// What must be asked to know that of these tables.
    pub(crate) fn missing_dependents(&self, names: &[TableName]) -> Vec<MetadataQuery> {
        let mut missing = names.to_vec();
        missing.retain(|name| !self.dependents.contains_key(name));
        missing.iter().flat_map(dependents::queries).collect()
    }

    /// The columns of a table that refer to itself and may be NULL, if they were asked for.
    pub(crate) fn referring_to_itself(&self, table: &TableName) -> &[String] {
        self.itself.get(table).map_or(&[], Vec::as_slice)
    }

    /// What must be asked to know those of these tables.
    pub(crate) fn missing_itself(&self, names: &[TableName]) -> Vec<MetadataQuery> {
        let missing = names.iter().filter(|name| !self.itself.contains_key(name));
        missing.map(itself::query).collect()
    }

    /// What must be asked to know what these names stand for.
    pub(crate) fn missing_kinds(&self, names: &[TableName]) -> Vec<MetadataQuery> {
        let missing = names.iter().filter(|name| !self.kinds.contains_key(name));
        missing.map(kinds::query).collect()
    }

    /// What must be asked to know them.
    pub(crate) fn missing_references(&self) -> Option<MetadataQuery> {
        self.references.is_none().then(references::query)
    }

    /// Whether a table that was looked up has documents or arrays.
    pub(crate) fn have_kept_texts(&self) -> bool {
        self.columns()
            .any(|column| crate::kept_text::is_canonical(column.type_oid))
    }

    /// Whether a table that was looked up has columns of this type.
    pub(crate) fn have_columns_of(&self, type_oid: Oid) -> bool {
        self.columns().any(|column| column.type_oid == type_oid)
    }

    fn columns(&self) -> impl Iterator<Item = &Column> {
        let tables = self.tables.values();
        tables.flat_map(|table| &table.columns)
    }

    /// Whether a table that was looked up has vectors.
    pub(crate) fn have_vectors(&self) -> bool {
        self.vectors
            .values()
            .any(|vectors| !vectors.shapes.is_empty())
    }

    /// What must be asked to know these tables; empty if that was done.
    pub(crate) fn missing(&self, names: &[TableName]) -> Vec<MetadataQuery> {
        self.missing_within(names, views::DEEPEST)
    }

    fn missing_within(&self, names: &[TableName], depth: u8) -> Vec<MetadataQuery> {
        let mut queries = Vec::new();
        for name in names {
            if !self.tables.contains_key(name) {
                queries.extend(query::of_table(name));
            }
            match self.vectors.get(name) {
                None => queries.push(query::of_vectors(name)),
                Some(vectors) if !vectors.shapes.is_empty() && !vectors.described => {
                    queries.push(query::of_shapes(name));
                }
                Some(_) => {}
            }
            queries.extend(self.missing_labels(name));
            queries.extend(self.missing_defaults(name));
            queries.extend(self.missing_view(name));
        }
        if let Some(depth) = depth.checked_sub(1) {
            queries.extend(self.missing_special(&self.behind(names), depth));
        }
        queries
    }

    /// Whether a name is that of a view.
    pub(crate) fn is_view(&self, name: &TableName) -> bool {
        self.views.get(name).is_some_and(Option::is_some) || self.kind_of(name) == Some(Kind::View)
    }

    /// What must be asked to know whether it is a view, and what it selects.
    fn missing_view(&self, name: &TableName) -> Option<MetadataQuery> {
        (!self.views.contains_key(name)).then(|| views::query(name))
    }

    /// The tables that those of these names select from that are views.
    fn behind(&self, names: &[TableName]) -> Vec<TableName> {
        let definitions = names
            .iter()
            .filter_map(|name| self.views.get(name)?.as_ref());
        let mut behind: Vec<TableName> = definitions.flat_map(views::behind).collect();
        behind.retain(|name| !names.contains(name));
        behind
    }

    /// What must be asked to know the sequences that a table's columns are filled from.
    fn missing_defaults(&self, name: &TableName) -> Vec<MetadataQuery> {
        let relation = self.tables.get(name);
        let defaults = relation.into_iter().flat_map(|found| &found.sequences);
        let names: Vec<TableName> = defaults
            .filter_map(|(_, text)| sequences::named(text))
            .collect();
        self.missing_sequences(&names)
    }

    /// What must be asked to know the labels of a table's columns.
    fn missing_labels(&self, name: &TableName) -> Vec<MetadataQuery> {
        let Some(relation) = self.tables.get(name) else {
            return Vec::new();
        };
        match self.enums.get(name) {
            None if relation.columns.iter().any(Column::may_be_enum) => {
                vec![query::of_enums(name)]
            }
            None => Vec::new(),
            Some(columns) => {
                let mut types: Vec<TableName> = columns.iter().map(|(_, t)| t.clone()).collect();
                types.sort_by(|a, b| (&a.schema, &a.table).cmp(&(&b.schema, &b.table)));
                types.dedup();
                self.missing_enums(&types)
            }
        }
    }

    /// What must be asked of tables behind views, which only types that IRIS does not tell make special:
    /// nothing more of a table without.
    fn missing_special(&self, names: &[TableName], depth: u8) -> Vec<MetadataQuery> {
        let Some(deeper) = depth.checked_sub(1) else {
            return Vec::new();
        };
        let mut queries = Vec::new();
        for name in names.iter().filter(|name| !self.tables.contains_key(name)) {
            if !self.made_as.contains_key(name) {
                queries.push(made_as::query(name));
            }
            queries.extend(self.missing_view(name));
        }
        queries.extend(self.missing_special(&self.behind(names), deeper));
        if queries.is_empty() && self.any_special(names, deeper) {
            return self.missing_within(names, deeper);
        }
        queries
    }

    /// Whether one of these tables, or of those behind views, has what IRIS does not tell.
    fn any_special(&self, names: &[TableName], depth: u8) -> bool {
        let is_special = |name: &TableName| {
            let shapes = self.vectors.get(name).map(|vectors| &vectors.shapes);
            shapes.is_some_and(|shapes| !shapes.is_empty()) || self.made_as.get(name) == Some(&true)
        };
        let behind = self.behind(names);
        names.iter().any(is_special)
            || depth
                .checked_sub(1)
                .is_some_and(|deeper| !behind.is_empty() && self.any_special(&behind, deeper))
    }
}

impl Column {
    /// Whether it is as long as the columns of enum types are.
    fn may_be_enum(&self) -> bool {
        self.type_oid == oid::VARCHAR && self.length == Some(enums::LENGTH)
    }
}

impl Relation {
    /// What an identity column that a sequence fills is, if it is one.
    pub(crate) fn identity(&self, column: &str) -> Option<Identity> {
        let mut known = self.identities.iter();
        let found = known.find(|(name, _)| name.eq_ignore_ascii_case(column))?;
        Some(found.1)
    }

    /// The column of that name, in any case of its letters.
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns
            .iter()
            .find(|column| column.name.eq_ignore_ascii_case(name))
    }
}

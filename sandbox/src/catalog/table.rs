//! Tables and their columns, keys and indexes.

use super::{object_key, same};
use crate::ast::{ComputeTime, Computed, IndexDef, ReferenceAction, Written};
use crate::collation::Collation;
use crate::datatype::{Declared, Type};
use crate::error::{Result, SqlError};

/// A column of a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) ty: Type,
    /// What the declaration says beyond the type.
    pub(crate) declared: Declared,
    pub(crate) required: bool,
    /// It is the RowID.
    pub(crate) identity: bool,
    pub(crate) serial: bool,
    pub(crate) row_version: bool,
    /// `AUTO_INCREMENT`: a serial that given values do not move.
    pub(crate) auto_increment: bool,
    /// `SELECT *` leaves it out.
    pub(crate) private: bool,
    /// `WITH STORAGETYPE = COLUMNAR`; only recorded.
    pub(crate) columnar: bool,
    pub(crate) default: Option<Written>,
    /// What every update writes into it.
    pub(crate) on_update: Option<Written>,
    pub(crate) computed: Option<Computed>,
    pub(crate) collation: Collation,
    pub(crate) description: Option<String>,
}

impl Column {
    /// The type as DDL writes it.
    pub(crate) fn type_ddl(&self) -> String {
        let spelling = self.declared.spelling.clone();
        spelling.unwrap_or_else(|| self.ty.ddl())
    }

    /// Streams are in no index and in no key.
    pub(crate) fn indexable(&self) -> Result<()> {
        if self.ty.is_stream() {
            let detail = format!("stream field '{}' cannot be indexed", self.name);
            return Err(SqlError::new(-400, detail));
        }
        Ok(())
    }

    /// Does only IRIS write it?
    pub(crate) fn read_only(&self) -> bool {
        self.row_version || self.declared.embedding.is_some()
    }

    /// A nullable column without any extra.
    pub(crate) fn plain(name: String, ty: Type, collation: Collation) -> Self {
        Self {
            name,
            ty,
            required: false,
            identity: false,
            serial: false,
            row_version: false,
            declared: Declared::default(),
            auto_increment: false,
            private: false,
            columnar: false,
            default: None,
            on_update: None,
            computed: None,
            collation,
            description: None,
        }
    }

    /// CALCULATED or TRANSIENT: computed when read.
    pub(crate) fn is_calculated(&self) -> bool {
        self.computed
            .as_ref()
            .is_some_and(|c| matches!(c.when, ComputeTime::Calculated | ComputeTime::Transient))
    }

    /// Computed when it is written.
    pub(crate) fn is_computed(&self) -> bool {
        self.computed.is_some() && !self.is_calculated()
    }
}

/// A unique or primary key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) primary: bool,
    pub(crate) columns: Vec<String>,
}

/// A foreign key. Without target columns it points to the RowID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Foreign {
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
    pub(crate) target_schema: String,
    pub(crate) target_table: String,
    pub(crate) target_columns: Vec<String>,
    pub(crate) on_delete: ReferenceAction,
    pub(crate) on_update: ReferenceAction,
    pub(crate) no_check: bool,
}

impl Foreign {
    /// Does it point to this table?
    pub(crate) fn points_to(&self, table: &Table) -> bool {
        object_key(&self.target_schema, &self.target_table)
            == object_key(&table.schema, &table.name)
    }
}

/// The class behind a table or view.
pub(crate) fn class_name(schema: &str, name: &str) -> String {
    let package = if same(schema, super::DEFAULT_SCHEMA) {
        "User".to_owned()
    } else {
        schema.replace('_', ".")
    };
    let name: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    format!("{package}.{name}")
}

/// A base or global temporary table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Table {
    pub(crate) schema: String,
    pub(crate) name: String,
    pub(crate) temporary: bool,
    /// The name of the RowID; that of the identity column if there is one.
    pub(crate) row_id: String,
    pub(crate) row_id_public: bool,
    pub(crate) columnar: bool,
    pub(crate) columns: Vec<Column>,
    pub(crate) keys: Vec<Key>,
    pub(crate) foreign_keys: Vec<Foreign>,
    pub(crate) indexes: Vec<IndexDef>,
    pub(crate) description: Option<String>,
    pub(crate) parameters: Vec<(String, String)>,
}

impl Table {
    /// `schema.name` in the case of its definition; also the name of the SQLite table.
    pub(crate) fn full_name(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    /// The class behind the table.
    pub(crate) fn class_name(&self) -> String {
        class_name(&self.schema, &self.name)
    }

    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| same(&column.name, name))
    }

    /// The column, or -29 with IRIS's `%msg`.
    pub(crate) fn required_column(&self, name: &str) -> Result<&Column> {
        self.column(name).ok_or_else(|| {
            SqlError::new(
                -29,
                format!(
                    "Field '{}' not found in the applicable tables",
                    name.to_uppercase()
                ),
            )
        })
    }

    /// The columns that have a place in a row.
    pub(crate) fn stored_columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| !column.is_calculated())
    }

    pub(crate) fn identity(&self) -> Option<&Column> {
        self.columns.iter().find(|column| column.identity)
    }

    pub(crate) fn primary_key(&self) -> Option<&Key> {
        self.keys.iter().find(|key| key.primary)
    }

    /// May values be given for the identity column?
    pub(crate) fn identity_insert(&self) -> bool {
        self.parameters
            .iter()
            .any(|(name, value)| name == "ALLOWIDENTITYINSERT" && value == "1")
    }

    /// The key over exactly these columns, in any order.
    pub(crate) fn key_over(&self, columns: &[String]) -> Option<&Key> {
        self.keys.iter().find(|key| {
            key.columns.len() == columns.len()
                && columns
                    .iter()
                    .all(|c| key.columns.iter().any(|k| same(k, c)))
        })
    }

    /// A constraint name that is not taken: `T_PKEY2`, `T_UNIQUE3`, `T_FKEY4`. The RowID counts as the first.
    pub(crate) fn generated_name(&self, kind: &str) -> String {
        let taken = |name: &str| {
            self.keys.iter().any(|key| same(&key.name, name))
                || self.foreign_keys.iter().any(|key| same(&key.name, name))
        };
        let mut number = self.keys.len() + self.foreign_keys.len() + 2;
        loop {
            let name = format!("{}_{kind}{number}", self.name.to_uppercase());
            if !taken(&name) {
                return name;
            }
            number += 1;
        }
    }
}

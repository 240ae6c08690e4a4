//! Rows of the catalogue's relations, by the names of their columns.

use std::collections::HashMap;
use std::rc::Rc;

use pgiris_catalog::{Catalog, Failure, Row, Type, Value};

use super::numbers::Numbers;

/// OIDs that PostgreSQL gives itself.
pub(super) const PG_CATALOG: i64 = 11;
pub(super) const PUBLIC: i64 = 2200;
pub(super) const INFORMATION_SCHEMA: i64 = 13_207;
pub(super) const PG_TOAST: i64 = 99;
/// The bootstrap superuser, which owns what PostgreSQL brings.
pub(super) const SUPERUSER: i64 = 10;
/// The role that owns `public`, whoever the owner of the database is.
pub(super) const DATABASE_OWNER: i64 = 6171;
/// `pg_class.oid` of the relations that others refer to.
pub(super) const CLASS: i64 = 1259;

/// The rows that are to come.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) numbers: Numbers,
    found: HashMap<&'static str, Vec<Row>>,
}

impl Rows {
    /// A row of a relation of `pg_catalog`. A column that is not named is false, 0 or
    /// an empty text; one of another type is NULL.
    pub(super) fn add(&mut self, relation: &'static str, values: &[(&str, Value)]) {
        let Some(definition) = pgiris_catalog::relation("pg_catalog", relation) else {
            return;
        };
        let row = definition
            .columns
            .iter()
            .map(|(name, kind)| {
                values
                    .iter()
                    .find(|(given, _)| given == name)
                    .map_or_else(|| blank(*kind), |(_, value)| value.clone())
            })
            .collect();
        self.found.entry(relation).or_default().push(row);
    }

    /// The same with PostgreSQL's constant rows before them, for relations that have
    /// such.
    pub(super) fn give(self, catalog: &mut Catalog) -> Result<(), Failure> {
        for (relation, rows) in self.found {
            catalog.extend("pg_catalog", relation, rows)?;
        }
        Ok(())
    }
}

fn blank(kind: Type) -> Value {
    match kind {
        Type::BOOL => Value::Bool(false),
        Type::INT2 | Type::INT4 | Type::INT8 | Type::OID | Type::XID => Value::Int(0),
        Type::REGPROC | Type::REGCLASS | Type::REGTYPE => Value::Int(0),
        Type::FLOAT4 | Type::FLOAT8 => Value::Float(0.0),
        Type::NAME | Type::CHAR => Value::text(""),
        _ => Value::Null,
    }
}

/// An array of small numbers.
pub(super) fn numbers(list: impl IntoIterator<Item = i64>) -> Value {
    Value::array(list.into_iter().map(Value::Int).collect())
}

/// An `int2vector` or `oidvector`.
pub(super) fn vector(list: impl IntoIterator<Item = i64>) -> Value {
    let elements = list.into_iter().map(Value::Int).collect();
    Value::Array(Rc::new(pgiris_catalog::Array::from(elements, 0)))
}

//! The catalogue of one namespace and user: relations with rows, found by any column.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use crate::definition::{self, Definition};
use crate::failure::{Failure, Result};
use crate::session::Session;
use crate::types::Type;
use crate::value::{Row, Value};
use crate::{constant, text, views};

/// What the rows of a relation are found by: the value of one column.
type Index = HashMap<Value, Vec<u32>>;

/// A snapshot. Relations without rows of their own have PostgreSQL's constant
/// ones, those of a view, or none.
pub struct Catalog {
    /// The authenticated user.
    pub user: String,
    /// The namespace, which PostgreSQL calls a database.
    pub database: String,
    contents: Vec<OnceCell<Rc<Content>>>,
}

/// A snapshot as one session sees it.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) session: &'a Session,
}

/// The rows of a relation.
pub(crate) struct Content {
    pub(crate) rows: Vec<Row>,
    indexes: RefCell<HashMap<usize, Rc<Index>>>,
}

impl Content {
    pub(crate) fn of(rows: Vec<Row>) -> Self {
        Self {
            rows,
            indexes: RefCell::new(HashMap::new()),
        }
    }

    /// The rows by their values of a column; NULLs are left out.
    pub(crate) fn index(&self, column: usize) -> Rc<Index> {
        if let Some(index) = self.indexes.borrow().get(&column) {
            return Rc::clone(index);
        }
        let mut index = Index::new();
        for (number, row) in self.rows.iter().enumerate() {
            match row.get(column) {
                None | Some(Value::Null) => {}
                Some(value) => index.entry(value.clone()).or_default().push(number as u32),
            }
        }
        let index = Rc::new(index);
        self.indexes.borrow_mut().insert(column, Rc::clone(&index));
        index
    }
}

impl Catalog {
    /// With PostgreSQL's constant rows alone.
    pub fn new(user: impl Into<String>, database: impl Into<String>) -> Self {
        Self {
            user: user.into(),
            database: database.into(),
            contents: definition::all().iter().map(|_| OnceCell::new()).collect(),
        }
    }

    /// Gives a relation its rows, in place of those that it has.
    pub fn put(&mut self, schema: &str, name: &str, rows: Vec<Row>) -> Result<()> {
        let place = definition::find(schema, name).ok_or_else(|| {
            Failure::new(
                "42P01",
                format!("relation \"{schema}.{name}\" does not exist"),
            )
        })?;
        if let Some(cell) = self.contents.get_mut(place) {
            *cell = OnceCell::from(Rc::new(Content::of(rows)));
        }
        Ok(())
    }

    /// Gives a relation more rows than PostgreSQL's constant ones.
    pub fn extend(&mut self, schema: &str, name: &str, rows: Vec<Row>) -> Result<()> {
        let mut all = match definition::named(schema, name) {
            Some(definition) => constant::rows(self, definition)?,
            None => Vec::new(),
        };
        all.extend(rows);
        self.put(schema, name, all)
    }

    /// The same, with values in text form.
    pub fn put_texts(
        &mut self,
        schema: &str,
        name: &str,
        rows: &[Vec<Option<String>>],
    ) -> Result<()> {
        let session = Session::plain();
        let columns = definition::named(schema, name)
            .map(|definition| definition.columns.as_slice())
            .unwrap_or_default();
        let mut read = Vec::with_capacity(rows.len());
        for row in rows {
            let scene = Scene {
                catalog: self,
                session: &session,
            };
            read.push(from_texts(scene, columns, row)?);
        }
        self.put(schema, name, read)
    }

    /// Whether a relation was given its rows.
    pub(crate) fn has(&self, place: usize) -> bool {
        self.contents
            .get(place)
            .is_some_and(|cell| cell.get().is_some())
    }

    pub(crate) fn content(&self, place: usize) -> Result<&Rc<Content>> {
        let cell = self
            .contents
            .get(place)
            .ok_or_else(|| Failure::new("XX000", "no such relation"))?;
        if let Some(content) = cell.get() {
            return Ok(content);
        }
        let definition = definition::all()
            .get(place)
            .ok_or_else(|| Failure::new("XX000", "no such relation"))?;
        let rows = self.produce(definition)?;
        Ok(cell.get_or_init(|| Rc::new(Content::of(rows))))
    }

    fn produce(&self, definition: &Definition) -> Result<Vec<Row>> {
        if let Some(rows) = views::rows(self, definition)? {
            return Ok(rows);
        }
        constant::rows(self, definition)
    }

    /// The first row with this value in the column.
    pub(crate) fn find(&self, relation: &str, column: &str, value: &Value) -> Option<&Row> {
        self.find_all(relation, column, value).next()
    }

    /// All rows with this value in the column.
    pub(crate) fn find_all(
        &self,
        relation: &str,
        column: &str,
        value: &Value,
    ) -> impl Iterator<Item = &Row> {
        let found = definition::find("pg_catalog", relation).and_then(|place| {
            let column = definition::all().get(place)?.column(column)?;
            let content = self.content(place).ok()?;
            let rows = content.index(column).get(value).cloned()?;
            Some((content, rows))
        });
        found.into_iter().flat_map(|(content, rows)| {
            rows.into_iter()
                .filter_map(|number| content.rows.get(number as usize))
        })
    }

    /// A column of a row of a relation.
    pub(crate) fn field(relation: &str, row: &Row, column: &str) -> Value {
        definition::named("pg_catalog", relation)
            .and_then(|definition| definition.column(column))
            .and_then(|column| row.get(column))
            .cloned()
            .unwrap_or(Value::Null)
    }
}

/// A row from its values in text form.
pub(crate) fn from_texts(
    scene: Scene<'_>,
    columns: &[(&str, Type)],
    row: &[Option<String>],
) -> Result<Row> {
    columns
        .iter()
        .zip(row)
        .map(|((_, kind), value)| match value {
            None => Ok(Value::Null),
            Some(shown) => text::input(scene, storable(*kind), shown),
        })
        .collect()
}

/// Names of objects stand as numbers in the data, so that no relation is needed to
/// read another.
fn storable(kind: Type) -> Type {
    match kind {
        _ if kind.is_alias_of_oid() => Type::OID,
        Type(2211) => Type(1028),
        Type::ANYARRAY => Type::TEXT,
        _ => kind,
    }
}

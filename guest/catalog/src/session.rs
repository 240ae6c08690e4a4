//! What an answer depends on beside the snapshot: whose it is, and when.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use crate::catalog::{Catalog, Content, Scene};
use crate::definition::{self, Definition};
use crate::failure::Result;
use crate::moment;
use crate::settings;
use crate::value::{Row, Value};

/// The session that asks.
pub struct Session {
    /// Where names are looked for, in order: the schema of temporary tables if there is
    /// one, `pg_catalog`, and `search_path`.
    pub path: Vec<String>,
    /// How many of them `search_path` does not name.
    pub implicit: usize,
    /// The schema of its temporary tables.
    pub temporary: Option<String>,
    /// As SHOW prints them, by their names.
    pub settings: BTreeMap<String, String>,
    /// The names in small letters.
    folded: HashMap<String, String>,
    /// What `version()` says.
    pub version: String,
    /// As in BackendKeyData.
    pub process: i64,
    /// When the transaction began, in microseconds since 1970 in UTC.
    pub transaction_start: i64,
    /// When the message came, likewise.
    pub statement_start: i64,
    /// The relations that are its own.
    own: RefCell<HashMap<usize, Rc<Content>>>,
}

impl Session {
    /// With nothing set.
    pub fn plain() -> Self {
        Self {
            path: vec!["pg_catalog".to_owned(), "public".to_owned()],
            implicit: 1,
            temporary: None,
            settings: BTreeMap::new(),
            folded: HashMap::new(),
            version: "PostgreSQL 15.0".to_owned(),
            process: 0,
            transaction_start: 0,
            statement_start: 0,
            own: RefCell::default(),
        }
    }

    /// One more setting.
    pub fn set(&mut self, name: &str, value: &str) {
        self.folded.insert(name.to_lowercase(), name.to_owned());
        self.settings.insert(name.to_owned(), value.to_owned());
    }

    /// The value of a setting by its name in any spelling.
    pub fn setting(&self, name: &str) -> Option<&str> {
        let name = self.folded.get(&name.to_lowercase())?;
        self.settings.get(name).map(String::as_str)
    }

    /// What stands for a transaction's number: it grows from one to the next, and no two
    /// sessions that are there together have the same.
    pub(crate) fn transaction(&self) -> i64 {
        /// Bits for the session, which leave room for centuries of microseconds.
        const OF_PROCESS: u32 = 10;
        let since = (self.transaction_start - moment::EPOCH).max(0);
        (since << OF_PROCESS) | (self.process & ((1 << OF_PROCESS) - 1))
    }
}

impl<'a> Scene<'a> {
    /// The rows of a relation as the session sees them.
    pub(crate) fn content(self, place: usize) -> Result<Rc<Content>> {
        let definition = definition::all().get(place);
        let rows = definition.and_then(own_rows);
        let Some(rows) = rows.filter(|_| !self.catalog.has(place)) else {
            return self.catalog.content(place).map(Rc::clone);
        };
        if let Some(content) = self.session.own.borrow().get(&place) {
            return Ok(Rc::clone(content));
        }
        let content = Rc::new(Content::of(rows(self)));
        let mut own = self.session.own.borrow_mut();
        own.insert(place, Rc::clone(&content));
        Ok(content)
    }
}

/// Whether the rows of a relation are of the session, not of the snapshot.
pub fn is_of_session(schema: &str, name: &str) -> bool {
    definition::named(schema, name).is_some_and(|definition| own_rows(definition).is_some())
}

type Rows = fn(Scene<'_>) -> Vec<Row>;

fn own_rows(definition: &Definition) -> Option<Rows> {
    match (definition.schema, definition.name) {
        ("pg_catalog", "pg_settings") => Some(settings::rows),
        ("pg_catalog", "pg_stat_activity") => Some(activity),
        _ => None,
    }
}

/// The session's own row: what others do, IRIS does not tell.
fn activity(scene: Scene<'_>) -> Vec<Row> {
    let Some(definition) = definition::named("pg_catalog", "pg_stat_activity") else {
        return Vec::new();
    };
    let Scene { catalog, session } = scene;
    let oid = |relation: &str, column: &str, name: &str| {
        let row = catalog.find(relation, column, &name.into());
        row.map_or(Value::Null, |row| Catalog::field(relation, row, "oid"))
    };
    let started = moment::shown(session.statement_start);
    let value = |column: &str| match column {
        "datid" => oid("pg_database", "datname", &catalog.database),
        "datname" => catalog.database.as_str().into(),
        "pid" => Value::Int(session.process),
        "usesysid" => oid("pg_authid", "rolname", &catalog.user),
        "usename" => catalog.user.as_str().into(),
        "application_name" => session
            .setting("application_name")
            .unwrap_or_default()
            .into(),
        "xact_start" => moment::shown(session.transaction_start).into(),
        "query_start" | "state_change" => started.as_str().into(),
        "state" => "active".into(),
        "backend_type" => "client backend".into(),
        _ => Value::Null,
    };
    let columns = definition.columns.iter();
    vec![columns.map(|(column, _)| value(column)).collect()]
}

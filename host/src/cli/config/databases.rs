//! The tables `databases.NAME`: what is behind each name.

use std::collections::BTreeMap;
use std::path::PathBuf;

use pgiris::{Database, PoolLimits};
use toml::de::{DeTable, DeValue};

use super::keys::{keys, nearest};
use super::value::{Place, Value};
use super::{Settings, pool_contradictions};

/// What a table says.
#[derive(Clone, Debug)]
pub(super) struct Table {
    upstream: Option<String>,
    namespace: Option<String>,
    rules: Option<PathBuf>,
    pool: PoolLimits,
    settings: Vec<(String, String)>,
}

/// A database, with what its table leaves out filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) upstream: String,
    pub(crate) namespace: Option<String>,
    pub(crate) rules: PathBuf,
    pub(crate) pool: PoolLimits,
    pub(crate) settings: Vec<(String, String)>,
}

/// A key of a table.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) form: &'static str,
    pub(super) about: &'static str,
}

pub(super) const TABLE_KEYS: &[Key] = &[
    Key {
        name: "upstream",
        form: "URL",
        about: "As the key `upstream`, which counts if it is left out.",
    },
    Key {
        name: "namespace",
        form: "text",
        about: "The IRIS namespace, where the URL names none. Left out: that of the same name.",
    },
    Key {
        name: "rules",
        form: "path",
        about: "As the key `rules`, which counts if it is left out. A single file is used whatever the version of IRIS.",
    },
    Key {
        name: "pool",
        form: "table",
        about: "The keys of `[pool]`, which count where one is left out.",
    },
    Key {
        name: "settings",
        form: "table of texts",
        about: "With which settings sessions begin, as by PostgreSQL's `ALTER DATABASE … SET`; what a client asks for itself wins.",
    },
];

/// Reads the tables; everything else of the file has been read into `settings`. What is wrong
/// goes to `wrong`, with its line.
pub(super) fn read(
    settings: &mut Settings,
    tables: &DeTable<'_>,
    place: Place<'_>,
    wrong: &mut Vec<String>,
) -> BTreeMap<String, Table> {
    let mut found = BTreeMap::new();
    for (name, value) in tables {
        let line = place.line(name.span().start);
        let name = name.get_ref().to_string();
        let path = format!("databases.{name}");
        settings.lines.insert(path.clone(), line);
        match value.get_ref() {
            DeValue::Table(table) => {
                for (key, _) in table {
                    let line = place.line(key.span().start);
                    let key = format!("{path}.{}", key.get_ref());
                    settings.lines.insert(key, line);
                }
                let table = read_one(settings, &name, table, place, wrong);
                wrong.extend(
                    pool_contradictions(&table.pool, &format!("databases.{name}.pool"))
                        .into_iter()
                        .map(|mistake| format!("{line}: {mistake}")),
                );
                if table.upstream.is_none() && settings.upstream.is_none() {
                    wrong.push(format!(
                        "{line}: `databases.{name}` needs an `upstream`, as there is no key of this name above it"
                    ));
                }
                found.insert(name, table);
            }
            _ => wrong.push(format!("{line}: `databases.{name}`: expected a table")),
        }
    }
    found
}

fn read_one(
    settings: &Settings,
    database: &str,
    table: &DeTable<'_>,
    place: Place<'_>,
    wrong: &mut Vec<String>,
) -> Table {
    let mut found = Table {
        upstream: None,
        namespace: None,
        rules: None,
        pool: settings.config.pool.clone(),
        settings: Vec::new(),
    };
    for (name, value) in table {
        let line = place.line(name.span().start);
        let (name, value) = (name.get_ref(), value.get_ref());
        let read = Value::new(value, place);
        let outcome = match (name.as_ref(), value) {
            ("upstream", _) => read.url().map(|url| found.upstream = Some(url)),
            ("namespace", _) => read.text().map(|text| found.namespace = Some(text)),
            ("rules", _) => read.path().map(|path| found.rules = Some(path)),
            ("pool", DeValue::Table(keys)) => {
                found.pool = pool(settings, database, keys, place, wrong);
                Ok(())
            }
            ("settings", DeValue::Table(keys)) => {
                let path = format!("databases.{database}.settings");
                found.settings = session_settings(keys, &path, place, wrong);
                Ok(())
            }
            ("pool" | "settings", _) => Err("expected a table".to_owned()),
            _ => {
                let names = TABLE_KEYS.iter().map(|key| key.name);
                wrong.push(format!(
                    "{line}: unknown key `databases.{database}.{name}`{}",
                    nearest(name, names)
                ));
                continue;
            }
        };
        if let Err(why) = outcome {
            wrong.push(format!("{line}: `databases.{database}.{name}`: {why}"));
        }
    }
    found
}

/// Settings that sessions begin with, each as a session takes it.
pub(super) fn session_settings(
    table: &DeTable<'_>,
    path: &str,
    place: Place<'_>,
    wrong: &mut Vec<String>,
) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, value) in table {
        let line = place.line(name.span().start);
        let name = name.get_ref().to_string();
        let read = Value::new(value.get_ref(), place).text().and_then(|value| {
            let checked = Database::check_setting(&name, &value);
            checked
                .map(|()| value)
                .map_err(|error| error.message.into())
        });
        match read {
            Ok(value) => found.push((name, value)),
            Err(why) => wrong.push(format!("{line}: `{path}.{name}`: {why}")),
        }
    }
    found
}

/// The keys of `[pool]`, over what stands there.
fn pool(
    settings: &Settings,
    database: &str,
    table: &DeTable<'_>,
    place: Place<'_>,
    wrong: &mut Vec<String>,
) -> PoolLimits {
    let mut over = settings.clone();
    for (name, value) in table {
        let line = place.line(name.span().start);
        let path = format!("pool.{}", name.get_ref());
        let Some(key) = keys().find(|key| key.name == path) else {
            let names = keys().filter_map(|key| key.name.strip_prefix("pool."));
            wrong.push(format!(
                "{line}: unknown key `databases.{database}.{path}`{}",
                nearest(name.get_ref(), names)
            ));
            continue;
        };
        if let Err(why) = (key.read)(&mut over, Value::new(value.get_ref(), place)) {
            wrong.push(format!("{line}: `databases.{database}.{path}`: {why}"));
        }
    }
    over.config.pool
}

impl Settings {
    /// The databases by name, and what is behind all other names, if anything is.
    pub(crate) fn databases(&self) -> (BTreeMap<String, Wanted>, Option<Wanted>) {
        let wanted = |table: &Table| Wanted {
            upstream: table
                .upstream
                .clone()
                .unwrap_or_else(|| self.upstream().to_owned()),
            namespace: table.namespace.clone(),
            rules: table.rules.clone().unwrap_or_else(|| self.rules.clone()),
            pool: table.pool.clone(),
            // The table's come last, and win.
            settings: [self.settings.clone(), table.settings.clone()].concat(),
        };
        let named = self
            .databases
            .iter()
            .map(|(name, table)| (name.clone(), wanted(table)));
        let others = (self.upstream.is_some() || self.databases.is_empty()).then(|| Wanted {
            upstream: self.upstream().to_owned(),
            namespace: None,
            rules: self.rules.clone(),
            pool: self.config.pool.clone(),
            settings: self.settings.clone(),
        });
        (named.collect(), others)
    }

    /// Everything that is to be behind any name.
    pub(crate) fn wanted(&self) -> Vec<Wanted> {
        let (named, others) = self.databases();
        named.into_values().chain(others).collect()
    }
}

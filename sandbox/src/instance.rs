//! An instance: its namespaces, each a database of its own, and what they share.

mod state;
mod store;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::catalog::same;
use crate::error::{Result, SqlError};
use crate::faults::Faults;
use crate::namespace::Namespace;
use crate::options::Settings;
use crate::session::lock;
use crate::{Options, Storage, Version};

pub(crate) use state::State;
use store::Store;

/// The namespace of connections that name none.
pub(crate) const USER: &str = "USER";

/// The namespace of the system.
const SYSTEM: &str = "%SYS";

/// Longest name of a namespace; it becomes part of a file name.
const LONGEST_NAME: usize = 64;

/// What all connections of all namespaces share.
pub(crate) struct Instance {
    options: Options,
    store: Store,
    state: Mutex<Arc<State>>,
    open: Mutex<BTreeMap<String, Arc<Namespace>>>,
    settings: Mutex<Arc<Settings>>,
    /// Counts the changes of the settings.
    changes: AtomicU64,
    /// What is to go wrong.
    pub(crate) faults: Mutex<Faults>,
}

impl Instance {
    /// Opens the namespace `USER`; the others follow when somebody connects to them.
    pub(crate) fn open(options: Options) -> Result<Self> {
        let store = Store::beside(&options.storage);
        let instance = Self {
            state: Mutex::new(Arc::new(store.load()?)),
            store,
            options,
            open: Mutex::default(),
            settings: Mutex::default(),
            changes: AtomicU64::new(0),
            faults: Mutex::default(),
        };
        instance.namespace(USER)?;
        Ok(instance)
    }

    pub(crate) fn version(&self) -> Version {
        self.options.version
    }

    /// The namespaces, users, roles and privileges of now.
    pub(crate) fn state(&self) -> Arc<State> {
        Arc::clone(&lock(&self.state))
    }

    /// Reads again what another process may have written.
    pub(crate) fn refresh(&self) -> Result<()> {
        if self.store.exists() {
            *lock(&self.state) = Arc::new(self.store.load()?);
        }
        Ok(())
    }

    /// Changes the state, in the file too; nothing is changed if `change` fails.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
        let mut current = lock(&self.state);
        let (changed, result) = self.store.update(&current, change)?;
        *current = Arc::new(changed);
        Ok(result)
    }

    pub(crate) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&lock(&self.settings))
    }

    /// SET OPTION for everybody.
    pub(crate) fn set(&self, settings: Settings) {
        *lock(&self.settings) = Arc::new(settings);
        self.changes.fetch_add(1, Ordering::Relaxed);
    }

    /// How often the settings changed.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    /// All names, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let state = self.state();
        let made = state.namespaces.iter().map(String::as_str);
        let mut names: Vec<String> = made.chain([SYSTEM, USER]).map(str::to_owned).collect();
        names.sort();
        names
    }

    /// Is there such a namespace?
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names().iter().any(|known| same(known, name))
    }

    /// The namespace, opened when needed; -340 if there is none.
    pub(crate) fn namespace(&self, name: &str) -> Result<Arc<Namespace>> {
        let name = name.to_uppercase();
        if !self.has(&name) {
            return Err(unknown(&name));
        }
        let mut open = lock(&self.open);
        if let Some(namespace) = open.get(&name) {
            return Ok(Arc::clone(namespace));
        }
        let storage = match self.file(&name) {
            Some(path) => Storage::File(path),
            None => Storage::Memory,
        };
        let options = Options {
            storage,
            ..self.options.clone()
        };
        let namespace = Arc::new(Namespace::open(options)?);
        open.insert(name, Arc::clone(&namespace));
        Ok(namespace)
    }

    /// `PATH` for USER, `PATH.NAME` for others; nothing in memory.
    fn file(&self, name: &str) -> Option<PathBuf> {
        let Storage::File(path) = &self.options.storage else {
            return None;
        };
        if name == USER {
            return Some(path.clone());
        }
        let mut path = path.clone().into_os_string();
        path.push(".");
        path.push(name);
        Some(path.into())
    }

    /// CREATE DATABASE: -342 if the namespace exists, -341 if only its file does.
    pub(crate) fn create(&self, name: &str) -> Result<()> {
        let name = name.to_uppercase();
        if !is_name(&name) {
            return Err(SqlError::new(-1, format!("invalid database name {name}")));
        }
        self.refresh()?;
        if self.has(&name) {
            return Err(SqlError::new(-342, name));
        }
        if self.file(&name).is_some_and(|path| path.exists()) {
            return Err(SqlError::new(-341, name));
        }
        self.change(|state| {
            state.namespaces.insert(name.clone());
            Ok(())
        })?;
        self.namespace(&name).map(drop)
    }

    /// DROP DATABASE: -340 unknown, -343 the system's, -344 the current one.
    pub(crate) fn drop_namespace(&self, name: &str, current: &str, keep_file: bool) -> Result<()> {
        let name = name.to_uppercase();
        if !self.has(&name) {
            return Err(unknown(&name));
        }
        if same(&name, current) {
            return Err(SqlError::new(-344, name));
        }
        if name == USER || name == SYSTEM {
            return Err(SqlError::new(-343, name));
        }
        self.change(|state| {
            state.namespaces.remove(&name);
            state.security.forget_namespace(&name);
            Ok(())
        })?;
        lock(&self.open).remove(&name);
        if let Some(path) = self.file(&name).filter(|_| !keep_file) {
            for suffix in ["", "-wal", "-shm", "-lock"] {
                let mut file = path.clone().into_os_string();
                file.push(suffix);
                // Connections that still use it keep their handles; a file that is gone is what we want.
                drop(std::fs::remove_file(file));
            }
        }
        Ok(())
    }
}

/// High bits that no other process has.
pub(crate) fn unique() -> i64 {
    use std::hash::{BuildHasher as _, RandomState};
    let bits = RandomState::new().hash_one(0) >> 2 & !0xffff_ffff;
    i64::try_from(bits).unwrap_or(0)
}

/// -340
fn unknown(name: &str) -> SqlError {
    SqlError::new(-340, name)
}

/// Namespace names are words; so they are safe in a file name too.
fn is_name(name: &str) -> bool {
    name.len() <= LONGEST_NAME
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '%')
        && name
            .chars()
            .skip(1)
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

//! The storage behind a sandbox: one SQLite file in WAL mode, its catalog, its log.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::OptionalExtension as _;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use tempfile::TempDir;

use crate::catalog::Catalog;
use crate::coordinator::Coordinator;
use crate::error::{Result, SqlError};
use crate::session::{Counters, lock};
use crate::statement_log::StatementLog;
use crate::{Options, Storage, Version};

/// Marks a file as ours.
const APPLICATION_ID: i64 = 0x4952_4953;

/// Longest value, in bytes: far above IRIS's strings, room for streams, and an
/// end to expressions that double themselves.
const LONGEST_VALUE: i32 = 128 << 20;

/// SQLite's page cache, in kibibytes: every definition searches all the others, which thousands
/// of tables should not have to read from the file each time.
const PAGE_CACHE: i64 = 32 << 10;

/// How many prepared SQLite statements a connection keeps.
const CACHED_STATEMENTS: usize = 256;

/// What all connections share.
pub(crate) struct Namespace {
    pub(crate) version: Version,
    pub(crate) counters: Arc<Counters>,
    path: PathBuf,
    pub(crate) durable: bool,
    pub(crate) coordinator: Arc<Coordinator>,
    /// Tells other processes that this one lives.
    claim: Option<File>,
    catalog: Mutex<Arc<Catalog>>,
    pub(crate) log: Option<StatementLog>,
    jobs: AtomicI64,
    /// Removed with the last handle.
    _directory: Option<TempDir>,
}

fn io_error(error: &std::io::Error) -> SqlError {
    SqlError::new(-461, error.to_string())
}

fn storage_error(error: &rusqlite::Error) -> SqlError {
    SqlError::new(-461, error.to_string())
}

impl Namespace {
    pub(crate) fn open(options: Options) -> Result<Self> {
        let (path, directory) = match options.storage {
            Storage::File(path) => (path, None),
            Storage::Memory => {
                let directory = tempfile::tempdir().map_err(|error| io_error(&error))?;
                (directory.path().join("namespace.sqlite"), Some(directory))
            }
        };
        let log = match options.statement_log {
            None => None,
            Some(path) => Some(StatementLog::open(&path).map_err(|error| io_error(&error))?),
        };
        let (claim, alone) = match &directory {
            None => {
                let (claim, alone) = claim(&path)?;
                (Some(claim), alone)
            }
            Some(_) => (None, true),
        };
        let namespace = Self {
            coordinator: Arc::default(),
            claim,
            version: options.version,
            counters: Arc::new(Counters::default()),
            durable: directory.is_none(),
            path,
            catalog: Mutex::new(Arc::new(Catalog::default())),
            log,
            jobs: AtomicI64::new(0),
            _directory: directory,
        };
        let connection = namespace.connect().map_err(|error| storage_error(&error))?;
        prepare_file(&connection, &namespace.path)?;
        convert_catalog(&connection, namespace.version)?;
        let catalog = load_catalog(&connection, namespace.version)?;
        namespace.publish(Arc::new(catalog));
        drop(connection);
        let recovered = namespace.recover(alone);
        recovered.map_err(|error| storage_error(&error))?;
        if let Some(claim) = namespace.claim.as_ref().filter(|_| alone) {
            share(claim).map_err(|error| io_error(&error))?;
        }
        Ok(namespace)
    }

    /// Journals every table; alone, takes back what killed processes did not commit.
    fn recover(&self, alone: bool) -> rusqlite::Result<()> {
        let sqlite = self.connect()?;
        crate::functions::register_collations(&sqlite)?;
        sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
        let catalog = self.catalog();
        sqlite.execute_batch("BEGIN IMMEDIATE")?;
        for table in catalog.tables() {
            for sql in crate::journal::triggers(table) {
                sqlite.execute_batch(&sql)?;
            }
        }
        if alone {
            crate::journal::recover(&sqlite, &catalog)?;
        }
        sqlite.execute_batch("COMMIT")
    }

    /// A bare SQLite connection, tuned but without functions.
    pub(crate) fn connect(&self) -> rusqlite::Result<rusqlite::Connection> {
        let connection = rusqlite::Connection::open(&self.path)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST_VALUE)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // FULL syncs the log at every commit: what was acknowledged survives.
        connection.pragma_update(
            None,
            "synchronous",
            if self.durable { "FULL" } else { "OFF" },
        )?;
        // A negative size counts kibibytes instead of pages.
        connection.pragma_update(None, "cache_size", -PAGE_CACHE)?;
        connection.pragma_update(None, "recursive_triggers", true)?;
        connection.pragma_update(None, "legacy_alter_table", true)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "foreign_keys", false)?;
        Ok(connection)
    }

    pub(crate) fn next_job(&self) -> i64 {
        self.jobs.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&lock(&self.catalog))
    }

    /// Makes a newer catalog the one that everybody sees.
    pub(crate) fn publish(&self, catalog: Arc<Catalog>) {
        let mut current = lock(&self.catalog);
        if catalog.generation >= current.generation {
            *current = catalog;
        }
    }
}

/// A lock beside the file, held as long as the namespace is open; `true` if nobody else held it.
fn claim(path: &Path) -> Result<(File, bool)> {
    let mut name = path.as_os_str().to_owned();
    name.push("-lock");
    let mut options = File::options();
    let file = options.write(true).create(true).truncate(false).open(name);
    let file = file.map_err(|error| io_error(&error))?;
    match file.try_lock() {
        Ok(()) => Ok((file, true)),
        Err(TryLockError::WouldBlock) => {
            file.lock_shared().map_err(|error| io_error(&error))?;
            Ok((file, false))
        }
        Err(TryLockError::Error(error)) => Err(io_error(&error)),
    }
}

/// Others may open the file too.
fn share(claim: &File) -> std::io::Result<()> {
    claim.unlock()?;
    claim.lock_shared()
}

/// Creates the tables for our own use; refuses a file of somebody else.
fn prepare_file(connection: &rusqlite::Connection, path: &Path) -> Result<()> {
    let sqlite = |error: rusqlite::Error| storage_error(&error);
    let id: i64 = connection
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(sqlite)?;
    let tables: i64 = connection
        .query_row(
            "SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'",
            [],
            |row| row.get(0),
        )
        .map_err(sqlite)?;
    if id != APPLICATION_ID && tables > 0 {
        return Err(SqlError::new(
            -461,
            format!("{} is not a sandbox file", path.display()),
        ));
    }
    if id != APPLICATION_ID {
        connection
            .pragma_update(None, "application_id", APPLICATION_ID)
            .map_err(sqlite)?;
    }
    connection
        .execute_batch(crate::catalog::SCHEMA)
        .map_err(sqlite)?;
    connection
        .execute_batch(crate::journal::SCHEMA)
        .map_err(sqlite)
}

/// The generation that the file holds.
pub(crate) fn stored_generation(connection: &rusqlite::Connection) -> rusqlite::Result<u64> {
    let generation: Option<i64> = connection
        .query_row("SELECT generation FROM iris_generation", [], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(generation
        .and_then(|generation| u64::try_from(generation).ok())
        .unwrap_or(0))
}

/// The catalog that the file holds.
pub(crate) fn load_catalog(connection: &rusqlite::Connection, version: Version) -> Result<Catalog> {
    let stored = |error: rusqlite::Error| storage_error(&error);
    let generation = stored_generation(connection).map_err(stored)?;
    let definitions = crate::catalog::load_definitions(connection).map_err(stored)?;
    catalog_of(connection, &definitions, generation, version)
}

fn catalog_of(
    connection: &rusqlite::Connection,
    definitions: &[String],
    generation: u64,
    version: Version,
) -> Result<Catalog> {
    let mut catalog = Catalog::load(definitions, version)?;
    catalog.generation = generation;
    catalog.put_owners(crate::catalog::load_owners(connection)?);
    Ok(catalog)
}

/// Files of an older form get the present one, all at once.
fn convert_catalog(connection: &rusqlite::Connection, version: Version) -> Result<()> {
    let batch = |sql| connection.execute_batch(sql);
    batch("BEGIN IMMEDIATE").map_err(|error| storage_error(&error))?;
    let converted = crate::catalog::convert_list(connection, |definitions| {
        let generation = stored_generation(connection).map_err(|error| storage_error(&error))?;
        catalog_of(connection, definitions, generation, version)
    });
    let end = if converted.is_ok() {
        "COMMIT"
    } else {
        "ROLLBACK"
    };
    batch(end).map_err(|error| storage_error(&error))?;
    converted
}

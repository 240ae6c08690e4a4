//! The public face: an instance, its connections, their statements.

use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::catalog::Catalog;
use crate::faults::Fault;
use crate::handle::Handle;
use crate::instance::{self, Instance};
use crate::namespace::Namespace;
use crate::options::Choices;
use crate::plan::Plan;
use crate::session::{Session, lock};
use crate::transaction::Transaction;
use crate::{Column, Nullable, SqlError, SqlType, Value, Version};

/// Where the rows live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Storage {
    /// Gone when the last handle of the [`Sandbox`] is dropped.
    Memory,
    /// In this file and its write-ahead log.
    File(PathBuf),
}

/// What to open.
#[derive(Clone, Debug)]
pub struct Options {
    /// The IRIS version to play.
    pub version: Version,
    /// Where the rows live.
    pub storage: Storage,
    /// If set, every statement that is executed is appended to this file, for
    /// tests that read what reached "IRIS". One line per execution: the text,
    /// with `\`, newline, carriage return and tab written `\\`, `\n`, `\r` and
    /// `\t`; then, if it had parameters, a tab and a JSON array of them. A
    /// statement that is refused when prepared is logged at that time.
    pub statement_log: Option<PathBuf>,
}

impl Default for Options {
    /// The newest version, in memory, without a log.
    fn default() -> Self {
        Self {
            version: Version::NEWEST,
            storage: Storage::Memory,
            statement_log: None,
        }
    }
}

/// One instance with its namespaces. Cheap to clone; all clones are the same instance.
#[derive(Clone)]
pub struct Sandbox {
    instance: Arc<Instance>,
}

impl Sandbox {
    /// Opens the instance, creating what is missing.
    ///
    /// # Errors
    /// The file cannot be opened or is not a sandbox file.
    pub fn open(options: Options) -> Result<Self, SqlError> {
        Ok(Self {
            instance: Arc::new(Instance::open(options)?),
        })
    }

    /// The version that is played.
    pub fn version(&self) -> Version {
        self.instance.version()
    }

    /// The namespaces: `%SYS`, `USER`, and those that CREATE DATABASE made.
    pub fn namespaces(&self) -> Vec<String> {
        self.instance.names()
    }

    /// Creates a namespace unless it exists, as CREATE DATABASE does.
    ///
    /// # Errors
    /// The name is not a word, or the storage cannot be written.
    pub fn create_namespace(&self, name: &str) -> Result<(), SqlError> {
        match self.instance.create(name) {
            Err(error) if error.sqlcode == -342 => Ok(()),
            result => result,
        }
    }

    /// Is this the password of the user? `_SYSTEM` has `SYS` until ALTER USER
    /// changes it. Whoever connects is not asked: that is for the host to do.
    pub fn authenticate(&self, user: &str, password: &str) -> bool {
        // Without the file there is nothing newer to be read.
        drop(self.instance.refresh());
        self.instance.state().security.authenticate(user, password)
    }

    /// From now on, this goes wrong on all connections.
    pub fn inject(&self, fault: Fault) {
        self.instance.inject(fault);
    }

    /// From now on, nothing more goes wrong that was asked for.
    pub fn clear_faults(&self) {
        self.instance.clear_faults();
    }

    /// A new connection to the namespace `USER`, as `user` (what `$USERNAME`
    /// answers). A user that CREATE USER did not make has every privilege.
    ///
    /// # Errors
    /// The storage is no longer there.
    pub fn connect(&self, user: &str) -> Result<Connection, SqlError> {
        self.connect_to(user, instance::USER)
    }

    /// A new connection to a namespace.
    ///
    /// # Errors
    /// -340 if there is no such namespace; the storage is no longer there.
    pub fn connect_to(&self, user: &str, namespace: &str) -> Result<Connection, SqlError> {
        self.instance.refresh()?;
        let home = self.instance.namespace(instance::USER)?;
        let name = namespace.to_uppercase();
        let namespace = self.instance.namespace(&name)?;
        let job = home.next_job();
        let session = Arc::new(Session {
            known: self.instance.state().security.is_restricted(user),
            user: user.to_owned(),
            namespace: name,
            instance: Arc::clone(&self.instance),
            version: namespace.version,
            owner: instance::unique() | job,
            job,
            commit_mode: AtomicU8::new(1),
            patience: AtomicU64::new(10_000),
            interrupted: AtomicBool::new(false),
            fragile: AtomicBool::new(false),
            durable: namespace.durable,
            coordinator: Arc::clone(&namespace.coordinator),
            changes: Mutex::default(),
            counters: Arc::clone(&namespace.counters),
            last_identity: AtomicI64::new(i64::MIN),
            level: AtomicU32::new(0),
            isolation: AtomicU8::new(0),
            fenced: AtomicBool::new(false),
            call_depth: AtomicU32::new(0),
            fired: Mutex::default(),
            filing: AtomicBool::new(false),
            no_trigger: AtomicBool::new(false),
            trigger_depth: AtomicU32::new(0),
            no_check: AtomicBool::new(false),
            tried: Mutex::default(),
            time_precision: AtomicU32::new(0),
            lock_timeout: AtomicU64::new(10),
            catalog: Mutex::new(namespace.catalog()),
        });
        let sqlite = open(&namespace, &session)?;
        session.coordinator.join();
        Ok(Connection {
            interrupt: Arc::new(Mutex::new(Target {
                sqlite: sqlite.get_interrupt_handle(),
                session: Arc::clone(&session),
            })),
            epoch: 0,
            sqlite: Handle::new(sqlite),
            session,
            namespace,
            transaction: Transaction::default(),
            is_lost: false,
        })
    }
}

/// A connection to SQLite with the functions of the session.
fn open(namespace: &Namespace, session: &Arc<Session>) -> Result<rusqlite::Connection, SqlError> {
    let open = || {
        let mut sqlite = namespace.connect()?;
        crate::functions::register(&sqlite, session)?;
        crate::journal::watch(&mut sqlite, session)?;
        Ok(sqlite)
    };
    open().map_err(|error: rusqlite::Error| SqlError::new(-461, error.to_string()))
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("version", &self.version())
            .finish_non_exhaustive()
    }
}

/// One process of the namespace: its transaction, its `LAST_IDENTITY()`.
/// Dropping it rolls back what is open. `Send`, not `Sync`; calls block.
pub struct Connection {
    interrupt: Arc<Mutex<Target>>,
    /// Counts changes of namespace and options; plans made before are made anew.
    pub(crate) epoch: u64,
    pub(crate) sqlite: Handle,
    pub(crate) session: Arc<Session>,
    pub(crate) namespace: Arc<Namespace>,
    pub(crate) transaction: Transaction,
    /// An injected fault has ended it.
    pub(crate) is_lost: bool,
}

/// A prepared statement; may be executed on the connection that prepared it.
#[derive(Clone)]
pub struct Statement {
    pub(crate) inner: Arc<Prepared>,
}

/// What a statement was when it was prepared, and its newest plan.
pub(crate) struct Prepared {
    pub(crate) sql: String,
    parameters: Vec<SqlType>,
    columns: Option<Vec<Column>>,
    plan: Mutex<(Basis, Arc<Plan>)>,
}

/// What a plan was made for: the generation of the catalog, and how often the
/// connection changed its namespace or an option.
type Basis = (u64, u64);

/// What IRIS reports after an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completion {
    /// `%ROWCOUNT`: rows returned or changed; -1 where IRIS does not count (TRUNCATE).
    pub row_count: i64,
    /// 0, or 100 where nothing was found.
    pub sqlcode: i32,
}

impl Statement {
    /// The type of each `?`, in order.
    pub fn parameters(&self) -> &[SqlType] {
        &self.inner.parameters
    }

    /// The result columns; `None` for a statement that returns no rows.
    pub fn columns(&self) -> Option<&[Column]> {
        self.inner.columns.as_deref()
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Statement")
            .field("sql", &self.inner.sql)
            .finish_non_exhaustive()
    }
}

/// Ends what a connection is doing, from any thread.
pub struct InterruptHandle(Arc<Mutex<Target>>);

/// What an interrupt ends.
struct Target {
    sqlite: rusqlite::InterruptHandle,
    session: Arc<Session>,
}

impl InterruptHandle {
    /// The statement that runs now fails with -456; without one nothing happens.
    pub fn interrupt(&self) {
        let target = lock(&self.0);
        target.session.interrupted.store(true, Ordering::SeqCst);
        // SQLite would take the whole transaction back, not only the statement.
        if !target.session.fragile.load(Ordering::SeqCst) {
            target.sqlite.interrupt();
        }
        target.session.coordinator.wake();
    }
}

impl Connection {
    /// Parses, resolves and types one statement, without executing it.
    ///
    /// # Errors
    /// The SQLCODE with which the played version refuses it.
    pub fn prepare(&mut self, sql: &str) -> Result<Statement, SqlError> {
        self.check_connected()?;
        let catalog = self.catalog();
        let plan = self
            .plan(sql, &catalog)
            .and_then(|plan| self.check_needs(&plan).map(|()| plan))
            .inspect_err(|error| {
                self.log_statement(sql, &[]);
                self.log_failure(error);
            })?;
        let parameters = plan
            .parameters
            .iter()
            .map(|rule| rule.ty.describe())
            .collect();
        let columns = described(&plan);
        let plan = Mutex::new((self.basis(&catalog), Arc::new(plan)));
        Ok(Statement {
            inner: Arc::new(Prepared {
                sql: sql.to_owned(),
                parameters,
                columns,
                plan,
            }),
        })
    }

    /// Executes it. `row` is called for each row, in order; `Break` ends the
    /// execution early without an error.
    ///
    /// # Errors
    /// The SQLCODE of the failure. The transaction, if any, goes on.
    pub fn execute(
        &mut self,
        statement: &Statement,
        parameters: &[Value],
        row: &mut dyn FnMut(&[Value]) -> ControlFlow<()>,
    ) -> Result<Completion, SqlError> {
        self.check_connected()?;
        self.log_statement(&statement.inner.sql, parameters);
        self.execute_logged(statement, parameters, row)
            .inspect_err(|error| self.log_failure(error))
    }

    fn execute_logged(
        &mut self,
        statement: &Statement,
        parameters: &[Value],
        row: &mut dyn FnMut(&[Value]) -> ControlFlow<()>,
    ) -> Result<Completion, SqlError> {
        let text = &statement.inner.sql;
        let plan = self.current_plan(&statement.inner)?;
        self.check_needs(&plan)?;
        let rows = self.befall(text)?;
        self.resume()?;
        let result = match rows {
            None => self.run(&plan, text, parameters, row),
            Some(rows) => self.run_until_lost((&plan, text), parameters, row, rows),
        };
        self.leave();
        result
    }

    fn log_statement(&self, sql: &str, parameters: &[Value]) {
        if let Some(log) = &self.namespace.log {
            log.statement(self.session.job, sql, parameters);
        }
    }

    fn log_failure(&self, error: &SqlError) {
        if let Some(log) = &self.namespace.log {
            log.failure(self.session.job, error);
        }
    }

    /// `$TLEVEL`: 0 outside a transaction.
    pub fn transaction_level(&self) -> u32 {
        self.session.level.load(Ordering::Relaxed)
    }

    /// A handle that another thread can end the running statement with.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        InterruptHandle(Arc::clone(&self.interrupt))
    }

    /// How long a writer waits for another one before -110; IRIS's `LockTimeout`, 10 s.
    ///
    /// # Errors
    /// None at present.
    pub fn set_lock_timeout(&mut self, timeout: Duration) -> Result<(), SqlError> {
        let milliseconds = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        self.session.patience.store(milliseconds, Ordering::Relaxed);
        Ok(())
    }

    /// USE DATABASE: the same process in another namespace. An open transaction
    /// belongs to the old one, so it has to be ended first.
    pub(crate) fn enter(&mut self, name: &str) -> Result<(), SqlError> {
        self.session.instance.refresh()?;
        let namespace = self.session.instance.namespace(name)?;
        if self.transaction.open {
            let text = "the sandbox does not change databases within a transaction";
            return Err(SqlError::new(-400, text));
        }
        let session = Arc::new(self.session.in_namespace(&namespace, name));
        let sqlite = open(&namespace, &session)?;
        *lock(&self.interrupt) = Target {
            sqlite: sqlite.get_interrupt_handle(),
            session: Arc::clone(&session),
        };
        self.sqlite.put(sqlite);
        session.coordinator.join();
        self.session.coordinator.part(self.session.job);
        self.session = session;
        self.namespace = namespace;
        self.epoch += 1;
        Ok(())
    }

    /// The catalog as this connection sees it.
    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        self.namespace.catalog()
    }

    /// The same query with a test of each row that it reads.
    pub(crate) fn checked_plan(&self, sql: &str) -> Result<Plan, SqlError> {
        let choices = Choices {
            checks_locks: true,
            ..self.choices()
        };
        self.plan_with(sql, &self.catalog(), &choices)
    }

    pub(crate) fn plan(&self, sql: &str, catalog: &Catalog) -> Result<Plan, SqlError> {
        self.plan_with(sql, catalog, &self.choices())
    }

    fn plan_with(&self, sql: &str, catalog: &Catalog, choices: &Choices) -> Result<Plan, SqlError> {
        let version = self.namespace.version;
        let (statement, parameters) = crate::parser::parse_as(sql, version, &choices.settings)?;
        crate::binder::bind(statement, parameters, catalog, version, choices)
    }

    fn basis(&self, catalog: &Catalog) -> Basis {
        let changes = self.session.instance.changes();
        (catalog.generation, self.epoch.wrapping_add(changes))
    }

    /// The plan for the catalog of now, made anew if DDL came between.
    fn current_plan(&self, prepared: &Prepared) -> Result<Arc<Plan>, SqlError> {
        let catalog = self.catalog();
        let (basis, plan) = lock(&prepared.plan).clone();
        let now = self.basis(&catalog);
        *lock(&self.session.catalog) = Arc::clone(&catalog);
        if basis == now {
            return Ok(plan);
        }
        let plan = Arc::new(self.plan(&prepared.sql, &catalog)?);
        if !same_shape(described(&plan).as_deref(), prepared.columns.as_deref()) {
            return Err(SqlError::code(-478));
        }
        *lock(&prepared.plan) = (now, Arc::clone(&plan));
        Ok(plan)
    }
}

/// Do clients read the same labels and types? Nullability does not change how rows are read.
fn same_shape(a: Option<&[Column]>, b: Option<&[Column]>) -> bool {
    let shape = |column: &Column| (column.label.clone(), column.sql_type.clone());
    let shapes = |columns: &[Column]| columns.iter().map(shape).collect::<Vec<_>>();
    a.map(shapes) == b.map(shapes)
}

fn described(plan: &Plan) -> Option<Vec<Column>> {
    let column = |(n, column): (usize, &crate::plan::OutputColumn)| Column {
        label: column.label.clone(),
        sql_type: column.described.clone(),
        nullable: plan.nullable.get(n).copied().unwrap_or(Nullable::Unknown),
    };
    plan.columns
        .as_ref()
        .map(|columns| columns.iter().enumerate().map(column).collect())
}

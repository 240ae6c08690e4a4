//! The seam to the database: what the broker asks of a connection to IRIS.
//!
//! Nothing above this module knows how a connector talks to its server. A
//! connection takes batches of [`Operation`]s and yields [`Event`]s in the same
//! order. As in PostgreSQL's extended protocol, a failure skips all operations
//! up to the next [`Operation::Sync`].
//!
//! # A connector of one's own
//!
//! [`Connector`], [`Connection`] and [`Canceller`] can be implemented by anybody; `host/examples/custom_upstream.rs`
//! is a whole one. What it must keep to:
//!
//! - The statements are IRIS's SQL, as the rules for the version make it that the connector's server answers to the rules'
//!   version query (with the stock rules `SELECT $ZVERSION`); one that refuses it is taken for a server of the newest version of
//!   which nothing is known.
//! - An error of a statement is [`Event::Failed`], with IRIS's SQLCODE if there is one: by that the rules tell clients what
//!   PostgreSQL would have told them. `Err` of [`Connection::next`] says that the connection is lost. A user, a password or
//!   a namespace that is refused is an error of [`Connector::connect`] with the SQLSTATE 28P01 or 3D000.
//! - Rows are written as the broker has announced them to the client ([`Output`]); [`DataRows`] does that.
//! - An execution with a row limit is [`Event::Suspended`] when it has returned as many, even if those were all.
//! - A transaction is the connection's; what begins and ends one are statements. A connection that is dropped with an open
//!   one has rolled it back.

mod data_rows;
mod error;
pub mod postgres;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod statement;
mod url;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::value::{Kind, Scalar, ValueError, decode, kept_text, known_to_iris};

pub use data_rows::DataRows;
pub use error::{UpstreamError, UpstreamErrorKind};
pub use statement::{Numbered, Statement};
pub use url::{UrlError, connector};

/// A PostgreSQL type OID; 0 means "not specified".
pub type Oid = u32;

/// The OID of `text`.
pub(crate) const TEXT: Oid = 25;
/// The OID of PostgreSQL's `bigint`.
pub(crate) const INT8: Oid = 20;

/// Text or binary, as in the format codes of Bind and RowDescription.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// Format code 0.
    #[default]
    Text,
    /// Format code 1.
    Binary,
}

/// Where a connection is to go, and as whom. Two that are equal may share connections.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// The user at the server.
    pub user: String,
    /// The password, if the server asks for one.
    pub password: Option<String>,
    /// The IRIS namespace, which PostgreSQL calls the database.
    pub namespace: String,
}

impl std::fmt::Debug for Target {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.user, self.namespace)
    }
}

/// Makes connections to one server.
#[async_trait]
pub trait Connector: Send + Sync {
    /// Opens a connection.
    ///
    /// # Errors
    /// The server refuses or is not there.
    async fn connect(&self, target: &Target) -> Result<Box<dyn Connection>, UpstreamError>;

    /// A name for logs, without secrets.
    fn name(&self) -> &str;
}

/// One connection to the server.
#[async_trait]
pub trait Connection: Send {
    /// Hands over operations, in order. They may be sent at once or held back
    /// until [`Connection::next`] is called. A batch need not end in `Sync`: what has been handed
    /// over is answered as far as it is asked for.
    ///
    /// # Errors
    /// The connection is gone.
    fn submit(&mut self, batch: Vec<Operation>) -> Result<(), UpstreamError>;

    /// The next event; waits while nothing is outstanding. Cancel-safe: an event is lost only when it is returned.
    ///
    /// # Errors
    /// The connection is gone; it must be dropped.
    async fn next(&mut self) -> Result<Event, UpstreamError>;

    /// Whether the connection is still there, as far as that can be told without asking the
    /// server; only called while nothing is outstanding. `false` if the server has hung up,
    /// or has said that it does.
    fn is_open(&mut self) -> bool {
        true
    }

    /// A row that is longer, as a DataRow message, is of no use: the statement may fail with
    /// [`UpstreamError::row_too_long`] instead of being gathered in memory. The broker looks at what comes all the same.
    fn limit_rows(&mut self, bytes: usize) {
        let _ = bytes;
    }

    /// Something that can interrupt the running statement from another task.
    fn canceller(&self) -> Arc<dyn Canceller>;
}

/// Interrupts whatever its connection runs; does nothing when it runs nothing.
#[async_trait]
pub trait Canceller: Send + Sync {
    /// Asks the server to stop. The statement then fails, or ends normally if
    /// the request came too late.
    async fn cancel(&self);
}

/// Names a prepared statement on its connection; chosen by the caller.
pub type StatementId = u64;

/// One bound value.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The type it was declared or inferred to have.
    pub type_oid: Oid,
    /// How `value` is written.
    pub format: Format,
    /// `None` is NULL.
    pub value: Option<Bytes>,
}

impl Parameter {
    /// A client's value. Documents and arrays, which IRIS takes for strings, are written as
    /// PostgreSQL shows them.
    ///
    /// # Errors
    /// It is no document, or no array of that type, or a number that IRIS does not have.
    pub(crate) fn of_client(
        type_oid: Oid,
        format: Format,
        value: Option<Bytes>,
    ) -> Result<Self, ValueError> {
        let kept = value
            .as_ref()
            .and_then(|bytes| kept_text(type_oid, format, bytes));
        if let Some(value) = &value {
            is_number(type_oid, format, value)?;
        }
        Ok(match kept {
            Some(text) => Self {
                type_oid,
                format: Format::Text,
                value: Some(Bytes::from(text?)),
            },
            // A label of an enum is the same in both formats.
            None => Self {
                type_oid: known_to_iris(type_oid),
                format,
                value,
            },
        })
    }
}

/// # Errors
/// It is NaN, which IRIS does not have.
fn is_number(type_oid: Oid, format: Format, value: &[u8]) -> Result<(), ValueError> {
    match is_finite(type_oid, format, value) {
        Err(_) if !decode(type_oid, format, value)?.to_string().contains("NaN") => Ok(()),
        checked => checked,
    }
}

/// # Errors
/// It is a number in floating point that cannot be written as digits.
pub(crate) fn is_finite(type_oid: Oid, format: Format, value: &[u8]) -> Result<(), ValueError> {
    let kind = Kind::of(type_oid);
    if !matches!(kind, Kind::Float4 | Kind::Float8) {
        return Ok(());
    }
    let is_finite = match decode(type_oid, format, value)? {
        Scalar::Float(number) => number.is_finite(),
        Scalar::Double(number) => number.is_finite(),
        _ => true,
    };
    match is_finite {
        true => Ok(()),
        false => Err(ValueError::not_in_iris(
            kind,
            &decode(type_oid, format, value)?.to_string(),
        )),
    }
}

/// How a result column is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Output {
    /// The type announced to the client.
    pub type_oid: Oid,
    /// As in `pg_attribute.atttypmod`; -1 if the type has none.
    pub type_modifier: i32,
    /// The format the client asked for.
    pub format: Format,
}

/// What a connection can be asked to do.
#[derive(Clone, Debug)]
pub enum Operation {
    /// Prepare and describe: answered by [`Event::Described`].
    Prepare {
        /// A new id; one that is in use is replaced.
        id: StatementId,
        /// What to prepare.
        statement: Arc<Statement>,
        /// For each placeholder the type that is known; 0: to be inferred.
        parameter_types: Vec<Oid>,
    },
    /// Execute a prepared statement: answered by any number of
    /// [`Event::Rows`], then [`Event::Complete`] or [`Event::Suspended`].
    Execute {
        /// What to execute.
        id: StatementId,
        /// One for each placeholder.
        parameters: Vec<Parameter>,
        /// One for each result column; empty for a statement without rows.
        outputs: Arc<[Output]>,
        /// At most so many rows now; 0: all. The rest is had by [`Operation::Resume`].
        row_limit: u32,
    },
    /// Execute a prepared statement without rows once for each list of values:
    /// answered by any number of [`Event::Complete`] and [`Event::Repeated`], which
    /// together tell how often it ran.
    Repeat {
        /// What to execute.
        id: StatementId,
        /// For each execution one for each placeholder.
        parameters: Vec<Vec<Parameter>>,
    },
    /// Go on with the execution that was suspended last.
    Resume {
        /// As in `Execute`.
        row_limit: u32,
    },
    /// Forget the execution that was suspended last. No answer.
    Abandon,
    /// Run a statement without parameters whose rows nobody wants: answered by
    /// [`Event::Complete`].
    Run(Arc<str>),
    /// Forget a prepared statement. No answer.
    Close(StatementId),
    /// End of what a failure skips: answered by [`Event::Synced`].
    Sync,
}

/// A type as the server describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpstreamType {
    /// By ODBC code, precision and scale; the rules map it.
    Iris {
        /// The ODBC type code.
        code: i32,
        /// Length of strings, digits of numbers.
        precision: u32,
        /// Digits after the decimal point.
        scale: u32,
    },
    /// A server that speaks PostgreSQL types already.
    Postgres {
        /// The type.
        type_oid: Oid,
        /// Its modifier.
        type_modifier: i32,
    },
}

/// A result column as the server describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamColumn {
    /// As the server writes it.
    pub label: String,
    /// What it holds.
    pub upstream_type: UpstreamType,
}

/// What a connection answers.
#[derive(Clone, Debug)]
pub enum Event {
    /// The statement is prepared.
    Described {
        /// One for each placeholder.
        parameters: Vec<UpstreamType>,
        /// `None` if the statement returns no rows.
        columns: Option<Vec<UpstreamColumn>>,
    },
    /// Complete DataRow messages, one after the other, ready for the client.
    Rows {
        /// The frames, type byte and length included.
        frames: Bytes,
        /// How many they are.
        count: u64,
    },
    /// The row limit was reached.
    Suspended,
    /// The statement is done.
    Complete {
        /// Rows returned or changed; `None` where the server does not count.
        row_count: Option<u64>,
    },
    /// So many executions of a repeated statement are done.
    Repeated {
        /// How many since the last event.
        times: u64,
    },
    /// An operation failed; what follows it is skipped up to `Sync`.
    Failed(UpstreamError),
    /// A `Sync` was reached.
    Synced,
}

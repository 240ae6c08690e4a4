//! One connection of a client: which commands its messages become.

mod extended;
mod simple;
mod startup;
mod unused;

use std::sync::atomic::AtomicI32;
use std::sync::{Arc, Weak};

use pgiris_sandbox::{Completion, Sandbox, Statement, Value};
use pgwire::api::Type;
use pgwire::api::results::{FieldFormat, FieldInfo, Tag};
use pgwire::error::PgWireError;
use pgwire::messages::response::TransactionStatus;
use tokio::sync::{Mutex, OnceCell};

use crate::cancel::Running;
use crate::failure::{failed, lost};
use crate::placeholders::{self, Numbered};
use crate::rows::Rows;
use crate::types;
use crate::worker::Worker;

/// The state of a connection.
pub(crate) struct Handler {
    sandbox: Sandbox,
    running: Arc<Running>,
    /// There is none before the client has said who it is.
    worker: OnceCell<Worker>,
    /// The last execution; gone if all its rows were taken.
    current: Mutex<Weak<Rows>>,
    process: AtomicI32,
}

/// A statement that was prepared.
#[derive(Clone)]
pub(crate) struct Prepared {
    statement: Statement,
    numbered: Arc<Numbered>,
    command: Arc<str>,
}

impl Handler {
    pub(crate) fn new(sandbox: Sandbox, running: Arc<Running>) -> Self {
        Self {
            sandbox,
            running,
            worker: OnceCell::new(),
            current: Mutex::new(Weak::new()),
            process: AtomicI32::new(0),
        }
    }

    /// The thread, free to do something.
    async fn worker(&self) -> Result<&Worker, PgWireError> {
        let current = self.current.lock().await.upgrade();
        if let Some(rows) = current {
            rows.keep().await;
        }
        self.worker.get().ok_or_else(lost)
    }

    async fn prepare(&self, text: &str) -> Result<Prepared, PgWireError> {
        let Some(numbered) = placeholders::number(text) else {
            return Err(failed(
                "42P02",
                "a parameter's number is out of range".to_owned(),
            ));
        };
        let statement = self.worker().await?.prepare(numbered.sql.clone()).await?;
        Ok(Prepared {
            statement,
            command: placeholders::first_word(text).into(),
            numbered: Arc::new(numbered),
        })
    }

    async fn execute(
        &self,
        prepared: &Prepared,
        values: Vec<Value>,
        fields: Arc<Vec<FieldInfo>>,
    ) -> Result<Arc<Rows>, PgWireError> {
        let worker = self.worker().await?;
        let rows = worker.execute(prepared.statement.clone(), values, fields)?;
        *self.current.lock().await = Arc::downgrade(&rows);
        Ok(rows)
    }

    /// An IRIS transaction goes on after an error.
    fn status(&self) -> TransactionStatus {
        match self.worker.get().map_or(0, Worker::transaction_level) {
            0 => TransactionStatus::Idle,
            _ => TransactionStatus::Transaction,
        }
    }
}

impl Drop for Handler {
    fn drop(&mut self) {
        self.running.end(*self.process.get_mut());
    }
}

impl Prepared {
    /// The columns, if the statement returns rows.
    fn fields(&self, format: impl Fn(usize) -> FieldFormat) -> Option<Vec<FieldInfo>> {
        let columns = self.statement.columns()?.iter().enumerate();
        let field = |(position, column): (usize, &pgiris_sandbox::Column)| {
            let ty = types::postgres_type(&column.sql_type);
            let modifier = types::modifier(&ty, &column.sql_type);
            let size = types::size(&ty);
            FieldInfo::new(column.label.clone(), None, None, ty, format(position))
                .with_type_size(size)
                .with_type_modifier(modifier)
        };
        Some(columns.map(field).collect())
    }

    /// The type of each of the client's parameters: what the client declares, or else what the
    /// first `?` that it stands for is described as.
    fn types_with(&self, declared: &[Option<Type>]) -> Vec<Type> {
        let mut types = vec![Type::VARCHAR; self.numbered.parameters()];
        let described = self.statement.parameters().iter();
        for (index, described) in self.numbered.order.iter().zip(described).rev() {
            types[*index] = types::postgres_type(described);
        }
        for (ty, declared) in types.iter_mut().zip(declared) {
            if let Some(declared) = declared.as_ref().filter(|ty| **ty != Type::UNKNOWN) {
                *ty = declared.clone();
            }
        }
        types
    }

    /// What a client is told of a statement without rows.
    fn tag(&self, completion: Completion) -> Tag {
        let command = match &*self.command {
            "INSERT" => "INSERT 0",
            other => other,
        };
        let counts = matches!(&*self.command, "INSERT" | "UPDATE" | "DELETE");
        match usize::try_from(completion.row_count) {
            Ok(count) if counts => Tag::new(command).with_rows(count),
            _ => Tag::new(command),
        }
    }
}

/// Nothing at all: clients send it to ask whether somebody is there.
fn is_empty(text: &str) -> bool {
    text.trim_matches(|c: char| c.is_whitespace() || c == ';')
        .is_empty()
}

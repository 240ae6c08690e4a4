//! The `sandbox:` connector: the embedded stand-in for IRIS.
//!
//! The stand-in's calls block, so each connection lives on a thread of its own.
//! Operations go there and events come back over channels; the channel of
//! events is short, so a client that does not read stops the thread.

mod channel;
mod interrupter;
mod options;
mod parameter;
mod portal;
mod rows;
mod worker;

use std::sync::{Arc, mpsc as blocking};

use async_trait::async_trait;
use pgiris_sandbox::{Sandbox, SqlError};
use tokio::sync::{mpsc, oneshot};

use super::url::UrlError;
use super::{
    Canceller, Connection, Connector, Event, Operation, Target, UpstreamError, UpstreamErrorKind,
};
use crate::value::ValueError;
use channel::{Inbox, Outbox};
use interrupter::Interrupter;
use worker::Worker;

/// Events that may wait for a slow client; with rows in pieces of 32 KiB this
/// is a quarter of a megabyte for each connection.
const EVENTS_AHEAD: usize = 8;

/// SQLCODE of a namespace that does not exist.
const NO_SUCH_NAMESPACE: i32 = -340;

/// Makes connections to one sandbox.
pub struct SandboxConnector {
    sandbox: Sandbox,
    name: String,
}

impl SandboxConnector {
    /// Opens the sandbox that a URL names: `sandbox:` in memory, `sandbox:PATH`
    /// in a file; `?iris=2024.1` plays that version, `?log=FILE` appends every
    /// statement to a file, `?fault=fail:-110*3@UPDATE` lets the next three
    /// statements with `UPDATE` fail (see [`pgiris_sandbox::Fault`]).
    ///
    /// # Errors
    /// The URL is wrong or the file cannot be opened.
    pub fn open(url: &str) -> Result<Self, UrlError> {
        let request = options::parse(url)?;
        let sandbox = Sandbox::open(request.options)
            .map_err(|error| UrlError(format!("cannot open {url}: {error}")))?;
        for fault in request.faults {
            sandbox.inject(fault);
        }
        Ok(Self {
            sandbox,
            name: url.to_owned(),
        })
    }
}

#[async_trait]
impl Connector for SandboxConnector {
    async fn connect(&self, target: &Target) -> Result<Box<dyn Connection>, UpstreamError> {
        let (operations, inbox) = blocking::channel();
        let (outbox, events) = mpsc::channel(EVENTS_AHEAD);
        let (opened, is_open) = oneshot::channel();
        let (sandbox, target) = (self.sandbox.clone(), target.clone());
        let serve = move || match log_in(&sandbox, &target) {
            Ok(connection) => {
                let interrupter = Arc::new(Interrupter::new(connection.interrupt_handle()));
                let inbox = Inbox::new(inbox, Arc::clone(&interrupter));
                // If nobody waits any more, the worker sees its channel closed.
                let _ = opened.send(Ok(interrupter));
                Worker::new(connection, inbox, Outbox::new(outbox)).run();
            }
            Err(error) => {
                let _ = opened.send(Err(error));
            }
        };
        let thread = std::thread::Builder::new()
            .name("sandbox".to_owned())
            .spawn(serve);
        thread.map_err(|error| {
            UpstreamError::lost(format!("cannot start a thread for the sandbox: {error}"))
        })?;
        match is_open.await {
            Ok(Ok(interrupter)) => Ok(Box::new(SandboxConnection {
                operations,
                events,
                interrupter,
            })),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(ended()),
        }
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// Who gives a password must give the right one; who gives none is let in, as the host of
/// the stand-in decides who may enter.
fn log_in(sandbox: &Sandbox, target: &Target) -> Result<pgiris_sandbox::Connection, UpstreamError> {
    if let Some(password) = &target.password
        && !sandbox.authenticate(&target.user, password)
    {
        return Err(failed(
            "28P01",
            format!(
                "password authentication failed for user \"{}\"",
                target.user
            ),
        ));
    }
    let connected = sandbox.connect_to(&target.user, &target.namespace);
    connected.map_err(|error| match error.sqlcode {
        NO_SUCH_NAMESPACE => failed(
            "3D000",
            format!("database \"{}\" does not exist", target.namespace),
        ),
        _ => UpstreamError {
            kind: UpstreamErrorKind::Connection,
            ..refused(error)
        },
    })
}

/// The caller's end of a connection. Dropping it interrupts and ends the thread,
/// which rolls back what is open.
struct SandboxConnection {
    operations: blocking::Sender<Vec<Operation>>,
    events: mpsc::Receiver<Event>,
    interrupter: Arc<Interrupter>,
}

impl Drop for SandboxConnection {
    fn drop(&mut self) {
        self.interrupter.end();
    }
}

#[async_trait]
impl Connection for SandboxConnection {
    fn submit(&mut self, batch: Vec<Operation>) -> Result<(), UpstreamError> {
        self.operations.send(batch).map_err(|_| ended())
    }

    async fn next(&mut self) -> Result<Event, UpstreamError> {
        self.events.recv().await.ok_or_else(ended)
    }

    fn is_open(&mut self) -> bool {
        !self.events.is_closed()
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        Arc::clone(&self.interrupter) as Arc<dyn Canceller>
    }
}

/// The stand-in refuses a statement.
fn refused(error: SqlError) -> UpstreamError {
    UpstreamError::refused(error.sqlcode, error.message)
}

/// A parameter cannot be read or a result not be written as announced.
fn misfit(error: &ValueError) -> UpstreamError {
    failed(error.sqlstate(), error.to_string())
}

/// An error that PostgreSQL has a code for and IRIS does not.
fn failed(sqlstate: &str, message: String) -> UpstreamError {
    UpstreamError::refused(0, message).with_sqlstate(sqlstate)
}

fn ended() -> UpstreamError {
    UpstreamError::lost("the sandbox's thread has ended")
}

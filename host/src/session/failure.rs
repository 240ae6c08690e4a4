//! Why a message of the client could not be answered as it wished.
//!
//! PostgreSQL manual, "Simple Query" ("In the event of an error, ErrorResponse is issued followed by
//! ReadyForQuery"), "Extended Query" ("the backend issues ErrorResponse, then reads and discards
//! messages until a Sync is reached") and "Termination" ("the backend will attempt to send an error or
//! notice message giving the reason for the disconnection before it closes the connection").

use std::io;

use crate::diagnostic::Diagnostic;
use crate::frontend::frame::FrameError;
use crate::upstream::{UpstreamError, UpstreamErrorKind};

/// What an error means for the session.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The statement failed; the session goes on.
    Statement(Box<Diagnostic>),
    /// The session ends, and the client is told why.
    Session(Box<Diagnostic>),
    /// The connection to the upstream is lost. The session ends, and the client is told this,
    /// unless it was outside a transaction (`Session::after_loss`).
    Lost(Box<Diagnostic>),
    /// The client is gone.
    Gone,
}

impl Failure {
    /// Of what commits a transaction: if the connection is lost under it, nobody knows whether
    /// it did.
    pub(super) fn while_committing(self) -> Self {
        match self {
            Self::Lost(diagnostic) => Self::Lost(Box::new(diagnostic.commit_unknown())),
            other => other,
        }
    }

    /// Of what changes nothing.
    pub(super) fn without_effect(self) -> Self {
        match self {
            Self::Lost(diagnostic) => Self::Lost(Box::new(diagnostic.without_effect())),
            other => other,
        }
    }

    /// By which the session ends.
    pub(super) fn session(diagnostic: Diagnostic) -> Self {
        Self::Session(Box::new(diagnostic))
    }

    /// What a session that ends by it says; `None`: nobody hears it.
    pub(super) fn farewell(self) -> Option<Diagnostic> {
        match self {
            Self::Session(diagnostic) | Self::Statement(diagnostic) | Self::Lost(diagnostic) => {
                Some(*diagnostic)
            }
            Self::Gone => None,
        }
    }
}

/// An error among rows of the upstream, which are all taken before it is told.
pub(super) fn told_later(outcome: Result<(), Failure>) -> Result<Option<Failure>, Failure> {
    match outcome {
        Ok(()) => Ok(None),
        Err(failure @ Failure::Statement(_)) => Ok(Some(failure)),
        Err(failure) => Err(failure),
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Statement(Box::new(diagnostic))
    }
}

/// The client is gone: no other I/O of a session reports errors of this kind.
impl From<io::Error> for Failure {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

impl From<FrameError> for Failure {
    fn from(error: FrameError) -> Self {
        match Diagnostic::bad_frame(&error) {
            Some(diagnostic) => Self::Session(Box::new(diagnostic)),
            None => Self::Gone,
        }
    }
}

/// An error outside of a statement: the connection is lost, or the upstream
/// refused what the broker itself needs.
impl From<UpstreamError> for Failure {
    fn from(error: UpstreamError) -> Self {
        tracing::warn!(?error, "the upstream failed");
        match error.kind {
            UpstreamErrorKind::Connection => {
                Self::Lost(Box::new(Diagnostic::upstream_lost(&error.message)))
            }
            UpstreamErrorKind::Statement => {
                Self::session(Diagnostic::upstream_confused().with_detail(error.message))
            }
        }
    }
}

//! Statements that plans hold: planned as if they had come alone, and run with
//! their rows kept from the client.

use std::sync::Arc;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::carry::Delivery;
use super::failure::Failure;
use super::row_store::RowStore;
use super::statement::Prepared;
use crate::diagnostic::Diagnostic;
use crate::frontend::rows::frame_end;
use crate::rules::wit::Protocol;
use crate::rules::wit_plan::InnerStatement;
use crate::rules::{Known, Plan, Query, Translation};
use crate::upstream::Oid;

/// What is kept of rows that do not go to the client as they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CapturedRows {
    /// As they come.
    Raw,
    /// As the client is to see them.
    Dressed,
}

/// Replies that do not go to the client as they come.
pub(crate) struct Captured {
    pub(super) store: RowStore,
    pub(crate) rows: CapturedRows,
    /// Notices, and settings that are reported.
    others: BytesMut,
    failed: Option<Failure>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// The plan and the shape of a statement within another.
    pub(super) async fn inner(
        &mut self,
        statement: &InnerStatement,
        declared: &[Oid],
    ) -> Result<Prepared, Failure> {
        let outcome = self.planned_inner(statement, declared).await;
        outcome.map_err(|failure| match failure {
            Failure::Statement(mut diagnostic) if statement.offset.is_none() => {
                diagnostic.position = None;
                Failure::Statement(diagnostic)
            }
            failure => failure,
        })
    }

    async fn planned_inner(
        &mut self,
        statement: &InnerStatement,
        declared: &[Oid],
    ) -> Result<Prepared, Failure> {
        let query = Query {
            text: &statement.text,
            protocol: Protocol::Extended,
            parameter_types: declared,
            facts: &self.facts,
            schema: Known {
                offset: statement.offset.unwrap_or(0),
                ..Known::default()
            },
        };
        let translations = self.rules.generation.translate(query).await?;
        if let Some(sampled) = &mut self.sampled {
            let offset = statement.offset.unwrap_or(0);
            sampled.text(&statement.text, offset, Protocol::Extended, declared);
        }
        let [translation] = &*translations else {
            return Err(Diagnostic::several_statements().into());
        };
        // What these hold could hold another one.
        if let Plan::Cursor(_) | Plan::Copy(_) | Plan::Prepared(_) = translation.plan {
            return Err(Diagnostic::rules_failed().into());
        }
        let translation = Arc::clone(translation);
        let text = statement.text.as_str().into();
        Box::pin(self.prepare(text, &translation, declared.to_vec())).await
    }

    /// Carries a plan out; its rows are kept, its notices go to the client.
    pub(super) async fn captured(
        &mut self,
        translation: &Translation,
        delivery: Delivery<'_>,
    ) -> Result<Captured, Failure> {
        self.capture(CapturedRows::Raw);
        let outcome = Box::pin(self.carry_out(translation, delivery)).await;
        self.end_capture(outcome.map(drop))
    }

    /// From here on replies are kept, until [`Session::end_capture`].
    pub(super) fn capture(&mut self, rows: CapturedRows) {
        let limit = self.rows_in_memory();
        self.client.capture(Captured {
            store: RowStore::new(limit),
            rows,
            others: BytesMut::new(),
            failed: None,
        });
    }

    /// The rows since, unless what made them failed; notices go to the client.
    pub(super) fn end_capture(
        &mut self,
        outcome: Result<(), Failure>,
    ) -> Result<Captured, Failure> {
        let captured = self.client.release();
        outcome?;
        let Some(mut captured) = captured else {
            return Err(Diagnostic::upstream_confused().into());
        };
        self.client.output.extend_from_slice(&captured.others);
        match captured.failed.take() {
            Some(failure) => Err(failure),
            None => Ok(captured),
        }
    }
}

impl Captured {
    /// Takes replies, which are whole frames.
    pub(crate) fn take(&mut self, replies: &[u8]) {
        if self.failed.is_none()
            && let Err(failure) = self.sort(replies)
        {
            self.failed = Some(failure);
        }
    }

    /// Why something of it could not be kept.
    pub(crate) fn failure(&mut self) -> Option<Failure> {
        self.failed.take()
    }

    fn sort(&mut self, replies: &[u8]) -> Result<(), Failure> {
        let mut at = 0;
        while at < replies.len() {
            let end = frame_end(replies, at).ok_or_else(Diagnostic::upstream_confused)?;
            match replies[at] {
                b'D' => self.store.add(&replies[at..end], 1)?,
                b'N' | b'S' => self.others.extend_from_slice(&replies[at..end]),
                _ => {}
            }
            at = end;
        }
        Ok(())
    }
}

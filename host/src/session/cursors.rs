//! DECLARE, FETCH, MOVE and CLOSE, and what the end of a transaction means to cursors.
//!
//! PostgreSQL manual, DECLARE, FETCH, MOVE and CLOSE.

use std::sync::Arc;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};

use super::carry::{Completion, Delivery};
use super::closing::Closing;
use super::cursor::{Cursor, Move};
use super::failure::Failure;
use super::row_store::RowStore;
use super::statement::{Prepared, Shape, outputs};
use super::suspension::{Holder, collect};
use super::transaction::{SettingsEffect, Status};
use super::{Batch, Session};
use crate::diagnostic::Diagnostic;
use crate::frontend::message::Formats;
use crate::frontend::reply;
use crate::frontend::rows::rows_of;
use crate::rules::wit_plan::{self, CursorDeclaration, CursorFetch, CursorHold, CursorStep, Tag};
use crate::rules::{Forward, Plan};
use crate::upstream::{Format, Operation};
use crate::value;

/// Rows that a cursor takes from the upstream at once: enough that the way there
/// does not count, few enough that a cursor of which little is fetched costs little.
const ROWS_AT_ONCE: u32 = 500;

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// What Describe tells of a statement about a cursor.
    pub(super) async fn cursor_shape(
        &mut self,
        cursor: &wit_plan::Cursor,
        declared: &[u32],
    ) -> Result<Shape, Failure> {
        let none: Arc<[u32]> = Arc::new([]);
        Ok(match &cursor.step {
            CursorStep::Declare(declaration) => {
                let inner = self.inner(&declaration.query, declared).await?;
                Shape {
                    parameters: inner.shape.parameters,
                    columns: None,
                }
            }
            CursorStep::Fetch(fetch) if !fetch.discard => Shape {
                parameters: none,
                columns: self.columns_of_portal(&fetch.name),
            },
            _ => Shape {
                parameters: none,
                columns: None,
            },
        })
    }

    /// In the simple protocol the rows of a binary cursor are binary.
    pub(super) fn simple_formats(&self, plan: &Plan) -> Formats {
        let Plan::Cursor(cursor) = plan else {
            return Formats::default();
        };
        match &cursor.step {
            CursorStep::Fetch(fetch) => self
                .cursors
                .get(&fetch.name)
                .map_or_else(Formats::default, |cursor| Formats::all(cursor.in_query)),
            _ => Formats::default(),
        }
    }

    pub(super) async fn cursor(
        &mut self,
        plan: &wit_plan::Cursor,
        delivery: &Delivery<'_>,
    ) -> Result<Completion, Failure> {
        match &plan.step {
            CursorStep::Declare(declaration) => {
                self.declare(declaration, delivery).await?;
                self.complete(&plan.tag, 0);
                Ok(Completion::Done)
            }
            CursorStep::Fetch(fetch) => self.fetch(fetch, &plan.tag, delivery).await,
            CursorStep::Close(name) => {
                if !self.cursors.contains_key(name) && !self.portals.contains_key(name) {
                    return Err(Diagnostic::no_cursor(name).into());
                }
                self.drop_portal(name).await?;
                self.complete(&plan.tag, 0);
                Ok(Completion::Done)
            }
            CursorStep::CloseAll => {
                self.cursors.clear();
                self.drop_portals().await?;
                self.complete(&plan.tag, 0);
                Ok(Completion::Done)
            }
        }
    }

    async fn declare(
        &mut self,
        declaration: &CursorDeclaration,
        delivery: &Delivery<'_>,
    ) -> Result<(), Failure> {
        let held = matches!(declaration.hold, CursorHold::Session);
        let is_outside = matches!(self.transaction.status(), Status::Idle | Status::Implicit);
        if is_outside && self.batch != Batch::Query && !held {
            return Err(Diagnostic::only_in_transaction("DECLARE CURSOR").into());
        }
        if self.transaction.status() == Status::Idle && !held {
            // It lives as long as what it is one of.
            self.begin_implicit().await?;
        }
        let alone = self.transaction.status() == Status::Idle;
        let name = &declaration.name;
        if self.cursors.contains_key(name) || self.portals.contains_key(name) {
            return Err(Diagnostic::portal_exists(name).into());
        }
        if self.cursors.len() >= self.config.client.portals {
            return Err(Diagnostic::error("54000", "too many cursors").into());
        }
        let inner = self.inner(&declaration.query, delivery.declared).await?;
        self.leave_portal().await?;
        let Some(columns) = inner.shape.columns.clone() else {
            return Err(Diagnostic::not_carried_out("a cursor for this statement").into());
        };
        let given = delivery.values;
        let format = if declaration.binary {
            Format::Binary
        } else {
            Format::Text
        };
        let mut cursor = Cursor {
            columns: given.bound_columns(&columns, &inner.shape.parameters)?,
            formats: Formats::all(format),
            in_query: format,
            closing: Closing::Rows("SELECT".to_owned()),
            store: RowStore::new(self.rows_in_memory()),
            position: 0,
            is_complete: true,
            error: None,
            scroll: declaration.scroll,
            hold: declaration.hold,
            is_held: false,
            savepoints: self.transaction.savepoints(),
        };
        self.start_cursor(&mut cursor, &inner, delivery).await?;
        if alone {
            self.take_all(&mut cursor).await?;
            cursor.is_held = true;
        } else if !cursor.is_complete {
            self.suspended = Some(Holder::Cursor(name.clone()));
        }
        self.cursors.insert(name.clone(), cursor);
        Ok(())
    }

    /// Runs the query of a cursor, as far as rows are wanted.
    pub(super) async fn start_cursor(
        &mut self,
        cursor: &mut Cursor,
        query: &Prepared,
        delivery: &Delivery<'_>,
    ) -> Result<(), Failure> {
        let formats = cursor.formats.clone();
        let within = Delivery {
            shape: &query.shape,
            declared: delivery.declared,
            values: delivery.values,
            formats: &formats,
            announce: false,
            row_limit: 0,
        };
        let outcome = match &query.translation.plan {
            Plan::Forward(forward) => {
                for notice in &query.translation.notices {
                    self.notice(notice);
                }
                self.open(forward, &query.translation.plan, cursor, &within)
                    .await
            }
            _ => {
                let captured = Box::pin(self.captured(&query.translation, within)).await?;
                cursor.store = captured.store;
                Ok(())
            }
        };
        if let Err(failure) = &outcome {
            self.distrust(query.looked.as_ref(), failure);
        }
        outcome
    }

    /// Starts the query of a cursor. An error of its rows is the first FETCH's.
    async fn open(
        &mut self,
        forward: &Forward,
        plan: &Plan,
        cursor: &mut Cursor,
        delivery: &Delivery<'_>,
    ) -> Result<(), Failure> {
        self.allow_effect(&forward.tag, forward.effect)?;
        let described = self
            .describe_forward(forward, plan, delivery.declared)
            .await?;
        let parameters = delivery.values.bound(
            &forward.arguments,
            &delivery.shape.parameters,
            &self.sequences,
        )?;
        let execute = Operation::Execute {
            id: described.id,
            parameters,
            outputs: outputs(Some(&*cursor.columns), delivery.formats),
            row_limit: ROWS_AT_ONCE,
        };
        self.take(cursor, execute).await?;
        self.after(forward.effect);
        Ok(())
    }

    /// Takes rows of a cursor from the upstream.
    async fn take(&mut self, cursor: &mut Cursor, operation: Operation) -> Result<(), Failure> {
        let interrupted = self.interrupted.clone();
        let collected = collect(self.held()?, operation, &mut cursor.store, &interrupted).await?;
        cursor.is_complete = !collected.suspended;
        if let Some(error) = collected.error {
            match self.upstream_error(error) {
                Failure::Statement(diagnostic) => cursor.error = Some(diagnostic),
                failure => return Err(failure),
            }
        }
        Ok(())
    }

    async fn take_all(&mut self, cursor: &mut Cursor) -> Result<(), Failure> {
        if !cursor.is_complete {
            self.suspended = None;
            self.take(cursor, Operation::Resume { row_limit: 0 })
                .await?;
        }
        match cursor.error.take() {
            Some(error) => Err(Failure::Statement(error)),
            None => Ok(()),
        }
    }

    async fn fetch(
        &mut self,
        fetch: &CursorFetch,
        tag: &Tag,
        delivery: &Delivery<'_>,
    ) -> Result<Completion, Failure> {
        let mut cursor = match self.cursors.remove(&fetch.name) {
            Some(cursor) => cursor,
            None => {
                let cursor = Box::pin(self.cursor_of_portal(&fetch.name)).await?;
                self.dress_columns(&cursor.columns, delivery.formats);
                cursor
            }
        };
        let formats = (!fetch.discard).then_some(delivery.formats);
        let outcome = match cursor.route(&fetch.direction) {
            Ok(route) => {
                let steps = [(route.first, None), (route.rows, formats)];
                self.follow_route(&mut cursor, steps).await
            }
            Err(diagnostic) => Err(diagnostic.into()),
        };
        self.cursors.insert(fetch.name.clone(), cursor);
        self.complete(tag, outcome?);
        Ok(Completion::Done)
    }

    /// Execute of a portal that DECLARE made.
    pub(super) async fn execute_cursor(
        &mut self,
        name: &str,
        mut cursor: Cursor,
        row_limit: u32,
    ) -> Result<(), Failure> {
        if self.transaction.is_failed() {
            return Err(Diagnostic::in_failed_transaction().into());
        }
        let wanted = match row_limit {
            0 => u64::MAX,
            limit => u64::from(limit),
        };
        let formats = cursor.formats.clone();
        let columns = Arc::clone(&cursor.columns);
        self.dress_columns(&columns, &formats);
        let steps = [(None, None), (Some(Move::Forward(wanted)), Some(&formats))];
        let outcome = self.follow_route(&mut cursor, steps).await;
        let closing = cursor.closing.clone();
        self.cursors.insert(name.to_owned(), cursor);
        let count = outcome?;
        if count == wanted {
            reply::portal_suspended(&mut self.client.output);
        } else {
            self.close_with(&closing, count);
        }
        self.client.flush_if_large().await?;
        Ok(())
    }

    /// Makes two moves; those with formats send their rows. The number of rows of
    /// the second.
    async fn follow_route(
        &mut self,
        cursor: &mut Cursor,
        steps: [(Option<Move>, Option<&Formats>); 2],
    ) -> Result<u64, Failure> {
        let mut count = 0;
        for (step, formats) in steps {
            count = match step {
                None => 0,
                Some(Move::Forward(wanted)) => self.forward_in(cursor, wanted, formats).await?,
                Some(Move::Backward(wanted)) => self.backward_in(cursor, wanted, formats).await?,
                Some(Move::To(position)) => self.go_to(cursor, position)?,
                Some(Move::FromEnd(back)) => {
                    self.forward_in(cursor, u64::MAX, None).await?;
                    let end = cursor.store.rows() + 1;
                    self.go_to(cursor, end.saturating_sub(back).saturating_sub(1))?;
                    if back >= end {
                        // Before the first row there is none.
                        return Ok(0);
                    }
                    0
                }
            };
        }
        Ok(count)
    }

    fn go_to(&mut self, cursor: &mut Cursor, position: u64) -> Result<u64, Failure> {
        if position < cursor.store.first() {
            return Err(Diagnostic::forward_only().into());
        }
        cursor.position = position;
        Ok(0)
    }

    async fn forward_in(
        &mut self,
        cursor: &mut Cursor,
        wanted: u64,
        formats: Option<&Formats>,
    ) -> Result<u64, Failure> {
        let mut count = 0;
        while count < wanted {
            let missing = wanted - count;
            if let Some((frames, found)) = cursor.store.piece(cursor.position, missing)? {
                self.send(cursor, &frames, formats).await?;
                cursor.position += found;
                count += found;
                cursor.forget();
            } else if cursor.is_complete {
                if let Some(error) = cursor.error.take() {
                    return Err(Failure::Statement(error));
                }
                cursor.position = cursor.store.rows() + 1;
                break;
            } else {
                self.suspended = None;
                let resume = Operation::Resume {
                    row_limit: ROWS_AT_ONCE,
                };
                self.take(cursor, resume).await?;
            }
        }
        Ok(count)
    }

    async fn backward_in(
        &mut self,
        cursor: &mut Cursor,
        wanted: u64,
        formats: Option<&Formats>,
    ) -> Result<u64, Failure> {
        let mut count = 0;
        while count < wanted && cursor.position > 0 {
            let row = cursor.position - 1;
            if row == 0 {
                cursor.position = 0;
                break;
            }
            let Some((frames, _)) = cursor.store.piece(row - 1, 1)? else {
                return Err(Diagnostic::forward_only().into());
            };
            self.send(cursor, &frames, formats).await?;
            cursor.position = row;
            count += 1;
        }
        Ok(count)
    }

    /// Rows for the client, in the formats it wants.
    async fn send(
        &mut self,
        cursor: &Cursor,
        frames: &Bytes,
        formats: Option<&Formats>,
    ) -> Result<(), Failure> {
        let Some(formats) = formats else {
            return Ok(());
        };
        let columns = &cursor.columns;
        if (0..columns.len()).all(|index| formats.get(index) == cursor.formats.get(index)) {
            return self.relay(frames).await;
        }
        for row in rows_of(frames).ok_or_else(Diagnostic::upstream_confused)? {
            let out = &mut self.client.output;
            let start = out.len();
            let written = reply::data_row(out, columns.len(), |index, out| {
                let Some(Some(bytes)) = row.get(index) else {
                    return Ok(false);
                };
                let column = &columns[index];
                if column.computed.is_some() {
                    out.extend_from_slice(bytes);
                    return Ok(true);
                }
                let value = value::decode(column.type_oid, cursor.formats.get(index), bytes)?;
                let format = formats.get(index);
                value::encode(
                    &value,
                    column.type_oid,
                    column.written_modifier(),
                    format,
                    out,
                )?;
                Ok(true)
            });
            written.map_err(|error: value::ValueError| {
                out.truncate(start);
                Diagnostic::error(error.sqlstate(), error.to_string())
            })?;
            self.relay_from(start).await?;
        }
        Ok(())
    }

    /// What a transaction statement means to cursors, before it is carried out:
    /// "WITH HOLD specifies that the cursor can continue to be used after the
    /// transaction that created it successfully commits"; one made after a savepoint
    /// goes with it.
    pub(super) async fn cursors_follow(&mut self, effect: SettingsEffect) -> Result<(), Failure> {
        match effect {
            SettingsEffect::Rollback => self.drop_cursors(|cursor| !cursor.is_held).await,
            SettingsEffect::RollbackTo(level) => {
                self.portals.retain(|_, portal| portal.savepoints <= level);
                self.drop_cursors(|cursor| !cursor.is_held && cursor.savepoints > level)
                    .await
            }
            SettingsEffect::Release(level) => {
                for cursor in self.cursors.values_mut() {
                    cursor.savepoints = cursor.savepoints.min(level);
                }
                for portal in self.portals.values_mut() {
                    portal.savepoints = portal.savepoints.min(level);
                }
                Ok(())
            }
            SettingsEffect::Commit => {
                let ends = |cursor: &Cursor| matches!(cursor.hold, CursorHold::Transaction);
                self.drop_cursors(ends).await?;
                self.hold_cursors().await
            }
            _ => Ok(()),
        }
    }

    async fn drop_cursors(&mut self, ends: impl Fn(&Cursor) -> bool) -> Result<(), Failure> {
        self.cursors.retain(|_, cursor| !ends(cursor));
        let is_gone = match &self.suspended {
            Some(Holder::Cursor(name)) => !self.cursors.contains_key(name),
            Some(Holder::Portal(name)) => !self.portals.contains_key(name),
            None => false,
        };
        match is_gone {
            true => self.leave_portal().await,
            false => Ok(()),
        }
    }

    async fn hold_cursors(&mut self) -> Result<(), Failure> {
        // At most one is not complete.
        self.leave_portal().await?;
        for cursor in self.cursors.values_mut() {
            if let Some(error) = cursor.error.take() {
                return Err(Failure::Statement(error));
            }
            cursor.is_held = true;
            cursor.savepoints = 0;
        }
        Ok(())
    }
}

//! FETCH and MOVE in a portal that Bind made: from then on it is a cursor.
//!
//! PostgreSQL (`PerformPortalFetch`) takes any portal of that name. One of Bind goes only
//! forward: `CreatePortal` makes it NO SCROLL.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::carry::Delivery;
use super::closing::Closing;
use super::cursor::Cursor;
use super::failure::Failure;
use super::row_store::RowStore;
use super::statement::{Portal, Progress};
use super::suspension::Holder;
use crate::diagnostic::Diagnostic;
use crate::frontend::reply::ResultColumn;
use crate::rules::Plan;
use crate::rules::wit_plan::{CursorHold, CursorScroll};
use crate::upstream::Format;

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// What FETCH returns of it; nothing if there is none.
    pub(super) fn columns_of_portal(&self, name: &str) -> Option<Arc<[ResultColumn]>> {
        match self.cursors.get(name) {
            Some(cursor) => Some(Arc::clone(&cursor.columns)),
            None => self.portals.get(name)?.prepared.shape.columns.clone(),
        }
    }

    /// Takes the portal of that name as a cursor, where it stands.
    pub(super) async fn cursor_of_portal(&mut self, name: &str) -> Result<Cursor, Failure> {
        let Some(portal) = self.portals.remove(name) else {
            return Err(Diagnostic::no_cursor(name).into());
        };
        let prepared = Arc::clone(&portal.prepared);
        let Some(columns) = &prepared.shape.columns else {
            return Err(Diagnostic::error("XX000", "unsupported portal strategy").into());
        };
        let columns = portal
            .values
            .bound_columns(columns, &prepared.shape.parameters)?;
        let limit = self.rows_in_memory();
        let mut cursor = Cursor {
            columns,
            formats: portal.formats.clone(),
            in_query: Format::Text,
            closing: Closing::Rows("SELECT".to_owned()),
            store: RowStore::after(portal.sent, limit),
            position: portal.sent,
            is_complete: true,
            error: None,
            scroll: CursorScroll::Forward,
            hold: CursorHold::Transaction,
            is_held: false,
            savepoints: portal.savepoints,
        };
        self.move_into(name, &mut cursor, portal).await?;
        Ok(cursor)
    }

    async fn move_into(
        &mut self,
        name: &str,
        cursor: &mut Cursor,
        portal: Portal,
    ) -> Result<(), Failure> {
        match portal.progress {
            Progress::Fresh => {
                self.leave_portal().await?;
                let prepared = portal.prepared;
                let delivery = Delivery {
                    shape: &prepared.shape,
                    declared: &prepared.declared,
                    values: &portal.values,
                    formats: &portal.formats,
                    announce: false,
                    row_limit: 0,
                };
                self.start_cursor(cursor, &prepared, &delivery).await?;
                cursor.closing = match &prepared.translation.plan {
                    Plan::Forward(forward) => Closing::of(&forward.tag),
                    _ => Closing::after(&self.completed),
                };
            }
            Progress::Suspended(closing) => {
                cursor.closing = closing;
                cursor.is_complete = false;
            }
            Progress::Parked(parked) => {
                cursor.closing = parked.closing;
                cursor.store = parked.store;
                cursor.error = parked.error;
            }
            Progress::Done(closing) => {
                cursor.closing = closing.unwrap_or_else(|| cursor.closing.clone());
                cursor.position += 1;
            }
        }
        if !cursor.is_complete {
            self.suspended = Some(Holder::Cursor(name.to_owned()));
        }
        Ok(())
    }
}

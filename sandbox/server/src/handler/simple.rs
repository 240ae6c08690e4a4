//! A Query message: one statement, its result as text.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{Sink, SinkExt as _, StreamExt as _, pin_mut};
use pgwire::api::query::{SimpleQueryHandler, send_execution_response, send_ready_for_query};
use pgwire::api::results::{FieldFormat, Response, Tag};
use pgwire::api::store::PortalStore;
use pgwire::api::{ClientInfo, ClientPortalStore, PgWireConnectionState};
use pgwire::error::{ErrorInfo, PgWireError, PgWireResult};
use pgwire::messages::PgWireBackendMessage as Message;
use pgwire::messages::data::RowDescription;
use pgwire::messages::response::EmptyQueryResponse;
use pgwire::messages::simplequery::Query;

use super::{Handler, is_empty};
use crate::failure::failed;

#[async_trait]
impl SimpleQueryHandler for Handler {
    async fn on_query<C>(&self, client: &mut C, query: Query) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<Message> + Unpin + Send + Sync,
        C::PortalStore: PortalStore,
        C::Error: Debug,
        PgWireError: From<<C as Sink<Message>>::Error>,
    {
        client.set_state(PgWireConnectionState::QueryInProgress);
        match self.answer(client, &query.query).await {
            Err(error) if error.is_fatal() => return Err(error),
            Err(error) => {
                let info = ErrorInfo::from(error);
                client.feed(Message::ErrorResponse(info.into())).await?;
            }
            Ok(()) => {}
        }
        client.set_state(PgWireConnectionState::ReadyForQuery);
        client.set_transaction_status(self.status());
        send_ready_for_query(client, self.status()).await
    }

    /// Everything is done above.
    async fn do_query<C>(&self, _client: &mut C, _query: &str) -> PgWireResult<Vec<Response>>
    where
        C: ClientInfo + ClientPortalStore + Sink<Message> + Unpin + Send + Sync,
        C::PortalStore: PortalStore,
        C::Error: Debug,
        PgWireError: From<<C as Sink<Message>>::Error>,
    {
        Ok(Vec::new())
    }
}

impl Handler {
    async fn answer<C>(&self, client: &mut C, text: &str) -> PgWireResult<()>
    where
        C: Sink<Message> + Unpin + Send + Sync,
        C::Error: Debug,
        PgWireError: From<<C as Sink<Message>>::Error>,
    {
        // Nothing at all is the protocol's way to ask whether somebody is there.
        if is_empty(text) {
            let empty = Message::EmptyQueryResponse(EmptyQueryResponse::new());
            return Ok(client.feed(empty).await?);
        }
        let prepared = self.prepare(text).await?;
        if prepared.numbered.parameters() > 0 {
            return Err(failed(
                "42P02",
                "a statement with parameters has to be prepared".to_owned(),
            ));
        }
        let Some(fields) = prepared.fields(|_| FieldFormat::Text) else {
            let rows = self.execute(&prepared, Vec::new(), Arc::default()).await?;
            return send_execution_response(client, prepared.tag(rows.end().await?)).await;
        };
        let described = RowDescription::new(fields.iter().map(Into::into).collect());
        let rows = self
            .execute(&prepared, Vec::new(), Arc::new(fields))
            .await?;
        client.feed(Message::RowDescription(described)).await?;
        let rows = rows.stream();
        pin_mut!(rows);
        let mut count = 0;
        while let Some(row) = rows.next().await {
            client.feed(Message::DataRow(row?)).await?;
            count += 1;
        }
        send_execution_response(client, Tag::new("SELECT").with_rows(count)).await
    }
}

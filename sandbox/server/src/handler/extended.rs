//! Parse, Bind, Describe, Execute: prepared statements with parameters.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{Sink, SinkExt as _, StreamExt as _};
use pgiris_sandbox::Value;
use pgwire::api::portal::{Format, Portal, PortalExecutionState};
use pgwire::api::query::{ExtendedQueryHandler, send_execution_response, send_ready_for_query};
use pgwire::api::results::{FieldFormat, QueryResponse, Response, Tag};
use pgwire::api::stmt::StoredStatement;
use pgwire::api::store::{Entry, PortalStore};
use pgwire::api::{ClientInfo, ClientPortalStore, DEFAULT_NAME, Type};
use pgwire::error::{PgWireError, PgWireResult};
use pgwire::messages::PgWireBackendMessage as Message;
use pgwire::messages::data::{NoData, ParameterDescription, RowDescription};
use pgwire::messages::extendedquery::{
    Describe, Execute, Parse, ParseComplete, PortalSuspended, Sync as SyncMessage,
    TARGET_TYPE_BYTE_PORTAL,
};
use pgwire::messages::response::EmptyQueryResponse;

use super::unused::Unused;
use super::{Handler, Prepared, is_empty};
use crate::failure::failed;
use crate::parameter;

/// The format of one value; text where the client says nothing.
fn format_for(format: &Format, position: usize) -> FieldFormat {
    match format {
        Format::UnifiedText => FieldFormat::Text,
        Format::UnifiedBinary => FieldFormat::Binary,
        Format::Individual(codes) => codes
            .get(position)
            .map_or(FieldFormat::Text, |code| FieldFormat::from(*code)),
    }
}

#[async_trait]
impl ExtendedQueryHandler for Handler {
    type Statement = Prepared;
    type QueryParser = Unused;

    fn query_parser(&self) -> Arc<Unused> {
        Arc::new(Unused)
    }

    async fn on_parse<C>(&self, client: &mut C, message: Parse) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<Message> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Prepared>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<Message>>::Error>,
    {
        let name = message.name.unwrap_or_else(|| DEFAULT_NAME.to_owned());
        if is_empty(&message.query) {
            client.portal_store().put_empty_statement(&name);
        } else {
            let prepared = self.prepare(&message.query).await?;
            let types = message.type_oids.iter().map(|oid| Type::from_oid(*oid));
            let statement = StoredStatement::new(name, prepared, types.collect());
            client.portal_store().put_statement(Arc::new(statement));
        }
        let complete = Message::ParseComplete(ParseComplete::new());
        Ok(client.feed(complete).await?)
    }

    async fn on_describe<C>(&self, client: &mut C, message: Describe) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<Message> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Prepared>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<Message>>::Error>,
    {
        let name = message.name.as_deref().unwrap_or(DEFAULT_NAME);
        let store = client.portal_store();
        let mut fields = None;
        if message.target_type == TARGET_TYPE_BYTE_PORTAL {
            if let Entry::Value(portal) = known(store.get_portal(name), "34000", "portal", name)? {
                let format = |position| format_for(&portal.result_column_format, position);
                fields = portal.statement.statement.fields(format);
            }
        } else {
            let mut types = Vec::new();
            let entry = known(
                store.get_statement(name),
                "26000",
                "prepared statement",
                name,
            )?;
            if let Entry::Value(statement) = entry {
                let declared = &statement.parameter_types;
                types = statement.statement.types_with(declared);
                fields = statement.statement.fields(|_| FieldFormat::Text);
            }
            let oids = types.iter().map(Type::oid).collect();
            let parameters = ParameterDescription::new(oids);
            client
                .feed(Message::ParameterDescription(parameters))
                .await?;
        }
        let description = match fields {
            None => Message::NoData(NoData::new()),
            Some(fields) => {
                let fields = fields.iter().map(Into::into).collect();
                Message::RowDescription(RowDescription::new(fields))
            }
        };
        Ok(client.feed(description).await?)
    }

    async fn on_execute<C>(&self, client: &mut C, message: Execute) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<Message> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Prepared>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<Message>>::Error>,
    {
        let name = message.name.as_deref().unwrap_or(DEFAULT_NAME);
        let limit = usize::try_from(message.max_rows).unwrap_or(0);
        match client.portal_store().get_portal(name) {
            Some(Entry::Value(portal)) => self.fetch(client, &portal, limit).await,
            Some(Entry::Empty) => {
                let empty = Message::EmptyQueryResponse(EmptyQueryResponse::new());
                Ok(client.feed(empty).await?)
            }
            None => Err(failed("34000", format!("portal \"{name}\" does not exist"))),
        }
    }

    async fn on_sync<C>(&self, client: &mut C, _message: SyncMessage) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<Message> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Prepared>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<Message>>::Error>,
    {
        client.set_transaction_status(self.status());
        send_ready_for_query(client, self.status()).await
    }

    async fn do_query<C>(
        &self,
        _client: &mut C,
        portal: &Portal<Prepared>,
        _max_rows: usize,
    ) -> PgWireResult<Response>
    where
        C: ClientInfo + ClientPortalStore + Sink<Message> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Prepared>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<Message>>::Error>,
    {
        self.start(portal).await
    }
}

impl Handler {
    async fn start(&self, portal: &Portal<Prepared>) -> PgWireResult<Response> {
        let prepared = &portal.statement.statement;
        let values = values(portal)?;
        let format = |position| format_for(&portal.result_column_format, position);
        let Some(fields) = prepared.fields(format) else {
            let rows = self.execute(prepared, values, Arc::default()).await?;
            return Ok(Response::Execution(prepared.tag(rows.end().await?)));
        };
        let fields = Arc::new(fields);
        let rows = self.execute(prepared, values, Arc::clone(&fields)).await?;
        Ok(Response::Query(QueryResponse::new(fields, rows.stream())))
    }

    /// Sends the portal's next rows, at most `limit`; 0: all.
    async fn fetch<C>(
        &self,
        client: &mut C,
        portal: &Portal<Prepared>,
        limit: usize,
    ) -> PgWireResult<()>
    where
        C: Sink<Message> + Unpin + Send,
        C::Error: Debug,
        PgWireError: From<<C as Sink<Message>>::Error>,
    {
        let state = portal.state();
        let mut state = state.lock().await;
        if matches!(*state, PortalExecutionState::Initial) {
            *state = match self.start(portal).await? {
                Response::Query(rows) => PortalExecutionState::Suspended(rows),
                Response::Execution(tag) => {
                    *state = PortalExecutionState::Finished;
                    return send_execution_response(client, tag).await;
                }
                _ => PortalExecutionState::Finished,
            };
        }
        let mut count = 0;
        if let PortalExecutionState::Suspended(rows) = &mut *state {
            while limit == 0 || count < limit {
                match rows.data_rows().next().await.transpose()? {
                    Some(row) => client.feed(Message::DataRow(row)).await?,
                    None => break,
                }
                count += 1;
            }
        }
        if limit > 0 && count == limit {
            return Ok(client
                .feed(Message::PortalSuspended(PortalSuspended::new()))
                .await?);
        }
        *state = PortalExecutionState::Finished;
        send_execution_response(client, Tag::new("SELECT").with_rows(count)).await
    }
}

/// What the client names, if there is such a thing.
fn known<T>(
    entry: Option<Entry<T>>,
    sqlstate: &str,
    kind: &str,
    name: &str,
) -> PgWireResult<Entry<T>> {
    entry.ok_or_else(|| failed(sqlstate, format!("{kind} \"{name}\" does not exist")))
}

/// What was bound, for each `?` of the statement.
fn values(portal: &Portal<Prepared>) -> PgWireResult<Vec<Value>> {
    let prepared = &portal.statement.statement;
    let types = prepared.types_with(&portal.statement.parameter_types);
    let given = portal.parameters.len();
    if given != types.len() {
        let message = format!(
            "{given} parameters are bound, the statement has {}",
            types.len()
        );
        return Err(failed("08P01", message));
    }
    let mut values = Vec::with_capacity(given);
    for (position, ty) in types.iter().enumerate() {
        let format = format_for(&portal.parameter_format, position);
        let bytes = portal.parameters[position].as_deref();
        values.push(parameter::value(ty, format, bytes)?);
    }
    let order = prepared.numbered.order.iter();
    Ok(order.map(|index| values[*index].clone()).collect())
}

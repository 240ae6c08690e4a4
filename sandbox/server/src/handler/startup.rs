//! Who connects: anybody, to any namespace that there is.

use std::fmt::Debug;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use futures_util::Sink;
use pgwire::api::auth::noop::NoopStartupHandler;
use pgwire::api::{ClientInfo, METADATA_DATABASE, METADATA_USER};
use pgwire::error::{PgWireError, PgWireResult};
use pgwire::messages::{PgWireBackendMessage, PgWireFrontendMessage};

use super::Handler;
use crate::worker::Worker;

/// The namespace of those who name none.
const NAMESPACE: &str = "USER";

#[async_trait]
impl NoopStartupHandler for Handler {
    async fn post_startup<C>(
        &self,
        client: &mut C,
        _message: PgWireFrontendMessage,
    ) -> PgWireResult<()>
    where
        C: ClientInfo + Sink<PgWireBackendMessage> + Unpin + Send,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let metadata = client.metadata();
        let user = metadata.get(METADATA_USER).cloned();
        let user = user.unwrap_or_else(|| "_SYSTEM".to_owned());
        // Clients that are told of no database ask for one named like the user.
        let database = metadata
            .get(METADATA_DATABASE)
            .filter(|name| **name != user);
        let namespace = database.map_or(NAMESPACE, String::as_str).to_owned();
        let started = Worker::start(self.sandbox.clone(), user, namespace).await;
        let (worker, handle) = started?;
        let (process, key) = client.pid_and_secret_key();
        self.process.store(process, Ordering::SeqCst);
        self.running.add(process, key, handle);
        drop(self.worker.set(worker));
        Ok(())
    }
}

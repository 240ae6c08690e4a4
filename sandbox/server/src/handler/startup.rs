//! Who connects: anybody, to the one namespace that there is.

use std::fmt::Debug;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use futures_util::Sink;
use pgwire::api::auth::noop::NoopStartupHandler;
use pgwire::api::{ClientInfo, METADATA_DATABASE, METADATA_USER};
use pgwire::error::{ErrorInfo, PgWireError, PgWireResult};
use pgwire::messages::{PgWireBackendMessage, PgWireFrontendMessage};

use super::Handler;
use crate::worker::Worker;

/// The namespace.
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
        if let Some(database) = database.filter(|name| !name.eq_ignore_ascii_case(NAMESPACE)) {
            let message = format!("namespace \"{database}\" does not exist; there is {NAMESPACE}");
            let info = ErrorInfo::new("FATAL".to_owned(), "3D000".to_owned(), message);
            return Err(PgWireError::UserError(Box::new(info)));
        }
        let (worker, handle) = Worker::start(self.sandbox.clone(), user).await?;
        let (process, key) = client.pid_and_secret_key();
        self.process.store(process, Ordering::SeqCst);
        self.running.add(process, key, handle);
        drop(self.worker.set(worker));
        Ok(())
    }
}

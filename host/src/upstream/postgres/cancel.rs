//! Interrupts a statement: a CancelRequest on a connection of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::BytesMut;
use postgres_protocol::message::frontend;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::fault;
use super::route::Route;
use super::startup::BackendKey;
use crate::upstream::{Canceller, UpstreamError};

/// Where to ask, and with which key.
pub(super) struct CancelRequest {
    pub(super) route: Arc<Route>,
    pub(super) address: SocketAddr,
    /// Whether the connection is: then the key, which is a secret, does not go in the clear.
    pub(super) is_encrypted: bool,
    pub(super) key: Option<BackendKey>,
    pub(super) time_limit: Duration,
}

impl CancelRequest {
    async fn send(&self, key: BackendKey) -> Result<(), UpstreamError> {
        let mut stream = self.route.open_to(self.address).await?.stream;
        if self.is_encrypted && !stream.is_encrypted() {
            return Err(fault::lost("the server does not encrypt any more"));
        }
        let mut request = BytesMut::new();
        frontend::cancel_request(key.process_id, key.secret, &mut request);
        let lost = |error| fault::lost(format!("a cancel request cannot be sent: {error}"));
        stream.write_all(&request).await.map_err(lost)?;
        stream.flush().await.map_err(lost)?;
        // The server closes when it has passed the signal on, and says nothing.
        let _ = stream.read(&mut [0]).await;
        Ok(())
    }
}

#[async_trait]
impl Canceller for CancelRequest {
    async fn cancel(&self) {
        let Some(key) = self.key else {
            return;
        };
        match tokio::time::timeout(self.time_limit, self.send(key)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::debug!(%error, address = %self.address, "a cancel request was not delivered")
            }
            Err(_) => {
                tracing::debug!(address = %self.address, "a cancel request was not answered in time")
            }
        }
    }
}

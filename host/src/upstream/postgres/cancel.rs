//! Interrupts a statement: a CancelRequest on a connection of its own.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use bytes::BytesMut;
use postgres_protocol::message::frontend;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::startup::BackendKey;
use crate::upstream::Canceller;

/// Where to ask, and with which key.
pub(super) struct CancelRequest {
    address: SocketAddr,
    key: Option<BackendKey>,
    time_limit: Duration,
}

impl CancelRequest {
    pub(super) fn new(address: SocketAddr, key: Option<BackendKey>, time_limit: Duration) -> Self {
        Self {
            address,
            key,
            time_limit,
        }
    }

    async fn send(&self, key: BackendKey) -> io::Result<()> {
        let mut socket = TcpStream::connect(self.address).await?;
        let mut request = BytesMut::new();
        frontend::cancel_request(key.process_id, key.secret, &mut request);
        socket.write_all(&request).await?;
        // The server closes when it has passed the signal on, and says nothing.
        socket.read(&mut [0]).await.map(|_| ())
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

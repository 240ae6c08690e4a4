//! The way to a server: a socket, encrypted as the options demand.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;

use super::encryption::{Encrypted, Encryption};
use super::fault;
use crate::keepalive::keep_alive;
use crate::upstream::UpstreamError;

/// Opens sockets to one server.
pub(super) struct Route {
    /// For messages, without secrets.
    pub(super) name: String,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) keepalives_idle: Duration,
    pub(super) encryption: Encryption,
}

impl Route {
    /// To whichever of the host's addresses answers; and which that was.
    pub(super) async fn open(&self) -> Result<(Encrypted, SocketAddr), UpstreamError> {
        let socket = TcpStream::connect((self.host.as_str(), self.port)).await;
        let opened = socket.and_then(|socket| {
            let address = socket.peer_addr()?;
            Ok((socket, address))
        });
        let (socket, address) = opened.map_err(|error| self.unreachable(&error))?;
        Ok((self.ready(socket).await?, address))
    }

    /// To the server that another connection goes to, encrypted as that is.
    pub(super) async fn open_to(&self, address: SocketAddr) -> Result<Encrypted, UpstreamError> {
        let socket = TcpStream::connect(address).await;
        let socket = socket.map_err(|error| self.unreachable(&error))?;
        self.ready(socket).await
    }

    async fn ready(&self, socket: TcpStream) -> Result<Encrypted, UpstreamError> {
        // Batches are written whole: waiting for more to send only delays them.
        socket
            .set_nodelay(true)
            .map_err(|error| self.unreachable(&error))?;
        keep_alive(&socket, self.keepalives_idle).map_err(|error| self.unreachable(&error))?;
        self.encryption.encrypt(socket).await
    }

    fn unreachable(&self, error: &std::io::Error) -> UpstreamError {
        fault::lost(format!("cannot connect to {}: {error}", self.name))
    }
}

//! The `postgres://` connector: IRIS behind a PGWire endpoint, or any server
//! that speaks PostgreSQL's protocol.
//!
//! Operations become messages of the extended protocol, all of a batch in one
//! write. Rows come back undecoded: all DataRow messages that stand in the read
//! buffer one after the other are handed on as one slice of it.

mod cancel;
mod fault;
mod frame;
mod numbered;
mod options;
mod pipeline;
mod request;
mod startup;
mod stream;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use tokio::net::TcpStream;

use super::url::UrlError;
use super::{Canceller, Connection, Connector, Event, Operation, Target, UpstreamError};
use cancel::CancelRequest;
use options::Options;
use pipeline::Pipeline;
use request::Requests;
use startup::Credentials;
use stream::Stream;
use wire::Wire;

/// Makes connections to one server.
pub struct PostgresConnector {
    options: Options,
}

impl PostgresConnector {
    /// Reads `postgres://[user[:password]@]host[:port][/database][?key=value…]`.
    ///
    /// What the URL leaves out of user, password and database is taken from the
    /// [`Target`] of each connection. Keys: `application_name`, and
    /// `connect_timeout` in seconds.
    ///
    /// # Errors
    /// The URL is wrong.
    pub fn new(url: &str) -> Result<Self, UrlError> {
        Ok(Self {
            options: options::parse(url)?,
        })
    }

    async fn open(
        &self,
        credentials: &Credentials<'_>,
    ) -> Result<PostgresConnection, UpstreamError> {
        let options = &self.options;
        let socket = TcpStream::connect((options.host.as_str(), options.port)).await;
        let socket = socket.and_then(|socket| {
            // Batches are written whole: waiting for more to send only delays them.
            socket.set_nodelay(true)?;
            let address = socket.peer_addr()?;
            Ok((socket, address))
        });
        let unreachable =
            |error| fault::lost(format!("cannot connect to {}: {error}", options.name));
        let (socket, address) = socket.map_err(unreachable)?;
        let mut wire = Wire::new(Stream::Plain(socket));
        let key = startup::log_in(&mut wire, credentials).await?;
        Ok(PostgresConnection {
            wire,
            requests: Requests::default(),
            pipeline: Pipeline::default(),
            canceller: Arc::new(CancelRequest::new(address, key, options.connect_timeout)),
        })
    }
}

#[async_trait]
impl Connector for PostgresConnector {
    async fn connect(&self, target: &Target) -> Result<Box<dyn Connection>, UpstreamError> {
        let credentials = Credentials::new(&self.options, target);
        let limit = self.options.connect_timeout;
        match tokio::time::timeout(limit, self.open(&credentials)).await {
            Ok(connection) => Ok(Box::new(connection?)),
            Err(_) => {
                let name = &self.options.name;
                Err(fault::lost(format!(
                    "{name} did not answer within {} s",
                    limit.as_secs()
                )))
            }
        }
    }

    fn name(&self) -> &str {
        &self.options.name
    }
}

struct PostgresConnection {
    wire: Wire,
    requests: Requests,
    pipeline: Pipeline,
    canceller: Arc<CancelRequest>,
}

#[async_trait]
impl Connection for PostgresConnection {
    fn submit(&mut self, batch: Vec<Operation>) -> Result<(), UpstreamError> {
        let written = self
            .requests
            .write(batch, &mut self.pipeline, self.wire.outgoing());
        written.map_err(|error| fault::lost(format!("a request cannot be sent: {error}")))
    }

    async fn next(&mut self) -> Result<Event, UpstreamError> {
        loop {
            while let Some(frame) = frame::cut(self.wire.incoming())? {
                if let Some(event) = self.pipeline.take(frame)? {
                    return Ok(event);
                }
            }
            self.wire.exchange().await?;
        }
    }

    fn is_open(&mut self) -> bool {
        if !self.wire.take_unasked() {
            return false;
        }
        // A server may tell of a setting, or of its end.
        loop {
            match frame::cut(self.wire.incoming()) {
                Ok(None) => return true,
                Ok(Some(frame)) => match self.pipeline.take(frame) {
                    Ok(None) => {}
                    Ok(Some(_)) | Err(_) => return false,
                },
                Err(_) => return false,
            }
        }
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        Arc::clone(&self.canceller) as Arc<dyn Canceller>
    }
}

impl Drop for PostgresConnection {
    fn drop(&mut self) {
        self.wire.say_goodbye();
    }
}

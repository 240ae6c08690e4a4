//! The `postgres://` connector: IRIS behind a PGWire endpoint, or any server
//! that speaks PostgreSQL's protocol.
//!
//! Operations become messages of the extended protocol, all of a batch in one
//! write. Rows come back undecoded: all DataRow messages that stand in the read
//! buffer one after the other are handed on as one slice of it.

mod cancel;
mod encryption;
mod fault;
mod frame;
mod numbered;
mod options;
mod pipeline;
mod request;
mod route;
mod scram;
mod startup;
mod stream;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;

use super::url::UrlError;
use super::{Canceller, Connection, Connector, Event, Operation, Target, UpstreamError};
use cancel::CancelRequest;
use encryption::Encryption;
use frame::Frame;
use options::Options;
use pipeline::Pipeline;
use request::Requests;
use route::Route;
use startup::Credentials;
use wire::Wire;

/// Makes connections to one server.
pub struct PostgresConnector {
    options: Options,
    route: Arc<Route>,
}

impl PostgresConnector {
    /// Reads `postgres://[user[:password]@]host[:port][/database][?key=value…]`.
    ///
    /// What the URL leaves out of user, password and database is taken from the
    /// [`Target`] of each connection. Keys: `application_name`, `connect_timeout` and
    /// `keepalives_idle` in seconds, and libpq's `sslmode` (without `allow`), `sslnegotiation`, `sslrootcert`,
    /// `sslcert`, `sslkey` and `channel_binding`. Without `sslmode` a connection to another
    /// machine is as with `verify-full`, one within the machine as with `prefer`, which
    /// goes on in the clear only if the server says that it does not encrypt.
    ///
    /// # Errors
    /// The URL is wrong, or a file that it names is of no use.
    pub fn new(url: &str) -> Result<Self, UrlError> {
        let (options, encryption) = options::parse(url)?;
        let route = Arc::new(Route {
            name: options.name.clone(),
            host: options.host.clone(),
            port: options.port,
            keepalives_idle: options.keepalives_idle,
            encryption: Encryption::new(encryption, &options.host)?,
        });
        Ok(Self { options, route })
    }

    async fn open(
        &self,
        credentials: &Credentials<'_>,
    ) -> Result<PostgresConnection, UpstreamError> {
        let (encrypted, address) = self.route.open().await?;
        let is_encrypted = encrypted.stream.is_encrypted();
        let mut wire = Wire::new(encrypted.stream);
        let key = startup::log_in(&mut wire, credentials, encrypted.binding).await?;
        Ok(PostgresConnection {
            wire,
            longest_row: frame::LONGEST_ROW,
            requests: Requests::default(),
            pipeline: Pipeline::default(),
            canceller: Arc::new(CancelRequest {
                route: Arc::clone(&self.route),
                address,
                is_encrypted,
                key,
                time_limit: self.options.connect_timeout,
            }),
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
    longest_row: usize,
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
            while let Some(frame) = frame::cut(self.wire.incoming(), self.longest_row)? {
                if let Frame::LongRow(length) = frame {
                    self.wire.skip(length);
                }
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
            match frame::cut(self.wire.incoming(), self.longest_row) {
                Ok(None) => return true,
                Ok(Some(frame)) => match self.pipeline.take(frame) {
                    Ok(None) => {}
                    Ok(Some(_)) | Err(_) => return false,
                },
                Err(_) => return false,
            }
        }
    }

    fn limit_rows(&mut self, bytes: usize) {
        self.longest_row = bytes;
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

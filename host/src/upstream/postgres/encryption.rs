//! Encryption of a connection to the server, by libpq's parameters.
//!
//! PostgreSQL manual, "SSL Support" of libpq; the protocol's part in "SSL Session Encryption".

mod material;
mod options;
mod trouble;
mod verifier;

use std::io;

use bytes::BytesMut;
use postgres_protocol::message::frontend;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::fault;
use super::stream::Stream;
use crate::tls::{ALPN, certificate};
use crate::upstream::UpstreamError;
use crate::upstream::url::UrlError;
use material::Material;
pub(super) use options::{ChannelBinding, KEYS, Options};
use options::{Negotiation, SslMode};
pub(super) use trouble::explained;

/// How connections to one server are encrypted.
pub(super) struct Encryption {
    options: Options,
    host: String,
    /// `None`: they are not.
    armed: Option<Armed>,
}

struct Armed {
    material: Material,
    name: ServerName<'static>,
}

/// A stream, and what its encryption tells.
pub(super) struct Encrypted {
    pub(super) stream: Stream,
    pub(super) binding: Binding,
}

/// What SCRAM may bind a log-in to.
pub(super) struct Binding {
    pub(super) wish: ChannelBinding,
    /// The data of `tls-server-end-point` (RFC 5929); `None` without encryption, and where
    /// the certificate has none.
    pub(super) end_point: Option<Vec<u8>>,
}

impl Encryption {
    /// Reads the files that the options name.
    pub(super) fn new(options: Options, host: &str) -> Result<Self, UrlError> {
        let armed = match options.mode {
            SslMode::Disable => None,
            _ => Some(Armed {
                material: Material::read(&options).map_err(|error| UrlError(error.to_string()))?,
                name: ServerName::try_from(host.to_owned())
                    .map_err(|_| UrlError(format!("\"{host}\" is no name of a host")))?,
            }),
        };
        Ok(Self {
            options,
            host: host.to_owned(),
            armed,
        })
    }

    /// Encrypts what has just been connected, as far as the mode wants it and the server can.
    pub(super) async fn encrypt(&self, mut socket: TcpStream) -> Result<Encrypted, UpstreamError> {
        let Some(armed) = &self.armed else {
            return Ok(self.plain(socket));
        };
        if self.options.negotiation == Negotiation::Postgres {
            match ask(&mut socket).await.map_err(|error| self.lost(&error))? {
                b'S' => {}
                // A server that does not know the question answers with an error.
                b'N' | b'E' if self.options.mode == SslMode::Prefer => {
                    // After an error it hangs up.
                    return Ok(self.plain(socket));
                }
                b'N' | b'E' => {
                    return Err(fault::lost(format!(
                        "{} does not encrypt connections, and sslmode={} demands it; switch \
                         encryption on there, or allow the connection in the clear with sslmode=disable",
                        self.host,
                        self.options.mode.as_str()
                    )));
                }
                _ => return Err(fault::nonsense("its answer to a request for encryption")),
            }
        }
        let stream = self.shake_hands(armed, socket).await?;
        let (_, connection) = stream.get_ref();
        if self.options.negotiation == Negotiation::Direct
            && connection.alpn_protocol() != Some(ALPN)
        {
            return Err(fault::lost(format!(
                "{} did not choose PostgreSQL's protocol; leave out sslnegotiation=direct",
                self.host
            )));
        }
        let presented = connection.peer_certificates().and_then(<[_]>::first);
        let end_point = presented.and_then(|presented| certificate::end_point(presented));
        Ok(Encrypted {
            stream: Stream::Encrypted(Box::new(stream)),
            binding: self.binding(end_point),
        })
    }

    async fn shake_hands(
        &self,
        armed: &Armed,
        socket: TcpStream,
    ) -> Result<TlsStream<TcpStream>, UpstreamError> {
        let config = armed.material.config(&self.options);
        let config = config.map_err(|error| fault::lost(error.to_string()))?;
        TlsConnector::from(config)
            .connect(armed.name.clone(), socket)
            .await
            .map_err(|error| {
                let why = trouble::of_handshake(&error, &self.host, &self.options);
                fault::lost(format!("cannot encrypt the connection: {why}"))
            })
    }

    fn plain(&self, socket: TcpStream) -> Encrypted {
        Encrypted {
            stream: Stream::Plain(socket),
            binding: self.binding(None),
        }
    }

    fn binding(&self, end_point: Option<Vec<u8>>) -> Binding {
        Binding {
            wish: self.options.channel_binding,
            end_point,
        }
    }

    fn lost(&self, error: &io::Error) -> UpstreamError {
        fault::lost(format!(
            "{} did not say whether it encrypts connections: {error}",
            self.host
        ))
    }
}

/// Asks for encryption. Not a byte more than the answer is read: what follows it in the clear
/// was put there by somebody else (CVE-2021-23222).
async fn ask(socket: &mut TcpStream) -> io::Result<u8> {
    let mut request = BytesMut::new();
    frontend::ssl_request(&mut request);
    socket.write_all(&request).await?;
    socket.read_u8().await
}

//! Encryption of clients' connections: which certificate, from which version on, and who
//! signs the clients' own.
//!
//! PostgreSQL manual, "Secure TCP/IP Connections with SSL"; the protocol's part in "SSL
//! Session Encryption".

pub(crate) mod certificate;
pub(crate) mod pem;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::error::Error;
use pem::{certificates, private_key, unusable};

/// The name of PostgreSQL's protocol in ALPN, as registered with IANA. A client that begins
/// with TLS at once must ask for it, so that no other protocol is taken for PostgreSQL's.
pub(crate) const ALPN: &[u8] = b"postgresql";

/// Whether clients must encrypt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// A client may.
    #[default]
    Allow,
    /// A client that does not is refused.
    Require,
}

/// The oldest version of TLS that is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Minimum {
    /// 1.2
    #[default]
    Tls12,
    /// 1.3
    Tls13,
}

/// What encryption needs from the disk, and its terms.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether clients must encrypt.
    pub mode: Mode,
    /// PEM: the broker's certificate, then those that lead to the root.
    pub certificate: PathBuf,
    /// PEM: the certificate's private key. Nobody but its owner may have access to the file.
    pub key: PathBuf,
    /// PEM: who signs clients' certificates. Without it clients are not asked for one.
    pub client_ca: Option<PathBuf>,
    /// The oldest version of TLS.
    pub minimum: Minimum,
}

/// Encrypts connections of clients. The files can be read again while it is in use.
pub struct Tls {
    settings: Settings,
    loaded: ArcSwap<Loaded>,
}

/// What was made of the files.
struct Loaded {
    config: Arc<ServerConfig>,
    end_point: Option<Vec<u8>>,
}

/// An encrypted connection, and what is known by its encryption.
pub(crate) struct Encrypted<S> {
    pub(crate) stream: TlsStream<S>,
    pub(crate) facts: Encryption,
}

/// What a connection's encryption tells of both ends.
#[derive(Clone, Debug, Default)]
pub(crate) struct Encryption {
    /// The data of the channel binding `tls-server-end-point` (RFC 5929).
    pub(crate) end_point: Option<Vec<u8>>,
    /// The common name in the client's certificate, which a configured authority signed.
    pub(crate) client_name: Option<String>,
    /// ALPN chose PostgreSQL's protocol.
    pub(crate) is_named: bool,
}

impl Tls {
    /// Reads certificate and key.
    ///
    /// # Errors
    /// A file is missing, is not what it should be or is open to others; the key is not the
    /// certificate's.
    pub fn load(settings: Settings) -> Result<Self, Error> {
        let loaded = Loaded::read(&settings)?;
        Ok(Self {
            settings,
            loaded: ArcSwap::from_pointee(loaded),
        })
    }

    /// Reads the files again, for connections from now on. After an error those from before
    /// stay in use.
    ///
    /// # Errors
    /// As [`Tls::load`].
    pub fn reload(&self) -> Result<(), Error> {
        self.loaded.store(Arc::new(Loaded::read(&self.settings)?));
        Ok(())
    }

    /// The files, by which a watcher knows when to reload.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let Settings {
            certificate,
            key,
            client_ca,
            ..
        } = &self.settings;
        [certificate, key]
            .into_iter()
            .chain(client_ca)
            .map(PathBuf::as_path)
    }

    pub(crate) fn is_required(&self) -> bool {
        self.settings.mode == Mode::Require
    }

    /// Shakes hands on a connection. The caller sets the time for it.
    pub(crate) async fn accept<S>(&self, stream: S) -> std::io::Result<Encrypted<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let loaded = self.loaded.load_full();
        let stream = TlsAcceptor::from(Arc::clone(&loaded.config))
            .accept(stream)
            .await?;
        let (_, connection) = stream.get_ref();
        let client = connection.peer_certificates().and_then(<[_]>::first);
        let facts = Encryption {
            end_point: loaded.end_point.clone(),
            client_name: client.and_then(|client| certificate::common_name(client)),
            is_named: connection.alpn_protocol() == Some(ALPN),
        };
        Ok(Encrypted { stream, facts })
    }
}

impl Loaded {
    fn read(settings: &Settings) -> Result<Self, Error> {
        let chain = certificates(&settings.certificate)?;
        let end_point = chain
            .first()
            .and_then(|first| certificate::end_point(first));
        let key = private_key(&settings.key)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let refused =
            |path: &Path, error: &dyn std::fmt::Display| unusable(path, &error.to_string());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions(settings.minimum))
            .map_err(|error| refused(&settings.certificate, &error))?;
        let builder = match &settings.client_ca {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let mut roots = RootCertStore::empty();
                for root in certificates(path)? {
                    roots.add(root).map_err(|error| refused(path, &error))?;
                }
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                        .allow_unauthenticated()
                        .build()
                        .map_err(|error| refused(path, &error))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder
            .with_single_cert(chain, key)
            .map_err(|error| refused(&settings.key, &error))?;
        config.alpn_protocols = vec![ALPN.to_vec()];
        Ok(Self {
            config: Arc::new(config),
            end_point,
        })
    }
}

/// Those of rustls, from one on.
static VERSIONS: [&SupportedProtocolVersion; 2] =
    [&rustls::version::TLS13, &rustls::version::TLS12];

fn versions(minimum: Minimum) -> &'static [&'static SupportedProtocolVersion] {
    match minimum {
        Minimum::Tls12 => &VERSIONS,
        Minimum::Tls13 => &VERSIONS[..1],
    }
}

#[cfg(test)]
mod tests;

//! What is made of the files that the options name; made anew when they change.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use rustls::{ClientConfig, RootCertStore};

use super::options::{Options, Roots, SslMode};
use super::verifier::{Authorities, Demand, Verifier};
use crate::error::{Error, ErrorKind};
use crate::tls::{ALPN, pem};

/// The configuration of TLS, and of which state of the files it was made.
pub(super) struct Material(Mutex<(Stamps, Arc<ClientConfig>)>);

/// When each file was changed last.
type Stamps = Vec<Option<SystemTime>>;

impl Material {
    pub(super) fn read(options: &Options) -> Result<Self, Error> {
        let stamps = stamps(options);
        Ok(Self(Mutex::new((stamps, Arc::new(made_of(options)?)))))
    }

    /// Made of the files as they are now: certificates that do not live long are replaced
    /// while the broker runs.
    pub(super) fn config(&self, options: &Options) -> Result<Arc<ClientConfig>, Error> {
        // What is in it is whole at any time.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = stamps(options);
        if known.0 != now {
            *known = (now, Arc::new(made_of(options)?));
        }
        Ok(Arc::clone(&known.1))
    }
}

fn stamps(options: &Options) -> Stamps {
    let roots = match &options.roots {
        Some(Roots::File(path)) => Some(path),
        Some(Roots::System) | None => None,
    };
    let own = options
        .identity
        .iter()
        .flat_map(|(certificate, key)| [certificate, key]);
    let changed = |path: &PathBuf| {
        std::fs::metadata(path)
            .and_then(|file| file.modified())
            .ok()
    };
    roots.into_iter().chain(own).map(changed).collect()
}

fn made_of(options: &Options) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let algorithms = provider.signature_verification_algorithms;
    let demand = match (options.mode, &options.roots) {
        (SslMode::VerifyFull, Some(roots)) => Demand::Name(authorities(roots)?),
        (SslMode::VerifyCa, Some(roots)) => Demand::Authority(authorities(roots)?),
        _ => Demand::Nothing,
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::new(ErrorKind::Configuration, error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Verifier::new(algorithms, demand)));
    let mut config = match &options.identity {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => builder
            .with_client_auth_cert(pem::certificates(certificate)?, pem::private_key(key)?)
            .map_err(|error| pem::unusable(key, &error.to_string()))?,
    };
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(config)
}

fn authorities(roots: &Roots) -> Result<Authorities, Error> {
    match roots {
        Roots::File(path) => of_file(path),
        Roots::System => of_system(),
    }
}

fn of_file(path: &Path) -> Result<Authorities, Error> {
    let given = pem::certificates(path)?;
    let mut roots = RootCertStore::empty();
    for certificate in &given {
        roots
            .add(certificate.clone())
            .map_err(|error| pem::unusable(path, &error.to_string()))?;
    }
    Ok(Authorities { roots, given })
}

/// As OpenSSL finds them; a machine may have some that cannot be read.
fn of_system() -> Result<Authorities, Error> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        return Err(Error::new(
            ErrorKind::Configuration,
            "this machine has no certificates of authorities, by which the upstream's could be \
             verified; name those that signed it by sslrootcert=FILE in the URL, install \
             ca-certificates, or allow connections in the clear by sslmode=disable",
        ));
    }
    Ok(Authorities {
        roots,
        given: Vec::new(),
    })
}

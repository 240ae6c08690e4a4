//! Certificates and keys in files.

use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::{Error, ErrorKind};

/// The certificates in a file, of which there is at least one.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let found: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(path).and_then(|certificates| certificates.collect());
    match found {
        Ok(found) if found.is_empty() => Err(unusable(path, "it holds no certificate")),
        Ok(found) => Ok(found),
        Err(error) => Err(unusable(path, &error.to_string())),
    }
}

/// The private key in a file that only its owner may read.
pub(crate) fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    let opened = std::fs::metadata(path).map_err(|error| unusable(path, &error.to_string()))?;
    if is_open_to_others(&opened) {
        return Err(unusable(
            path,
            "the private key has group or world access; \
             permissions should be 0600, or 0640 if root owns it",
        ));
    }
    PrivateKeyDer::from_pem_file(path).map_err(|error| unusable(path, &error.to_string()))
}

/// As PostgreSQL judges `ssl_key_file`: root may let a group read it.
#[cfg(unix)]
fn is_open_to_others(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let allowed = if metadata.uid() == 0 { 0o740 } else { 0o700 };
    metadata.mode() & 0o777 & !allowed != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_: &std::fs::Metadata) -> bool {
    false
}

/// Why a file is of no use.
pub(crate) fn unusable(path: &Path, why: &str) -> Error {
    Error::new(
        ErrorKind::Configuration,
        format!("cannot use {} for TLS: {why}", path.display()),
    )
}

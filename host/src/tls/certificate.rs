//! What is read from certificates themselves.

use std::time::Duration;

use rustls::pki_types::{CertificateDer, UnixTime};
use sha2::{Digest, Sha256, Sha384, Sha512};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::der::oid::db::rfc4519::CN;
use x509_cert::ext::pkix::name::DirectoryString;

/// Signature algorithms, and the hash that each signs (RFC 8017 and RFC 5758).
const SHA256: [&str; 2] = ["1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2"];
const SHA384: [&str; 2] = ["1.2.840.113549.1.1.12", "1.2.840.10045.4.3.3"];
const SHA512: [&str; 2] = ["1.2.840.113549.1.1.13", "1.2.840.10045.4.3.4"];
/// MD5 and SHA-1, for which RFC 5929 says SHA-256.
const OUTDATED: [&str; 3] = [
    "1.2.840.113549.1.1.4",
    "1.2.840.113549.1.1.5",
    "1.2.840.10045.4.1",
];

/// The channel binding `tls-server-end-point`: "The hash of the TLS server's certificate",
/// by the hash function of its signature (RFC 5929, section 4). `None`: that function is not
/// one of its own, as with Ed25519, and the binding is not defined.
pub(crate) fn end_point(certificate: &CertificateDer<'_>) -> Option<Vec<u8>> {
    let parsed = Certificate::from_der(certificate).ok()?;
    let algorithm = parsed.signature_algorithm().oid.to_string();
    let is_one_of = |known: &[&str]| known.contains(&algorithm.as_str());
    if is_one_of(&SHA256) || is_one_of(&OUTDATED) {
        Some(Sha256::digest(certificate).to_vec())
    } else if is_one_of(&SHA384) {
        Some(Sha384::digest(certificate).to_vec())
    } else if is_one_of(&SHA512) {
        Some(Sha512::digest(certificate).to_vec())
    } else {
        None
    }
}

/// The subject's common name; the last, as the most specific stands last.
pub(crate) fn common_name(certificate: &CertificateDer<'_>) -> Option<String> {
    let parsed = Certificate::from_der(certificate).ok()?;
    let names = parsed.tbs_certificate().subject().iter();
    let last = names.filter(|attribute| attribute.oid == CN).last()?;
    let text = match last.value.decode_as().ok()? {
        // UTF-16, which nobody should use any more (RFC 5280, section 4.1.2.4).
        DirectoryString::BmpString(_) => return None,
        name => name.value().into_owned(),
    };
    // A name with a zero byte in it was made to be read as another.
    Some(text).filter(|text| !text.contains('\0'))
}

/// Whether a moment lies between the dates of a certificate.
pub(crate) fn is_current(certificate: &CertificateDer<'_>, now: UnixTime) -> bool {
    let Ok(parsed) = Certificate::from_der(certificate) else {
        return false;
    };
    let validity = parsed.tbs_certificate().validity();
    let now = Duration::from_secs(now.as_secs());
    (validity.not_before.to_unix_duration()..=validity.not_after.to_unix_duration()).contains(&now)
}

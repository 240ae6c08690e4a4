//! Why a connection could not be encrypted, and what helps.

use std::io;

use rustls::{AlertDescription, CertificateError, Error};

use super::options::{Options, Roots};

/// What went wrong in a handshake.
pub(super) fn of_handshake(error: &io::Error, host: &str, options: &Options) -> String {
    match inside(error) {
        Some(Error::InvalidCertificate(error)) => of_certificate(error, host, options),
        _ => explained(error),
    }
}

/// An error of a connection. In TLS 1.3 a server tells only after the handshake what it
/// thinks of the other side's certificate.
pub(in crate::upstream::postgres) fn explained(error: &io::Error) -> String {
    match inside(error) {
        Some(Error::AlertReceived(
            AlertDescription::CertificateRequired | AlertDescription::NoCertificate,
        )) => "the server demands a certificate; name one by sslcert and sslkey".to_owned(),
        Some(Error::AlertReceived(
            alert @ (AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            // A signature that is not that authority's.
            | AlertDescription::DecryptError
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown),
        )) => format!(
            "the server does not accept the certificate in sslcert ({alert:?}); it must be valid, \
             and signed by an authority that the server knows"
        ),
        Some(Error::AlertReceived(alert)) => {
            format!("the server broke off the handshake ({alert:?})")
        }
        _ => error.to_string(),
    }
}

fn of_certificate(error: &CertificateError, host: &str, options: &Options) -> String {
    let signed = match &options.roots {
        Some(Roots::File(path)) => format!("by an authority in {}", path.display()),
        Some(Roots::System) | None => "by an authority that this machine knows".to_owned(),
    };
    match error {
        // The second is one of another authority of the same name.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => format!(
            "the certificate of {host} is not signed {signed}; name the file of the authority \
             that signed it by sslrootcert"
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!(
                "the certificate is for another host than {host}: its subjectAltName must have \
                 this name; connect by a name that it has, or check the authority alone by \
                 sslmode=verify-ca"
            )
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => format!(
            "the certificate of {host} has expired, or the clock of this machine is wrong; \
             renew it there"
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => format!(
            "the certificate of {host} is not valid yet, or the clock of this machine is wrong"
        ),
        other => format!("the certificate of {host} cannot be verified: {other}"),
    }
}

fn inside(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}

//! What the certificate of a server has to prove.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use crate::tls::certificate;

/// Who may sign.
#[derive(Debug)]
pub(super) struct Authorities {
    pub(super) roots: RootCertStore,
    /// The same as they stand in the file.
    pub(super) given: Vec<CertificateDer<'static>>,
}

/// What is demanded beyond the possession of the certificate's key, which every mode demands.
#[derive(Debug)]
pub(super) enum Demand {
    /// `prefer`, `require`.
    Nothing,
    /// `verify-ca`.
    Authority(Authorities),
    /// `verify-full`.
    Name(Authorities),
}

/// Judges certificates.
#[derive(Debug)]
pub(super) struct Verifier {
    algorithms: WebPkiSupportedAlgorithms,
    demand: Demand,
}

impl Verifier {
    pub(super) fn new(algorithms: WebPkiSupportedAlgorithms, demand: Demand) -> Self {
        Self { algorithms, demand }
    }

    fn is_signed(
        &self,
        presented: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        by: &Authorities,
        now: UnixTime,
    ) -> Result<(), Error> {
        // A certificate that signs itself, and was given as such, is known already.
        if by.given.iter().any(|given| given == presented) {
            return match certificate::is_current(presented, now) {
                true => Ok(()),
                false => Err(CertificateError::Expired.into()),
            };
        }
        let presented = ParsedCertificate::try_from(presented)?;
        let algorithms = self.algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&presented, &by.roots, between, now, algorithms)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        presented: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match &self.demand {
            Demand::Nothing => {}
            Demand::Authority(by) => self.is_signed(presented, between, by, now)?,
            Demand::Name(by) => {
                self.is_signed(presented, between, by, now)?;
                verify_server_name(&ParsedCertificate::try_from(presented)?, name)?;
            }
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        presented: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, presented, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        presented: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, presented, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

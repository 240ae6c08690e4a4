//! Certificates for tests, and who signs them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Result;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// Signs certificates with a key that nobody keeps.
pub struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its private key, in PEM.
pub struct Identity {
    /// The certificate.
    pub certificate: String,
    /// The key.
    pub key: String,
}

impl Authority {
    /// A new one.
    ///
    /// # Errors
    /// No key can be made.
    pub fn new() -> Result<Self> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "authority");
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?.pem();
        Ok(Self {
            certificate,
            issuer: Issuer::new(params, key),
        })
    }

    /// Its own certificate, in PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A certificate with this common name, for these hosts.
    ///
    /// # Errors
    /// A host is none.
    pub fn sign(&self, name: &str, hosts: &[&str]) -> Result<Identity> {
        self.signed(name, params(hosts)?)
    }

    /// The same, but it was valid a long time ago.
    ///
    /// # Errors
    /// As [`Authority::sign`].
    pub fn sign_expired(&self, name: &str, hosts: &[&str]) -> Result<Identity> {
        let mut params = params(hosts)?;
        params.not_before = rcgen::date_time_ymd(2001, 1, 1);
        params.not_after = rcgen::date_time_ymd(2002, 1, 1);
        self.signed(name, params)
    }

    fn signed(&self, name: &str, mut params: CertificateParams) -> Result<Identity> {
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?.pem();
        Ok(Identity {
            certificate,
            key: key.serialize_pem(),
        })
    }
}

fn params(hosts: &[&str]) -> Result<CertificateParams> {
    let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
    Ok(CertificateParams::new(hosts)?)
}

impl Identity {
    /// A certificate that is signed by its own key, and is also an authority: what
    /// `openssl req -x509` makes.
    ///
    /// # Errors
    /// A host is none.
    pub fn of_its_own(name: &str, hosts: &[&str]) -> Result<Self> {
        let mut params = params(hosts)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate()?;
        Ok(Self {
            certificate: params.self_signed(&key)?.pem(),
            key: key.serialize_pem(),
        })
    }

    /// Writes NAME.crt, and NAME.key for its owner alone.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn write(&self, directory: &Path, name: &str) -> Result<()> {
        fs::write(directory.join(format!("{name}.crt")), &self.certificate)?;
        let key = directory.join(format!("{name}.key"));
        fs::write(&key, &self.key)?;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600))?;
        Ok(())
    }
}

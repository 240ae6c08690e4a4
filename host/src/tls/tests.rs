use pgiris_tests::{Authority, Identity};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ProtocolVersion};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_rustls::TlsConnector;

use super::*;

fn roots(authority: &Authority) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let own = CertificateDer::from_pem_slice(authority.certificate().as_bytes()).unwrap();
    roots.add(own).unwrap();
    roots
}

fn settings(directory: &TempDir, identity: &Identity, client_ca: Option<&Authority>) -> Settings {
    let path = |name: &str| directory.path().join(name);
    identity.write(directory.path(), "server").unwrap();
    let client_ca = client_ca.map(|authority| {
        std::fs::write(path("ca.crt"), authority.certificate()).unwrap();
        path("ca.crt")
    });
    Settings {
        mode: Mode::Allow,
        certificate: path("server.crt"),
        key: path("server.key"),
        client_ca,
        minimum: Minimum::Tls12,
    }
}

/// Shakes hands; the client's end, and what the server knows of it.
async fn shake(
    tls: &Tls,
    client: ClientConfig,
) -> Result<
    (
        tokio_rustls::client::TlsStream<DuplexStream>,
        Encrypted<DuplexStream>,
    ),
    String,
> {
    let (near, far) = tokio::io::duplex(16 * 1024);
    let name = ServerName::try_from("broker.test").unwrap();
    let connector = TlsConnector::from(Arc::new(client));
    let (client, server) = tokio::join!(connector.connect(name, far), tls.accept(near));
    let server = server.map_err(|error| error.to_string())?;
    Ok((client.map_err(|error| error.to_string())?, server))
}

fn client(roots: RootCertStore, versions: &[&'static SupportedProtocolVersion]) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

#[tokio::test]
async fn bytes_pass_and_the_channel_is_known() {
    let (authority, directory) = (Authority::new().unwrap(), TempDir::new().unwrap());
    let identity = authority.sign("broker", &["broker.test"]).unwrap();
    let tls = Tls::load(settings(&directory, &identity, None)).unwrap();
    let (mut far, near) = shake(&tls, client(roots(&authority), &VERSIONS))
        .await
        .unwrap();
    let mut near = near;
    far.write_all(b"hello").await.unwrap();
    far.flush().await.unwrap();
    let mut heard = [0; 5];
    near.stream.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"hello");

    // The certificate was signed with ECDSA over SHA-256.
    let seen = far.get_ref().1.peer_certificates().unwrap()[0].clone();
    use sha2::Digest;
    let expected = sha2::Sha256::digest(&seen).to_vec();
    assert_eq!(near.facts.end_point, Some(expected));
    assert_eq!(near.facts.client_name, None);
    assert!(!near.facts.is_named);
}

#[tokio::test]
async fn only_the_protocol_of_postgresql_is_spoken() {
    let (authority, directory) = (Authority::new().unwrap(), TempDir::new().unwrap());
    let identity = authority.sign("broker", &["broker.test"]).unwrap();
    let tls = Tls::load(settings(&directory, &identity, None)).unwrap();
    let mut right = client(roots(&authority), &VERSIONS);
    right.alpn_protocols = vec![b"postgresql".to_vec()];
    let (_, near) = shake(&tls, right).await.unwrap();
    assert!(near.facts.is_named);
    let mut wrong = client(roots(&authority), &VERSIONS);
    wrong.alpn_protocols = vec![b"http/1.1".to_vec()];
    assert!(shake(&tls, wrong).await.is_err());
}

#[tokio::test]
async fn old_versions_are_refused_where_they_are_not_wanted() {
    let (authority, directory) = (Authority::new().unwrap(), TempDir::new().unwrap());
    let identity = authority.sign("broker", &["broker.test"]).unwrap();
    let mut settings = settings(&directory, &identity, None);
    let old = || client(roots(&authority), &[&rustls::version::TLS12]);
    let tls = Tls::load(settings.clone()).unwrap();
    let (far, _) = shake(&tls, old()).await.unwrap();
    assert_eq!(
        far.get_ref().1.protocol_version(),
        Some(ProtocolVersion::TLSv1_2)
    );
    settings.minimum = Minimum::Tls13;
    let tls = Tls::load(settings).unwrap();
    assert!(shake(&tls, old()).await.is_err());
}

#[tokio::test]
async fn clients_are_known_by_certificates_of_their_authority() {
    let (ours, theirs) = (Authority::new().unwrap(), Authority::new().unwrap());
    let directory = TempDir::new().unwrap();
    let identity = ours.sign("broker", &["broker.test"]).unwrap();
    let tls = Tls::load(settings(&directory, &identity, Some(&ours))).unwrap();
    let with = |identity: Identity| {
        let chain = vec![CertificateDer::from_pem_slice(identity.certificate.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS12])
            .unwrap()
            .with_root_certificates(roots(&ours))
            .with_client_auth_cert(chain, key)
            .unwrap()
    };
    let (_, near) = shake(&tls, with(ours.sign("ann", &["client.test"]).unwrap()))
        .await
        .unwrap();
    assert_eq!(near.facts.client_name.as_deref(), Some("ann"));
    assert!(
        shake(&tls, with(theirs.sign("ann", &["client.test"]).unwrap()))
            .await
            .is_err()
    );
    let (_, near) = shake(&tls, client(roots(&ours), &VERSIONS)).await.unwrap();
    assert_eq!(near.facts.client_name, None);
}

#[tokio::test]
async fn a_new_certificate_is_used_without_a_restart_and_a_bad_one_is_not() {
    let (authority, directory) = (Authority::new().unwrap(), TempDir::new().unwrap());
    let first = authority.sign("first", &["broker.test"]).unwrap();
    let tls = Tls::load(settings(&directory, &first, None)).unwrap();
    let seen = async || {
        let (far, _) = shake(&tls, client(roots(&authority), &VERSIONS))
            .await
            .unwrap();
        let certificate = far.get_ref().1.peer_certificates().unwrap()[0].clone();
        certificate::common_name(&certificate).unwrap()
    };
    assert_eq!(seen().await, "first");
    settings(
        &directory,
        &authority.sign("second", &["broker.test"]).unwrap(),
        None,
    );
    assert_eq!(seen().await, "first");
    tls.reload().unwrap();
    assert_eq!(seen().await, "second");
    std::fs::write(directory.path().join("server.crt"), "no certificate").unwrap();
    assert!(tls.reload().is_err());
    assert_eq!(seen().await, "second");
}

#[test]
fn unusable_files_are_named() {
    let (authority, directory) = (Authority::new().unwrap(), TempDir::new().unwrap());
    let identity = authority.sign("broker", &["broker.test"]).unwrap();
    let good = settings(&directory, &identity, Some(&authority));
    assert!(Tls::load(good.clone()).is_ok());
    let refusal = |settings: Settings| Tls::load(settings).err().unwrap().to_string();

    let missing = Settings {
        certificate: directory.path().join("none"),
        ..good.clone()
    };
    assert!(refusal(missing).contains("none"));
    let swapped = Settings {
        certificate: good.key.clone(),
        ..good.clone()
    };
    assert!(refusal(swapped).contains("holds no certificate"));
    let stranger = authority.sign("other", &["broker.test"]).unwrap();
    stranger.write(directory.path(), "other").unwrap();
    let other = directory.path().join("other.key");
    let error = refusal(Settings {
        key: other,
        ..good.clone()
    });
    assert!(error.contains("other.key"), "{error}");

    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&good.key, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(refusal(good).contains("group or world access"));
}

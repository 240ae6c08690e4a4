//! Clients that begin with TLS at once, as `sslnegotiation=direct` makes libpq do.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::site::{Served, Site, TLS};

const TRUST: &str = "[[access]]\naddresses = ['127.0.0.1']\nmethod = 'trust'\n";

/// Shakes hands at once, and what comes then for a startup packet.
fn answer(served: &Served, protocols: &[&str]) -> Result<Vec<u8>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(served.site.path("ca.crt"))?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols
        .iter()
        .map(|name| name.as_bytes().to_vec())
        .collect();
    let port = served.broker.port();
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let socket = TcpStream::connect(("127.0.0.1", port)).await?;
            let mut stream = TlsConnector::from(Arc::new(config))
                .connect(ServerName::try_from("localhost")?, socket)
                .await?;
            let parameters = b"\0\x03\0\0user\0ann\0database\0USER\0\0";
            let length = (parameters.len() as u32 + 4).to_be_bytes();
            stream
                .write_all(&[&length[..], parameters].concat())
                .await?;
            let mut answer = vec![0; 4096];
            let length = stream.read(&mut answer).await?;
            answer.truncate(length);
            Ok(answer)
        })
}

#[test]
fn clients_that_name_the_protocol_are_served() -> Result<()> {
    let served = Site::new()?.serve(&format!("{TLS}{TRUST}"))?;
    let answer = answer(&served, &["postgresql"])?;
    ensure!(answer.starts_with(b"R\0\0\0\x08\0\0\0\0"), "{answer:?}");
    Ok(())
}

#[test]
fn clients_that_do_not_are_told() -> Result<()> {
    let served = Site::new()?.serve(&format!("{TLS}{TRUST}"))?;
    let answer = String::from_utf8_lossy(&answer(&served, &[])?).into_owned();
    ensure!(
        answer.contains("C08P01") && answer.contains("without ALPN"),
        "{answer:?}"
    );
    Ok(())
}

#[test]
fn without_a_certificate_the_connection_is_closed() -> Result<()> {
    let served = Site::new()?.serve(TRUST)?;
    let error = answer(&served, &["postgresql"])
        .err()
        .context("it was served")?;
    ensure!(
        error.downcast_ref::<std::io::Error>().is_some(),
        "{error:?}"
    );
    Ok(())
}

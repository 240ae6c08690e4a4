//! Traces by OTLP, sent to a collector that keeps what it is sent.

use std::fs;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Authority, Broker, configuration, connect, eventually};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Bodies of requests. OTLP's are protobuf, in which texts stand as they are.
type Received = Arc<Mutex<Vec<Vec<u8>>>>;

async fn collector() -> Result<(u16, Received)> {
    collector_with(None).await
}

/// With encryption, if a certificate is given.
async fn collector_with(tls: Option<TlsAcceptor>) -> Result<(u16, Received)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    let received = Received::default();
    let kept = Arc::clone(&received);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (kept, tls) = (Arc::clone(&kept), tls.clone());
            tokio::spawn(async move {
                match tls {
                    None => keep(stream, kept).await,
                    Some(tls) => keep(tls.accept(stream).await?, kept).await,
                }
            });
        }
    });
    Ok((port, received))
}

/// Answers the requests of a connection.
async fn keep(mut stream: impl AsyncRead + AsyncWrite + Unpin, received: Received) -> Result<()> {
    let mut bytes = Vec::new();
    loop {
        let head = loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut bytes).await? == 0 {
                return Ok(());
            }
        };
        let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
        ensure!(text.starts_with("post /v1/traces http/1.1"), "{text}");
        ensure!(
            text.contains("content-type: application/x-protobuf"),
            "{text}"
        );
        let length = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .context("a length")?
            .parse::<usize>()?;
        while bytes.len() < head + length {
            ensure!(stream.read_buf(&mut bytes).await? > 0, "half a request");
        }
        let body = bytes[head..head + length].to_vec();
        bytes.drain(..head + length);
        received.lock().expect("no panic").push(body);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .await?;
    }
}

fn has(received: &Received, text: &str) -> bool {
    let bodies = received.lock().expect("no panic");
    bodies
        .iter()
        .any(|body| body.windows(text.len()).any(|part| part == text.as_bytes()))
}

fn broker(tables: &str) -> Result<Broker> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("pgiris.toml");
    fs::write(&file, tables)?;
    Broker::configured(&file)
}

#[tokio::test(flavor = "multi_thread")]
async fn exchanges_and_their_parts_are_sent_to_a_collector() -> Result<()> {
    let (port, received) = collector().await?;
    let endpoint = format!("endpoint = 'http://127.0.0.1:{port}/v1/traces'\nservice = 'shop'\n");
    // In session mode the connection is there from the login on.
    let pool = "[pool]\nmode = 'transaction'\nsize = 2\n";
    let broker = broker(&format!(
        "[traces]\n{endpoint}[log]\nstatements = true\n{pool}"
    ))?;
    let client = connect(broker.port(), "USER").await?;
    client.batch_execute("CREATE TABLE traced (a int)").await?;
    client
        .execute("INSERT INTO traced VALUES ($1)", &[&4711])
        .await?;
    ensure!(client.batch_execute("SELECT * FROM nowhere").await.is_err());
    let expected = [
        "shop",
        "exchange",
        "translate",
        "lease",
        "prepare",
        "execute",
        "CREATE TABLE",
        "INSERT INTO traced VALUES ($1)",
        "42P01",
    ];
    let missing = || {
        let missing = expected.iter().filter(|text| !has(&received, text));
        missing.copied().collect::<Vec<_>>()
    };
    eventually(|| missing().is_empty().then_some(()))
        .with_context(|| format!("{:?} did not come\n{}", missing(), broker.output()))?;
    // What a client binds is nobody's business.
    ensure!(!has(&received, "4711"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_sent_only_if_they_are_asked_for() -> Result<()> {
    let (port, received) = collector().await?;
    let mut broker = broker(&format!(
        "[traces]\nendpoint = 'http://127.0.0.1:{port}/v1/traces'\n"
    ))?;
    let client = connect(broker.port(), "USER").await?;
    client.batch_execute("SELECT 'secret' AS s").await?;
    drop(client);
    // The last of them are sent before the broker ends.
    broker.signal("TERM")?;
    ensure!(broker.ended()?.success());
    ensure!(has(&received, "SELECT") && !has(&received, "secret"));
    Ok(())
}

/// The broker trusts whom the machine trusts.
#[tokio::test(flavor = "multi_thread")]
async fn a_collector_may_be_encrypted() -> Result<()> {
    let (authority, stranger) = (Authority::new()?, Authority::new()?);
    for (signs, is_trusted) in [(&authority, true), (&stranger, false)] {
        let identity = signs.sign("collector", &["localhost"])?;
        let certificate = CertificateDer::from_pem_slice(identity.certificate.as_bytes())?;
        let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes())?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)?;
        let (port, received) = collector_with(Some(TlsAcceptor::from(Arc::new(config)))).await?;
        let directory = tempfile::tempdir()?;
        let (file, roots) = (
            directory.path().join("pgiris.toml"),
            directory.path().join("ca.crt"),
        );
        fs::write(&roots, authority.certificate())?;
        fs::write(
            &file,
            format!("[traces]\nendpoint = 'https://localhost:{port}/v1/traces'\n"),
        )?;
        let roots = roots.display().to_string();
        let mut broker =
            Broker::in_environment(configuration(&file)?, &[("SSL_CERT_FILE", &roots)])?;
        let client = connect(broker.port(), "USER").await?;
        client.batch_execute("SELECT 1").await?;
        drop(client);
        broker.signal("TERM")?;
        ensure!(broker.ended()?.success());
        ensure!(
            has(&received, "exchange") == is_trusted,
            "{}",
            broker.output()
        );
    }
    Ok(())
}

#[test]
fn a_collector_that_is_none_is_told_at_once() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("pgiris.toml");
    fs::write(&file, "[traces]\nendpoint = 'localhost:4318'\n")?;
    let refused = Broker::refuses(pgiris_tests::configuration(&file)?)?;
    ensure!(
        refused.output.contains("traces.endpoint"),
        "{}",
        refused.output
    );
    Ok(())
}

//! A broker in front of another one: what one demands of its clients the other does.

use anyhow::{Result, ensure};
use pgiris_tests::{Broker, rules_directory};

use crate::access::{Served, Site, TLS};

const SCRAM: &str = "[[access]]\nencrypted = true\nmethod = 'scram-sha-256'\n";

/// The one behind, whose upstream is a sandbox.
fn behind() -> Result<Served> {
    let site = Site::new()?.user("ann", "open sesame")?;
    site.serve(&format!("{}{SCRAM}", TLS.replace("allow", "require")))
}

/// The one in front.
fn before(behind: &Served, query: &str) -> Result<Broker> {
    let (port, files) = (behind.broker.port(), behind.site.path(""));
    let query = query.replace('<', &files.display().to_string());
    let upstream = format!("postgres://ann:open%20sesame@localhost:{port}/USER?{query}");
    Broker::with([
        "--upstream".into(),
        upstream.into(),
        "--auth=trust".into(),
        "--rules".into(),
        rules_directory()?.into(),
    ])
}

#[tokio::test]
async fn connections_between_brokers_are_encrypted_and_bound() -> Result<()> {
    let behind = behind()?;
    for query in [
        "sslrootcert=<ca.crt&channel_binding=require",
        "sslrootcert=<ca.crt&sslnegotiation=direct",
        "",
    ] {
        let broker = before(&behind, query)?;
        let client = pgiris_tests::connect(broker.port(), "USER").await?;
        let one: i32 = client.query_one("SELECT 1", &[]).await?.get(0);
        ensure!(one == 1, "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_not_proved_is_told_with_its_cure() -> Result<()> {
    let behind = behind()?;
    for (query, expected) in [
        ("sslmode=disable", "must be encrypted"),
        ("sslmode=verify-full&sslrootcert=<other.crt", "sslrootcert"),
    ] {
        behind.site.authority_of_others("other.crt")?;
        let broker = before(&behind, query)?;
        let refused = pgiris_tests::connect(broker.port(), "USER").await.err();
        let told = format!("{refused:?}{}", broker.output());
        ensure!(told.contains(expected), "{query}: {told}");
        ensure!(!told.contains("sesame"), "a password was told: {told}");
    }
    Ok(())
}

//! Clients that stand still: they are given up in time, and what they held is free again.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use pgiris::Config;
use pgiris_tests::{Script, WireClient};

use crate::embedding::{Embedded, embed_with};

const PATIENCE: Duration = Duration::from_millis(300);

/// 200 rows, and a query that makes eight million of them: more than any socket holds.
const TABLE: &str = "CREATE TABLE held (id int PRIMARY KEY)";
const MUCH: &str = "SELECT a.id FROM held a CROSS JOIN held b CROSS JOIN held c";

async fn impatient() -> Result<Embedded> {
    let mut config = Config::default();
    config.client.stalled_timeout = PATIENCE;
    config.client.startup_timeout = PATIENCE;
    embed_with("2025.1", config).await
}

/// Runs what blocks beside the broker, which lives on this test's runtime.
async fn beside<T: Send + 'static>(
    work: impl FnOnce(u16) -> Result<T> + Send + 'static,
) -> Result<T> {
    let broker = impatient().await?;
    let port = broker.port;
    let outcome = tokio::task::spawn_blocking(move || work(port)).await?;
    broker.end().await?;
    outcome
}

fn play(client: &mut WireClient, script: &str) -> Result<()> {
    let transcript = Script::parse(script)?.play(client)?;
    ensure!(transcript.came == transcript.expected, "{transcript:?}");
    Ok(())
}

fn send(client: &mut WireClient, text: &str) -> Result<()> {
    let length = u32::try_from(text.len() + 5)?.to_be_bytes();
    client.send(&[b"Q", &length[..], text.as_bytes(), b"\0"].concat())
}

/// A client in a transaction that holds the lock of row 0.
fn holder(port: u16) -> Result<WireClient> {
    let mut client = WireClient::ready(port, "USER")?;
    let rows: Vec<String> = (1..=200).map(|id| format!("({id})")).collect();
    let rows = rows.join(", ");
    play(
        &mut client,
        &format!(
            "> Query \"{TABLE}\"\n< CommandComplete \"CREATE TABLE\"\n< ReadyForQuery I\n\
             > Query \"INSERT INTO held VALUES {rows}\"\n< CommandComplete \"INSERT 0 200\"\n< ReadyForQuery I\n\
             > Query \"BEGIN\"\n< CommandComplete \"BEGIN\"\n< ReadyForQuery T\n\
             > Query \"INSERT INTO held VALUES (0)\"\n< CommandComplete \"INSERT 0 1\"\n< ReadyForQuery T"
        ),
    )?;
    Ok(client)
}

/// Waits for the lock, and gets it because the holder's transaction was undone.
fn gets_the_lock(port: u16) -> Result<()> {
    let mut client = WireClient::ready(port, "USER")?;
    play(
        &mut client,
        "> Query \"INSERT INTO held VALUES (0)\"\n< CommandComplete \"INSERT 0 1\"\n< ReadyForQuery I",
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_reads_is_given_up() -> Result<()> {
    beside(|port| {
        let mut client = holder(port)?;
        send(&mut client, MUCH)?;
        gets_the_lock(port)?;
        // What was under way comes, then the end; not the end of the query.
        while let Some(frame) = client.receive()? {
            ensure!(frame.tag == b'T' || frame.tag == b'D', "{frame}");
        }
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_message_is_given_up() -> Result<()> {
    beside(|port| {
        let mut client = holder(port)?;
        client.send(b"Q\0\0\0\x20SELECT")?;
        gets_the_lock(port)?;
        let frame = client.receive()?.context("a reason")?;
        ensure!(frame.field(b'C').as_deref() == Some("08006"), "{frame}");
        ensure!(client.receive()?.is_none());
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_message_of_copy_is_given_up() -> Result<()> {
    beside(|port| {
        let mut client = holder(port)?;
        play(
            &mut client,
            "> Query \"COPY held FROM STDIN\"\n< CopyInResponse text 1\n> CopyData \"1000\\n\"",
        )?;
        client.send(b"d\0\0\x10\0some")?;
        gets_the_lock(port)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_starts_is_told_to_go() -> Result<()> {
    beside(|port| {
        for beginning in [&b""[..], b"\0\0\0\x25\0\x03", b"\0\0\0\x08\x04\xd2\x16\x2f"] {
            let mut client = WireClient::connect(port)?;
            client.send(beginning)?;
            if beginning.len() == 8 {
                ensure!(client.receive_byte()? == Some(b'N'));
            }
            let frame = client.receive()?.context("a reason")?;
            ensure!(frame.field(b'V').as_deref() == Some("FATAL"), "{frame}");
            ensure!(client.receive()?.is_none());
        }
        Ok(())
    })
    .await
}

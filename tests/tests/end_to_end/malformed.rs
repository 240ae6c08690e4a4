//! Messages that are not what their length says: the same words as PostgreSQL has for each.

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, Postgres, WireClient};

/// A type, a body, and what is wrong with it.
const MESSAGES: &[(u8, &[u8], &str)] = &[
    (b'Q', b"", "invalid string in message"),
    (b'Q', b"SELECT 1", "invalid string in message"),
    (b'Q', b"SELECT 1\0SELECT 2\0", "invalid message format"),
    (b'P', b"a", "invalid string in message"),
    (b'P', b"\0SELECT 1\0\0", "insufficient data left in message"),
    (
        b'P',
        b"\0SELECT 1\0\xff\xff",
        "insufficient data left in message",
    ),
    (b'P', b"\0SELECT 1\0\0\0zz", "invalid message format"),
    (b'B', b"\0", "invalid string in message"),
    (b'E', b"\0\0", "insufficient data left in message"),
    (b'E', b"\0\0\0\0\0x", "invalid message format"),
    (b'D', b"", "no data left in message"),
    (b'D', b"S", "invalid string in message"),
    (b'D', b"Xs\0", "invalid DESCRIBE message subtype 88"),
    (b'C', b"", "no data left in message"),
    (b'C', b"?s\0", "invalid CLOSE message subtype 63"),
    (b'H', b"xx", "invalid message format"),
    (b'S', b"xx", "invalid message format"),
];

fn are_told(port: u16, database: &str) -> Result<()> {
    let mut client = WireClient::ready(port, database)?;
    for (tag, body, expected) in MESSAGES {
        let length = u32::try_from(body.len() + 4)?.to_be_bytes();
        client.send(&[&[*tag], &length[..], body].concat())?;
        // Behind these two the server waits for the next message itself.
        if !matches!(tag, b'Q' | b'S') {
            client.say("Sync")?;
        }
        let error = client.receive()?.context("the session goes on")?;
        let (code, message) = (error.field(b'C'), error.field(b'M'));
        ensure!(
            code.as_deref() == Some("08P01") && message.as_deref() == Some(expected),
            "{} {}: {code:?} {message:?}",
            char::from(*tag),
            body.escape_ascii()
        );
        let end = client.receive()?.context("the session goes on")?;
        ensure!(end.tag == b'Z', "{end}");
    }
    Ok(())
}

#[test]
fn each_is_told_by_its_fault() -> Result<()> {
    are_told(Broker::start()?.port(), "USER")
}

#[test]
fn postgres_has_the_same_words() -> Result<()> {
    are_told(Postgres::start()?.port(), "postgres")
}

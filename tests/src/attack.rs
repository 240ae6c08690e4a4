//! A client that sends any messages: the body of a fuzz target and of a test.

use anyhow::{Context, Result, ensure};

use crate::wire::WireClient;

/// What a client may send after startup, right and wrong.
const TAGS: &[u8] = b"QPBDECSHFdcfpX!";

/// Makes messages of `data`, each of a type and a length that are right, so that its body is
/// read; sends them, leaves, and asks whether another client is answered. What comes back is
/// nothing but whole replies.
///
/// # Errors
/// It is not, or they are not.
pub fn attack(port: u16, data: &[u8]) -> Result<()> {
    let mut client = WireClient::ready(port, "USER")?;
    let mut rest = data;
    while let Some((&[tag, length], behind)) = rest.split_first_chunk() {
        let (body, behind) = behind.split_at(behind.len().min(usize::from(length)));
        rest = behind;
        let tag = TAGS[usize::from(tag) % TAGS.len()];
        let length = u32::try_from(body.len() + 4)?.to_be_bytes();
        // The broker may have hung up at an earlier one.
        if client.send(&[&[tag], &length[..], body].concat()).is_err() {
            break;
        }
    }
    let _ = client.finish();
    for frame in client.receive_all()? {
        ensure!(
            b"123ACDEGHINSTVWZcdnst".contains(&frame.tag),
            "{frame} is no reply"
        );
    }
    answers(&mut WireClient::ready(port, "USER")?)
}

/// Sees that `SELECT 1` is answered as it should be.
///
/// # Errors
/// It is not.
pub fn answers(client: &mut WireClient) -> Result<()> {
    client.say("Query \"SELECT 1\"")?;
    let mut tags = String::new();
    while !tags.ends_with('Z') {
        let frame = client.receive()?.context("the connection was closed")?;
        tags.push(char::from(frame.tag));
    }
    ensure!(tags == "TDCZ", "{tags}");
    Ok(())
}

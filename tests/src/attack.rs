//! A client that sends any messages: the body of a fuzz target and of a test.

mod dictionary;

use anyhow::{Context, Result, ensure};

use self::dictionary::{DATA, NAMES, STATEMENTS, VALUES};
use crate::wire::{Frame, WireClient};

/// What a client may send after startup, right and wrong.
const TAGS: &[u8] = b"QPBDECSHFdcfpX!";

/// The body of a message of any bytes; a long one shows no more.
const LONGEST: usize = 48;

/// Makes messages of `data`, sends them, leaves, and asks whether another client is answered. What
/// comes back is nothing but whole replies, which are given.
///
/// Some of the messages are of a type and a length that are right, so that their bodies are read,
/// and of any bytes; most say what a client would, in an order that none would.
///
/// # Errors
/// The other client is not answered, or what comes is no reply.
pub fn attack(port: u16, data: &[u8]) -> Result<Vec<Frame>> {
    let mut client = WireClient::ready(port, "USER")?;
    let mut choices = Choices(data);
    while let Some(choice) = choices.next() {
        // The broker may have hung up at an earlier one.
        if client.send(&message(choice, &mut choices)).is_err() {
            break;
        }
    }
    let _ = client.finish();
    let replies = client.receive_all()?;
    for frame in &replies {
        ensure!(
            b"123ACDEGHINSTVWZcdnst".contains(&frame.tag),
            "{frame} is no reply"
        );
    }
    answers(&mut WireClient::ready(port, "USER")?)?;
    Ok(replies)
}

/// The bytes that decide.
struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// Behind the end everything is the first.
    fn below(&mut self, count: usize) -> usize {
        usize::from(self.next().unwrap_or(0)) % count
    }

    fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }
}

fn message(choice: u8, choices: &mut Choices<'_>) -> Vec<u8> {
    let mut bytes = match choice % 24 {
        0 => {
            let tag = choices.one_of(TAGS);
            let length = choices.below(LONGEST);
            tagged(tag, choices.take(length))
        }
        1..=8 => query(choices),
        9 => parse(choices),
        10 => bind(choices),
        11 => {
            let tag = choices.one_of(b"DDC");
            let kind = choices.one_of(b"SP");
            let name = choices.one_of(NAMES);
            tagged(tag, &[&[kind], name.as_bytes(), b"\0"].concat())
        }
        12 => execute(choices),
        13..=16 => {
            let whole = [parse(choices), bind(choices), execute(choices)];
            [&whole.concat()[..], &tagged(b'S', b"")].concat()
        }
        17 | 18 => tagged(b'd', choices.one_of(DATA)),
        19 => tagged(choices.one_of(b"cccH"), b""),
        20 => tagged(b'f', b"no more\0"),
        21 => tagged(b'Q', b"ROLLBACK\0"),
        _ => tagged(b'S', b""),
    };
    // One byte of some is another.
    if choice >= 240 {
        let place = choices.below(bytes.len());
        // Whoever waits for the rest of a message sees nothing of what follows.
        if !(1..5).contains(&place) {
            bytes[place] = choices.next().unwrap_or(0);
        }
    }
    bytes
}

fn parse(choices: &mut Choices<'_>) -> Vec<u8> {
    let name = choices.one_of(NAMES);
    let text = choices.one_of(STATEMENTS);
    tagged(
        b'P',
        &[name.as_bytes(), b"\0", text.as_bytes(), b"\0\0\0"].concat(),
    )
}

fn execute(choices: &mut Choices<'_>) -> Vec<u8> {
    let name = choices.one_of(NAMES);
    let limit = u32::from(choices.one_of(&[0_u8, 0, 1, 2]));
    tagged(
        b'E',
        &[name.as_bytes(), b"\0", &limit.to_be_bytes()].concat(),
    )
}

fn query(choices: &mut Choices<'_>) -> Vec<u8> {
    let count = choices.one_of(&[1, 1, 1, 2, 3]);
    let statements: Vec<_> = (0..count).map(|_| choices.one_of(STATEMENTS)).collect();
    tagged(b'Q', &[statements.join("; ").as_bytes(), b"\0"].concat())
}

fn bind(choices: &mut Choices<'_>) -> Vec<u8> {
    let mut body = Vec::new();
    for _ in 0..2 {
        body.extend_from_slice(choices.one_of(NAMES).as_bytes());
        body.push(0);
    }
    let format = choices.one_of(&[0, 0, 1]);
    body.extend_from_slice(&[0, 1, 0, format]);
    let count = choices.one_of(&[0_u8, 1, 1, 2, 2, 3]);
    body.extend_from_slice(&[0, count]);
    for _ in 0..count {
        match choices.one_of(VALUES) {
            None => body.extend_from_slice(&[0xff; 4]),
            Some(value) => {
                // They are short.
                body.extend_from_slice(&[0, 0, 0, value.len() as u8]);
                body.extend_from_slice(value);
            }
        }
    }
    let format = choices.one_of(&[0, 0, 1]);
    body.extend_from_slice(&[0, 1, 0, format]);
    tagged(b'B', &body)
}

fn tagged(tag: u8, body: &[u8]) -> Vec<u8> {
    // None is longer than a few hundred bytes.
    let length = (body.len() as u32 + 4).to_be_bytes();
    [&[tag], &length[..], body].concat()
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

//! What well-behaved clients send, with a few bytes wrong: startup packets, single messages and
//! whole sessions against the sandbox. The same in every run.
//!
//! The seeds are the wire scripts. Whatever becomes of a mutated session, the broker goes on for
//! the others, and says nothing that is no frame.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, Script, WireClient, blocks};

/// Mutated sessions, and mutated startup packets.
const SESSIONS: usize = 400;
const STARTUPS: usize = 400;

/// A splitmix64, so that a run can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap_or_default()
    }
}

/// The messages of every script that the broker plays after startup.
fn seeds() -> Result<Vec<Vec<Vec<u8>>>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/end_to_end/wire");
    let mut paths: Vec<_> = fs::read_dir(directory)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    let mut seeds = Vec::new();
    for path in paths {
        let document = fs::read_to_string(&path)?;
        for block in blocks(&document) {
            let script = Script::parse(&block.text.replace("DATABASE", "USER"))?;
            if block.kind.starts_with("wire") && !script.greets() {
                seeds.push(script.requests()?);
            }
        }
    }
    ensure!(seeds.len() > 20, "{} seeds", seeds.len());
    Ok(seeds)
}

/// One thing wrong with a session: a message twice, missing, at another place or of another
/// kind, or bytes of one.
fn mutate(messages: &mut Vec<Vec<u8>>, random: &mut Random) {
    if messages.is_empty() {
        return;
    }
    let at = random.below(messages.len());
    match random.below(7) {
        0 => {
            let again = messages[at].clone();
            messages.insert(random.below(messages.len() + 1), again);
        }
        1 => drop(messages.remove(at)),
        2 => {
            let other = random.below(messages.len());
            messages.swap(at, other);
        }
        3 => {
            let tags = b"QPBDECSHFdcfXp!";
            if let Some(tag) = messages[at].first_mut() {
                *tag = tags[random.below(tags.len())];
            }
        }
        4 => corrupt(&mut messages[at], random, 5),
        5 => resize(&mut messages[at], random),
        // Also the length, so that the stream is out of step.
        _ => corrupt(&mut messages[at], random, 1),
    }
}

/// Another byte somewhere from `first` on.
fn corrupt(message: &mut [u8], random: &mut Random, first: usize) {
    let Some(length) = message
        .len()
        .checked_sub(first)
        .filter(|length| *length > 0)
    else {
        return;
    };
    let at = first + random.below(length);
    message[at] = match random.below(3) {
        0 => 0,
        1 => 0xff,
        _ => message[at] ^ (1 << random.below(8)),
    };
}

/// A shorter or longer body, with the length that it has.
fn resize(message: &mut Vec<u8>, random: &mut Random) {
    if message.len() < 5 {
        return;
    }
    match random.below(2) {
        0 => {
            let kept = 5 + random.below(message.len() - 4);
            message.truncate(kept);
        }
        _ => message.extend((0..random.below(64)).map(|n| n as u8)),
    }
    let length = u32::try_from(message.len() - 1).unwrap_or(4).to_be_bytes();
    message[1..5].copy_from_slice(&length);
}

/// Sends all of it, then reads to the end; the broker may hang up before.
fn play(mut client: WireClient, bytes: &[u8]) -> Result<()> {
    let _ = client.send(bytes);
    let _ = client.send(b"X\0\0\0\x04");
    let _ = client.finish();
    client.receive_all().context("the broker hangs")?;
    Ok(())
}

fn answers(client: &mut WireClient) -> Result<()> {
    client.send(b"Q\0\0\0\x0dSELECT 1\0")?;
    ensure!(client.count_until(b'Z')? == 3);
    Ok(())
}

#[test]
fn sessions_with_errors_disturb_no_other() -> Result<()> {
    let broker = Broker::start()?;
    let mut bystander = WireClient::ready(broker.port(), "USER")?;
    let seeds = seeds()?;
    let mut random = Random(5);
    for round in 0..SESSIONS {
        let mut messages = seeds[random.below(seeds.len())].clone();
        for _ in 0..=random.below(4) {
            mutate(&mut messages, &mut random);
        }
        let client = WireClient::ready(broker.port(), "USER")?;
        play(client, &messages.concat()).with_context(|| format!("round {round}"))?;
        if round % 50 == 0 {
            answers(&mut bystander).with_context(|| format!("after round {round}"))?;
        }
    }
    answers(&mut bystander)?;
    ensure!(!broker.output().contains("panicked"), "{}", broker.output());
    Ok(())
}

#[test]
fn startup_with_errors_disturbs_no_other() -> Result<()> {
    let broker = Broker::start()?;
    let mut bystander = WireClient::ready(broker.port(), "USER")?;
    let packets: [&[u8]; 5] = [
        b"\0\0\0\x25\0\x03\0\0user\0postgres\0database\0USER\0\0",
        b"\0\0\0\x4f\0\x03\0\x02user\0postgres\0database\0USER\0options\0-c a.b=1 --DateStyle=ISO\0_pq_.x\0y\0\0",
        b"\0\0\0\x08\x04\xd2\x16\x2f",
        b"\0\0\0\x08\x04\xd2\x16\x30",
        b"\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x01\0\0\0\x02",
    ];
    let mut random = Random(7);
    for round in 0..STARTUPS {
        let mut bytes = Vec::new();
        for _ in 0..=random.below(2) {
            let mut packet = packets[random.below(packets.len())].to_vec();
            for _ in 0..random.below(4) {
                corrupt(&mut packet, &mut random, 0);
            }
            bytes.extend(packet);
        }
        let mut client = WireClient::connect(broker.port())?;
        let _ = client.send(&bytes);
        let _ = client.finish();
        while client
            .receive_byte()
            .with_context(|| format!("round {round}"))?
            .is_some()
        {}
    }
    answers(&mut bystander)?;
    ensure!(!broker.output().contains("panicked"), "{}", broker.output());
    Ok(())
}

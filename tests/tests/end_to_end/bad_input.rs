//! Whatever bytes come, the broker answers or hangs up, goes on for the others and does not grow.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, WireClient, answers, eventually};

/// Sessions that are open at the same time in an attack.
const ATTACKERS: u64 = 200;

/// What an open session may hold, in KiB: its buffers and its connection to the sandbox. A
/// hundredth of what each attacker announces.
const SESSION: u64 = 480;

/// How much more memory the broker may hold after four more attacks, in KiB.
const GROWTH: u64 = 8 * 1024;

#[test]
fn garbage_instead_of_startup_ends_the_connection() -> Result<()> {
    let broker = Broker::start()?;
    let wrong: [&[u8]; 7] = [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS hello without asking first",
        // Lengths: none, less than itself, more than any startup message has.
        b"\x00\x00\x00\x00\x00\x03\x00\x00",
        b"\x00\x00\x00\x07\x00\x03\x00\x00",
        b"\x7f\xff\xff\xff\x00\x03\x00\x00",
        // No terminator behind the parameters; a name without a value.
        b"\x00\x00\x00\x10\x00\x03\x00\x00user\x00pos",
        b"\x00\x00\x00\x0e\x00\x03\x00\x00user\x00\x00",
    ];
    for bytes in wrong {
        let mut client = WireClient::connect(broker.port())?;
        client.send(bytes)?;
        // As PostgreSQL does: an error, or nothing at all, and the end.
        for frame in client.receive_all()? {
            ensure!(
                frame.tag == b'E',
                "{} answers {frame}",
                bytes.escape_ascii()
            );
            ensure!(frame.field(b'V').as_deref() == Some("FATAL"), "{frame}");
        }
    }
    serves(&broker)
}

/// Sends the beginning of a message and closes; nothing but errors may come back.
fn ends_with_errors_alone(mut client: WireClient, bytes: &[u8]) -> Result<()> {
    client.send(bytes)?;
    client.finish()?;
    ensure!(
        client.receive_all()?.iter().all(|frame| frame.tag == b'E'),
        "{} bytes",
        bytes.len()
    );
    Ok(())
}

#[test]
fn truncated_startup_leaves_nothing_behind() -> Result<()> {
    let broker = Broker::start()?;
    let startup = b"\x00\x00\x00\x25\x00\x03\x00\x00user\x00postgres\x00database\x00USER\x00\x00";
    for length in 0..startup.len() {
        let client = WireClient::connect(broker.port())?;
        ends_with_errors_alone(client, &startup[..length])?;
    }
    serves(&broker)
}

#[test]
fn truncated_message_leaves_nothing_behind() -> Result<()> {
    let broker = Broker::start()?;
    let query = b"Q\x00\x00\x00\x0dSELECT 1\x00";
    for length in 1..query.len() {
        let client = WireClient::ready(broker.port(), "USER")?;
        ends_with_errors_alone(client, &query[..length])?;
    }
    serves(&broker)
}

/// Attacks, and bytes that decide each: some hundred messages.
const ATTACKS: usize = 200;
const DECISIONS: usize = 500;

/// How many statements must have been carried out, of how many kinds: else the attackers are no longer
/// understood, and show nothing.
const CARRIED_OUT: usize = 1_000;
const KINDS: usize = 20;

#[test]
fn random_messages_never_disturb_the_others() -> Result<()> {
    let broker = Broker::start()?;
    let mut bystander = WireClient::ready(broker.port(), "USER")?;
    let mut random = Random(0x5eed);
    let (mut carried_out, mut kinds) = (0, BTreeSet::new());
    for _ in 0..ATTACKS {
        let data: Vec<u8> = (0..DECISIONS).map(|_| random.byte()).collect();
        for reply in pgiris_tests::attack(broker.port(), &data)? {
            if reply.tag == b'C' {
                let tag = String::from_utf8_lossy(&reply.body).into_owned();
                carried_out += 1;
                kinds.insert(
                    tag.trim_end_matches(|c: char| !c.is_ascii_alphabetic())
                        .to_owned(),
                );
            }
        }
        answers(&mut bystander)?;
    }
    ensure!(
        carried_out >= CARRIED_OUT && kinds.len() >= KINDS,
        "{carried_out} statements were carried out: {kinds:?}"
    );
    Ok(())
}

/// What a query may add to the broker's memory that its client does not read, in KiB; there are
/// some hundred MiB of rows.
const UNREAD: u64 = 16 * 1024;

#[test]
fn rows_that_nobody_reads_are_not_gathered() -> Result<()> {
    let broker = Broker::start()?;
    let mut client = WireClient::ready(broker.port(), "USER")?;
    let rows: Vec<String> = (1..=200).map(|id| format!("({id})")).collect();
    for sql in [
        "CREATE TABLE unread (id int)".to_owned(),
        format!("INSERT INTO unread VALUES {}", rows.join(", ")),
    ] {
        query(&mut client, &sql)?;
        client.count_until(b'Z')?;
    }
    broker.forget_peak_memory()?;
    let before = broker.resident_memory()?;
    query(
        &mut client,
        "SELECT a.id, b.id FROM unread a CROSS JOIN unread b CROSS JOIN unread c",
    )?;
    // The first row is there: from here on nothing is read, while others are answered.
    client.count_until(b'D')?;
    let mut bystander = WireClient::ready(broker.port(), "USER")?;
    for _ in 0..2_000 {
        answers(&mut bystander)?;
    }
    let taken = broker.peak_memory()?.saturating_sub(before);
    ensure!(taken < UNREAD, "{taken} KiB more");
    // It has only waited: all the others come.
    ensure!(client.count_until(b'C')? == 200 * 200 * 200 - 1);
    Ok(())
}

fn query(client: &mut WireClient, sql: &str) -> Result<()> {
    let length = u32::try_from(sql.len() + 5)?.to_be_bytes();
    client.send(&[b"Q", &length[..], sql.as_bytes(), b"\0"].concat())
}

#[test]
fn memory_stays_flat() -> Result<()> {
    let broker = Broker::start()?;
    serves(&broker)?;
    let (start, files) = (broker.resident_memory()?, broker.open_files()?);
    // The first attack shows what sessions cost, and what the allocator keeps of it.
    let waiting = attack(&broker)?;
    let during = broker.resident_memory()?;
    ensure!(
        during < start + ATTACKERS * SESSION,
        "from {start} to {during} KiB"
    );
    drop(waiting);
    let after_one = settled(&broker, files)?;
    // The others must find room in that.
    for _ in 0..4 {
        drop(attack(&broker)?);
        settled(&broker, files)?;
    }
    let after_five = settled(&broker, files)?;
    ensure!(
        after_five < after_one + GROWTH,
        "from {after_one} to {after_five} KiB"
    );
    serves(&broker)
}

/// What the broker holds once it has noticed that the clients are gone.
fn settled(broker: &Broker, files: usize) -> Result<u64> {
    let left = eventually(|| {
        broker
            .open_files()
            .is_ok_and(|open| open <= files + 2)
            .then_some(())
    });
    left.with_context(|| {
        format!(
            "{} files stay open, {files} before",
            broker.open_files().unwrap_or(0)
        )
    })?;
    broker.resident_memory()
}

/// Connections that announce much and send little, before startup and after it; those that the
/// broker has no reason to end.
fn attack(broker: &Broker) -> Result<Vec<WireClient>> {
    let mut waiting = Vec::new();
    for _ in 0..ATTACKERS {
        let mut client = WireClient::ready(broker.port(), "USER")?;
        // 48 MiB: a message that the broker would take.
        client.send(b"Q\x03\x00\x00\x00SELECT 1")?;
        client.send(&[b' '; 4096])?;
        waiting.push(client);
        let mut client = WireClient::connect(broker.port())?;
        client.send(b"\x7f\xff\xff\xff\x00\x03\x00\x00")?;
        client.receive_all()?;
        let mut client = WireClient::ready(broker.port(), "USER")?;
        client.send(b"!\x7f\xff\xff\xff")?;
        client.receive_all()?;
    }
    Ok(waiting)
}

/// A new client is served.
fn serves(broker: &Broker) -> Result<()> {
    answers(&mut WireClient::ready(broker.port(), "USER")?)
}

/// The same numbers in every run (xorshift).
struct Random(u64);

impl Random {
    fn byte(&mut self) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.to_le_bytes()[3]
    }
}

//! Any bytes of a client, for the fuzz targets in `fuzz/` and for tests with seeded bytes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, ReadBuf};

use crate::frontend::frame::{Client, Frame, FrameError};
use crate::frontend::message::Message;
use crate::frontend::startup::Startup;
use crate::session::settings::Settings;

/// What the targets allow a message to be long.
const LIMIT: u32 = 1 << 20;

/// The messages after startup, however the bytes come in pieces.
pub fn frames(data: &[u8]) {
    let whole = read(data, data.len().max(1), Phase::Typed);
    for size in [1, 3, 1000] {
        assert_eq!(read(data, size, Phase::Typed), whole, "in pieces of {size}");
    }
}

/// Startup packets, and the settings in them.
pub fn startup(data: &[u8]) {
    let whole = read(data, data.len().max(1), Phase::Startup);
    for size in [1, 3, 1000] {
        assert_eq!(
            read(data, size, Phase::Startup),
            whole,
            "in pieces of {size}"
        );
    }
}

#[derive(Clone, Copy)]
enum Phase {
    Startup,
    Typed,
}

/// What each message was decoded to, and how it ended.
fn read(data: &[u8], size: usize, phase: Phase) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("it has no threads to wait for");
    runtime.block_on(async {
        let stream = tokio::io::join(Pieces { data, size }, tokio::io::sink());
        let mut client = Client::new(stream, Duration::from_secs(3600));
        let mut seen = Vec::new();
        loop {
            let frame = match phase {
                Phase::Startup => client.startup_frame(LIMIT).await,
                Phase::Typed => client.typed_frame(LIMIT).await,
            };
            match frame {
                Ok(frame) => seen.push(decoded(frame, phase)),
                Err(error) => {
                    seen.push(ending(&error));
                    return seen;
                }
            }
        }
    })
}

fn decoded(frame: Frame, phase: Phase) -> String {
    match phase {
        Phase::Typed => format!("{:?}", Message::decode(frame)),
        Phase::Startup => {
            let decoded = Startup::decode(frame);
            if let Ok(Startup::Session(opening)) = &decoded {
                let mut settings = Settings::default();
                for (name, value) in &opening.parameters {
                    if let (Ok(name), Ok(value)) =
                        (std::str::from_utf8(name), std::str::from_utf8(value))
                    {
                        let set = settings.start_with(name, value);
                        assert!(set.is_err() || settings.get(name).is_some(), "{name}");
                    }
                }
            }
            format!("{decoded:?}")
        }
    }
}

fn ending(error: &FrameError) -> String {
    format!("{error:?}")
}

/// Bytes that come so many at a time.
struct Pieces<'a> {
    data: &'a [u8],
    size: usize,
}

impl AsyncRead for Pieces<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let count = self.size.min(buffer.remaining()).min(self.data.len());
        let (now, later) = self.data.split_at(count);
        buffer.put_slice(now);
        self.data = later;
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    use super::{frames, startup};

    /// Messages as they should be, by type.
    const MESSAGES: &[(u8, &[u8])] = &[
        (b'Q', b"SELECT 1; SELECT 'two'\0"),
        (b'P', b"s\0SELECT $1, $2\0\0\x02\0\0\0\x17\0\0\0\0"),
        (
            b'B',
            b"p\0s\0\0\x02\0\x01\0\0\0\x02\0\0\0\x04\0\0\0\x07\xff\xff\xff\xff\0\x01\0\x01",
        ),
        (b'B', b"\0\0\0\0\0\0\0\0"),
        (b'D', b"Ss\0"),
        (b'D', b"Pp\0"),
        (b'E', b"p\0\0\0\0\x02"),
        (b'C', b"Ss\0"),
        (b'F', b"\0\0\x12\x67\0\0\0\0\0\0"),
        (b'H', b""),
        (b'S', b""),
        (b'd', b"1\tone\n"),
        (b'c', b""),
        (b'f', b"no more\0"),
        (b'p', b"secret\0"),
    ];

    /// A body: one of those, with a byte that is another, or of any bytes.
    fn body(random: &mut SmallRng) -> (Option<u8>, Vec<u8>) {
        if random.random_range(0..3) > 0 {
            let (tag, body) = MESSAGES[random.random_range(0..MESSAGES.len())];
            let mut body = body.to_vec();
            if !body.is_empty() && random.random_range(0..2) == 0 {
                let place = random.random_range(0..body.len());
                body[place] = random.random();
            }
            return (Some(tag), body);
        }
        let bytes = (0..random.random_range(0..40))
            .map(|_| match random.random_range(0..3) {
                0 => 0,
                1 => random.random_range(b'a'..=b'z'),
                _ => random.random(),
            })
            .collect();
        (None, bytes)
    }

    /// Bytes among which lengths and types are often right.
    fn bytes(random: &mut SmallRng, tags: &[u8]) -> Vec<u8> {
        let mut data = Vec::new();
        for _ in 0..random.random_range(1..6) {
            let (tag, body) = body(random);
            if !tags.is_empty() {
                data.push(tag.unwrap_or(tags[random.random_range(0..tags.len())]));
            }
            let wrong = random.random_range(0..20) == 0;
            let length = if wrong {
                random.random()
            } else {
                body.len() as u32 + 4
            };
            data.extend_from_slice(&length.to_be_bytes());
            data.extend_from_slice(&body);
        }
        data
    }

    #[test]
    fn messages_do_not_depend_on_the_pieces_they_come_in() {
        let mut random = SmallRng::seed_from_u64(0x5eed);
        for _ in 0..5_000 {
            frames(&bytes(&mut random, b"QPBDECSHFXdcfp!"));
        }
    }

    #[test]
    fn startup_packets_do_not_depend_on_the_pieces_they_come_in() {
        let mut random = SmallRng::seed_from_u64(0x5eed);
        for _ in 0..2_000 {
            startup(&bytes(&mut random, b""));
            let mut packet = b"\0\x03\0\0user\0u\0".to_vec();
            for name in [
                "client_encoding",
                "DateStyle",
                "TimeZone",
                "statement_timeout",
            ] {
                packet.extend_from_slice(name.as_bytes());
                packet.push(0);
                packet.extend(
                    (0..random.random_range(0..8)).map(|_| random.random_range(1..=126_u8)),
                );
                packet.push(0);
            }
            packet.push(0);
            let length = packet.len() as u32 + 4;
            startup(&[&length.to_be_bytes()[..], &packet].concat());
        }
    }
}

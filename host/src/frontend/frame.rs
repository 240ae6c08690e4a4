//! Cuts frames off a client's socket and collects replies for it.
//!
//! "All communication is through a stream of messages. The first byte of a
//! message identifies the message type, and the next four bytes specify the
//! length of the rest" (PostgreSQL manual, "Overview" of the protocol).

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::charset::{Charset, recoded};
use super::transport::Transport;
use crate::session::{Captured, CapturedRows, Failure};
use crate::tls::Tls;

/// One message as it stood on the wire.
#[derive(Debug)]
pub(crate) struct Frame {
    /// The type byte; 0 for a startup packet, which has none.
    pub(crate) tag: u8,
    /// What follows the length.
    pub(crate) body: Bytes,
}

/// Why no further frame can be had.
#[derive(Debug)]
pub(crate) enum FrameError {
    /// The client closed the connection, or it broke.
    Closed,
    /// The rest of a message did not come in time.
    Stalled,
    /// A length below four, or above what this phase allows.
    Length {
        /// The type byte of the offending message.
        tag: u8,
        /// Its length word.
        length: u32,
    },
}

impl From<io::Error> for FrameError {
    fn from(_: io::Error) -> Self {
        Self::Closed
    }
}

/// A framed connection to a client.
pub(crate) struct Client<S> {
    stream: S,
    input: BytesMut,
    /// Replies wait here until [`Client::flush`].
    pub(crate) output: BytesMut,
    aside: Option<Aside>,
    /// What the client speaks, if not UTF-8.
    charset: Option<Arc<Charset>>,
    /// So many bytes of the replies are in it already.
    coded: usize,
    /// How long a started message may stand still, in either direction.
    patience: Duration,
    /// It holds no more memory than somebody who says nothing must.
    is_resting: bool,
    /// Bytes since [`Client::moved`].
    received: u64,
    sent: u64,
}

/// An end of replies, see [`Client::mark`].
pub(crate) struct Mark {
    sent: u64,
    waiting: usize,
}

/// While replies are captured.
struct Aside {
    /// Those before.
    replies: BytesMut,
    captured: Captured,
    /// What was captured before, where this is within.
    around: Option<Box<Aside>>,
}

/// Replies above this size are written out without waiting for a flush.
const OUTPUT_HIGH_WATER: usize = 64 * 1024;
/// A buffer that one large message blew up is given back above this size.
const BUFFER_KEPT: usize = 256 * 1024;
/// How much room a read is offered.
const READ_SIZE: usize = 8 * 1024;
/// The same after a rest: enough for most messages, and little for ten thousand clients that
/// say nothing.
const FIRST_READ: usize = 512;

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    /// `patience`: how long a started message may stand still, in either direction.
    pub(crate) fn new(stream: S, patience: Duration) -> Self {
        Self {
            stream,
            patience,
            input: BytesMut::with_capacity(READ_SIZE),
            output: BytesMut::with_capacity(READ_SIZE),
            aside: None,
            charset: None,
            coded: 0,
            is_resting: false,
            received: 0,
            sent: 0,
        }
    }

    /// Bytes of messages that have come and gone since the last time that this was asked.
    pub(crate) fn moved(&mut self) -> (u64, u64) {
        (
            std::mem::take(&mut self.received),
            std::mem::take(&mut self.sent),
        )
    }

    /// The next startup packet. Cancel-safe.
    pub(crate) async fn startup_frame(&mut self, limit: u32) -> Result<Frame, FrameError> {
        self.frame(Header::Startup, limit).await
    }

    /// The next typed message. Cancel-safe.
    pub(crate) async fn typed_frame(&mut self, limit: u32) -> Result<Frame, FrameError> {
        self.frame(Header::Typed, limit).await
    }

    /// Whether anything has been received beyond the frames handed out.
    pub(crate) fn has_input(&self) -> bool {
        !self.input.is_empty()
    }

    /// Whether a Sync has been received already, and nothing before it that runs a
    /// statement or can fail.
    pub(crate) fn sync_follows(&self) -> bool {
        let mut rest = &self.input[..];
        while let Some((head, _)) = rest.split_first_chunk::<5>() {
            let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
            match head[0] {
                b'S' => return true,
                b'C' | b'H' => {}
                _ => return false,
            }
            rest = rest.get(1 + length as usize..).unwrap_or_default();
        }
        false
    }

    async fn frame(&mut self, header: Header, limit: u32) -> Result<Frame, FrameError> {
        loop {
            let wanted = header.cut(&self.input, limit)?;
            match wanted {
                Some(total) if self.input.len() >= total => {
                    return Ok(header.split(&mut self.input, total));
                }
                _ if self.input.is_empty() => self.fill().await?,
                _ => match timeout(self.patience, self.fill()).await {
                    Ok(filled) => filled?,
                    Err(_) => return Err(FrameError::Stalled),
                },
            }
        }
    }

    /// Reads once. The buffer grows with what arrives, not with what a length
    /// word promises.
    async fn fill(&mut self) -> Result<(), FrameError> {
        self.input.reserve(match self.is_resting {
            true => FIRST_READ,
            false => READ_SIZE,
        });
        match self.stream.read_buf(&mut self.input).await? {
            0 => Err(FrameError::Closed),
            read => {
                self.received += read as u64;
                self.is_resting = false;
                Ok(())
            }
        }
    }

    /// Gives back the memory of buffers in which nothing is, until the client says something.
    pub(crate) fn rest(&mut self) {
        for buffer in [&mut self.input, &mut self.output] {
            if buffer.is_empty() {
                *buffer = BytesMut::new();
            }
        }
        self.is_resting = true;
    }

    /// From here on replies are in this character set; those before stay in theirs.
    pub(crate) fn speak(&mut self, charset: Option<Arc<Charset>>) {
        self.code();
        self.charset = charset;
        self.coded = self.output.len();
    }

    pub(crate) fn charset(&self) -> Option<&Arc<Charset>> {
        self.charset.as_ref()
    }

    /// Brings replies, which are whole frames, into the client's character set.
    fn code(&mut self) {
        if let Some(charset) = &self.charset {
            let plain = self.output.split_off(self.coded.min(self.output.len()));
            self.output.unsplit(recoded(&plain, charset));
        }
        self.coded = 0;
    }

    /// Writes out all replies. Not cancel-safe: part of them may be written.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        self.code();
        if !self.output.is_empty() {
            send(&mut self.stream, &self.output, self.patience).await?;
            self.sent += self.output.len() as u64;
            self.output.clear();
            if self.output.capacity() > BUFFER_KEPT {
                self.output = BytesMut::with_capacity(READ_SIZE);
            }
        }
        self.stream.flush().await
    }

    /// Where the replies end now.
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            sent: self.sent,
            waiting: self.output.len(),
        }
    }

    /// Takes replies back; not if any of them was sent.
    pub(crate) fn take_back(&mut self, mark: &Mark) -> bool {
        let is_here = self.aside.is_none() && self.sent == mark.sent;
        if is_here {
            self.output.truncate(mark.waiting);
            self.coded = self.coded.min(mark.waiting);
        }
        is_here
    }

    /// Writes out the replies if they have become many. They must be whole frames.
    pub(crate) async fn flush_if_large(&mut self) -> io::Result<()> {
        if self.output.len() < OUTPUT_HIGH_WATER {
            return Ok(());
        }
        let Some(aside) = &mut self.aside else {
            return self.flush().await;
        };
        aside.captured.take(&self.output);
        self.output.clear();
        Ok(())
    }

    /// Sends ready-made frames: small ones join the replies, large ones follow
    /// them without being copied.
    pub(crate) async fn relay(&mut self, frames: &Bytes) -> io::Result<()> {
        if frames.len() < READ_SIZE || self.aside.is_some() {
            self.output.extend_from_slice(frames);
            return self.flush_if_large().await;
        }
        self.flush().await?;
        self.sent += frames.len() as u64;
        send(&mut self.stream, frames, self.patience).await
    }

    /// From here on replies are kept from the client, until [`Client::release`].
    pub(crate) fn capture(&mut self, captured: Captured) {
        let replies = std::mem::take(&mut self.output);
        let around = self.aside.take().map(Box::new);
        self.aside = Some(Aside {
            replies,
            captured,
            around,
        });
    }

    /// The replies since [`Client::capture`].
    pub(crate) fn release(&mut self) -> Option<Captured> {
        let mut aside = self.aside.take()?;
        aside.captured.take(&self.output);
        self.output = aside.replies;
        self.aside = aside.around.map(|around| *around);
        Some(aside.captured)
    }

    /// Why replies could not be captured, if one could not.
    pub(crate) fn capture_failure(&mut self) -> Option<Failure> {
        let aside = self.aside.as_mut()?;
        aside.captured.take(&self.output);
        self.output.clear();
        aside.captured.failure()
    }

    pub(crate) fn is_captured(&self) -> bool {
        self.aside.is_some()
    }

    /// Whether rows go aside as they come, and not as the client is to see them.
    pub(crate) fn takes_raw_rows(&self) -> bool {
        let aside = self.aside.as_ref();
        aside.is_some_and(|aside| aside.captured.rows == CapturedRows::Raw)
    }

    /// The first byte of what comes next, which stays where it is.
    pub(crate) async fn peek(&mut self) -> io::Result<u8> {
        loop {
            if let Some(byte) = self.input.first() {
                return Ok(*byte);
            }
            if self.stream.read_buf(&mut self.input).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// What messages travel on.
    pub(crate) fn stream(&self) -> &S {
        &self.stream
    }

    /// Sends one byte at once, as the answers to SSLRequest are.
    pub(crate) async fn send_byte(&mut self, byte: u8) -> io::Result<()> {
        send(&mut self.stream, &[byte], self.patience).await?;
        self.stream.flush().await
    }

    /// Says goodbye; errors no longer matter.
    pub(crate) async fn close(mut self) {
        let _ = self.flush().await;
        let _ = self.stream.shutdown().await;
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<Transport<S>> {
    /// Encrypts the connection from here on.
    pub(crate) async fn encrypt(&mut self, tls: &Tls) -> io::Result<()> {
        let begun = std::mem::take(&mut self.input);
        self.stream.encrypt(tls, begun).await
    }
}

/// Writes all of it, and gives up when nothing of it can be written for some time: a
/// client that sends and never reads must not hold its session for ever.
async fn send<S: AsyncWrite + Unpin>(
    stream: &mut S,
    mut bytes: &[u8],
    patience: Duration,
) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = timeout(patience, stream.write(bytes))
            .await
            .map_err(|_| io::ErrorKind::TimedOut)??;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = &bytes[written..];
    }
    Ok(())
}

/// The two shapes of a message head.
#[derive(Clone, Copy)]
enum Header {
    Startup,
    Typed,
}

impl Header {
    fn size(self) -> usize {
        match self {
            Self::Startup => 4,
            Self::Typed => 5,
        }
    }

    /// The size of the frame at the front of `input`, if its head is there.
    fn cut(self, input: &[u8], limit: u32) -> Result<Option<usize>, FrameError> {
        if input.len() < self.size() {
            return Ok(None);
        }
        let mut head = &input[..self.size()];
        let tag = match self {
            Self::Startup => 0,
            Self::Typed => head.get_u8(),
        };
        let length = head.get_u32();
        if length < 4 || length > limit {
            return Err(FrameError::Length { tag, length });
        }
        Ok(Some(self.size() - 4 + length as usize))
    }

    fn split(self, input: &mut BytesMut, total: usize) -> Frame {
        let mut frame = input.split_to(total);
        let tag = match self {
            Self::Startup => 0,
            Self::Typed => frame[0],
        };
        frame.advance(self.size());
        Frame {
            tag,
            body: frame.freeze(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn frames(input: &[u8], limit: u32) -> (Vec<(u8, Vec<u8>)>, FrameError) {
        let mut client = Client::new(tokio_test_stream(input), Duration::from_secs(1));
        let mut found = Vec::new();
        loop {
            match client.typed_frame(limit).await {
                Ok(frame) => found.push((frame.tag, frame.body.to_vec())),
                Err(error) => return (found, error),
            }
        }
    }

    fn tokio_test_stream(input: &[u8]) -> impl AsyncRead + AsyncWrite + Unpin {
        tokio::io::join(io::Cursor::new(input.to_vec()), Vec::new())
    }

    #[tokio::test]
    async fn cuts_by_length_and_reports_the_end() {
        let (found, end) = frames(b"S\0\0\0\x04Q\0\0\0\x06a\0X\0\0", 100).await;
        assert_eq!(found, [(b'S', vec![]), (b'Q', b"a\0".to_vec())]);
        assert!(matches!(end, FrameError::Closed));
    }

    #[tokio::test]
    async fn refuses_impossible_lengths() {
        for length in [0u32, 3, 101, u32::MAX] {
            let mut input = vec![b'Q'];
            input.extend_from_slice(&length.to_be_bytes());
            let (found, end) = frames(&input, 100).await;
            assert!(found.is_empty());
            assert!(
                matches!(end, FrameError::Length { tag: b'Q', length: seen } if seen == length)
            );
        }
    }

    #[tokio::test]
    async fn after_a_rest_nothing_is_held_and_everything_understood() {
        let (near, mut far) = tokio::io::duplex(64 * 1024);
        let mut client = Client::new(near, Duration::from_secs(1));
        client.rest();
        assert_eq!((client.input.capacity(), client.output.capacity()), (0, 0));
        far.write_all(b"S\0\0\0\x04Q\0\0").await.unwrap();
        assert_eq!(client.typed_frame(10_000).await.unwrap().tag, b'S');
        // The beginning of a message stays.
        client.rest();
        let text = vec![b'x'; 5_000];
        let length = (text.len() as u32 + 4).to_be_bytes();
        far.write_all(&[&length[2..], &text].concat())
            .await
            .unwrap();
        let frame = client.typed_frame(10_000).await.unwrap();
        assert_eq!((frame.tag, &frame.body[..]), (b'Q', &text[..]));
    }

    #[tokio::test]
    async fn a_message_that_stands_still_is_given_up() {
        let (near, mut far) = tokio::io::duplex(64);
        let mut client = Client::new(near, Duration::from_millis(20));
        far.write_all(b"Q\0\0\0\x0dSEL").await.unwrap();
        let end = client.typed_frame(100).await.unwrap_err();
        assert!(matches!(end, FrameError::Stalled), "{end:?}");
    }

    #[tokio::test]
    async fn a_client_that_does_not_read_is_given_up() {
        let (near, _far) = tokio::io::duplex(64);
        let mut client = Client::new(near, Duration::from_millis(20));
        client.output.extend_from_slice(&[b'x'; 65]);
        let error = client.flush().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}

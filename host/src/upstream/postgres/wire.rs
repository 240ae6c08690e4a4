//! The stream with its two buffers.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use postgres_protocol::message::frontend;
use tokio::io::{AsyncReadExt, AsyncWrite};

use super::encryption::explained;
use super::fault;
use super::stream::Stream;
use crate::upstream::UpstreamError;

/// Room made for each read. Rows go on in slices of at most about this size;
/// larger ones did not make the relay faster.
const READ_SIZE: usize = 64 * 1024;

/// A connection's bytes in both directions.
pub(super) struct Wire {
    stream: Stream,
    incoming: BytesMut,
    outgoing: BytesMut,
    is_flushed: bool,
    /// Why writing stopped. The server may have said more before it hung up.
    broken: Option<io::Error>,
    /// So many bytes of what comes next are thrown away.
    skipped: usize,
}

impl Wire {
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            stream,
            incoming: BytesMut::new(),
            outgoing: BytesMut::new(),
            is_flushed: true,
            broken: None,
            skipped: 0,
        }
    }

    /// Throws so many bytes away, those first that have been read already.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.skipped += bytes;
        let there = self.skipped.min(self.incoming.len());
        self.incoming.advance(there);
        self.skipped -= there;
    }

    /// What has been read and not yet been cut off.
    pub(super) fn incoming(&mut self) -> &mut BytesMut {
        &mut self.incoming
    }

    /// What is to be written; goes out with the next [`Wire::exchange`].
    pub(super) fn outgoing(&mut self) -> &mut BytesMut {
        self.is_flushed = false;
        &mut self.outgoing
    }

    /// Writes what is to be written and reads what is there; returns when
    /// something has been read.
    ///
    /// Both directions go on at once, so that two sides that are busy writing
    /// do not wait for each other. Cancel-safe: what was read or written is
    /// accounted for before it returns.
    pub(super) async fn exchange(&mut self) -> Result<(), UpstreamError> {
        let count = poll_fn(|cx| self.poll_exchange(cx)).await;
        match (count, self.broken.take()) {
            (Ok(0), None) => Err(fault::lost("the server closed the connection")),
            (Ok(0), Some(error)) | (Err(error), _) => {
                let why = explained(&error);
                Err(fault::lost(format!("the connection is lost: {why}")))
            }
            (Ok(_), broken) => {
                self.broken = broken;
                self.skip(0);
                Ok(())
            }
        }
    }

    /// Takes what the server has sent unasked, without waiting; `false`: it has hung up.
    pub(super) fn take_unasked(&mut self) -> bool {
        loop {
            match self.stream.try_read(&mut self.incoming) {
                Ok(0) => return false,
                Ok(_) => {}
                Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
            }
        }
    }

    fn poll_exchange(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.broken.is_none()
            && !self.is_flushed
            && let Poll::Ready(Err(error)) = self.poll_write(cx)
        {
            self.broken = Some(error);
        }
        self.incoming.reserve(READ_SIZE);
        pin!(self.stream.read_buf(&mut self.incoming)).poll(cx)
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.outgoing.has_remaining() {
            let count = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.outgoing))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.outgoing.advance(count);
        }
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.is_flushed = true;
        Poll::Ready(Ok(()))
    }

    /// Tells the server that this end was closed on purpose, if nothing else is
    /// on its way.
    pub(super) fn say_goodbye(&mut self) {
        if self.outgoing.is_empty() {
            frontend::terminate(&mut self.outgoing);
            self.stream.write_last(&self.outgoing);
        }
    }
}

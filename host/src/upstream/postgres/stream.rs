//! The socket, in the clear or encrypted.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// Room for what a server says unasked, at a time.
const UNASKED: usize = 4096;

/// What bytes travel on.
pub(super) enum Stream {
    /// TCP as it is.
    Plain(TcpStream),
    /// TLS on it. Its state is a kilobyte, which the other variant need not have room for.
    Encrypted(Box<TlsStream<TcpStream>>),
}

impl Stream {
    pub(super) fn is_encrypted(&self) -> bool {
        matches!(self, Self::Encrypted(_))
    }

    /// Reads without waiting.
    pub(super) fn try_read(&mut self, buffer: &mut BytesMut) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.try_read_buf(buffer),
            Self::Encrypted(stream) => {
                let mut room = [0; UNASKED];
                let mut read = ReadBuf::new(&mut room);
                // Nobody waits: nobody need be woken.
                let mut context = Context::from_waker(Waker::noop());
                match Pin::new(stream).poll_read(&mut context, &mut read) {
                    Poll::Ready(outcome) => outcome?,
                    Poll::Pending => return Err(io::ErrorKind::WouldBlock.into()),
                }
                buffer.extend_from_slice(read.filled());
                Ok(read.filled().len())
            }
        }
    }

    /// Writes without waiting, and gives up if that cannot be.
    pub(super) fn write_last(&mut self, bytes: &[u8]) {
        // The connection ends in any case.
        match self {
            Self::Plain(socket) => {
                let _ = socket.try_write(bytes);
            }
            Self::Encrypted(stream) => {
                let mut context = Context::from_waker(Waker::noop());
                let _ = Pin::new(&mut *stream).poll_write(&mut context, bytes);
                // Flushes, and tells that no bytes are missing.
                let _ = Pin::new(stream).poll_shutdown(&mut context);
            }
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_read(cx, buf),
            Self::Encrypted(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_write(cx, bytes),
            Self::Encrypted(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_flush(cx),
            Self::Encrypted(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_shutdown(cx),
            Self::Encrypted(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

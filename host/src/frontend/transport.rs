//! A client's byte stream: as it was accepted, or encrypted.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::server::TlsStream;

use crate::tls::{Encryption, Tls};

/// What messages of a client travel on.
pub(crate) enum Transport<S> {
    Plain(S),
    /// Encryption was taken off by whoever handed it over.
    Secured(S, Box<Encryption>),
    Encrypted(Box<TlsStream<Rewound<S>>>, Box<Encryption>),
    /// Encryption was tried and failed.
    Gone,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Transport<S> {
    /// Encrypts a plain stream, of which `begun` was read already.
    pub(crate) async fn encrypt(&mut self, tls: &Tls, begun: BytesMut) -> io::Result<()> {
        let Self::Plain(stream) = std::mem::replace(self, Self::Gone) else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        let encrypted = tls.accept(Rewound { begun, stream }).await?;
        *self = Self::Encrypted(Box::new(encrypted.stream), Box::new(encrypted.facts));
        Ok(())
    }
}

impl<S> Transport<S> {
    /// `encryption`: what is known by the one that was taken off the stream already.
    pub(crate) fn of(stream: S, encryption: Option<Encryption>) -> Self {
        match encryption {
            Some(facts) => Self::Secured(stream, Box::new(facts)),
            None => Self::Plain(stream),
        }
    }

    /// What the encryption tells; `None`: there is none.
    pub(crate) fn encryption(&self) -> Option<&Encryption> {
        match self {
            Self::Secured(_, facts) | Self::Encrypted(_, facts) => Some(facts),
            Self::Plain(_) | Self::Gone => None,
        }
    }
}

/// A stream some bytes of which were read ahead.
pub(crate) struct Rewound<S> {
    begun: BytesMut,
    stream: S,
}

impl<S: AsyncRead + Unpin> AsyncRead for Rewound<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.begun.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let length = self.begun.len().min(buffer.remaining());
        buffer.put_slice(&self.begun[..length]);
        self.begun.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Rewound<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Transport<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) | Self::Secured(stream, _) => {
                Pin::new(stream).poll_read(context, buffer)
            }
            Self::Encrypted(stream, _) => {
                // A client that leaves without TLS's goodbye has left all the same.
                match ready!(Pin::new(stream).poll_read(context, buffer)) {
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                        Poll::Ready(Ok(()))
                    }
                    outcome => Poll::Ready(outcome),
                }
            }
            Self::Gone => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Transport<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) | Self::Secured(stream, _) => {
                Pin::new(stream).poll_write(context, bytes)
            }
            Self::Encrypted(stream, _) => Pin::new(stream).poll_write(context, bytes),
            Self::Gone => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) | Self::Secured(stream, _) => Pin::new(stream).poll_flush(context),
            Self::Encrypted(stream, _) => Pin::new(stream).poll_flush(context),
            Self::Gone => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) | Self::Secured(stream, _) => {
                Pin::new(stream).poll_shutdown(context)
            }
            Self::Encrypted(stream, _) => Pin::new(stream).poll_shutdown(context),
            Self::Gone => Poll::Ready(Ok(())),
        }
    }
}

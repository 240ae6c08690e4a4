//! The seam to whoever accepts clients.

use std::fmt;
use std::io;
use std::net::{IpAddr, Shutdown};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use async_trait::async_trait;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::departure::Departure;
use crate::tls::Encryption;

/// Where a broker's clients come from. TCP and Unix listeners of tokio are ones, and so is the receiving end of a
/// channel, for a program that accepts connections itself and hands some of them over.
#[async_trait]
pub trait Listener: Send {
    /// The next client. Cancel-safe: a client is lost only when it is returned.
    ///
    /// # Errors
    /// No client could be accepted. The broker goes on, but for the kinds `InvalidInput`, `NotConnected` and
    /// `Unsupported`, which say that there never will be one.
    async fn accept(&mut self) -> io::Result<Incoming>;
}

/// A client that has been accepted, and has not said anything yet.
pub struct Incoming {
    pub(crate) stream: Socket,
    /// `None`: it did not come over a network.
    pub(crate) address: Option<IpAddr>,
    /// What is known by the encryption that somebody else has taken off.
    pub(crate) encryption: Option<Encryption>,
}

impl Incoming {
    /// Over any stream of bytes.
    pub fn new(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Self {
        Self::of(Socket::Other(Box::new(stream)))
    }

    /// Over TCP; the broker sets the options of the socket.
    pub fn tcp(stream: TcpStream) -> Self {
        let address = stream.peer_addr().ok().map(|address| address.ip());
        Self {
            address,
            ..Self::of(Socket::Tcp(Arc::new(stream)))
        }
    }

    fn of(stream: Socket) -> Self {
        Self {
            stream,
            address: None,
            encryption: None,
        }
    }

    /// From this address, which access rules and limits go by: that of the client, where the stream comes from a proxy.
    #[must_use]
    pub fn from(mut self, address: IpAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// Nobody can read what goes over the stream: encryption was taken off it, or it does not leave the process. It counts as
    /// an encrypted connection. `certificate`: the common name in the certificate that the client has shown, if somebody
    /// who is trusted has signed it.
    #[must_use]
    pub fn encrypted(mut self, certificate: Option<String>) -> Self {
        self.encryption = Some(Encryption {
            client_name: certificate,
            ..Encryption::default()
        });
        self
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("address", &self.address)
            .field("is_encrypted", &self.encryption.is_some())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Listener for tokio::net::TcpListener {
    async fn accept(&mut self) -> io::Result<Incoming> {
        let (stream, address) = Self::accept(self).await?;
        Ok(Incoming {
            address: Some(address.ip()),
            ..Incoming::of(Socket::Tcp(Arc::new(stream)))
        })
    }
}

#[cfg(unix)]
#[async_trait]
impl Listener for tokio::net::UnixListener {
    async fn accept(&mut self) -> io::Result<Incoming> {
        let (stream, _) = Self::accept(self).await?;
        Ok(Incoming::new(stream))
    }
}

/// Once the channel is closed, nobody comes any more.
#[async_trait]
impl Listener for mpsc::Receiver<Incoming> {
    async fn accept(&mut self) -> io::Result<Incoming> {
        match self.recv().await {
            Some(incoming) => Ok(incoming),
            None => std::future::pending().await,
        }
    }
}

/// What goes in both directions.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Duplex for S {}

/// The stream of a client. One type for all, so that sessions are compiled once.
pub(crate) enum Socket {
    Tcp(Arc<TcpStream>),
    Other(Box<dyn Duplex>),
}

impl Socket {
    /// What tells that the client has left.
    pub(crate) fn departure(&self) -> Departure {
        Departure(match self {
            Self::Tcp(stream) => Some(Arc::clone(stream)),
            Self::Other(_) => None,
        })
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => loop {
                ready!(stream.poll_read_ready(context))?;
                if let Some(read) = unless_blocked(stream.try_read_buf(buffer)) {
                    return Poll::Ready(read.map(drop));
                }
            },
            Self::Other(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => loop {
                ready!(stream.poll_write_ready(context))?;
                if let Some(written) = unless_blocked(stream.try_write(bytes)) {
                    return Poll::Ready(written);
                }
            },
            Self::Other(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            // Nothing is held back.
            Self::Tcp(_) => Poll::Ready(Ok(())),
            Self::Other(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => {
                let shut = SockRef::from(&**stream).shutdown(Shutdown::Write);
                Poll::Ready(match shut {
                    // The client was first.
                    Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
                    shut => shut,
                })
            }
            Self::Other(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

/// What came of it; `None`: it would have had to wait.
fn unless_blocked<T>(outcome: io::Result<T>) -> Option<io::Result<T>> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
        outcome => Some(outcome),
    }
}

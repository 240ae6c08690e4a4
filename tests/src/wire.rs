//! A client that speaks the protocol frame by frame, right or wrong as the test wants it.

mod encode;
mod frame;
mod script;

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};

use anyhow::{Context, Result, bail};

pub use self::frame::Frame;
pub use self::script::{Script, Transcript};
use crate::DEADLINE;

/// One connection.
pub struct WireClient {
    stream: TcpStream,
    received: Vec<u8>,
}

impl WireClient {
    /// Connects, and sends nothing.
    ///
    /// # Errors
    /// The server does not accept the connection.
    pub fn connect(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).context("cannot connect")?;
        stream.set_read_timeout(Some(DEADLINE))?;
        stream.set_write_timeout(Some(DEADLINE))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            received: Vec::new(),
        })
    }

    /// Connects and goes through startup, up to ReadyForQuery.
    ///
    /// # Errors
    /// The server does not let the client in.
    pub fn ready(port: u16, database: &str) -> Result<Self> {
        let mut client = Self::connect(port)?;
        client.send(&encode::message(&format!(
            "Startup 3.0 user=postgres database={database}"
        ))?)?;
        loop {
            match client.receive()? {
                Some(frame) if frame.tag == b'Z' => return Ok(client),
                Some(frame) if frame.tag == b'E' => bail!("startup: {frame}"),
                Some(_) => {}
                None => bail!("startup: the connection was closed"),
            }
        }
    }

    /// Sends these bytes.
    ///
    /// # Errors
    /// The server closed the connection.
    pub fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.write_all(bytes).context("cannot send")
    }

    /// Closes the sending half.
    ///
    /// # Errors
    /// The connection is gone.
    pub fn finish(&mut self) -> Result<()> {
        self.stream
            .shutdown(Shutdown::Write)
            .context("cannot close")
    }

    /// The next frame, or `None` once the server closed the connection.
    ///
    /// # Errors
    /// Neither comes.
    pub fn receive(&mut self) -> Result<Option<Frame>> {
        loop {
            if let Some((frame, size)) = Frame::cut(&self.received)? {
                self.received.drain(..size);
                return Ok(Some(frame));
            }
            let mut buffer = [0; 8192];
            match self.stream.read(&mut buffer) {
                Ok(0) => return Ok(None),
                Ok(count) => self.received.extend_from_slice(&buffer[..count]),
                // Closed with bytes of ours unread.
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return Ok(None),
                Err(error) => return Err(error).context("no frame comes"),
            }
        }
    }

    /// All frames up to the end of the connection.
    ///
    /// # Errors
    /// The server does not close it.
    pub fn receive_all(&mut self) -> Result<Vec<Frame>> {
        let mut frames = Vec::new();
        while let Some(frame) = self.receive()? {
            frames.push(frame);
        }
        Ok(frames)
    }
}

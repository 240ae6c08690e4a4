//! A client that speaks the protocol frame by frame, right or wrong as the test wants it.

mod encode;
mod frame;
mod script;

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

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
        client.say(&format!("Startup 3.0 user=postgres database={database}"))?;
        loop {
            match client.receive()? {
                Some(frame) if frame.tag == b'Z' => return Ok(client),
                Some(frame) if frame.tag == b'E' => bail!("startup: {frame}"),
                Some(_) => {}
                None => bail!("startup: the connection was closed"),
            }
        }
    }

    /// How long to wait for a frame.
    ///
    /// # Errors
    /// The time is zero.
    pub fn set_patience(&self, patience: Duration) -> Result<()> {
        Ok(self.stream.set_read_timeout(Some(patience))?)
    }

    /// Sends these bytes.
    ///
    /// # Errors
    /// The server closed the connection.
    pub fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.write_all(bytes).context("cannot send")
    }

    /// Sends a message, written as in the wire scripts: `Query "SELECT 1"`.
    ///
    /// # Errors
    /// There is no such message, or the server closed the connection.
    pub fn say(&mut self, message: &str) -> Result<()> {
        self.send(&encode::message(message)?)
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
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// The next byte, as the answer to SSLRequest is; `None` at the end.
    ///
    /// # Errors
    /// Neither comes.
    pub fn receive_byte(&mut self) -> Result<Option<u8>> {
        while self.received.is_empty() {
            if !self.fill()? {
                return Ok(None);
            }
        }
        Ok(Some(self.received.remove(0)))
    }

    /// Reads once; false at the end.
    fn fill(&mut self) -> Result<bool> {
        let mut buffer = [0; 64 * 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) => Ok(false),
            Ok(count) => {
                self.received.extend_from_slice(&buffer[..count]);
                Ok(true)
            }
            // Closed with bytes of ours unread.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(false),
            Err(error) => Err(error).context("no frame comes"),
        }
    }

    /// Reads up to a frame of this type; gives how many came before it. Nothing is looked
    /// into and nothing kept, so this is as quick as a client can be.
    ///
    /// # Errors
    /// An ErrorResponse comes, or the end.
    pub fn count_until(&mut self, tag: u8) -> Result<u64> {
        let mut count = 0;
        loop {
            let mut at = 0;
            while let Some(header) = self.received.get(at..at + 5) {
                let length = u32::from_be_bytes([header[1], header[2], header[3], header[4]]);
                let end = at + 1 + length as usize;
                if end > self.received.len() {
                    break;
                }
                if header[0] == b'E' {
                    self.received.drain(..at);
                    let error = self.receive()?.context("it is whole")?;
                    bail!("{error}");
                }
                if header[0] == tag {
                    self.received.drain(..end);
                    return Ok(count);
                }
                count += 1;
                at = end;
            }
            self.received.drain(..at);
            if !self.fill()? {
                bail!("the connection was closed");
            }
        }
    }

    /// The same connection for another thread to send on, while this one receives.
    ///
    /// # Errors
    /// The system has no more descriptors.
    pub fn writer(&self) -> Result<Self> {
        Ok(Self {
            stream: self.stream.try_clone()?,
            received: Vec::new(),
        })
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

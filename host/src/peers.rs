//! Cancel requests that have come to the wrong one of several brokers behind one address.
//!
//! A client sends its request on a new connection, which a load balancer may give to any of them.
//! A broker that does not know the session asks all of its peers. What it sends them is a
//! CancelRequest with [`FORWARDED`] as its process id and, as its secret, that of the client behind
//! its process id: a peer that does not know the session either asks nobody.

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::Semaphore;

use crate::frontend::startup::CANCEL_REQUEST;

/// No session has this process id.
const FORWARDED: u32 = 0;

/// Requests that are passed on at a time: who sends more of them than brokers can be asked, and
/// for sessions that do not exist, is not answered; a request is never promised to be honoured.
const MOST_UNDERWAY: usize = 64;

/// How long one peer may take. libpq waits for the end of the connection, so that a client
/// may go on when its request has been carried out.
const PATIENCE: Duration = Duration::from_secs(5);

/// The other brokers behind the same address.
pub(crate) struct Peers {
    /// Host and port; a host may have many addresses.
    names: Vec<String>,
    underway: Semaphore,
}

/// Who is to be interrupted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) process: u32,
    pub(crate) secret: Bytes,
    /// Whether a peer has passed it on.
    pub(crate) is_forwarded: bool,
}

impl Wanted {
    /// From the fields of a CancelRequest.
    pub(crate) fn of(process: u32, secret: Bytes) -> Self {
        match secret.split_first_chunk::<4>() {
            Some((inner, _)) if process == FORWARDED => Self {
                process: u32::from_be_bytes(*inner),
                secret: secret.slice(4..),
                is_forwarded: true,
            },
            _ => Self {
                process,
                secret,
                is_forwarded: false,
            },
        }
    }

    /// The packet that passes it on.
    fn packet(&self) -> Option<Bytes> {
        let length = u32::try_from(16 + self.secret.len()).ok()?;
        let mut packet = BytesMut::with_capacity(length as usize);
        packet.put_u32(length);
        packet.put_u32(CANCEL_REQUEST);
        packet.put_u32(FORWARDED);
        packet.put_u32(self.process);
        packet.put_slice(&self.secret);
        Some(packet.freeze())
    }
}

impl Peers {
    pub(crate) fn new(names: Vec<String>) -> Self {
        Self {
            names,
            underway: Semaphore::new(MOST_UNDERWAY),
        }
    }

    /// Asks all of them, and waits until they have done what they can.
    pub(crate) async fn ask(&self, wanted: &Wanted) {
        if wanted.is_forwarded || self.names.is_empty() {
            return;
        }
        let (Some(packet), Ok(_turn)) = (wanted.packet(), self.underway.try_acquire()) else {
            return;
        };
        let each = self.names.iter().map(|name| ask_all_of(name, &packet));
        futures_util::future::join_all(each).await;
    }
}

/// A headless service of Kubernetes is one name with the addresses of all replicas, this one
/// among them, which then asks itself in vain.
async fn ask_all_of(name: &str, packet: &Bytes) {
    let addresses = match tokio::time::timeout(PATIENCE, lookup_host(name)).await {
        Ok(Ok(addresses)) => addresses,
        Ok(Err(error)) => {
            tracing::warn!(peer = name, %error, "a peer is not found");
            return;
        }
        Err(_) => {
            tracing::warn!(peer = name, "a peer is not found in time");
            return;
        }
    };
    let each = addresses.map(|address| async move {
        let asked = async {
            let mut stream = TcpStream::connect(address).await?;
            stream.write_all(packet).await?;
            // The peer closes when it has done it.
            stream.read(&mut [0; 1]).await.map(drop)
        };
        let outcome = tokio::time::timeout(PATIENCE, asked).await;
        let outcome = outcome.unwrap_or_else(|late| Err(late.into()));
        if let Err(error) = outcome {
            tracing::warn!(peer = %address, %error, "a cancel request could not be passed on");
        }
    });
    futures_util::future::join_all(each).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_passed_on_is_known_as_that() {
        let wanted = Wanted::of(7, Bytes::from_static(b"secret"));
        assert!(!wanted.is_forwarded);
        let packet = wanted.packet().unwrap();
        assert_eq!(packet[..4], 22_u32.to_be_bytes());
        let process = u32::from_be_bytes(packet[8..12].try_into().unwrap());
        let again = Wanted::of(process, packet.slice(12..));
        assert_eq!(
            again,
            Wanted {
                is_forwarded: true,
                ..wanted
            }
        );
    }

    #[test]
    fn a_secret_that_is_too_short_is_nobodys() {
        let wanted = Wanted::of(FORWARDED, Bytes::from_static(b"abc"));
        assert_eq!(wanted.process, FORWARDED);
        assert!(!wanted.is_forwarded);
    }
}

//! Whether a client has closed its side of a connection, noticed without reading what it sent before.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;

use crate::cancel::Interrupted;

/// Tells that a client has left; `None`: of a stream whose end shows only when it is read.
pub(crate) struct Departure(pub(crate) Option<Arc<TcpStream>>);

impl Departure {
    /// Ends when the client has closed its side for so long; zero: never. Cancel-safe.
    pub(crate) async fn noticed(&self, patience: Duration) {
        match &self.0 {
            Some(stream) if !patience.is_zero() && closed(stream).await => {
                tokio::time::sleep(patience).await;
            }
            _ => std::future::pending().await,
        }
    }

    /// What comes of work for the client while that is there. When it leaves, the work is interrupted; `None`: it did, and
    /// nobody wants to know.
    pub(crate) async fn unless<T>(
        &self,
        work: impl Future<Output = T>,
        patience: Duration,
        interrupted: &Interrupted,
    ) -> Option<T> {
        let mut work = pin!(work);
        tokio::select! {
            biased;
            outcome = &mut work => return Some(outcome),
            () = self.noticed(patience) => drop(interrupted.interrupt()),
        }
        work.await;
        None
    }
}

/// Waits for the end of what comes; `false`: it cannot be noticed. Of these interests the end is part of each, and this
/// is the one that bytes which nobody has read yet do not fulfil.
#[cfg(any(target_os = "linux", target_os = "android"))]
async fn closed(stream: &TcpStream) -> bool {
    let ready = stream.ready(tokio::io::Interest::PRIORITY).await;
    ready.is_ok_and(|ready| ready.is_read_closed())
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
async fn closed(_stream: &TcpStream) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn an_end_behind_unread_bytes_is_noticed() {
        const PATIENCE: Duration = Duration::from_millis(1);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let departure = Departure(Some(Arc::new(accepted.unwrap().0)));
        let mut client = client.unwrap();
        client.write_all(b"unread").await.unwrap();
        let short = Duration::from_millis(50);
        assert!(timeout(short, departure.noticed(PATIENCE)).await.is_err());
        drop(client);
        departure.noticed(PATIENCE).await;
        let never = departure.noticed(Duration::ZERO);
        assert!(timeout(short, never).await.is_err());
    }
}

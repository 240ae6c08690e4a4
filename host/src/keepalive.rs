//! Notices that whoever was at the other end of a connection is gone without a word: its
//! machine has no power, or a firewall has forgotten the connection.

use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

/// Between two questions that are not answered.
const INTERVAL: Duration = Duration::from_secs(10);
/// So many of them without an answer end the connection.
const QUESTIONS: u32 = 6;

/// Has the kernel ask the other end of a connection that was silent for `idle` whether it is
/// there, and give up what was sent and not received for as long as it would ask. Zero: it
/// does neither.
pub(crate) fn keep_alive(stream: &TcpStream, idle: Duration) -> std::io::Result<()> {
    if idle.is_zero() {
        return Ok(());
    }
    let socket = SockRef::from(stream);
    let questions = TcpKeepalive::new()
        .with_time(idle)
        .with_interval(INTERVAL)
        .with_retries(QUESTIONS);
    socket.set_tcp_keepalive(&questions)?;
    // Nobody is asked while something is under way, for which the kernel's own patience is a
    // quarter of an hour.
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(idle + INTERVAL * QUESTIONS))?;
    Ok(())
}

//! What the service manager is told, and hands over: systemd's protocol of `NOTIFY_SOCKET` and
//! `LISTEN_FDS` (`sd_notify(3)`, `sd_listen_fds(3)`). Without one nothing of it happens.

use std::net::TcpListener;
use std::time::Duration;

use anyhow::Context;
use sd_notify::NotifyState;

/// Clients are accepted.
pub(super) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// The configuration is being read again; [`ready`] ends it.
pub(super) fn reloading() {
    // The manager tells by the time which of its requests this answers.
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::debug!(%error, "the service manager is not told of the reload"),
    }
}

/// Nobody is accepted any more.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Says that the process is alive, twice as often as the manager wants to hear it, for ever. A
/// runtime whose threads all hang does not come to it.
pub(super) async fn keep_watch() {
    let mut microseconds = 0;
    if !sd_notify::watchdog_enabled(false, &mut microseconds) {
        return std::future::pending().await;
    }
    let mut beat = tokio::time::interval(Duration::from_micros(microseconds.max(2) / 2));
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        tell(&[NotifyState::Watchdog]);
    }
}

fn tell(state: &[NotifyState<'_>]) {
    // The variables stay: more is to be told.
    if let Err(error) = sd_notify::notify(false, state) {
        tracing::warn!(%error, "the service manager cannot be told");
    }
}

/// The socket that the manager listens on for this process.
pub(super) fn listener() -> anyhow::Result<Option<TcpListener>> {
    let mut handed = listenfd::ListenFd::from_env();
    if handed.len() == 0 {
        return Ok(None);
    }
    let listener = handed
        .take_tcp_listener(0)
        .context("the service manager handed over something else than a TCP socket")?;
    if handed.len() > 1 {
        anyhow::bail!("the service manager handed over several sockets; one is served");
    }
    if let Some(listener) = &listener {
        listener.set_nonblocking(true)?;
    }
    Ok(listener)
}

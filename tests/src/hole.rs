//! A way to a server that can fall silent: bytes stay in it, and nothing is closed.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::wait::eventually;

/// Passes bytes on, unless it is silent.
pub struct Hole {
    port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    is_silent: AtomicBool,
    is_gone: AtomicBool,
    /// How often something came that was kept.
    kept: AtomicUsize,
}

impl Hole {
    /// In front of what listens on this port.
    ///
    /// # Errors
    /// There is no free port.
    pub fn to(server: u16) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let state = Arc::<State>::default();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if shared.is_gone.load(Ordering::SeqCst) {
                    return;
                }
                let state = Arc::clone(&shared);
                // An error is the end of one of both, which the other hears of.
                thread::spawn(move || pass(&client, server, &state));
            }
        });
        Ok(Self { port, state })
    }

    /// Where it listens, at 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From here on nothing comes through, in either direction.
    pub fn silence(&self) {
        self.state.is_silent.store(true, Ordering::SeqCst);
    }

    /// What was kept comes through, and all that follows.
    pub fn speak(&self) {
        self.state.is_silent.store(false, Ordering::SeqCst);
    }

    /// How often something has come that was kept.
    pub fn kept(&self) -> usize {
        self.state.kept.load(Ordering::SeqCst)
    }

    /// Waits until something is kept that was not before.
    ///
    /// # Errors
    /// Nothing comes.
    pub fn keeps_more_than(&self, before: usize) -> Result<()> {
        let more = eventually(|| (self.kept() > before).then_some(()));
        more.context("nothing comes to the server")
    }
}

impl Drop for Hole {
    fn drop(&mut self) {
        self.state.is_gone.store(true, Ordering::SeqCst);
        // Wakes who accepts.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn pass(client: &TcpStream, port: u16, state: &State) -> Result<()> {
    state.wait();
    let server = TcpStream::connect(("127.0.0.1", port))?;
    thread::scope(|scope| {
        scope.spawn(|| pump(client, &server, state));
        let _ = pump(&server, client, state);
    });
    Ok(())
}

/// One direction.
fn pump(mut from: &TcpStream, mut to: &TcpStream, state: &State) -> Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut buffer)?;
        state.wait();
        if length == 0 {
            return Ok(to.shutdown(Shutdown::Write)?);
        }
        to.write_all(&buffer[..length])?;
    }
}

impl State {
    /// Waits until it is not silent, or nobody wants anything of it any more.
    fn wait(&self) {
        let is_kept =
            || self.is_silent.load(Ordering::SeqCst) && !self.is_gone.load(Ordering::SeqCst);
        if is_kept() {
            self.kept.fetch_add(1, Ordering::SeqCst);
        }
        while is_kept() {
            thread::sleep(Duration::from_millis(2));
        }
    }
}

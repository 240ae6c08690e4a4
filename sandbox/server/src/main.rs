//! `pgiris-sandbox`: the stand-in for IRIS as a server of its own.

mod cancel;
mod failure;
mod handler;
mod numeric;
mod parameter;
mod placeholders;
mod result;
mod rows;
mod server;
mod types;
mod worker;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use pgiris_sandbox::{Fault, Options, Sandbox, Storage, Version};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// Serves the sandbox, a strict stand-in for InterSystems IRIS SQL, over PostgreSQL's protocol.
///
/// The SQL is IRIS's own; nothing is translated. Everybody who can connect is let in, so it listens
/// on this machine only.
#[derive(Parser)]
#[command(name = "pgiris-sandbox", version)]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:1972")]
    listen: SocketAddr,
    /// The IRIS version to play.
    #[arg(long, value_name = "VERSION", value_parser = version)]
    iris: Option<Version>,
    /// Keeps the rows in this file; without it they are gone in the end.
    #[arg(long, value_name = "PATH")]
    file: Option<PathBuf>,
    /// Appends every statement that is executed to this file.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// What is to go wrong: fail:SQLCODE, delay:MILLISECONDS, drop or drop:ROWS, then *COUNT or
    /// *all, then @TEXT. May be given several times.
    #[arg(long, value_name = "FAULT")]
    fault: Vec<Fault>,
}

fn version(name: &str) -> Result<Version, String> {
    let known = Version::ALL.map(Version::as_str).join(", ");
    Version::parse(name).ok_or_else(|| format!("the sandbox plays {known}"))
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if !arguments.listen.ip().is_loopback() {
        bail!("the sandbox asks nobody for a password: it listens on a loopback address only");
    }
    let sandbox = open(&arguments)?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let listener = TcpListener::bind(arguments.listen)
        .await
        .with_context(|| format!("cannot listen on {}", arguments.listen))?;
    println!("listening on {}", listener.local_addr()?);
    tokio::select! {
        result = server::serve(listener, sandbox) => result,
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
    }
}

fn open(arguments: &Arguments) -> Result<Sandbox> {
    let mut options = Options {
        statement_log: arguments.log.clone(),
        ..Options::default()
    };
    if let Some(version) = arguments.iris {
        options.version = version;
    }
    if let Some(path) = &arguments.file {
        options.storage = Storage::File(path.clone());
    }
    let sandbox = Sandbox::open(options).context("cannot open the sandbox")?;
    for fault in &arguments.fault {
        sandbox.inject(fault.clone());
    }
    Ok(sandbox)
}

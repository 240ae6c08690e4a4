//! `pgiris serve`: the broker as a process.

use std::io::{ErrorKind, IsTerminal};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use pgiris::rules::{Engine, Library};
use pgiris::{Broker, Config, upstream};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

#[derive(Args)]
pub(super) struct Serve {
    /// Where to accept clients; port 0 takes any free port.
    #[arg(
        long,
        default_value = "127.0.0.1:5432",
        value_name = "ADDRESS:PORT",
        overrides_with = "listen"
    )]
    listen: SocketAddr,
    /// The database: `sandbox:`, `sandbox:FILE`, `sandbox:?iris=2024.1&log=FILE`,
    /// or `postgres://user:password@host:port/namespace`.
    #[arg(
        long,
        default_value = "sandbox:",
        value_name = "URL",
        overrides_with = "upstream"
    )]
    upstream: String,
    /// A rules file, which then serves every IRIS version, or a directory of them.
    #[arg(
        long,
        default_value = "target/rules",
        value_name = "PATH",
        overrides_with = "rules"
    )]
    rules: PathBuf,
    /// How clients prove who they are. Without it only the sandbox is served.
    #[arg(long, value_enum, value_name = "METHOD", overrides_with = "auth")]
    auth: Option<Auth>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Auth {
    /// They need not; for loopback addresses only.
    Trust,
}

impl Serve {
    pub(super) fn run(self) -> anyhow::Result<()> {
        self.check_access()?;
        log_to_stderr();
        tokio::runtime::Runtime::new()?.block_on(self.serve())
    }

    /// Nobody is let in by accident.
    fn check_access(&self) -> anyhow::Result<()> {
        let sandbox = self.upstream.starts_with("sandbox:");
        if !is_loopback(self.listen.ip()) {
            bail!(
                "{} can be reached from other machines, and no method of authentication for those exists yet; \
                 choose a loopback address with --listen",
                self.listen
            );
        }
        if !sandbox && self.auth.is_none() {
            bail!(
                "clients of {} need authentication; to let in everybody who can reach {}, say --auth trust",
                self.upstream.split("://").next().unwrap_or_default(),
                self.listen
            );
        }
        Ok(())
    }

    async fn serve(self) -> anyhow::Result<()> {
        let config = Config::default();
        let engine = Engine::new(config.rules.clone())?;
        let library = Arc::new(Library::open(&engine, &self.rules)?);
        let connector = upstream::connector(&self.upstream)?;
        let listener = self.bind().await?;
        let address = listener.local_addr()?;
        // Installed before anybody is told that the broker is there.
        let shutdown = shutdown()?;
        println!("listening on {address}");
        explain(address);
        Broker::new(config, library, connector)
            .run(listener, shutdown)
            .await?;
        Ok(())
    }

    async fn bind(&self) -> anyhow::Result<TcpListener> {
        TcpListener::bind(self.listen).await.map_err(|error| match error.kind() {
            ErrorKind::AddrInUse => anyhow::anyhow!(
                "{} is in use by another process; choose another port with --listen, for example --listen {}:0",
                self.listen,
                self.listen.ip()
            ),
            _ => anyhow::Error::new(error).context(format!("cannot listen on {} (--listen)", self.listen)),
        })
    }
}

fn is_loopback(address: IpAddr) -> bool {
    address.is_loopback()
}

/// Done at SIGINT or SIGTERM.
fn shutdown() -> anyhow::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot handle SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot handle SIGTERM")?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// For people; programs read the line before.
fn explain(address: SocketAddr) {
    let (host, port) = (address.ip(), address.port());
    println!("  psql        psql -h {host} -p {port} -U _SYSTEM USER");
    println!("  SQLAlchemy  create_async_engine(\"iris+psycopg://{host}:{port}/USER\")");
    println!("stop with Ctrl-C");
}

/// `RUST_LOG` chooses what is logged; by default what an operator should see.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
}

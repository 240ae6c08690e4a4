//! `pgiris serve`: the broker as a process.

mod backends;
mod log;
mod manager;
mod operator;
mod reload;
mod traces;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use pgiris::access::{Access, Entrance};
use pgiris::rules::Engine;
use pgiris::shadow::Shadow;
use pgiris::{Broker, Databases};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::admin::Admin;
use super::config::{Exposure, Settings};
use backends::Backends;
use operator::{Orders, ProcessOperator};
use reload::Reloader;
use traces::Traces;

#[derive(Args, Clone)]
pub(super) struct Serve {
    /// The configuration file, in TOML; options win over it.
    #[arg(long, value_name = "FILE", overrides_with = "config")]
    config: Option<PathBuf>,
    /// Where to accept clients; port 0 takes any free port [default: 127.0.0.1:5432].
    #[arg(long, value_name = "ADDRESS:PORT", overrides_with = "listen")]
    listen: Option<SocketAddr>,
    /// The database: `sandbox:`, `sandbox:FILE`, `sandbox:?iris=2024.1&log=FILE`,
    /// or `postgres://user:password@host:port/namespace` [default: sandbox:].
    #[arg(long, value_name = "URL", overrides_with = "upstream")]
    upstream: Option<String>,
    /// A rules file, which then serves every IRIS version, or a directory of them
    /// [default: target/rules].
    #[arg(long, value_name = "PATH", overrides_with = "rules")]
    rules: Option<PathBuf>,
    /// Where to serve health, metrics and a page for people by HTTP [default: nowhere].
    #[arg(long, value_name = "ADDRESS:PORT", overrides_with = "admin")]
    admin: Option<SocketAddr>,
    /// How clients prove who they are, if no access rules are configured. Without either only
    /// the sandbox is served.
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
        let configured = match &self.config {
            Some(file) => Settings::read(file)?,
            None => Settings::default(),
        };
        let mut settings = self.over(configured.clone());
        // Of a socket that is there the address is known.
        let listener = manager::listener()?;
        if let Some(listener) = &listener {
            settings.listen = listener.local_addr()?;
        }
        self.check_access(&settings)?;
        let runtime = tokio::runtime::Runtime::new()?;
        let traces = {
            let _within = runtime.enter();
            Traces::start(&settings.traces)?
        };
        log::start(&settings.log, traces.as_ref());
        let served = runtime.block_on(serve(self, configured, settings, listener));
        traces.inspect(Traces::end);
        served
    }

    /// The options, over what the file says.
    fn over(&self, mut settings: Settings) -> Settings {
        if let Some(listen) = self.listen {
            settings.listen = listen;
        }
        if let Some(upstream) = &self.upstream {
            settings.upstream = Some(upstream.clone());
        }
        if let Some(rules) = &self.rules {
            settings.rules.clone_from(rules);
        }
        if let Some(admin) = self.admin {
            settings.admin = Some(admin);
        }
        settings
    }

    /// Nobody is let in by accident.
    fn check_access(&self, settings: &Settings) -> anyhow::Result<()> {
        if !settings.access.is_empty() {
            return match self.auth {
                None => Ok(()),
                Some(_) => {
                    bail!("the configuration has access rules; --auth does not go with them")
                }
            };
        }
        match settings.exposure() {
            None => {}
            Some(Exposure::Upstream(..)) if self.auth.is_some() => {}
            Some(exposure) => bail!("{exposure}"),
        }
        Ok(())
    }
}

/// `configured`: what the file alone says.
async fn serve(
    arguments: Serve,
    configured: Settings,
    settings: Settings,
    listener: Option<std::net::TcpListener>,
) -> anyhow::Result<()> {
    let tls = settings.tls()?;
    let entrance = match settings.access.is_empty() {
        true => Entrance::new(tls.clone(), Access::everybody(), &settings.login),
        false => Entrance::new(tls.clone(), settings.access()?, &settings.login),
    };
    let entrance = Arc::new(entrance);
    let engine = Engine::new(settings.rules_limits())?;
    let mut backends = Backends::new(engine, settings.config.rules.schema_age);
    let (named, others) = backends.make(&settings)?;
    let databases = Arc::new(Databases::new(named, others));
    let listener = match listener {
        Some(listener) => TcpListener::from_std(listener)?,
        None => bind(settings.listen, "--listen").await?,
    };
    let address = listener.local_addr()?;
    let admin = match settings.admin {
        Some(admin) => Some(bind(admin, "--admin").await?),
        None => None,
    };
    let (orders, ordered) = Orders::new();
    // Installed before anybody is told that the broker is there.
    let (drain, end) = endings(&orders)?;
    let hangup = signal(SignalKind::hangup()).context("cannot handle SIGHUP")?;
    println!("listening on {address}");
    if let Some(admin) = &admin {
        println!("admin port http://{}/", admin.local_addr()?);
    }
    explain(address);
    let mut config = settings.config.clone();
    config.console = settings.console();
    let shadow = Arc::new(Shadow::default());
    let broker = Broker::builder()
        .config(config)
        .databases(Arc::clone(&databases))
        .entrance(Arc::clone(&entrance))
        .operator(Arc::new(ProcessOperator::new(settings, orders)))
        .shadow(Arc::clone(&shadow))
        .build()?;
    let admin = admin.map(|listener| {
        let admin = Admin::new(broker.monitor());
        tokio::spawn(admin.serve(listener))
    });
    let console = broker.console();
    let reloader = Reloader {
        arguments,
        backends,
        databases,
        users: configured.users.clone(),
        settings: configured,
        entrance,
        tls,
        shadow,
        console,
    };
    let reloading = tokio::spawn(reloader.run(hangup, ordered));
    let watching = tokio::spawn(manager::keep_watch());
    manager::ready();
    broker.run_until(listener, drain, end).await?;
    admin.inspect(|serving| serving.abort());
    reloading.abort();
    watching.abort();
    Ok(())
}

/// `option`: the one that names another address.
async fn bind(listen: SocketAddr, option: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(listen).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => anyhow::anyhow!(
            "{listen} is in use by another process; choose another port with {option}, for example {option} {}:0",
            listen.ip()
        ),
        _ => anyhow::Error::new(error).context(format!("cannot listen on {listen} ({option})")),
    })
}

/// What begins the end, done at SIGTERM and by the console's SHUTDOWN, and what makes it quick: SIGINT, which
/// Ctrl-C sends, a second SIGTERM, or SHUTDOWN IMMEDIATE.
fn endings(
    orders: &Orders,
) -> anyhow::Result<(
    impl Future<Output = ()> + use<>,
    impl Future<Output = ()> + use<>,
)> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot handle SIGTERM")?;
    let mut again = signal(SignalKind::terminate()).context("cannot handle SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot handle SIGINT")?;
    let (ordered, ordered_now) = (orders.drain(), orders.end());
    let drain = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            () = ordered => {}
        }
        manager::stopping();
        tracing::info!("draining: transactions may end, nobody else is accepted");
    };
    let end = async move {
        tokio::select! {
            _ = interrupt.recv() => manager::stopping(),
            () = ordered_now => {}
            () = async { again.recv().await; again.recv().await; } => {}
        }
    };
    Ok((drain, end))
}

/// For people; programs read the line before.
fn explain(address: SocketAddr) {
    let (host, port) = (address.ip(), address.port());
    println!("  psql        psql -h {host} -p {port} -U _SYSTEM USER");
    println!("  SQLAlchemy  create_async_engine(\"iris+psycopg://{host}:{port}/USER\")");
    println!("stop with Ctrl-C");
}

//! The broker as a library: another program embeds it, as often as it likes.

mod seams;
mod translator;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use pgiris::rules::{Engine, Library};
use pgiris::upstream::{self, Connector};
use pgiris::{Broker, Config, Monitor, RulesLimits};
use pgiris_tests::{compiled_rules, connect, metric, rules_file};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_postgres::error::SqlState;

#[tokio::test]
async fn two_brokers_live_in_one_process() -> Result<()> {
    let old = embed("2024.1").await?;
    let new = embed("2025.1").await?;
    let client = connect(old.port, "USER").await?;
    client
        .batch_execute("CREATE TABLE only_here (id int); INSERT INTO only_here VALUES (1)")
        .await?;
    ensure!(
        client
            .query("SELECT id FROM only_here LIMIT 1", &[])
            .await?
            .len()
            == 1
    );

    let other = connect(new.port, "USER").await?;
    let error = other
        .query("SELECT id FROM only_here", &[])
        .await
        .err()
        .context("they share a table")?;
    ensure!(
        error.code() == Some(&SqlState::UNDEFINED_TABLE),
        "{error:?}"
    );

    old.end().await?;
    ensure!(
        client.query("SELECT 1", &[]).await.is_err(),
        "the session outlives its broker"
    );
    ensure!(other.query_one("SELECT 1", &[]).await?.get::<_, i32>(0) == 1);
    Ok(())
}

#[tokio::test]
async fn rules_are_read_again_and_taken_back_on_demand() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("rules.wasm");
    std::fs::copy(rules_file("iris-2025.1")?, &file)?;
    let engine = Engine::new(limits()?)?;
    let library = Arc::new(Library::open(&engine, directory.path())?);
    let first = library.choose(None);
    ensure!(library.roll_back().is_err(), "there was nothing before");

    library.reload().await?;
    ensure!(library.edition() == 0, "the same file was published again");
    std::fs::copy(rules_file("iris-2024.1")?, &file)?;
    library.reload().await?;
    let second = library.choose(None);
    ensure!(library.edition() == 1 && !Arc::ptr_eq(&first, &second));
    std::fs::write(&file, "no component")?;
    ensure!(library.reload().await.is_err());
    ensure!(Arc::ptr_eq(&second, &library.choose(None)));

    library.roll_back()?;
    ensure!(Arc::ptr_eq(&first, &library.choose(None)));
    Ok(())
}

/// The figures of a broker stand among those of the program around it.
#[tokio::test]
async fn metrics_go_into_the_registry_of_another_program() -> Result<()> {
    let embedded = embed("2025.1").await?;
    let client = connect(embedded.port, "USER").await?;
    client.simple_query("SELECT 1").await?;
    let mut registry = Registry::default();
    let own: Counter = Counter::default();
    registry.register("proxied", "Of the program itself", own.clone());
    own.inc();
    embedded.monitor.register(&mut registry);
    let written = || -> Result<String> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry)?;
        Ok(text)
    };
    let statements = "pgiris_statements_total{database=\"USER\"} ";
    let before = metric(&written()?, statements).context("statements are counted")?;
    ensure!(metric(&written()?, "proxied_total ") == Some(1.0));
    client.simple_query("SELECT 2").await?;
    // Whoever asks is told what is so then.
    let after = metric(&written()?, statements).context("statements are counted")?;
    ensure!(after == before + 1.0, "{before}, then {after}");
    embedded.end().await
}

/// As by default, with a place for compiled components.
pub(crate) fn limits() -> Result<RulesLimits> {
    let mut limits = RulesLimits::default();
    limits.compilation_cache = Some(compiled_rules()?);
    Ok(limits)
}

/// A broker in this process.
pub(crate) struct Embedded {
    pub(crate) port: u16,
    pub(crate) monitor: Monitor,
    stop: oneshot::Sender<()>,
    run: JoinHandle<Result<(), pgiris::Error>>,
}

impl Embedded {
    /// Ends it, with all its sessions.
    pub(crate) async fn end(self) -> Result<()> {
        self.stop
            .send(())
            .ok()
            .context("the broker ended by itself")?;
        Ok(self.run.await??)
    }
}

async fn embed(version: &str) -> Result<Embedded> {
    embed_with(version, Config::default()).await
}

pub(crate) async fn embed_with(version: &str, config: Config) -> Result<Embedded> {
    let connector = upstream::connector(&format!("sandbox:?iris={version}"))?;
    let rules = rules_file(&format!("iris-{version}"))?;
    embed_before(connector, &rules, config).await
}

/// In front of any connector, with the rules at that path.
pub(crate) async fn embed_before(
    connector: Arc<dyn Connector>,
    rules: &Path,
    config: Config,
) -> Result<Embedded> {
    let mut kept = config.rules.clone();
    kept.compilation_cache = limits()?.compilation_cache;
    let library = Library::open(&Engine::new(kept)?, rules)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let (stop, stopped) = oneshot::channel::<()>();
    let broker = Broker::new(config, Arc::new(library), connector);
    let monitor = broker.monitor();
    let run = tokio::spawn(broker.run(listener, async {
        let _ = stopped.await;
    }));
    Ok(Embedded {
        port,
        monitor,
        stop,
        run,
    })
}

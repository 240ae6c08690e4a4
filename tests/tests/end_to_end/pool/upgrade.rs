//! The database is another one when the broker connects again.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use pgiris::upstream::{self, Connection, Connector, Target, UpstreamError};
use pgiris::{Config, PoolMode};
use pgiris_tests::{StatementLog, rules_directory};

use super::site::run;
use crate::embedding::embed_before;

/// An address behind which there is first one server, then another.
struct Address {
    before: Arc<dyn Connector>,
    after: Arc<dyn Connector>,
    is_upgraded: AtomicBool,
}

impl Connector for Address {
    fn connect<'a, 'b, 'c>(
        &'a self,
        target: &'b Target,
    ) -> Pin<Box<dyn Future<Output = Result<Box<dyn Connection>, UpstreamError>> + Send + 'c>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        match self.is_upgraded.load(Ordering::SeqCst) {
            false => self.before.connect(target),
            true => self.after.connect(target),
        }
    }

    fn name(&self) -> &str {
        "address"
    }
}

#[tokio::test]
async fn an_upgraded_iris_is_noticed_when_the_broker_connects_again() -> Result<()> {
    let logs = [StatementLog::new()?, StatementLog::new()?];
    let address = Arc::new(Address {
        before: upstream::connector(&logs[0].sandbox("2024.1"))?,
        after: upstream::connector(&logs[1].sandbox("2025.1"))?,
        is_upgraded: AtomicBool::new(false),
    });
    let mut config = Config::default();
    config.pool.mode = PoolMode::Transaction;
    // Each transaction has a connection of its own.
    config.pool.lifetime = Duration::ZERO;
    let connector = Arc::clone(&address) as Arc<dyn Connector>;
    let broker = embed_before(connector, &rules_directory()?, config).await?;
    let (client, silent) = (broker.client().await?, broker.client().await?);
    const QUERY: &str = "SELECT a FROM t ORDER BY a LIMIT 1";
    run(&client, "CREATE TABLE t (a int)").await?;
    let prepared = client.prepare(QUERY).await?;
    client.query(&prepared, &[]).await?;
    ensure!(logs[0].statement_with("FROM t")?.contains("TOP 1"));
    address.is_upgraded.store(true, Ordering::SeqCst);
    run(&client, "CREATE TABLE t (a int)").await?;
    // What was prepared, and who was silent: both follow.
    client.query(&prepared, &[]).await?;
    ensure!(logs[1].statement_with("FROM t")?.contains("LIMIT 1"));
    run(&silent, QUERY).await?;
    let statements = logs[1].statements()?;
    ensure!(
        statements
            .iter()
            .all(|statement| !statement.contains("TOP 1")),
        "{statements:?}"
    );
    broker.end().await
}

/// A server that goes on beside the one that has taken its place: what is under way there ends there.
#[tokio::test]
async fn the_server_before_is_not_spoken_to_by_the_rules_for_the_one_after() -> Result<()> {
    for mode in [PoolMode::Session, PoolMode::Transaction] {
        let logs = [StatementLog::new()?, StatementLog::new()?];
        let address = Arc::new(Address {
            before: upstream::connector(&logs[0].sandbox("2024.1"))?,
            after: upstream::connector(&logs[1].sandbox("2025.1"))?,
            is_upgraded: AtomicBool::new(false),
        });
        let mut config = Config::default();
        config.pool.mode = mode;
        config.pool.size = 8;
        let connector = Arc::clone(&address) as Arc<dyn Connector>;
        let broker = embed_before(connector, &rules_directory()?, config).await?;
        let (silent, busy) = (broker.client().await?, broker.client().await?);
        const QUERY: &str = "SELECT a FROM t ORDER BY a LIMIT 1";
        run(&silent, "CREATE TABLE t (a int)").await?;
        run(&busy, "BEGIN").await?;
        run(&busy, "INSERT INTO t VALUES (1)").await?;
        address.is_upgraded.store(true, Ordering::SeqCst);
        // In transaction mode there is one connection more that is free.
        let (first, second) = (broker.client().await?, broker.client().await?);
        run(&silent, "SELECT 2").await?;
        run(&first, "BEGIN; SELECT 1").await?;
        run(&second, "CREATE TABLE t (a int)").await?;

        // What was begun on the one before.
        run(&busy, QUERY).await?;
        ensure!(logs[0].statement_with("FROM t")?.contains("TOP 1"));
        run(&busy, "COMMIT").await?;
        // And what was not.
        for client in [&busy, &silent, &second] {
            run(client, QUERY).await?;
        }
        let queries = |log: &StatementLog| -> Result<Vec<String>> {
            let mut statements = log.statements()?;
            statements.retain(|statement| statement.contains("FROM t"));
            Ok(statements)
        };
        let (before, after) = (queries(&logs[0])?, queries(&logs[1])?);
        ensure!(before.len() == 1, "{mode:?}: {before:?}");
        let is_new = |query: &String| query.contains("LIMIT 1") && !query.contains("TOP");
        ensure!(
            !after.is_empty() && after.iter().all(is_new),
            "{mode:?}: {after:?}"
        );
        run(&first, "COMMIT").await?;
        broker.end().await?;
    }
    Ok(())
}

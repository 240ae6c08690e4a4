//! A database that falls silent while it runs a statement: whoever interrupts it is obeyed.

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Hole, Postgres, connect};
use tokio_postgres::error::{DbError, Severity};
use tokio_postgres::{Client, NoTls};

use super::site::{Site, run, same, value};

/// One connection for all, which is given up soon after it does not obey.
const POOL: &str = "mode = 'transaction'\nsize = 1\ncancel_timeout = '200ms'\ncheck_timeout = '1s'";

struct Silent {
    site: Site,
    hole: Hole,
    postgres: Postgres,
}

impl Silent {
    async fn new() -> Result<Self> {
        let postgres = Postgres::start()?;
        let direct = connect(postgres.port(), "postgres").await?;
        run(&direct, "CREATE TABLE t (a int)").await?;
        let hole = Hole::to(postgres.port())?;
        let url = format!(
            "postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable&connect_timeout=2",
            hole.port()
        );
        Ok(Self {
            site: Site::before(&url, POOL)?,
            hole,
            postgres,
        })
    }

    /// A client whose connection has been used.
    async fn client(&self) -> Result<Client> {
        let client = self.site.client().await?;
        run(&client, "SELECT a FROM t").await?;
        Ok(client)
    }

    /// Runs what the database does not hear of, does something meanwhile, and gives the error.
    async fn unheard(
        &self,
        client: Client,
        statement: &'static str,
        meanwhile: impl AsyncFnOnce() -> Result<()>,
    ) -> Result<(Client, DbError)> {
        let before = self.hole.kept();
        self.hole.silence();
        let running = tokio::spawn(async move {
            let outcome = client.batch_execute(statement).await;
            (client, outcome)
        });
        tokio::task::block_in_place(|| self.hole.keeps_more_than(before))?;
        meanwhile().await?;
        let (client, outcome) = running.await?;
        self.hole.speak();
        let error = outcome.err().context("an error")?;
        let told = error.as_db_error().with_context(|| format!("{error:?}"))?;
        Ok((client, told.clone()))
    }

    /// Those that are there go on, and the table has so many rows.
    async fn goes_on(&self, clients: &[&Client]) -> Result<()> {
        for client in clients {
            run(client, "SELECT a FROM t").await?;
        }
        let other = self.site.client().await?;
        run(&other, "BEGIN; SELECT a FROM t; COMMIT").await
    }

    async fn rows(&self) -> Result<String> {
        let direct = connect(self.postgres.port(), "postgres").await?;
        value(&direct, "SELECT count(*) FROM t").await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_to_cancel_is_obeyed() -> Result<()> {
    let silent = Silent::new().await?;
    let client = silent.client().await?;
    let token = client.cancel_token();
    let cancel = async || Ok(token.cancel_query(NoTls).await?);
    let (client, told) = silent.unheard(client, "SELECT a FROM t", cancel).await?;
    same(&told.code().code(), &"57014")?;
    same(&told.parsed_severity(), &Some(Severity::Error))?;
    same(&told.message(), &"canceling statement due to user request")?;
    silent.goes_on(&[&client]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_the_connection_is_served_when_its_session_is_killed() -> Result<()> {
    for kill in ["KILL_CLIENT", "KILL USER"] {
        let silent = Silent::new().await?;
        let (client, other) = (silent.client().await?, silent.client().await?);
        let process = value(&client, "SELECT pg_backend_pid()").await?;
        let console = connect(silent.site.broker.port(), "pgiris").await?;
        let command = match kill {
            "KILL_CLIENT" => format!("KILL_CLIENT {process}"),
            kill => kill.to_owned(),
        };
        let killed = async || run(&console, &command).await;
        let (_, told) = silent.unheard(client, "SELECT a FROM t", killed).await?;
        same(&told.code().code(), &"57014")?;
        match kill {
            "KILL_CLIENT" => silent.goes_on(&[&other]).await?,
            _ => {
                run(&console, "RESUME USER").await?;
                silent.goes_on(&[]).await?;
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_happened_is_told_as_unknown() -> Result<()> {
    let silent = Silent::new().await?;
    let client = silent.client().await?;
    run(&client, "SET statement_timeout = '1s'").await?;
    let nothing = async || Ok(());
    // Nothing can have come of a query.
    let (client, told) = silent.unheard(client, "SELECT a FROM t", nothing).await?;
    same(&told.code().code(), &"57014")?;
    same(
        &told.message(),
        &"canceling statement due to statement timeout",
    )?;
    let insert = "INSERT INTO t VALUES (1)";
    run(&client, insert).await?;
    let (client, told) = silent.unheard(client, insert, nothing).await?;
    same(&told.code().code(), &"08006")?;
    same(&told.parsed_severity(), &Some(Severity::Error))?;
    let hint = told.hint().unwrap_or_default();
    ensure!(hint.contains("may have taken effect"), "{told:?}");
    ensure!(
        told.detail()
            .is_some_and(|detail| detail.contains("did not obey")),
        "{told:?}"
    );
    silent.goes_on(&[&client]).await?;
    // In a transaction block the session ends with it.
    run(&client, "BEGIN; INSERT INTO t VALUES (2)").await?;
    let (_, told) = silent.unheard(client, "COMMIT", nothing).await?;
    same(&told.code().code(), &"08007")?;
    same(&told.parsed_severity(), &Some(Severity::Fatal))?;
    silent.goes_on(&[]).await?;
    ensure!(["1", "2", "3"].contains(&silent.rows().await?.as_str()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_whose_client_leaves_is_not_waited_for() -> Result<()> {
    let silent = Silent::new().await?;
    let (client, other) = (silent.client().await?, silent.client().await?);
    run(&client, "BEGIN; INSERT INTO t VALUES (1)").await?;
    let before = silent.hole.kept();
    silent.hole.silence();
    drop(client);
    tokio::task::block_in_place(|| silent.hole.keeps_more_than(before))?;
    silent.hole.speak();
    silent.goes_on(&[&other]).await?;
    same(&silent.rows().await?, &"0".to_owned())
}

//! One broker, several databases: each with its server, its rules and its pools.

mod going_back;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{
    Broker, Postgres, StatementLog, configuration, connect, eventually, rules_file,
};
use tempfile::TempDir;
use tokio_postgres::Client;
use tokio_postgres::error::{Severity, SqlState};

/// A configuration file, and the broker that reads it.
struct Site {
    directory: TempDir,
    broker: Option<Broker>,
}

impl Site {
    fn serve(text: &str) -> Result<Self> {
        let mut site = Self {
            directory: tempfile::tempdir()?,
            broker: None,
        };
        site.write(text)?;
        site.broker = Some(Broker::with(configuration(&site.file())?)?);
        Ok(site)
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("pgiris.toml")
    }

    fn write(&self, text: &str) -> Result<()> {
        Ok(fs::write(self.file(), text)?)
    }

    fn broker(&self) -> Result<&Broker> {
        self.broker.as_ref().context("it is served")
    }

    async fn client(&self, database: &str) -> Result<Client> {
        connect(self.broker()?.port(), database).await
    }

    /// Writes another configuration and waits until the log says so.
    fn reload(&self, text: &str, logged: &str) -> Result<()> {
        let broker = self.broker()?;
        let count = || broker.output().matches(logged).count();
        let before = count();
        self.write(text)?;
        broker.signal("HUP")?;
        eventually(|| (count() > before).then_some(())).with_context(|| broker.output())
    }
}

async fn run(client: &Client, statements: &str) -> Result<()> {
    let outcome = client.batch_execute(statements).await;
    outcome.context(statements.to_owned())
}

/// The only value of a query.
async fn value(client: &Client, query: &str) -> Result<String> {
    let messages = client.simple_query(query).await?;
    let found = messages.iter().find_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    });
    found.with_context(|| format!("{query} gives a value"))
}

#[tokio::test]
async fn each_server_is_spoken_to_by_the_rules_of_its_version() -> Result<()> {
    let logs = [
        StatementLog::new()?,
        StatementLog::new()?,
        StatementLog::new()?,
    ];
    let site = Site::serve(&format!(
        "[databases.old]\nupstream = '{}'\nnamespace = 'USER'\n\
         [databases.new]\nupstream = '{}'\nnamespace = 'USER'\n\
         [databases.pinned]\nupstream = '{}'\nnamespace = 'USER'\nrules = '{}'\n",
        logs[0].sandbox("2023.1"),
        logs[1].sandbox("2025.1"),
        logs[2].sandbox("2025.1"),
        rules_file("iris-2024.1")?.display(),
    ))?;
    let (old, new, pinned) = (
        site.client("old").await?,
        site.client("new").await?,
        site.client("pinned").await?,
    );
    for (client, log, expected) in [
        (&old, &logs[0], "TOP 1"),
        (&new, &logs[1], "LIMIT 1"),
        (&pinned, &logs[2], "TOP 1"),
        // What one has prepared is not the other's.
        (&old, &logs[0], "TOP 1"),
    ] {
        run(client, "CREATE TABLE IF NOT EXISTS t (a int)").await?;
        run(client, "SELECT a FROM t ORDER BY a LIMIT 1").await?;
        let sent = log.statement_with("FROM t")?;
        ensure!(sent.contains(expected), "{sent}");
    }
    // Vectors came with 2024.1.
    let vectors = "CREATE TABLE v (a vector(3)); INSERT INTO v VALUES ('[1,2,3]')";
    run(&new, vectors).await?;
    let refused = old.batch_execute(vectors).await.err().context("refused")?;
    ensure!(
        refused.code() == Some(&SqlState::FEATURE_NOT_SUPPORTED),
        "{refused:?}"
    );
    for name in ["old", "pinned"] {
        let client = site.client(name).await?;
        ensure!(value(&client, "SELECT current_database()").await? == name);
        let listed = "SELECT datname FROM pg_database";
        ensure!(value(&client, listed).await? == name);
    }
    Ok(())
}

#[tokio::test]
async fn an_unknown_database_is_refused_as_by_postgresql() -> Result<()> {
    let site = Site::serve("[databases.USER]\nupstream = 'sandbox:'\n")?;
    let postgres = Postgres::start()?;
    let mut told = Vec::new();
    for port in [site.broker()?.port(), postgres.port()] {
        let refused = connect(port, "nowhere").await.err().context("refused")?;
        let error = refused
            .downcast_ref::<tokio_postgres::Error>()
            .and_then(tokio_postgres::Error::as_db_error)
            .with_context(|| format!("{refused:?}"))?;
        ensure!(
            error.parsed_severity() == Some(Severity::Fatal),
            "{error:?}"
        );
        told.push((error.code().clone(), error.message().to_owned()));
    }
    ensure!(told[0] == told[1], "{told:?}");
    run(&site.client("USER").await?, "SELECT 1").await
}

#[tokio::test]
async fn definitions_by_one_name_are_seen_by_the_other() -> Result<()> {
    let site = Site::serve(
        "upstream = 'sandbox:'\n[databases.a]\nnamespace = 'USER'\n[databases.b]\nnamespace = 'USER'\n",
    )?;
    let (a, b, other) = (
        site.client("a").await?,
        site.client("b").await?,
        site.client("USER").await?,
    );
    run(&a, "CREATE TABLE t (a int); INSERT INTO t VALUES (1)").await?;
    for client in [&b, &other] {
        ensure!(value(client, "SELECT * FROM t").await? == "1");
    }
    run(
        &b,
        "DROP TABLE t; CREATE TABLE t (z text); INSERT INTO t VALUES ('x')",
    )
    .await?;
    for client in [&a, &other] {
        let rows = client.query("SELECT * FROM t", &[]).await?;
        ensure!(rows[0].columns()[0].name() == "z" && rows[0].get::<_, String>(0) == "x");
    }
    Ok(())
}

#[tokio::test]
async fn pools_and_settings_are_of_the_database() -> Result<()> {
    let site = Site::serve(
        "upstream = 'sandbox:'\n[pool]\nmode = 'transaction'\nsize = 3\nwait_timeout = '1s'\n\
         [databases.narrow]\nnamespace = 'USER'\npool = { mode = 'statement', size = 1 }\n\
         settings = { DateStyle = 'German', application_name = 'narrow' }\n",
    )?;
    let (narrow, wide) = (site.client("narrow").await?, site.client("USER").await?);
    let refused = narrow
        .batch_execute("BEGIN")
        .await
        .err()
        .context("refused")?;
    ensure!(
        refused.code() == Some(&SqlState::FEATURE_NOT_SUPPORTED),
        "{refused:?}"
    );
    run(&wide, "BEGIN; COMMIT").await?;
    ensure!(value(&narrow, "SHOW DateStyle").await? == "German, DMY");
    ensure!(value(&wide, "SHOW DateStyle").await? == "ISO, MDY");
    run(&narrow, "SET DateStyle = 'ISO, YMD'; RESET DateStyle").await?;
    ensure!(value(&narrow, "SHOW DateStyle").await? == "German, DMY");
    // What a client asks for itself wins.
    let (own, connection) = tokio_postgres::Config::new()
        .host("127.0.0.1")
        .port(site.broker()?.port())
        .user("ann")
        .dbname("narrow")
        .application_name("own")
        .connect(tokio_postgres::NoTls)
        .await?;
    tokio::spawn(connection);
    ensure!(value(&own, "SHOW application_name").await? == "own");
    Ok(())
}

#[test]
fn databases_come_change_and_go_while_the_broker_runs() -> Result<()> {
    const READ: &str = "the configuration was read again";
    let runtime = tokio::runtime::Runtime::new()?;
    let first = "[databases.a]\nupstream = 'sandbox:'\nnamespace = 'USER'\n";
    let site = Site::serve(first)?;
    let client = runtime.block_on(async {
        let client = site.client("a").await?;
        run(&client, "CREATE TABLE t (a int)").await?;
        ensure!(site.client("b").await.is_err());
        Ok(client)
    })?;
    // Another one comes; the data of the sandbox in memory is there still.
    let second = "[databases.b]\nupstream = 'sandbox:?iris=2024.1'\nnamespace = 'USER'\n";
    site.reload(&format!("{first}{second}"), READ)?;
    runtime.block_on(async {
        let other = site.client("b").await?;
        ensure!(other.batch_execute("SELECT a FROM t").await.is_err());
        run(&site.client("a").await?, "SELECT a FROM t").await?;
        run(&client, "SELECT a FROM t").await
    })?;
    // Other pools in front of the same, then nothing: who is there stays.
    site.reload(
        &format!("{first}pool = {{ mode = 'statement', size = 1 }}\n"),
        READ,
    )?;
    runtime.block_on(async {
        run(&client, "BEGIN; SELECT a FROM t; COMMIT").await?;
        let changed = site.client("a").await?;
        run(&changed, "SELECT a FROM t").await?;
        ensure!(changed.batch_execute("BEGIN").await.is_err());
        ensure!(site.client("b").await.is_err());
        Ok(())
    })?;
    // A mistake changes nothing.
    site.reload(
        "[databases.a]\nupstream = 'sandbox:?iris=1'\n",
        "stays as it was",
    )?;
    // An upstream that is none of the sandbox's is for nobody without access rules.
    site.reload(
        "[databases.a]\nupstream = 'postgres://127.0.0.1:1/'\n",
        "stays as it was",
    )?;
    site.reload(second, READ)?;
    runtime.block_on(async {
        run(&client, "SELECT a FROM t").await?;
        ensure!(site.client("a").await.is_err());
        run(&site.client("b").await?, "SELECT 1").await
    })
}

#[test]
fn mistakes_are_told_with_their_lines() -> Result<()> {
    let site = tempfile::tempdir()?;
    let file = site.path().join("pgiris.toml");
    for (text, expected) in [
        (
            "[databases.a]\nupstrem = 'sandbox:'",
            "2: unknown key `databases.a.upstrem`; did you mean `upstream`?",
        ),
        (
            "[databases.a]\nnamespace = 'USER'",
            "1: `databases.a` needs an `upstream`",
        ),
        (
            "upstream = 'sandbox:'\n[databases.a]\npool = { mode = 'statement' }",
            "2: clients that share connections need to know how many: set `databases.a.pool.size`",
        ),
        (
            "upstream = 'sandbox:'\n[databases.a.pool]\nsise = 1",
            "3: unknown key `databases.a.pool.sise`; did you mean `size`?",
        ),
        ("databases = 1", "`databases`: expected tables"),
        (
            "[databases.a]\nupstream = 'postgres://127.0.0.1/'",
            "need authentication",
        ),
    ] {
        fs::write(&file, text)?;
        let output = Broker::refuses(configuration(&file)?)?.output;
        ensure!(output.contains(expected), "{text}\n---\n{output}");
    }
    Ok(())
}

/// IRIS takes no notice of capitals in the names of namespaces, and rules, pools and commands take none either.
#[tokio::test]
async fn a_namespace_is_the_same_in_every_spelling() -> Result<()> {
    let site = Site::serve(
        "upstream = 'sandbox:'\n[console]\nadministrators = ['postgres']\n\
         [pool]\nmode = 'transaction'\nsize = 1\nwait_timeout = '200ms'\n\
         [databases.Own]\nnamespace = 'USER'\n\
         [[access]]\ndatabases = ['%sys', 'Own']\nmethod = 'reject'\n\
         [[access]]\naddresses = ['127.0.0.1']\nmethod = 'trust'\n",
    )?;
    for name in ["%SYS", "%sys", "%Sys", "Own"] {
        let error = site.client(name).await.err().context("it is let in")?;
        let error = error
            .downcast_ref::<tokio_postgres::Error>()
            .context("an error")?;
        ensure!(
            error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION),
            "{error:?}"
        );
    }
    let mut clients = Vec::new();
    // The last has a spelling of what has a name of its own: it is a namespace, which is not there.
    for name in ["USER", "user", "User"] {
        let client = site.client(name).await?;
        let shown = client
            .query_one("SELECT current_database()::text", &[])
            .await?;
        ensure!(shown.get::<_, &str>(0) == name, "{shown:?}");
        clients.push(client);
    }
    let error = site
        .client("OWN")
        .await
        .err()
        .context("there is no such namespace")?;
    let error = error
        .downcast_ref::<tokio_postgres::Error>()
        .context("an error")?;
    ensure!(
        error.code() == Some(&SqlState::INVALID_CATALOG_NAME),
        "{error:?}"
    );
    run(
        &clients[0],
        "CREATE TABLE spelt (a int); BEGIN; INSERT INTO spelt VALUES (1)",
    )
    .await?;
    // It is one pool, with one connection.
    let error = clients[1].batch_execute("SELECT a FROM spelt").await;
    ensure!(error.is_err_and(|error| error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS)));
    run(&clients[0], "COMMIT").await?;
    let console = site.client("pgiris").await?;
    for (command, is_paused) in [("PAUSE user", true), ("RESUME \"USER\"", false)] {
        run(&console, command).await?;
        for client in &clients {
            // What is paused waits for as long as a statement may take.
            let limit = if is_paused { "50ms" } else { "0" };
            run(client, &format!("SET statement_timeout = '{limit}'")).await?;
            let outcome = client.batch_execute("SELECT a FROM spelt").await;
            ensure!(outcome.is_err() == is_paused, "{command}: {outcome:?}");
        }
    }
    let pools = console.simple_query("SHOW POOLS").await?;
    let names: Vec<_> = pools
        .iter()
        .filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get("database"),
            _ => None,
        })
        .filter(|name| name.eq_ignore_ascii_case("user"))
        .collect();
    ensure!(names == ["USER"], "{names:?}");
    Ok(())
}

#[tokio::test]
async fn sessions_begin_with_what_is_configured_for_all_databases() -> Result<()> {
    let site = Site::serve(
        "upstream = 'sandbox:'\n[settings]\nstatement_timeout = '5min'\nIntervalStyle = 'iso_8601'\n\
         [databases.own]\nnamespace = 'USER'\nsettings = { IntervalStyle = 'sql_standard' }\n",
    )?;
    for (name, style) in [("USER", "iso_8601"), ("own", "sql_standard")] {
        let client = site.client(name).await?;
        for (setting, expected) in [("statement_timeout", "5min"), ("IntervalStyle", style)] {
            let row = client.query_one(&format!("SHOW {setting}"), &[]).await?;
            ensure!(row.get::<_, &str>(0) == expected, "{name}: {row:?}");
        }
    }
    Ok(())
}

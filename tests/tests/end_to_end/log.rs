//! What stands in the log, and what never does.

use std::fs;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, eventually, rules_file};
use serde_json::Value;
use tokio_postgres::{Client, Config, NoTls};

use crate::access::{Site, TLS};

/// A broker with this table `log`, in front of a sandbox.
fn serve(table: &str, upstream: &str) -> Result<Broker> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("pgiris.toml");
    fs::write(&file, format!("[log]\n{table}\n"))?;
    Broker::with([
        "--config".into(),
        file.into(),
        "--upstream".into(),
        upstream.into(),
        "--rules".into(),
        rules_file("iris-2025.1")?.into(),
    ])
}

async fn client(broker: &Broker, user: &str, application: &str) -> Result<Client> {
    let (client, connection) = Config::new()
        .host("127.0.0.1")
        .port(broker.port())
        .user(user)
        .dbname("USER")
        .application_name(application)
        .connect(NoTls)
        .await?;
    tokio::spawn(connection);
    Ok(client)
}

/// The lines of the log, each of which is an object.
fn objects(broker: &Broker) -> Result<Vec<Value>> {
    let output = broker.output();
    let lines = output.lines().filter(|line| line.starts_with('{'));
    lines
        .map(|line| serde_json::from_str(line).with_context(|| line.to_owned()))
        .collect()
}

#[tokio::test]
async fn lines_of_a_session_say_whose_they_are() -> Result<()> {
    let broker = serve("format = 'json'", "sandbox:?fault=drop*2@fatal_mark")?;
    let mut processes = Vec::new();
    for (user, application) in [("ann", "shop"), ("ben", "a \"quoted\" name")] {
        let client = client(&broker, user, application).await?;
        let lost = client.batch_execute("SELECT 1 AS fatal_mark").await;
        ensure!(lost.is_err());
        let found = eventually(|| {
            let mut lines = objects(&broker).ok()?.into_iter();
            lines.find(|line| {
                line["message"] == "the upstream failed" && line["session"]["user"] == user
            })
        });
        let line = found.with_context(|| broker.output())?;
        let session = &line["session"];
        ensure!(
            session["database"] == "USER" && session["address"] == "127.0.0.1",
            "{line}"
        );
        ensure!(session["application_name"] == application, "{line}");
        ensure!(
            line["level"] == "WARN" && line["target"] == "pgiris::session::failure",
            "{line}"
        );
        ensure!(
            line["timestamp"]
                .as_str()
                .is_some_and(|time| time.ends_with('Z')),
            "{line}"
        );
        let pid = client.query_one("SELECT pg_backend_pid()", &[]).await?;
        ensure!(session["process"] == pid.get::<_, i32>(0), "{line}");
        processes.push(session["process"].clone());
    }
    ensure!(processes[0] != processes[1]);
    // In text, too.
    let broker = serve("level = 'warn'", "sandbox:?fault=drop@fatal_mark")?;
    let client = client(&broker, "ann", "shop").await?;
    ensure!(
        client
            .batch_execute("SELECT 1 AS fatal_mark")
            .await
            .is_err()
    );
    let is_told = || {
        let output = broker.output();
        let mut lines = output.lines();
        lines.any(|line| line.contains("the upstream failed") && line.contains("user=\"ann\""))
    };
    eventually(|| is_told().then_some(())).with_context(|| broker.output())?;
    ensure!(!broker.output().contains(" INFO "), "{}", broker.output());
    Ok(())
}

#[tokio::test]
async fn statements_are_logged_only_if_asked_for_and_values_never() -> Result<()> {
    for (table, is_logged) in [
        ("format = 'json'\nlevel = 'trace'\nstatements = true", true),
        ("format = 'json'\nlevel = 'trace'", false),
    ] {
        let broker = serve(table, "sandbox:")?;
        let client = client(&broker, "ann", "shop").await?;
        client
            .batch_execute("CREATE TABLE t (a varchar(50))")
            .await?;
        for value in ["in-a-parameter", "another-parameter"] {
            client
                .execute("INSERT INTO t VALUES ($1)", &[&value])
                .await?;
            client
                .query("SELECT a FROM t WHERE a = $1", &[&value])
                .await?;
        }
        client.batch_execute("SELECT 'in-a-text' AS x").await?;
        let output = broker.output();
        ensure!(!output.contains("a-parameter"), "{output}");
        ensure!(!output.contains("another-parameter"), "{output}");
        ensure!(output.contains("in-a-text") == is_logged, "{output}");
        let lines = objects(&broker)?;
        let texts = lines
            .iter()
            .filter(|line| line["target"] == "pgiris::statement");
        let texts: Vec<_> = texts.map(|line| line["fields"]["text"].clone()).collect();
        let has = |text: &str| texts.iter().any(|found| found == text);
        ensure!(has("INSERT INTO t VALUES ($1)") == is_logged, "{texts:?}");
    }
    Ok(())
}

#[test]
fn passwords_are_in_no_line_however_much_is_logged() -> Result<()> {
    const LOG: &str = "[log]\nlevel = 'trace'\n";
    const RIGHT: &str = "right-open-sesame";
    const WRONG: &str = "wrong-open-sesame";
    for method in ["scram-sha-256", "password", "pass-through"] {
        let site = Site::new()?.user("ann", RIGHT)?;
        let access = format!("[[access]]\nmethod = '{method}'\n");
        let broker = site.serve(&format!("{TLS}{LOG}{access}"))?;
        for password in [RIGHT, WRONG] {
            let answer = broker.ask("ann", Some(password), "sslmode=require")?;
            // IRIS does not know this user.
            let enters = password == RIGHT && method != "pass-through";
            ensure!(answer.is_ok() == enters, "{method}: {answer:?}");
        }
        let output = broker.broker.output();
        ensure!(output.contains("session{address=127.0.0.1"), "{output}");
        ensure!(!output.contains("open-sesame"), "{output}");
    }
    // Nor that of the broker itself, which is refused here.
    let broker = Broker::with([
        "--upstream=postgres://ann:open-sesame@127.0.0.1:1/USER".into(),
        "--auth=trust".into(),
        "--rules".into(),
        rules_file("iris-2025.1")?.into(),
    ])?;
    let runtime = tokio::runtime::Runtime::new()?;
    ensure!(runtime.block_on(client(&broker, "ann", "shop")).is_err());
    let output = broker.output();
    ensure!(output.contains("no connection to the upstream"), "{output}");
    ensure!(!output.contains("open-sesame"), "{output}");
    Ok(())
}

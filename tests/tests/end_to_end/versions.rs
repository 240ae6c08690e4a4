//! Other rules are other files: what reaches IRIS changes with them, the broker stays.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use pgiris_tests::{Broker, DEADLINE, StatementLog, connect, psql, rules_directory, rules_file};

const TABLE: &str =
    "CREATE TABLE page (id int); INSERT INTO page VALUES (1); INSERT INTO page VALUES (2);";
const QUERY: &str = "SELECT id FROM page ORDER BY id LIMIT 1;";

#[test]
fn rules_decide_between_top_and_limit() -> Result<()> {
    let old = received("2024.1", Rules::File)?;
    ensure!(
        old.contains("TOP 1") && !old.contains("LIMIT"),
        "2024.1 received {old}"
    );
    let new = received("2025.1", Rules::File)?;
    ensure!(
        new.contains("LIMIT 1") && !new.contains("TOP"),
        "2025.1 received {new}"
    );
    Ok(())
}

#[test]
fn the_rules_that_serve_the_version_are_picked_from_a_directory() -> Result<()> {
    let old = received("2024.1", Rules::Directory)?;
    ensure!(
        old.contains("TOP 1") && !old.contains("LIMIT"),
        "2024.1 received {old}"
    );
    let new = received("2025.1", Rules::Directory)?;
    ensure!(
        new.contains("LIMIT 1") && !new.contains("TOP"),
        "2025.1 received {new}"
    );
    Ok(())
}

#[test]
fn rules_that_do_not_serve_the_version_are_told() -> Result<()> {
    let newer = tempfile::tempdir()?;
    for name in ["iris-2024.3.wasm", "iris-2025.1.wasm"] {
        std::fs::copy(rules_directory()?.join(name), newer.path().join(name))?;
    }
    let told = |rules: PathBuf, version: &str| -> Result<String> {
        let upstream = format!("sandbox:?iris={version}");
        let broker = Broker::with([
            "--upstream".into(),
            upstream.into(),
            "--rules".into(),
            rules.into(),
        ])?;
        psql(broker.port(), "USER", "SELECT 1;")?;
        let output = broker.output();
        let mut lines = output.lines().filter(|line| line.contains("WARN"));
        let told = lines.find(|line| line.contains("serve IRIS"));
        Ok(told.unwrap_or_default().to_owned())
    };
    let single = told(rules_file("iris-2025.1")?, "2023.1")?;
    ensure!(
        single.contains("these rules do not serve IRIS 2023.1") && single.contains("iris-2025.1"),
        "{single}"
    );
    let nearest = told(newer.path().to_owned(), "2023.1")?;
    ensure!(
        nearest.contains("no rules serve IRIS 2023.1; the nearest are used")
            && nearest.contains("iris-2024.3"),
        "{nearest}"
    );
    // What fits needs no word.
    ensure!(told(rules_file("iris-2025.1")?, "2025.1")?.is_empty());
    ensure!(told(newer.path().to_owned(), "2025.1")?.is_empty());
    Ok(())
}

/// Behind an address there is first one server, then another: brokers, before sandboxes.
#[tokio::test]
async fn an_upgraded_iris_is_noticed_when_the_broker_connects_again() -> Result<()> {
    const QUERY: &str = "SELECT id FROM page ORDER BY id LIMIT 1";
    let logs = [StatementLog::new()?, StatementLog::new()?];
    let behind = |place: usize, version: &str, address: String| -> Result<Broker> {
        Broker::with([
            "--upstream".into(),
            logs[place].sandbox(version).into(),
            "--listen".into(),
            address.into(),
            "--rules".into(),
            rules_directory()?.into(),
        ])
    };
    let before = behind(0, "2024.1", "127.0.0.1:0".to_owned())?;
    let port = before.port();
    let upstream = format!("postgres://_SYSTEM@127.0.0.1:{port}/USER?sslmode=disable");
    let broker = Broker::with([
        "--upstream".into(),
        upstream.into(),
        "--auth=trust".into(),
        "--rules".into(),
        rules_directory()?.into(),
    ])?;
    let client = connect(broker.port(), "USER").await?;
    client.batch_execute("CREATE TABLE page (id int)").await?;
    let prepared = client.prepare(QUERY).await?;
    client.query(&prepared, &[]).await?;
    let sent = logs[0].statement_with("FROM page")?;
    ensure!(sent.contains("TOP 1"), "{sent}");

    drop(before);
    let _after = behind(1, "2025.1", format!("127.0.0.1:{port}"))?;
    // The session outlives its connection; the first attempt may come too early.
    let again = async {
        while client
            .batch_execute("CREATE TABLE page (id int)")
            .await
            .is_err()
        {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(DEADLINE, again).await?;
    client.query(&prepared, &[]).await?;
    let sent = logs[1].statement_with("FROM page")?;
    ensure!(sent.contains("LIMIT 1") && !sent.contains("TOP"), "{sent}");
    ensure!(broker.output().contains("the server is IRIS 2025.1 now"));
    Ok(())
}

enum Rules {
    File,
    Directory,
}

/// The query as it reached a sandbox of this version; the row it gave is checked here.
fn received(version: &str, rules: Rules) -> Result<String> {
    let log = StatementLog::new()?;
    let rules = match rules {
        Rules::File => rules_file(&format!("iris-{version}"))?,
        Rules::Directory => rules_directory()?,
    };
    let upstream = log.sandbox(version);
    let broker = Broker::with([
        "--upstream".into(),
        upstream.into(),
        "--rules".into(),
        rules.into(),
    ])?;
    psql(broker.port(), "USER", TABLE)?;
    let answer = psql(broker.port(), "USER", QUERY)?;
    ensure!(answer.trim() == "id \n----\n  1\n(1 row)", "{answer}");
    log.statement_with("FROM page")
}

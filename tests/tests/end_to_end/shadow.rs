//! A candidate for the rules beside those in use: what it does differently is counted, and no client notices.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{AdminPort, Broker, DEADLINE, connect, hostile_rules, rules_file};
use tempfile::TempDir;
use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

/// A broker with rules for 2025.1, and a candidate.
struct Site {
    broker: Broker,
    directory: TempDir,
    console: Client,
}

impl Site {
    /// With these keys of `[shadow]` beside the candidate, and of `[translation]`.
    async fn serve(candidate: &Path, shadow: &str, translation: &str) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        fs::copy(candidate, directory.path().join("candidate.wasm"))?;
        let file = directory.path().join("pgiris.toml");
        let keys =
            format!("[shadow]\nrules = 'candidate.wasm'\n{shadow}\n[translation]\n{translation}\n");
        fs::write(&file, keys)?;
        let rules = rules_file("iris-2025.1")?;
        let options = ["--admin".into(), "127.0.0.1:0".into()];
        let files = [
            "--config".into(),
            file.into(),
            "--rules".into(),
            rules.into(),
        ];
        let broker = Broker::with(options.into_iter().chain(files))?;
        let console = connect(broker.port(), "pgiris").await?;
        Ok(Self {
            broker,
            directory,
            console,
        })
    }

    async fn client(&self) -> Result<Client> {
        connect(self.broker.port(), "USER").await
    }

    /// Waits until the candidate is there: it is compiled while clients are served already.
    async fn is_trying(&self) -> Result<()> {
        let client = self.client().await?;
        let there = async {
            loop {
                client.simple_query("SELECT 'warm'").await?;
                if !self.rows("SHOW SHADOW").await?.is_empty() {
                    return Ok::<_, anyhow::Error>(());
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        // A component that no cache knows takes seconds to compile.
        tokio::time::timeout(10 * DEADLINE, there)
            .await
            .with_context(|| self.broker.output())?
    }

    async fn rows(&self, command: &str) -> Result<Vec<SimpleQueryRow>> {
        let messages = self.console.simple_query(command).await?;
        let row = |message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        };
        Ok(messages.into_iter().filter_map(row).collect())
    }

    /// A figure of the only row of SHOW SHADOW.
    async fn figure(&self, column: &str) -> Result<u64> {
        let rows = self.rows("SHOW SHADOW").await?;
        ensure!(rows.len() == 1, "{} rows", rows.len());
        let value = rows[0].try_get(column)?.context("a value")?;
        Ok(value.parse()?)
    }

    async fn comes_to(&self, column: &str, wanted: u64) -> Result<()> {
        let comes = async {
            while self.figure(column).await? < wanted {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Ok::<_, anyhow::Error>(())
        };
        let outcome = tokio::time::timeout(DEADLINE, comes).await;
        outcome.with_context(|| format!("{column} is not {wanted}: {}", self.broker.output()))?
    }
}

async fn first(client: &Client, statement: &str) -> Result<String> {
    let messages = client.simple_query(statement).await?;
    let value = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    });
    value.context("no row")
}

#[tokio::test]
async fn what_another_version_does_differently_is_counted() -> Result<()> {
    let site = Site::serve(&rules_file("iris-2024.1")?, "share = 1\ntexts = true", "").await?;
    site.is_trying().await?;
    let client = site.client().await?;
    client
        .batch_execute(
            "CREATE TABLE city (id INT, name VARCHAR(20)); INSERT INTO city VALUES (7, 'Rome')",
        )
        .await?;
    // The same for both, and not: the older version has no OFFSET.
    let different = "SELECT name FROM city ORDER BY id LIMIT 1 OFFSET 0";
    let before = (site.figure("differing").await?, site.figure("text").await?);
    for _ in 0..3 {
        ensure!(first(&client, "SELECT name FROM city WHERE id = 7").await? == "Rome");
        ensure!(first(&client, different).await? == "Rome");
    }
    // Parse messages have a part in it, too.
    let prepared = client
        .prepare("SELECT id FROM city WHERE name = $1 ORDER BY id LIMIT 2 OFFSET 1")
        .await?;
    ensure!(client.query(&prepared, &[&"Rome"]).await?.is_empty());
    site.comes_to("differing", before.0 + 4).await?;
    ensure!(site.figure("text").await? == before.1 + 4);
    // Both were told the same of the tables, whatever became of the plans meanwhile.
    ensure!(site.figure("question").await? == 0 && site.figure("skipped").await? == 0);
    ensure!(site.figure("failure").await? == 0 && site.figure("dropped").await? == 0);
    ensure!(site.figure("compared").await? >= site.figure("differing").await? + 3);

    let samples = site.rows("SHOW SHADOW_SAMPLES").await?;
    let sample = samples
        .iter()
        .find(|row| row.get("statement") == Some(different));
    let sample = sample.context("the statement is among the samples")?;
    ensure!(
        sample.get("count") == Some("3"),
        "{:?}",
        sample.get("count")
    );
    ensure!(sample.get("differences") == Some("text"));
    let (active, other) = (sample.get("active"), sample.get("candidate_answer"));
    ensure!(
        active != other && active.is_some_and(|text| text.contains("forward: SELECT")),
        "{active:?}"
    );
    let same = samples
        .iter()
        .find(|row| row.get("statement") == Some("SELECT name FROM city WHERE id = 7"));
    ensure!(same.is_none());
    let admin = AdminPort::of(&site.broker)?;
    let metrics = admin.get("/metrics")?.body;
    let lines = metrics.lines().filter(|line| {
        line.starts_with("pgiris_shadow_differences_total{")
            && line.contains("rules=\"iris-2025.1\"")
            && line.contains("candidate=\"candidate\"")
            && line.contains("difference=\"text\"")
    });
    let counts: Vec<_> = lines.filter_map(|line| line.rsplit(' ').next()).collect();
    ensure!(
        counts == [site.figure("text").await?.to_string()],
        "{counts:?}"
    );
    ensure!(metrics.contains("pgiris_shadow_translation_seconds_bucket"));
    ensure!(admin.get("/")?.body.contains("<h2>Candidate"));
    // The first of a kind is told, and no other.
    let log = site.broker.output();
    let told = log.lines().filter(|line| {
        line.contains("the candidate differs") && line.contains("difference=\"text\"")
    });
    ensure!(told.count() == 1, "{log}");
    Ok(())
}

#[tokio::test]
async fn texts_are_kept_only_if_asked_for() -> Result<()> {
    let site = Site::serve(&rules_file("iris-2024.1")?, "share = 1\nsamples = 2", "").await?;
    site.is_trying().await?;
    let client = site.client().await?;
    client.batch_execute("CREATE TABLE secret (id INT)").await?;
    for number in 0..4 {
        let statement = format!("SELECT id FROM secret WHERE id = 4711{number} LIMIT 1 OFFSET 1");
        client.simple_query(&statement).await?;
    }
    site.comes_to("text", 4).await?;
    let samples = site.rows("SHOW SHADOW_SAMPLES").await?;
    ensure!(samples.len() == 2, "{}", samples.len());
    for row in &samples {
        ensure!(row.get("statement").is_none() && row.get("active") == Some("forward"));
        ensure!(
            (0..row.len())
                .all(|column| !row.get(column).is_some_and(|value| value.contains("4711")))
        );
    }
    let log = site.broker.output();
    ensure!(
        log.contains("the candidate differs") && !log.contains("4711"),
        "{log}"
    );
    Ok(())
}

#[tokio::test]
async fn a_candidate_that_traps_or_loops_costs_nobody_anything() -> Result<()> {
    let site = Site::serve(&hostile_rules()?, "share = 1\nqueue = 2", "deadline = '1s'").await?;
    site.is_trying().await?;
    let client = site.client().await?;
    // The queue is short: what it has no place for is sent again.
    let sent_until = async |column: &str, wanted: u64, statement: &str| -> Result<()> {
        let sending = async {
            while site.figure(column).await? < wanted {
                ensure!(first(&client, statement).await? == "7");
            }
            Ok(())
        };
        tokio::time::timeout(DEADLINE, sending).await?
    };
    for misdeed in ["trap", "eat", "recurse", "nothing", "pieces"] {
        let failures = site.figure("failure").await?;
        let statement = format!("SELECT 7 -- hostile: {misdeed}");
        sent_until("failure", failures + 1, &statement).await?;
    }
    // While it loops, others wait in the queue, and the rest is dropped.
    let dropped = site.figure("dropped").await?;
    sent_until("dropped", dropped + 20, "SELECT 7 -- hostile: loop").await?;
    // It is not for the rules in use to pay for that.
    let rules = site.rows("SHOW RULES").await?;
    ensure!(rules.len() == 1 && rules[0].get("failures") == Some("0"));
    let log = site.broker.output();
    let told = log
        .lines()
        .filter(|line| line.contains("difference=\"failure\""))
        .count();
    ensure!(told == 1 && !log.contains("the rules failed"), "{log}");
    Ok(())
}

#[tokio::test]
async fn a_trial_begins_changes_and_ends_while_the_broker_runs() -> Result<()> {
    let site = Site::serve(&rules_file("iris-2024.1")?, "share = 1.0", "").await?;
    site.is_trying().await?;
    let client = site.client().await?;
    let file = site.directory.path().join("pgiris.toml");
    let reload = async |keys: &str| -> Result<()> {
        fs::write(&file, keys)?;
        site.console.simple_query("RELOAD").await?;
        Ok(())
    };
    reload("[shadow]\nrules = 'candidate.wasm'\nshare = 0\n").await?;
    let compared = site.figure("compared").await?;
    let before = site.figure("dropped").await? + compared;
    for _ in 0..20 {
        client.simple_query("SELECT 1").await?;
    }
    reload("[shadow]\nrules = 'candidate.wasm'\nshare = 1\n").await?;
    client.simple_query("SELECT 2").await?;
    site.comes_to("compared", compared + 1).await?;
    // What had been counted before goes on, and of the twenty nothing was.
    ensure!(site.figure("compared").await? <= before + 2);

    // A candidate that cannot be used is told, and the one before stays.
    fs::write(site.directory.path().join("none.wasm"), "no component")?;
    let refused = reload("[shadow]\nrules = 'none.wasm'\n").await.err();
    ensure!(refused.is_some());
    ensure!(site.rows("SHOW SHADOW").await?.len() == 1);
    let mistake = reload("[shadow]\nshare = 2\n")
        .await
        .err()
        .context("two wholes")?;
    ensure!(
        format!("{mistake:?}").contains("expected a number from 0 to 1"),
        "{mistake:?}"
    );

    reload("").await?;
    ensure!(site.rows("SHOW SHADOW").await?.is_empty());
    client.simple_query("SELECT 3").await?;
    Ok(())
}

#[tokio::test]
async fn a_share_of_the_messages_is_tried() -> Result<()> {
    const MESSAGES: u64 = 400;
    let site = Site::serve(&hostile_rules()?, "share = 0.25\nqueue = 1000", "").await?;
    site.is_trying().await?;
    let client = site.client().await?;
    let before = site.figure("compared").await?;
    for _ in 0..MESSAGES {
        client.simple_query("SELECT 7").await?;
    }
    // Whoever is chosen is so by chance: of four hundred about a hundred, and fewer than forty or more
    // than two hundred less than once in a billion times.
    let tried = async {
        let mut tried = 0;
        loop {
            let now = site.figure("compared").await? - before;
            if now > 40 && now == tried {
                return Ok::<_, anyhow::Error>(now);
            }
            tried = now;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let tried = tokio::time::timeout(DEADLINE, tried).await??;
    ensure!(tried < 200, "{tried} of {MESSAGES}");
    ensure!(site.figure("dropped").await? == 0);
    Ok(())
}

#[tokio::test]
async fn a_broker_starts_without_the_candidate_that_it_cannot_use() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("no.wasm");
    fs::write(&file, "no component")?;
    let site = Site::serve(&file, "share = 1", "").await?;
    let client = site.client().await?;
    ensure!(first(&client, "SELECT 1").await? == "1");
    let told = async {
        while !site
            .broker
            .output()
            .contains("no candidate for the rules is tried")
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(DEADLINE, told).await?;
    ensure!(site.rows("SHOW SHADOW").await?.is_empty());
    Ok(())
}

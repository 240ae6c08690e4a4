//! `RULES ROLLBACK` of one database: which others go with it.

use std::fs;
use std::future::poll_fn;
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, ensure};
use pgiris_tests::{eventually, hostile_rules, rules_file};
use tokio_postgres::{AsyncMessage, Client, SimpleQueryMessage};

use super::{Site, run};

/// What a client was told beside, so far.
type Told = Arc<Mutex<Vec<String>>>;

fn so_far(told: &Told) -> Result<Vec<String>> {
    Ok(told.lock().map_err(|_| anyhow::anyhow!("a panic"))?.clone())
}

/// The message of what refuses a command.
async fn refusal(console: &Client, command: &str) -> Result<String> {
    let refused = console.batch_execute(command).await.err();
    let error = refused.as_ref().and_then(|error| error.as_db_error());
    Ok(error.context("it is refused")?.message().to_owned())
}

#[tokio::test]
async fn what_serves_other_versions_stays() -> Result<()> {
    let rules = tempfile::tempdir()?;
    let put = |name: &str, from: &str| -> Result<()> {
        let draft = rules.path().join("draft");
        fs::copy(rules_file(from)?, &draft)?;
        Ok(fs::rename(draft, rules.path().join(name))?)
    };
    put("old.wasm", "iris-2024.1")?;
    put("new.wasm", "iris-2024.3")?;
    let database = |name: &str, version: &str| {
        let rules: &Path = rules.path();
        format!(
            "[databases.{name}]\nupstream = 'sandbox:?iris={version}'\nnamespace = 'USER'\nrules = '{}'\n",
            rules.display()
        )
    };
    let site = Site::serve(&format!(
        "{}{}{}",
        database("a", "2024.1"),
        database("b", "2025.1"),
        database("c", "2025.1"),
    ))?;
    // A server tells its version when it is first asked for something.
    for name in ["a", "b", "c"] {
        run(&site.client(name).await?, "SELECT 1").await?;
    }
    let (console, told) = notices(site.broker()?.port()).await?;
    let digest = async |wanted: &str| -> Result<String> {
        let messages = console.simple_query("SHOW RULES").await?;
        let found = messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) if row.get("name") == Some(wanted) => {
                row.get("digest").map(str::to_owned)
            }
            _ => None,
        });
        found.with_context(|| format!("there are rules {wanted}"))
    };
    let published = |count: usize| -> Result<()> {
        let broker = site.broker()?;
        let is_so = || broker.output().matches("rules published").count() >= count;
        eventually(|| is_so().then_some(())).with_context(|| broker.output())
    };
    let (old_before, new_before) = (digest("old").await?, digest("new").await?);
    put("new.wasm", "iris-2025.1")?;
    published(1)?;
    let new_after = digest("new").await?;
    ensure!(new_after != new_before, "{new_after}");
    // What was published last has nothing to do with this one.
    let refused = refusal(&console, "RULES ROLLBACK a").await?;
    ensure!(refused.contains("no rules to go back to"), "{refused}");
    ensure!(digest("new").await? == new_after);
    put("old.wasm", "iris-2023.1")?;
    published(2)?;
    let old_after = digest("old").await?;
    ensure!(old_after != old_before, "{old_after}");

    // Not the last that was published, but the last of these.
    console.batch_execute("RULES ROLLBACK b").await?;
    let beside =
        |name: &str| format!("the same rules are those of \"{name}\", which have gone back, too");
    ensure!(so_far(&told)? == [beside("c")], "{:?}", so_far(&told)?);
    ensure!(digest("new").await? == new_before);
    ensure!(digest("old").await? == old_after);
    console.batch_execute("RULES ROLLBACK a").await?;
    ensure!(so_far(&told)? == [beside("c")], "{:?}", so_far(&told)?);
    ensure!(digest("new").await? == new_before);
    ensure!(digest("old").await? == old_before);
    // A second time: forward.
    console.batch_execute("RULES ROLLBACK c").await?;
    ensure!(
        so_far(&told)? == [beside("c"), beside("b")],
        "{:?}",
        so_far(&told)?
    );
    ensure!(digest("new").await? == new_after);
    ensure!(digest("old").await? == old_before);
    Ok(())
}

#[tokio::test]
async fn databases_with_the_same_rules_go_back_together_and_that_is_said() -> Result<()> {
    let rules = tempfile::tempdir()?;
    let file = rules.path().join("rules.wasm");
    fs::copy(hostile_rules()?, &file)?;
    let shared = format!(
        "upstream = 'sandbox:'\nrules = '{}'\n",
        rules.path().display()
    );
    let site = Site::serve(&format!(
        "[databases.a]\n{shared}[databases.b]\n{shared}[databases.c]\nupstream = 'sandbox:'\nrules = '{}'\n",
        hostile_rules()?.display(),
    ))?;
    let port = site.broker()?.port();
    let console = site.client("pgiris").await?;
    // Another file that does the same.
    let mut next = fs::read(&file)?;
    next.extend_from_slice(&[0, 2, 1, b'x']);
    let draft = rules.path().join("draft");
    fs::write(&draft, next)?;
    fs::rename(draft, &file)?;
    eventually(|| {
        site.broker()
            .ok()?
            .output()
            .contains("rules published")
            .then_some(())
    })
    .context("it is published")?;
    let (listener, told) = notices(port).await?;
    listener.batch_execute("RULES ROLLBACK a").await?;
    let notices = so_far(&told)?;
    let expected = "the same rules are those of \"b\", which have gone back, too";
    ensure!(notices == [expected], "{notices:?}");
    // Where the others have no part in it, there is nothing to say.
    let refused = console.batch_execute("RULES ROLLBACK c").await.err();
    let error = refused.as_ref().and_then(|error| error.as_db_error());
    ensure!(error.is_some_and(|error| error.message().contains("no rules to go back to")));
    Ok(())
}

/// A client of the console, and what it is told beside.
async fn notices(port: u16) -> Result<(Client, Told)> {
    let (client, mut connection) = tokio_postgres::Config::new()
        .host("127.0.0.1")
        .port(port)
        .user("_SYSTEM")
        .dbname("pgiris")
        .connect(tokio_postgres::NoTls)
        .await?;
    let told = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&told);
    tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notice(notice) = message
                && let Ok(mut kept) = kept.lock()
            {
                kept.push(notice.message().to_owned());
            }
        }
    });
    Ok((client, told))
}

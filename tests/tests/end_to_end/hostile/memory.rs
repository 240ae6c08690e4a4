//! What the instances of a component take together, however many calls want more.

use anyhow::{Context, Result, ensure};
use pgiris_tests::{DEADLINE, hostile_rules};
use tokio::time::timeout;

use super::site::{Site, fails};

/// Longer than what is translated on the threads that serve sessions: these go side by side.
fn long(misdeed: &str, number: usize) -> String {
    format!(
        "SELECT {number} -- hostile: {misdeed} {}",
        "x".repeat(70_000)
    )
}

const CALLERS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_that_eat_at_once_leave_the_rest_of_the_memory_to_others() -> Result<()> {
    let limits = "memory = '256MB'\ntotal_memory = '512MB'\ndistrust_after = 0";
    let site = Site::serve(&hostile_rules()?, limits)?;
    let other = site.client().await?;
    other.simple_query("SELECT 1").await?;
    site.broker.forget_peak_memory()?;
    let before = site.broker.resident_memory()?;
    let mut eaters = Vec::new();
    for number in 0..CALLERS {
        let client = site.client().await?;
        eaters.push(tokio::spawn(async move {
            let state = fails(&client, &long("eat", number)).await?;
            // Its session goes on.
            client.simple_query("SELECT 1").await?;
            Ok::<_, anyhow::Error>(state)
        }));
    }
    let mut served = 0;
    while !eaters.iter().all(tokio::task::JoinHandle::is_finished) {
        let query = format!("SELECT {served} -- none that is known");
        timeout(DEADLINE, other.simple_query(&query)).await??;
        served += 1;
    }
    for eater in eaters {
        let state = eater.await??;
        ensure!(state == "XX000" || state == "53200", "{state}");
    }
    let grown = site.broker.peak_memory()?.saturating_sub(before) / 1024;
    // The limit, and what else the broker needs meanwhile.
    ensure!(grown < 512 + 64, "{grown} MB");
    ensure!(served > 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_for_memory_in_vain_is_told_and_the_rules_are_not_blamed() -> Result<()> {
    // Of which three quarters are for those that grow: one that holds its part keeps the next one
    // out, for as long as that one waits.
    let limits = "memory = '128MB'\ntotal_memory = '128MB'\ndeadline = '1s'\ndistrust_after = 0";
    let site = Site::serve(&hostile_rules()?, limits)?;
    let mut holders = Vec::new();
    for number in 0..4 {
        let client = site.client().await?;
        holders.push(tokio::spawn(async move {
            let outcome = client.simple_query(&long("hold", number)).await;
            let error = outcome.err().context("it is ended")?;
            let error = error.as_db_error().context("by the broker")?.clone();
            client.simple_query("SELECT 1").await?;
            Ok::<_, anyhow::Error>(error)
        }));
    }
    let (mut late, mut crowded) = (0, 0);
    for holder in holders {
        let error = holder.await??;
        match error.code().code() {
            "XX000" => late += 1,
            "53200" => {
                let detail = error.detail().unwrap_or_default();
                ensure!(detail.contains("translation.total_memory"), "{error:?}");
                crowded += 1;
            }
            state => anyhow::bail!("{state}: {error:?}"),
        }
    }
    ensure!(
        late > 0 && crowded > 0,
        "{late} were late, {crowded} crowded"
    );
    ensure!(site.shown("failures").await? == late.to_string());
    ensure!(site.broker.output().contains("no memory for the rules"));
    // What was held is there again.
    let client = site.client().await?;
    let state = fails(&client, &long("hold", 9)).await?;
    ensure!(state == "XX000", "{state}");
    Ok(())
}

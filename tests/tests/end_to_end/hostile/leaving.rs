//! Rules that fail too often are left for those that were there before.

use std::fs;
use std::time::Duration;

use anyhow::{Result, ensure};
use pgiris_tests::{AdminPort, hostile_rules, rules_file};
use tokio_postgres::Client;

use super::site::{Site, fails};

/// What the hostile rules say of their version.
const HOSTILE: &str = "6.6.6";

/// With rules that are left after three failures, and what is told of those at first.
async fn site() -> Result<(Site, Client, String)> {
    let site = Site::serve(&rules_file("iris-2025.1")?, "distrust_after = 3")?;
    let (client, stock) = (site.client().await?, site.shown("digest").await?);
    Ok((site, client, stock))
}

/// Fails on these statements, each of which nobody else sends.
async fn fail(client: &Client, numbers: std::ops::Range<usize>) -> Result<()> {
    for number in numbers {
        let state = fails(client, &format!("SELECT {number} -- hostile: trap")).await?;
        ensure!(state == "XX000", "{number}: {state}");
    }
    Ok(())
}

#[tokio::test]
async fn after_failures_on_several_statements_the_rules_before_are_back() -> Result<()> {
    let (site, client, stock) = site().await?;
    // What only the stock rules make of it.
    let mark = "SELECT version()";
    client.query_one(mark, &[]).await?;
    site.exchange(&hostile_rules()?)?;
    site.shows("version", HOSTILE).await?;
    // The same one again and again says no more than once.
    for _ in 0..5 {
        fail(&client, 1..2).await?;
    }
    ensure!(site.shown("version").await? == HOSTILE);
    fail(&client, 2..4).await?;
    site.shows("digest", &stock).await?;
    client.query_one(mark, &[]).await?;
    ensure!(site.broker.output().contains("fail too often"));
    // The file is not taken up again by itself, but when it is another one.
    site.exchange_marked(&hostile_rules()?, b'x')?;
    site.shows("version", HOSTILE).await
}

#[tokio::test]
async fn another_file_that_came_meanwhile_is_not_in_the_way() -> Result<()> {
    let (site, client, stock) = site().await?;
    site.exchange(&hostile_rules()?)?;
    site.shows("version", HOSTILE).await?;
    site.add("second.wasm", &fs::read(hostile_rules()?)?)?;
    site.logs("rules published rules=\"second\"").await?;
    fail(&client, 0..3).await?;
    site.shows("digest", &stock).await?;
    // What came is there still.
    let rows = site.console("SHOW RULES").await?;
    ensure!(rows == 2, "{rows}");
    Ok(())
}

#[tokio::test]
async fn of_several_bad_ones_in_a_row_each_is_left_until_the_good_one_is_back() -> Result<()> {
    let (site, client, stock) = site().await?;
    site.exchange(&hostile_rules()?)?;
    site.shows("version", HOSTILE).await?;
    let first = site.shown("digest").await?;
    fail(&client, 0..1).await?;
    site.exchange_marked(&hostile_rules()?, b'y')?;
    site.logs_times("rules published", 2).await?;
    ensure!(site.shown("digest").await? != first);
    fail(&client, 10..13).await?;
    // It has not failed too often.
    site.shows("digest", &first).await?;
    fail(&client, 20..23).await?;
    site.shows("digest", &stock).await
}

#[tokio::test]
async fn nobody_goes_back_to_what_failed_too_often() -> Result<()> {
    let (site, client, stock) = site().await?;
    site.exchange(&hostile_rules()?)?;
    site.shows("version", HOSTILE).await?;
    fail(&client, 0..3).await?;
    site.shows("digest", &stock).await?;
    let refused = site.refuses("RULES ROLLBACK").await?;
    let expected = "55000: there are no rules to go back to: those from before fail too often";
    ensure!(refused.as_deref() == Some(expected), "{refused:?}");
    ensure!(site.shown("digest").await? == stock);
    // Whoever wants them all the same says so.
    ensure!(site.refuses("RULES RELOAD").await?.is_none());
    ensure!(site.shown("version").await? == HOSTILE);
    Ok(())
}

#[tokio::test]
async fn what_becomes_of_rules_is_counted() -> Result<()> {
    let (site, client, stock) = site().await?;
    let admin = AdminPort::of(&site.broker)?;
    let metrics = || Ok::<_, anyhow::Error>(admin.get("/metrics")?.body);
    let counted = |name: &str| -> Result<f64> {
        let text = metrics()?;
        let line = format!("pgiris_rules_{name}_total{{");
        let found = text.lines().filter(|found| found.starts_with(&line));
        let values: Vec<f64> = found
            .filter_map(|found| found.rsplit(' ').next()?.parse().ok())
            .collect();
        ensure!(values.len() == 1, "{name}: {text}");
        Ok(values[0])
    };
    for name in [
        "published",
        "refused",
        "rolled_back",
        "distrusted",
        "failures",
    ] {
        ensure!(counted(name)? == 0.0, "{name}");
    }
    site.exchange(&hostile_rules()?)?;
    site.shows("version", HOSTILE).await?;
    fail(&client, 0..2).await?;
    ensure!(counted("published")? == 1.0 && counted("failures")? == 2.0);
    ensure!(site.refuses("RULES ROLLBACK").await?.is_none());
    ensure!(counted("rolled_back")? == 1.0 && site.shown("digest").await? == stock);
    ensure!(site.refuses("RULES ROLLBACK").await?.is_none());
    ensure!(counted("rolled_back")? == 2.0 && counted("distrusted")? == 0.0);
    fail(&client, 10..13).await?;
    site.shows("digest", &stock).await?;
    ensure!(counted("distrusted")? == 1.0 && counted("published")? == 1.0);
    site.add("none.wasm", b"no component")?;
    site.logs("is not WebAssembly").await?;
    ensure!(counted("refused")? == 1.0);
    Ok(())
}

#[tokio::test]
async fn failures_that_lie_far_apart_do_not_count() -> Result<()> {
    let window = Duration::from_millis(1);
    let keys = format!(
        "distrust_after = 2\ndistrust_window = '{}ms'",
        window.as_millis()
    );
    let site = Site::serve(&rules_file("iris-2025.1")?, &keys)?;
    let client = site.client().await?;
    site.exchange(&hostile_rules()?)?;
    site.shows("version", HOSTILE).await?;
    for number in 0..10 {
        fail(&client, number..number + 1).await?;
        tokio::time::sleep(2 * window).await;
    }
    ensure!(!site.broker.output().contains("fail too often"));
    ensure!(site.shown("version").await? == HOSTILE);
    Ok(())
}

/// A component takes seconds to compile; rules that fail are left sooner.
#[tokio::test]
async fn rules_that_fail_are_left_while_others_are_compiled() -> Result<()> {
    let (site, client, stock) = site().await?;
    let mut other = fs::read(rules_file("iris-2024.1")?)?;
    // Where the machine was too quick to tell, another one is compiled.
    for attempt in b'a'..b'f' {
        site.exchange_marked(&hostile_rules()?, attempt)?;
        site.shows("version", HOSTILE).await?;
        let name = format!("other-{attempt}");
        other.extend_from_slice(&[0, 2, 1, attempt]);
        site.add(&format!("{name}.wasm"), &other)?;
        // It is read when it has stood still for a moment.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let first = usize::from(attempt) * 10;
        fail(&client, first..first + 3).await?;
        site.shows("digest", &stock).await?;
        let published = format!("rules published rules=\"{name}\"");
        let is_sooner = !site.broker.output().contains(&published);
        site.logs(&published).await?;
        // What was compiled meanwhile has not brought the others back.
        ensure!(site.shown("digest").await? == stock);
        if is_sooner {
            return Ok(());
        }
    }
    anyhow::bail!(
        "they are left after the compilation: {}",
        site.broker.output()
    )
}

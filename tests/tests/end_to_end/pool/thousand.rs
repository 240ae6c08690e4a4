//! As many clients as an operator has, all of them at work, on a few connections.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio_postgres::Client;

use super::site::{Site, run, same, value};

const CLIENTS: usize = 1_000;
const ROUNDS: i32 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_clients_are_served_on_four_connections() -> Result<()> {
    let site = Site::serve("mode = 'transaction'\nsize = 4")?;
    let first = site.client().await?;
    run(&first, "CREATE TABLE busy (client int, round int)").await?;
    let mut clients = vec![first];
    while clients.len() < CLIENTS {
        let some = (0..50.min(CLIENTS - clients.len())).map(|_| site.client());
        clients.extend(futures_util::future::try_join_all(some).await?);
    }
    // None begins before all of them are there.
    let all = Arc::new(Barrier::new(CLIENTS));
    let mut working = JoinSet::new();
    for (number, client) in clients.into_iter().enumerate() {
        let all = Arc::clone(&all);
        working.spawn(async move {
            all.wait().await;
            let done = work(&client, number).await;
            done.with_context(|| format!("client {number}"))
                .map(|()| client)
        });
    }
    let mut clients = Vec::new();
    while let Some(client) = working.join_next().await {
        clients.push(client??);
    }
    let last = clients.last().context("there are some")?;
    let counted = "SELECT count(*) || ' of ' || count(DISTINCT client) FROM busy";
    same(
        &value(last, counted).await?,
        &format!("{} of {CLIENTS}", CLIENTS * 3),
    )?;
    let connections = site.connections()?;
    ensure!(connections <= 4, "{connections} connections");
    Ok(())
}

/// What is a client's own stays its own on whatever connection it is served.
async fn work(client: &Client, number: usize) -> Result<()> {
    run(client, &format!("SET application_name = 'client {number}'")).await?;
    let number = i32::try_from(number)?;
    let insert = client.prepare("INSERT INTO busy VALUES ($1, $2)").await?;
    for round in 0..ROUNDS {
        client.execute(&insert, &[&number, &round]).await?;
    }
    let name = value(client, "SHOW application_name").await?;
    same(&name, &format!("client {number}"))
}

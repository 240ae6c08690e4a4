//! COPY in both directions, begun by one generation and finished when another is published.

use std::pin::pin;

use anyhow::{Result, ensure};
use bytes::Bytes;
use futures_util::SinkExt;
use pgiris_tests::{WireClient, connect};

use super::shelf::Shelf;
use super::{comes_to, edition};

/// Rows: more than the broker and the sockets keep.
const ROWS: usize = 200_000;

#[tokio::test]
async fn copies_live_through_a_swap() -> Result<()> {
    let shelf = Shelf::serve()?;
    let client = connect(shelf.port(), "USER").await?;
    let other = connect(shelf.port(), "USER").await?;
    client
        .batch_execute("CREATE TABLE copied (n INT, t VARCHAR(60))")
        .await?;

    let rows = |range: std::ops::Range<usize>| {
        let text = range.fold(String::new(), |text, n| text + &format!("{n}\t{n:050}\n"));
        Bytes::from(text)
    };
    let mut sink = pin!(client.copy_in("COPY copied FROM STDIN").await?);
    sink.send(rows(0..ROWS / 2)).await?;
    sink.flush().await?;
    shelf.put(1)?;
    comes_to(&other, "#001", &shelf).await?;
    sink.send(rows(ROWS / 2..ROWS)).await?;
    ensure!(sink.finish().await? == ROWS as u64);
    ensure!(edition(&client).await? == "#001");

    // Nobody reads until the other rules are there.
    let mut reader = WireClient::ready(shelf.port(), "USER")?;
    reader.say("Query \"COPY copied TO STDOUT\"")?;
    shelf.put(0)?;
    comes_to(&other, "IRIS", &shelf).await?;
    // Up to CopyDone, after CopyOutResponse.
    let lines = reader.count_until(b'c')? - 1;
    ensure!(lines == ROWS as u64, "{lines} lines");
    reader.count_until(b'Z')?;
    ensure!(edition(&client).await? == "IRIS");
    Ok(())
}

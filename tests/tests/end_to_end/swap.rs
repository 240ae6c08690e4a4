//! Rules that are exchanged under a running broker: which of them answers, and what lives
//! through it.

mod back;
mod busy;
mod copying;
mod overlay;
mod shelf;
mod signed;

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{connect, hostile_rules};
use tokio_postgres::{Client, SimpleQueryMessage};

use shelf::{LOOKS, Shelf, edition_of, replaced};

/// The edition of the rules that answer now, by a statement of one message.
async fn edition(client: &Client) -> Result<String> {
    for message in client.simple_query("SELECT version()").await? {
        if let SimpleQueryMessage::Row(row) = message {
            return edition_of(row.get(0).context("no version")?);
        }
    }
    anyhow::bail!("no row")
}

/// Waits until a client is answered by an edition.
async fn comes_to(client: &Client, wanted: &str, shelf: &Shelf) -> Result<()> {
    for _ in 0..LOOKS {
        if edition(client).await? == wanted {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("still {}: {}", edition(client).await?, shelf.log())
}

#[tokio::test]
async fn a_session_lives_through_a_swap() -> Result<()> {
    let shelf = Shelf::serve()?;
    let client = connect(shelf.port(), "USER").await?;
    client.batch_execute("CREATE TABLE kept (n INT)").await?;
    ensure!(edition(&client).await? == "IRIS");
    let prepared = client.prepare("SELECT version()").await?;
    let insert = client.prepare("INSERT INTO kept VALUES ($1)").await?;

    // A transaction, a cursor and a statement that was prepared, begun by the first rules.
    client.batch_execute("BEGIN").await?;
    client.execute(&insert, &[&1]).await?;
    client
        .batch_execute(
            "INSERT INTO kept VALUES (2); DECLARE held CURSOR FOR SELECT n FROM kept ORDER BY n",
        )
        .await?;
    let other = connect(shelf.port(), "USER").await?;
    shelf.put(1)?;
    comes_to(&other, "#001", &shelf).await?;

    ensure!(edition(&client).await? == "#001");
    let answer: String = client.query_one(&prepared, &[]).await?.get(0);
    ensure!(edition_of(&answer)? == "#001", "{answer}");
    ensure!(client.execute(&insert, &[&3]).await? == 1);
    let row = client.simple_query("FETCH 2 FROM held").await?;
    ensure!(row.len() == 4, "{row:?}");
    client.batch_execute("COMMIT").await?;
    let count: i64 = client
        .query_one("SELECT count(*) FROM kept", &[])
        .await?
        .get(0);
    ensure!(count == 3);
    Ok(())
}

#[tokio::test]
async fn a_portal_is_carried_through_by_the_rules_it_was_bound_by() -> Result<()> {
    let shelf = Shelf::serve()?;
    let mut client = connect(shelf.port(), "USER").await?;
    let other = connect(shelf.port(), "USER").await?;
    let statement = client.prepare("SELECT version()").await?;
    let transaction = client.transaction().await?;
    let portal = transaction.bind(&statement, &[]).await?;
    shelf.put(1)?;
    comes_to(&other, "#001", &shelf).await?;
    let rows = transaction.query_portal(&portal, 0).await?;
    let answer: String = rows.first().context("no row")?.get(0);
    ensure!(edition_of(&answer)? == "IRIS", "{answer}");
    transaction.commit().await?;
    ensure!(edition(&client).await? == "#001");
    Ok(())
}

#[tokio::test]
async fn what_is_no_component_changes_nothing() -> Result<()> {
    let shelf = Shelf::serve()?;
    let client = connect(shelf.port(), "USER").await?;
    let whole = shelf.variant(1)?;
    // Half of a file, and for long enough to be taken for all of it.
    fs::write(shelf.file(), &whole[..whole.len() / 2])?;
    shelf.logs("what was in use before stays").await?;
    ensure!(edition(&client).await? == "IRIS");
    fs::write(shelf.file(), &whole)?;
    comes_to(&client, "#001", &shelf).await?;
    fs::write(shelf.file(), "no component")?;
    shelf.logs("is not WebAssembly").await?;
    ensure!(edition(&client).await? == "#001");
    fs::remove_file(shelf.file())?;
    shelf.logs("the rules stay as they were").await?;
    ensure!(edition(&client).await? == "#001");
    // Back to what was there at first.
    shelf.put(0)?;
    comes_to(&client, "IRIS", &shelf).await
}

#[tokio::test]
async fn what_does_not_do_what_its_examples_say_is_not_published() -> Result<()> {
    let shelf = Shelf::serve()?;
    let client = connect(shelf.port(), "USER").await?;
    // What an example gives, and what it says that it gives, do not agree any more.
    let says = b"ORDER BY VECTOR_COSINE(v, TO_VECTOR(?, DOUBLE)) DESC LIMIT 5";
    let mut lies = says.to_vec();
    *lies.last_mut().context("it is not empty")? = b'6';
    shelf.put_bytes(&replaced(&shelf.variant(0)?, says, &lies)?)?;
    shelf.logs("does not do what its example says").await?;
    shelf.logs("what was in use before stays").await?;
    ensure!(edition(&client).await? == "IRIS");
    ensure!(!shelf.log().contains("rules published"));
    Ok(())
}

#[tokio::test]
async fn what_imports_anything_else_than_wasi_is_not_published() -> Result<()> {
    let shelf = Shelf::serve()?;
    let client = connect(shelf.port(), "USER").await?;
    let hostile = fs::read(hostile_rules()?)?;
    shelf.put_bytes(&replaced(&hostile, b"wasi:random/", b"evil:random/")?)?;
    shelf.logs("imports \"evil:random/").await?;
    shelf.logs("what was in use before stays").await?;
    ensure!(edition(&client).await? == "IRIS");
    ensure!(!shelf.log().contains("rules published"));
    Ok(())
}

/// As Kubernetes exchanges what it mounts: files are links into a directory that is one.
#[tokio::test]
async fn links_can_be_exchanged() -> Result<()> {
    let shelf = Shelf::linked()?;
    let client = connect(shelf.port(), "USER").await?;
    ensure!(edition(&client).await? == "IRIS");
    shelf.exchange(1)?;
    comes_to(&client, "#001", &shelf).await
}

#[tokio::test]
async fn a_file_as_long_and_as_old_as_the_one_before_is_noticed() -> Result<()> {
    let shelf = Shelf::serve()?;
    let client = connect(shelf.port(), "USER").await?;
    ensure!(edition(&client).await? == "IRIS");
    shelf.put_alike(1)?;
    comes_to(&client, "#001", &shelf).await
}

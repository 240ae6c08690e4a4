//! The way back, and how long it lasts.

use std::fs;
use std::time::{Duration, SystemTime};

use anyhow::{Result, ensure};
use pgiris_tests::{connect, hostile_rules};
use tokio_postgres::SimpleQueryMessage;

use super::shelf::{LOOKS, Shelf, rules};
use super::{comes_to, edition};

#[tokio::test]
async fn the_command_line_goes_back_and_forth() -> Result<()> {
    let shelf = Shelf::serve()?;
    let client = connect(shelf.port(), "USER").await?;
    let console = format!("postgres://_SYSTEM@127.0.0.1:{}/pgiris", shelf.port());
    let say = |words: &[&str]| {
        let arguments = [words, &["--console", &console]].concat();
        let arguments: Vec<_> = arguments.iter().map(AsRef::as_ref).collect();
        rules(&arguments)
    };
    let none = say(&["rollback"]);
    ensure!(
        none.as_ref().is_err_and(|error| error
            .to_string()
            .contains("there are no rules to go back to")),
        "{none:?}"
    );
    shelf.put(1)?;
    comes_to(&client, "#001", &shelf).await?;
    say(&["rollback", "USER"])?;
    ensure!(edition(&client).await? == "IRIS");
    say(&["rollback"])?;
    ensure!(edition(&client).await? == "#001");
    say(&["rollback"])?;
    // What stands in the files.
    say(&["reload"])?;
    ensure!(edition(&client).await? == "#001");
    Ok(())
}

#[tokio::test]
async fn what_was_left_stays_so_until_its_file_is_another_one() -> Result<()> {
    let (shelf, small) = (Shelf::serve()?, fs::read(hostile_rules()?)?);
    let client = connect(shelf.port(), "USER").await?;
    let console = connect(shelf.port(), "pgiris").await?;
    shelf.put(1)?;
    comes_to(&client, "#001", &shelf).await?;
    console.batch_execute("RULES ROLLBACK").await?;
    ensure!(edition(&client).await? == "IRIS");
    // Other files come and go, and the same one is written again.
    let other = shelf.add("other", &small)?;
    shelf.logs("rules published rules=\"other\"").await?;
    ensure!(edition(&client).await? == "IRIS");
    shelf.put(1)?;
    fs::remove_file(other)?;
    shelf.add("second", &small)?;
    shelf.logs("rules published rules=\"second\"").await?;
    ensure!(edition(&client).await? == "IRIS");
    // Until somebody asks for it.
    console.batch_execute("RULES RELOAD").await?;
    ensure!(edition(&client).await? == "#001");
    console.batch_execute("RULES ROLLBACK").await?;
    ensure!(edition(&client).await? == "IRIS");
    shelf.put(2)?;
    comes_to(&client, "#002", &shelf).await?;
    // What was left once can be put there again.
    shelf.put(1)?;
    comes_to(&client, "#001", &shelf).await
}

#[tokio::test]
async fn a_file_that_came_or_went_is_left_as_well() -> Result<()> {
    let (shelf, small) = (Shelf::serve()?, fs::read(hostile_rules()?)?);
    let console = connect(shelf.port(), "pgiris").await?;
    let names = async || -> Result<Vec<String>> {
        let messages = console.simple_query("SHOW RULES").await?;
        let name = |message: &SimpleQueryMessage| match message {
            SimpleQueryMessage::Row(row) => row.get("name").map(str::to_owned),
            _ => None,
        };
        let mut names: Vec<_> = messages.iter().filter_map(name).collect();
        names.sort();
        Ok(names)
    };
    let other = shelf.add("other", &small)?;
    shelf.logs("rules published rules=\"other\"").await?;
    console.batch_execute("RULES ROLLBACK").await?;
    ensure!(names().await? == ["iris-2025.1"]);
    shelf.add("third", &small)?;
    shelf.logs("rules published rules=\"third\"").await?;
    ensure!(names().await? == ["iris-2025.1", "third"]);
    console.batch_execute("RULES RELOAD").await?;
    ensure!(names().await? == ["iris-2025.1", "other", "third"]);
    fs::remove_file(other)?;
    for _ in 0..LOOKS {
        if names().await?.len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    console.batch_execute("RULES ROLLBACK").await?;
    ensure!(names().await? == ["iris-2025.1", "other", "third"]);
    shelf.add("fourth", &small)?;
    shelf.logs("rules published rules=\"fourth\"").await?;
    ensure!(names().await? == ["fourth", "iris-2025.1", "other", "third"]);
    Ok(())
}

/// A component takes seconds to compile; whoever goes back meanwhile has gone back.
#[tokio::test]
async fn a_way_back_while_another_file_is_compiled_is_not_lost() -> Result<()> {
    let shelf = Shelf::serve()?;
    let client = connect(shelf.port(), "USER").await?;
    let console = connect(shelf.port(), "pgiris").await?;
    shelf.put(1)?;
    comes_to(&client, "#001", &shelf).await?;
    shelf.add("other", &unseen(shelf.variant(9)?)?)?;
    // It is read when it has stood still for a moment.
    tokio::time::sleep(Duration::from_millis(500)).await;
    console.batch_execute("RULES ROLLBACK").await?;
    ensure!(edition(&client).await? == "IRIS");
    shelf.logs("rules published rules=\"other\"").await?;
    ensure!(edition(&client).await? == "IRIS");
    Ok(())
}

/// The same component for which nothing was compiled before, by another test or in another run.
fn unseen(mut component: Vec<u8>) -> Result<Vec<u8>> {
    const NAME: &[u8] = b"unseen";
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let moment = now.as_nanos().to_le_bytes();
    // A custom section: its number, its length, and its name with a length before it.
    component.extend([0, u8::try_from(1 + NAME.len() + moment.len())?]);
    component.push(u8::try_from(NAME.len())?);
    component.extend(NAME);
    component.extend(moment);
    Ok(component)
}

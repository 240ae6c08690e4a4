//! The way back, by the command line.

use anyhow::{Result, ensure};
use pgiris_tests::connect;

use super::shelf::{Shelf, rules};
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

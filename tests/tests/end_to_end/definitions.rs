//! Definitions that fail behind their first part, or come from elsewhere.

use anyhow::{Result, ensure};
use pgiris_tests::{Broker, psql, rules_directory};

#[test]
fn a_table_that_was_changed_by_half_is_read_as_it_is() -> Result<()> {
    let broker = Broker::start()?;
    let printed = psql(
        broker.port(),
        "USER",
        "CREATE TABLE half (a int);\n\
         INSERT INTO half VALUES (1);\n\
         SELECT * FROM half;\n\
         ALTER TABLE half ADD b int, ADD a int;\n\
         SELECT * FROM half;\n\
         BEGIN;\n\
         ALTER TABLE half ADD c int, ADD a int;\n\
         ROLLBACK;\n\
         SELECT * FROM half;",
    )?;
    let expected = "CREATE TABLE\n\
                    INSERT 0 1\n a \n---\n 1\n(1 row)\n\n\
                    WARNING:  01000\n\
                    ERROR:  42701\n a | b \n---+---\n 1 |  \n(1 row)\n\n\
                    BEGIN\n\
                    WARNING:  01000\n\
                    ERROR:  42701\n\
                    ROLLBACK\n a | b | c \n---+---+---\n 1 |   |  \n(1 row)\n\n";
    ensure!(printed == expected, "{printed}");
    Ok(())
}

#[test]
fn a_query_whose_result_changed_elsewhere_is_prepared_anew() -> Result<()> {
    let broker = Broker::with([
        "--upstream".into(),
        // "Query recompiled and its result set has changed", once.
        "sandbox:?fault=fail:-478*1@FROM%20changed".into(),
        "--rules".into(),
        rules_directory()?.into(),
    ])?;
    let printed = psql(
        broker.port(),
        "USER",
        "CREATE TABLE changed (a int);\n\
         INSERT INTO changed VALUES (1);\n\
         SELECT a FROM changed;",
    )?;
    let expected = "CREATE TABLE\nINSERT 0 1\n a \n---\n 1\n(1 row)\n\n";
    ensure!(printed == expected, "{printed}");
    Ok(())
}

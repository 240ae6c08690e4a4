//! Drivers of other languages, each used as its own users do: a program of `tests/drivers/` prints
//! what the server answers, and must print the same for the broker as for a real PostgreSQL.

mod program;
mod transcript;

use anyhow::Result;
use pgiris_tests::{Broker, Postgres};

use self::program::Program;

#[test]
fn node_postgres() -> Result<()> {
    same_answers(&Program::node("pg.mjs"))
}

#[test]
fn postgres_js() -> Result<()> {
    same_answers(&Program::node("postgres.mjs"))
}

#[test]
fn psycopg() -> Result<()> {
    same_answers(&Program::python("psycopg_driver.py")?)
}

#[test]
fn asyncpg() -> Result<()> {
    same_answers(&Program::python("asyncpg_driver.py")?)
}

#[test]
fn pgjdbc() -> Result<()> {
    same_answers(&Program::java("Jdbc.java"))
}

#[test]
fn ruby_pg() -> Result<()> {
    same_answers(&Program::script("ruby", "ruby", "pg.rb"))
}

#[test]
fn php_pdo() -> Result<()> {
    same_answers(&Program::script("php", "php", "pdo.php"))
}

#[test]
fn go_lib_pq() -> Result<()> {
    same_answers(&Program::go("pq.go")?)
}

#[test]
fn psql() -> Result<()> {
    same_answers(&Program::psql("session.sql"))
}

/// PostgreSQL is the judge: nothing that the program shows may differ.
fn same_answers(program: &Program) -> Result<()> {
    let postgres = Postgres::start()?;
    let expected = program.run(&postgres.url())?;
    drop(postgres);
    let broker = Broker::start()?;
    let actual = program.run(&url(&broker))?;
    transcript::compare(&expected, &actual)
}

fn url(broker: &Broker) -> String {
    format!("postgres://postgres@127.0.0.1:{}/USER", broker.port())
}

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
fn knex() -> Result<()> {
    same_answers(&Program::node("knex.mjs"))
}

#[test]
fn sequelize() -> Result<()> {
    same_answers(&Program::node("sequelize.mjs"))
}

#[test]
fn typeorm() -> Result<()> {
    same_answers(&Program::node("typeorm.mjs"))
}

#[test]
fn drizzle() -> Result<()> {
    same_answers(&Program::node("drizzle.mjs"))
}

#[test]
fn prisma() -> Result<()> {
    same_answers(&Program::node("prisma.mjs"))
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
fn active_record() -> Result<()> {
    same_answers(&Program::script("ruby", "ruby", "active_record.rb"))
}

#[test]
fn alembic() -> Result<()> {
    same_answers(&Program::python("alembic_driver.py")?)
}

#[test]
fn django() -> Result<()> {
    same_answers(&Program::python("django_driver.py")?)
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
fn sqlx() -> Result<()> {
    same_answers(&Program::cargo("sqlx")?)
}

#[test]
fn psql() -> Result<()> {
    same_answers(&Program::psql("session.sql"))
}

#[test]
fn pgvector_of_python() -> Result<()> {
    same_vectors(&Program::python("pgvector_driver.py")?)
}

#[test]
fn pgvector_of_node() -> Result<()> {
    same_vectors(&Program::node("vectors.mjs"))
}

#[test]
fn vectors_by_pgjdbc() -> Result<()> {
    same_vectors(&Program::java("Vectors.java"))
}

/// Beside a PostgreSQL with pgvector, if the Python environment has it.
fn same_vectors(program: &Program) -> Result<()> {
    let Some(postgres) = Postgres::start_with_pgvector()? else {
        println!("NOT COMPARED: there is no PostgreSQL with pgvector; run: cargo xtask test");
        return Ok(());
    };
    same_as(postgres, program)
}

/// PostgreSQL is the judge: nothing that the program shows may differ.
fn same_answers(program: &Program) -> Result<()> {
    same_as(Postgres::start()?, program)
}

fn same_as(postgres: Postgres, program: &Program) -> Result<()> {
    let expected = program.run(&postgres.url())?;
    drop(postgres);
    let broker = Broker::start()?;
    let actual = program.run(&url(&broker))?;
    transcript::compare(&expected, &actual)
}

fn url(broker: &Broker) -> String {
    format!("postgres://postgres@127.0.0.1:{}/USER", broker.port())
}

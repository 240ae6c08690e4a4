//! sqlx: `pgiris-driver-sqlx URL` prints what the server answers to its users.

mod many;
mod values;

use std::error::Error;
use std::fmt::Debug;
use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

type Outcome = Result<(), Box<dyn Error>>;

const TEXT: &str = "it's “quoted” \\ \"ünï\" 🦉\n$1 ?";

fn section(title: &str) {
    println!("-- {title}");
}

fn show(label: &str, value: impl Debug) {
    println!("{label}: {value:?}");
}

/// Prints the SQLSTATE of an error that must be there, and the objects that it names.
fn fails<T>(label: &str, outcome: Result<T, sqlx::Error>) -> Outcome {
    match outcome {
        Err(sqlx::Error::Database(error)) => {
            let objects = (error.table(), error.constraint());
            println!("{label}: {:?} {objects:?} {:?}", error.code(), error.kind());
            Ok(())
        }
        Err(error) => Err(error.into()),
        Ok(_) => Err(format!("{label}: succeeds").into()),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let url = std::env::args().nth(1).ok_or("there is no URL")?;
    let options = PgConnectOptions::from_str(&url)?.application_name("sqlx");
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .connect_with(options)
        .await?;
    values::all(&pool).await?;
    values::arrays(&pool).await?;
    transactions(&pool).await?;
    errors(&pool).await?;
    many::rows(&pool).await?;
    many::copy(&pool).await?;
    many::cancel(&pool).await?;
    for drop in [
        "DROP TABLE driver_value",
        "DROP TABLE driver_array",
        "DROP TABLE driver_many",
    ] {
        sqlx::query(drop).execute(&pool).await?;
    }
    pool.close().await;
    section("end");
    Ok(())
}

async fn transactions(pool: &PgPool) -> Outcome {
    section("transactions");
    let insert = "INSERT INTO driver_value (t) VALUES ($1)";
    let mut outer = pool.begin().await?;
    sqlx::query(insert)
        .bind("kept")
        .execute(&mut *outer)
        .await?;
    {
        let mut inner = sqlx::Acquire::begin(&mut outer).await?;
        sqlx::query(insert)
            .bind("lost")
            .execute(&mut *inner)
            .await?;
        let again = "INSERT INTO driver_value (id) VALUES (1)";
        fails(
            "in a transaction",
            sqlx::query(again).execute(&mut *inner).await,
        )?;
        fails(
            "after it",
            sqlx::query("SELECT 1").execute(&mut *inner).await,
        )?;
        inner.rollback().await?;
    }
    let mut inner = sqlx::Acquire::begin(&mut outer).await?;
    sqlx::query(insert)
        .bind("kept too")
        .execute(&mut *inner)
        .await?;
    inner.commit().await?;
    outer.commit().await?;
    let mut dropped = pool.begin().await?;
    sqlx::query(insert)
        .bind("dropped")
        .execute(&mut *dropped)
        .await?;
    drop(dropped);
    let left =
        "SELECT t FROM driver_value WHERE t LIKE 'kept%' OR t IN ('lost', 'dropped') ORDER BY id";
    show(
        "left",
        sqlx::query_scalar::<_, String>(left)
            .fetch_all(pool)
            .await?,
    );
    let mut level = pool
        .begin_with("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY")
        .await?;
    let write = sqlx::query(insert)
        .bind("written")
        .execute(&mut *level)
        .await;
    fails("read only", write)?;
    level.rollback().await?;
    Ok(())
}

async fn errors(pool: &PgPool) -> Outcome {
    section("errors");
    for statement in [
        "SELECT FROM WHERE",
        "SELECT * FROM driver_absent",
        "SELECT absent FROM driver_value",
        "INSERT INTO driver_value (id) VALUES (1)",
        "INSERT INTO driver_array (id) VALUES (NULL)",
    ] {
        fails(statement, sqlx::query(statement).execute(pool).await)?;
    }
    let divided = sqlx::query("SELECT 1 / $1::int")
        .bind(0)
        .fetch_one(pool)
        .await;
    fails("division", divided.map(|_| ()))?;
    let several = sqlx::raw_sql("SELECT 1; SELECT absent FROM driver_value")
        .execute(pool)
        .await;
    fails("several", several)?;
    let missing = sqlx::query("SELECT 1 WHERE 1 = 0")
        .fetch_optional(pool)
        .await?;
    show("none", missing.is_none());
    Ok(())
}

//! Many rows: streams, COPY, and what ends them.

use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::postgres::{PgPool, PgPoolCopyExt};
use sqlx::{Executor, Row};

use crate::{Outcome, section, show};

pub(crate) async fn rows(pool: &PgPool) -> Outcome {
    section("many rows");
    pool.execute("DROP TABLE IF EXISTS driver_many").await?;
    pool.execute("CREATE TABLE driver_many (id int PRIMARY KEY, name text, price numeric(10,2))")
        .await?;
    let mut transaction = pool.begin().await?;
    for number in 0..300 {
        sqlx::query("INSERT INTO driver_many (id, name) VALUES ($1, $2)")
            .bind(number)
            .bind(format!("name {number}"))
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    let mut stream = sqlx::query("SELECT id FROM driver_many WHERE id < $1 ORDER BY id")
        .bind(250)
        .fetch(pool);
    let mut sum = 0;
    while let Some(row) = stream.try_next().await? {
        sum += row.try_get::<i32, _>("id")?;
    }
    drop(stream);
    show("stream", sum);
    let upsert = "INSERT INTO driver_many VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name RETURNING name";
    show(
        "upsert",
        sqlx::query_scalar::<_, String>(upsert)
            .bind(1)
            .bind("new")
            .fetch_one(pool)
            .await?,
    );
    // A stream that is left before its end.
    let mut stream = sqlx::query("SELECT id FROM driver_many ORDER BY id").fetch(pool);
    let first = stream.try_next().await?;
    show(
        "first",
        first.map(|row| row.try_get::<i32, _>(0)).transpose()?,
    );
    drop(stream);
    show(
        "count",
        sqlx::query_scalar::<_, i64>("SELECT count(*) FROM driver_many")
            .fetch_one(pool)
            .await?,
    );
    let several =
        sqlx::raw_sql("SELECT 1 AS a; SELECT 2 AS a; DELETE FROM driver_many WHERE id = 299")
            .execute(pool)
            .await?;
    show("several", several.rows_affected());
    Ok(())
}

pub(crate) async fn copy(pool: &PgPool) -> Outcome {
    section("COPY");
    let mut copy = pool
        .copy_in_raw("COPY driver_many (id, name) FROM STDIN")
        .await?;
    copy.send(&b"1000\ta\\tb\n"[..]).await?;
    copy.send(&b"1001\t\\N\n1002\tx\n"[..]).await?;
    show("in", copy.finish().await?);
    let copy = pool
        .copy_in_raw("COPY driver_many (id, name) FROM STDIN")
        .await?;
    let failed = copy.abort("no more").await;
    show("aborted", failed.is_ok());
    let query = "COPY (SELECT id, name FROM driver_many WHERE id >= 1000 ORDER BY id) TO STDOUT (FORMAT csv)";
    let mut out = pool.copy_out_raw(query).await?;
    let mut all = Vec::new();
    while let Some(piece) = out.try_next().await? {
        all.extend_from_slice(&piece);
    }
    show("out", String::from_utf8(all)?);
    Ok(())
}

pub(crate) async fn cancel(pool: &PgPool) -> Outcome {
    section("time-outs");
    let mut connection = pool.acquire().await?;
    connection.execute("SET statement_timeout = 200").await?;
    let slept = connection.execute("SELECT pg_sleep(30)").await;
    crate::fails("statement_timeout", slept)?;
    connection.execute("RESET statement_timeout").await?;
    drop(connection);
    let sleep = sqlx::query("SELECT pg_sleep(30)").execute(pool);
    show(
        "left alone",
        tokio::time::timeout(Duration::from_millis(200), sleep)
            .await
            .is_err(),
    );
    show(
        "and on",
        sqlx::query_scalar::<_, i32>("SELECT 1")
            .fetch_one(pool)
            .await?,
    );
    Ok(())
}

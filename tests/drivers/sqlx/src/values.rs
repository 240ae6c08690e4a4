//! Values of every type, in and out.

use serde_json::json;
use sqlx::postgres::{PgPool, PgRow};
use sqlx::types::chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use sqlx::types::{BigDecimal, Json, Uuid};
use sqlx::{Column, Executor, Row, Statement, TypeInfo};

use crate::{Outcome, TEXT, section, show};

const INSERT: &str = "INSERT INTO driver_value (i2, i4, i8, f8, n, b, t, v, bin, d, tm, ts, u, j) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";

pub(crate) async fn all(pool: &PgPool) -> Outcome {
    section("values");
    pool.execute("DROP TABLE IF EXISTS driver_value").await?;
    pool.execute(
        "CREATE TABLE driver_value (id serial PRIMARY KEY, i2 smallint, i4 integer, i8 bigint, \
         f8 double precision, n numeric(12,3), b boolean, t text, v varchar(50), bin bytea, d date, tm time, \
         ts timestamp, u uuid, j jsonb)",
    )
    .await?;
    let day: NaiveDate = "2024-02-29".parse()?;
    let time: NaiveTime = "23:59:58.123456".parse()?;
    let id: Uuid = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11".parse()?;
    let number: BigDecimal = "123456789.125".parse()?;
    let inserted = sqlx::query(INSERT)
        .bind(-32_768_i16)
        .bind(2_147_483_647_i32)
        .bind(i64::MAX)
        .bind(-1.5e-7_f64)
        .bind(&number)
        .bind(true)
        .bind(TEXT)
        .bind("")
        .bind(&b"\x00\x01'\\\xff"[..])
        .bind(day)
        .bind(time)
        .bind(NaiveDateTime::new(day, time))
        .bind(id)
        .bind(Json(json!({"k": [1, "two", null]})))
        .execute(pool)
        .await?;
    show("inserted", inserted.rows_affected());
    let none =
        sqlx::query("INSERT INTO driver_value (t, n, u) VALUES ($1, $2, $3) RETURNING id, t")
            .bind(None::<String>)
            .bind(None::<BigDecimal>)
            .bind(None::<Uuid>)
            .fetch_one(pool)
            .await?;
    show(
        "nulls",
        (
            none.try_get::<i32, _>("id")?,
            none.try_get::<Option<String>, _>("t")?,
        ),
    );
    for row in pool
        .fetch_all("SELECT * FROM driver_value ORDER BY id")
        .await?
    {
        shown("simple", &row)?;
    }
    for row in sqlx::query("SELECT * FROM driver_value WHERE id >= $1 ORDER BY id")
        .bind(0)
        .fetch_all(pool)
        .await?
    {
        shown("bound", &row)?;
    }
    let found = sqlx::query_scalar::<_, i32>(
        "SELECT id FROM driver_value WHERE n = $1 AND u = $2 AND d = $3",
    )
    .bind(&number)
    .bind(id)
    .bind(day)
    .fetch_all(pool)
    .await?;
    show("found", found);
    let statement = pool
        .prepare(sqlx::SqlStr::from_static(
            "SELECT $1::text AS t, $2::int + 1 AS n",
        ))
        .await?;
    let columns: Vec<_> = statement
        .columns()
        .iter()
        .map(|column| (column.name(), column.type_info().name()))
        .collect();
    show("columns", columns);
    for word in ["x", "y", "z"] {
        let row = statement.query().bind(word).bind(1).fetch_one(pool).await?;
        show(
            "prepared",
            (row.try_get::<String, _>(0)?, row.try_get::<i32, _>("n")?),
        );
    }
    Ok(())
}

fn shown(label: &str, row: &PgRow) -> Outcome {
    let numbers = (
        row.try_get::<i32, _>("id")?,
        row.try_get::<Option<i16>, _>("i2")?,
        row.try_get::<Option<i32>, _>("i4")?,
        row.try_get::<Option<i64>, _>("i8")?,
        row.try_get::<Option<f64>, _>("f8")?,
        row.try_get::<Option<BigDecimal>, _>("n")?
            .map(|number| number.to_string()),
    );
    let others = (
        row.try_get::<Option<bool>, _>("b")?,
        row.try_get::<Option<String>, _>("t")?,
        row.try_get::<Option<String>, _>("v")?,
        row.try_get::<Option<Vec<u8>>, _>("bin")?,
        row.try_get::<Option<NaiveDate>, _>("d")?,
        row.try_get::<Option<NaiveTime>, _>("tm")?,
        row.try_get::<Option<NaiveDateTime>, _>("ts")?,
        row.try_get::<Option<Uuid>, _>("u")?,
        row.try_get::<Option<serde_json::Value>, _>("j")?,
    );
    show(label, (numbers, others));
    Ok(())
}

pub(crate) async fn arrays(pool: &PgPool) -> Outcome {
    section("arrays");
    pool.execute("DROP TABLE IF EXISTS driver_array").await?;
    pool.execute(
        "CREATE TABLE driver_array (id int PRIMARY KEY, i int[], t text[], u uuid[], d date[], b boolean[], n numeric[], \
         ts timestamp[])",
    )
    .await?;
    let day: NaiveDate = "2024-02-29".parse()?;
    let id: Uuid = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11".parse()?;
    let number: BigDecimal = "1.5".parse()?;
    sqlx::query("INSERT INTO driver_array VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(1)
        .bind(vec![1, -2, 3])
        .bind(vec![Some("a,b"), None, Some("\"q\"")])
        .bind(vec![id])
        .bind(vec![day])
        .bind(vec![true, false])
        .bind(vec![number])
        .bind(vec![day.and_time("12:30:00".parse()?)])
        .execute(pool)
        .await?;
    let row = sqlx::query("SELECT * FROM driver_array WHERE id = $1")
        .bind(1)
        .fetch_one(pool)
        .await?;
    show("integers", row.try_get::<Vec<i32>, _>("i")?);
    show("texts", row.try_get::<Vec<Option<String>>, _>("t")?);
    show("uuids", row.try_get::<Vec<Uuid>, _>("u")?);
    show("dates", row.try_get::<Vec<NaiveDate>, _>("d")?);
    show("booleans", row.try_get::<Vec<bool>, _>("b")?);
    let numbers = row.try_get::<Vec<BigDecimal>, _>("n")?;
    show(
        "numerics",
        numbers.iter().map(ToString::to_string).collect::<Vec<_>>(),
    );
    show("moments", row.try_get::<Vec<NaiveDateTime>, _>("ts")?);
    let any = "SELECT id FROM driver_value WHERE i4 = ANY($1) OR t = ANY($2) ORDER BY id";
    let found = sqlx::query_scalar::<_, i32>(any)
        .bind(vec![1, 2_147_483_647])
        .bind(vec![TEXT, "x"])
        .fetch_all(pool)
        .await?;
    show("any", found);
    Ok(())
}

//! A client of the world: `tokio-postgres`, which wants everything in binary.

use tokio_postgres::{Client, NoTls};

use crate::process::Server;

async fn connect(server: &Server) -> Client {
    let url = format!(
        "host=127.0.0.1 port={} user=_SYSTEM dbname=USER",
        server.port
    );
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

#[tokio::test]
async fn binary_values_survive_the_round_trip() {
    let server = Server::start(&[]);
    let client = connect(&server).await;
    client
        .execute(
            "CREATE TABLE t (x BIT, s SMALLINT, i INTEGER, l BIGINT, f DOUBLE, v VARCHAR(20), b VARBINARY(9))",
            &[],
        )
        .await
        .unwrap();
    let count = client
        .execute(
            "INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6, $7)",
            &[
                &true,
                &-7_i16,
                &i32::MIN,
                &i64::MAX,
                &-0.1_f64,
                &"Zoë",
                &&b"\0\xff"[..],
            ],
        )
        .await
        .unwrap();
    assert_eq!(count, 1);
    let row = client
        .query_one("SELECT * FROM t WHERE v = $1", &[&"ZOË"])
        .await
        .unwrap();
    assert_eq!(
        (
            row.get::<_, bool>(0),
            row.get::<_, i16>(1),
            row.get::<_, i32>(2)
        ),
        (true, -7, i32::MIN)
    );
    assert_eq!(
        (row.get::<_, i64>(3), row.get::<_, f64>(4)),
        (i64::MAX, -0.1)
    );
    assert_eq!(row.get::<_, &str>(5), "Zoë");
    assert_eq!(row.get::<_, &[u8]>(6), b"\0\xff");
    let null: Option<i32> = client
        .query_one("SELECT CAST(NULL AS INTEGER)", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(null, None);
}

#[tokio::test]
async fn errors_and_transactions_are_those_of_a_server() {
    let server = Server::start(&[]);
    let mut client = connect(&server).await;
    client
        .execute("CREATE TABLE t (a INTEGER)", &[])
        .await
        .unwrap();
    let error = client.query("SELECT b FROM t", &[]).await.unwrap_err();
    assert!(
        error
            .as_db_error()
            .unwrap()
            .message()
            .starts_with("[SQLCODE: <-29>")
    );
    let transaction = client.transaction().await.unwrap();
    transaction
        .execute("INSERT INTO t VALUES (1)", &[])
        .await
        .unwrap();
    transaction.rollback().await.unwrap();
    assert!(
        client
            .query("SELECT a FROM t", &[])
            .await
            .unwrap()
            .is_empty()
    );
}

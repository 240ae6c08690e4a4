//! A query with parameters, whose answer comes in binary.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{Format, FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::answer::{Answer, Column, Server};

/// The text of a value, whatever its type.
#[derive(Debug)]
struct Written<'a>(&'a str);

impl ToSql for Written<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

/// The bytes of a value.
struct Bytes(String);

impl FromSql<'_> for Bytes {
    fn from_sql(_: &Type, bytes: &[u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(format!("{bytes:02x?}")))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// The rows are shown as bytes.
pub(crate) async fn answer(server: &Server, text: &str, values: &[String]) -> Answer {
    match ask(server, text, values).await {
        Ok(answer) => answer,
        Err(error) => Answer::failed(&error),
    }
}

async fn ask(
    server: &Server,
    text: &str,
    values: &[String],
) -> Result<Answer, tokio_postgres::Error> {
    let statement = server.client.prepare(text).await?;
    let values: Vec<Written<'_>> = values.iter().map(|value| Written(value)).collect();
    let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as _).collect();
    let mut rows = Vec::new();
    for row in server.client.query(&statement, &values).await? {
        let cells = (0..row.len()).map(|place| row.try_get::<_, Option<Bytes>>(place));
        let cells: Result<Vec<_>, _> = cells.collect();
        rows.push(
            cells?
                .into_iter()
                .map(|cell| cell.map(|bytes| bytes.0))
                .collect(),
        );
    }
    let columns = statement.columns().iter();
    let columns = columns.map(|column| Column {
        label: column.name().to_owned(),
        kind: column.type_().oid(),
        origin: None,
    });
    Ok(Answer::Rows {
        columns: Some(columns.collect()),
        labels: Vec::new(),
        counts: vec![u64::try_from(rows.len()).unwrap_or(u64::MAX)],
        rows,
    })
}

//! A tokio-postgres client, and values whose bytes a test wants to see.

use std::error::Error;

use anyhow::{Context, Result};
use bytes::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, NoTls};

/// A client of the server on this port; its connection ends with it.
///
/// # Errors
/// The server does not accept it.
pub async fn connect(port: u16, database: &str) -> Result<Client> {
    let parameters = format!("host=127.0.0.1 port={port} user=postgres dbname={database}");
    let (client, connection) = tokio_postgres::connect(&parameters, NoTls)
        .await
        .context("cannot connect")?;
    tokio::spawn(connection);
    Ok(client)
}

/// A value of any type as its bytes in PostgreSQL's binary format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw(pub Vec<u8>);

impl<'a> FromSql<'a> for Raw {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw.to_vec()))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl ToSql for Raw {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

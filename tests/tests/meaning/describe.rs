//! Describes a statement frame by frame: for types that a driver would first ask the
//! catalogue about.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use pgiris_tests::{Frame, WireClient};
use tokio_postgres::Client;

use crate::answer::Shown;

/// What the stock rules announce for the types of pgvector, whose OIDs an extension
/// chooses anew in every database.
const OURS: [(&str, u32); 4] = [
    ("vector", 16_385),
    ("_vector", 16_391),
    ("halfvec", 16_498),
    ("_halfvec", 16_504),
];

/// Where the OIDs begin that each server gives for itself (`FirstNormalObjectId`).
const FIRST_OF_USERS: u32 = 16_384;

/// An OID by which answers are compared: those of types that users make are one server's own.
pub(crate) fn shared(oid: u32) -> u32 {
    match oid {
        FIRST_OF_USERS.. if OURS.iter().all(|(_, ours)| *ours != oid) => u32::MAX,
        other => other,
    }
}

/// A server's OIDs of pgvector's types, and ours for them.
pub(crate) async fn types_of(client: &Client) -> Result<HashMap<u32, u32>> {
    let names: Vec<&str> = OURS.iter().map(|(name, _)| *name).collect();
    let query = "SELECT typname, oid FROM pg_type WHERE typname = ANY($1)";
    let rows = client.query(query, &[&names]).await?;
    let known = rows.iter().filter_map(|row| {
        let ours = OURS.iter().find(|(name, _)| *name == row.get::<_, &str>(0));
        ours.map(|(_, ours)| (row.get(1), *ours))
    });
    Ok(known.collect())
}

/// Parameters and columns, or SQLSTATE and message.
pub(crate) type Description = std::result::Result<(Vec<u32>, Vec<Shown>), (String, String)>;

pub(crate) fn describe(port: u16, database: &str, text: &str) -> Result<Description> {
    let mut wire = WireClient::ready(port, database)?;
    let parse = [b"\0", text.as_bytes(), b"\0\0\0"].concat();
    for (tag, body) in [(b'P', &parse[..]), (b'D', b"S\0"), (b'S', b"")] {
        let length = u32::try_from(body.len() + 4)?.to_be_bytes();
        wire.send(&[&[tag], &length[..], body].concat())?;
    }
    let mut parameters = Vec::new();
    let mut columns = Vec::new();
    let mut error = None;
    loop {
        let frame = wire.receive()?.context("the connection was closed")?;
        match frame.tag {
            b't' => parameters = numbers(&frame)?,
            b'T' => columns = described(&frame)?,
            b'E' => error = Some(frame),
            b'Z' => break,
            _ => {}
        }
    }
    Ok(match error {
        None => Ok((parameters, columns)),
        Some(frame) => Err((
            frame.field(b'C').unwrap_or_default(),
            frame.field(b'M').unwrap_or_default(),
        )),
    })
}

/// The OIDs of a ParameterDescription.
fn numbers(frame: &Frame) -> Result<Vec<u32>> {
    let words = frame.body.get(2..).unwrap_or_default().chunks_exact(4);
    words
        .map(|word| Ok(u32::from_be_bytes(word.try_into()?)))
        .collect()
}

/// The columns of a RowDescription.
fn described(frame: &Frame) -> Result<Vec<Shown>> {
    let mut columns = Vec::new();
    let mut rest = frame.body.get(2..).unwrap_or_default();
    while !rest.is_empty() {
        let Some(end) = rest.iter().position(|byte| *byte == 0) else {
            bail!("a label does not end");
        };
        let label = String::from_utf8_lossy(&rest[..end]).into_owned();
        // Table, number of the column, type, size, modifier, format.
        let fields = rest.get(end + 1..end + 19).context("a column is cut off")?;
        let table = u32::from_be_bytes(fields[..4].try_into()?);
        let number = i16::from_be_bytes(fields[4..6].try_into()?);
        columns.push(Shown {
            label,
            kind: u32::from_be_bytes(fields[6..10].try_into()?),
            origin: (table != 0).then_some((table, number)),
        });
        rest = &rest[end + 19..];
    }
    Ok(columns)
}

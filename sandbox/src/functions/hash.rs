//! HASHBYTES.

use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::{Args, Datum, Function, strict};
use crate::error::{Result, SqlError};

pub(super) const FUNCTIONS: &[Function] = &[strict("iris_hashbytes", hash)];

fn hash(a: &Args<'_>) -> Result<Datum> {
    let data = match a.raw(1) {
        ValueRef::Blob(bytes) => bytes.to_vec(),
        _ => a.text(1).into_bytes(),
    };
    Ok(Datum::Blob(match a.text(0).to_ascii_uppercase().as_str() {
        "SHA256" => Sha256::digest(&data).to_vec(),
        "SHA384" => Sha384::digest(&data).to_vec(),
        "SHA512" => Sha512::digest(&data).to_vec(),
        other => {
            return Err(SqlError::new(
                -400,
                format!("unsupported hash algorithm {other}"),
            ));
        }
    }))
}

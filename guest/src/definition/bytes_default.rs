//! A default of bytes: IRIS takes the letters of a string for them.
//!
//! PostgreSQL manual, "Binary Data Types": the hex format, and the escape format.

use pgiris_values::bytes;
use sqlparser::ast::{Expr, Ident};

use crate::build;
use crate::diagnostic::Diagnosed;
use crate::wit::Diagnostic;

/// What of ObjectScript stands for bytes that are no plain letters.
const CHARACTERS: &str = "$CHAR(";

/// The default in IRIS's words.
///
/// # Errors
/// What PostgreSQL says of a text that is none of bytes, and bytes that IRIS may keep as
/// letters of another character set.
pub(super) fn written(text: &str) -> Diagnosed<Expr> {
    let bytes = bytes::read(text).map_err(Diagnostic::of_bytes)?;
    if !bytes.is_ascii() {
        return Err(Diagnostic::not_supported(
            "a default of bytes above 127 is not supported",
            "give the value in INSERT",
        ));
    }
    if bytes.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return Ok(build::string(&String::from_utf8_lossy(&bytes)));
    }
    let codes: Vec<String> = bytes.iter().map(u8::to_string).collect();
    let code = format!("{CHARACTERS}{})", codes.join(","));
    Ok(Expr::Prefixed {
        prefix: Ident::new("OBJECTSCRIPT"),
        value: Box::new(build::string(&code)),
    })
}

/// The bytes of such a default as IRIS tells of it, in PostgreSQL's hex format.
pub(crate) fn read(default: &str) -> Option<String> {
    let (_, codes) = default.split_once(CHARACTERS)?;
    let (codes, _) = codes.split_once(')')?;
    let bytes: Option<Vec<u8>> = codes
        .split(',')
        .map(|code| code.trim().parse().ok())
        .collect();
    Some(bytes::shown(&bytes?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_as_they_were_given() {
        assert_eq!(read("$CHAR(0,1,127)").as_deref(), Some("\\x00017f"));
    }
}

//! The packets that open a connection.
//!
//! PostgreSQL manual, "Message Flow", "Start-up" and "SSL Session Encryption".

use bytes::Bytes;

use super::frame::Frame;
use super::read::{Fields, Malformed};

/// A decoded startup packet.
#[derive(Debug)]
pub(crate) enum Startup {
    /// SSLRequest.
    Tls,
    /// GSSENCRequest.
    Gss,
    /// CancelRequest.
    Cancel { process: u32, secret: Bytes },
    /// StartupMessage.
    Session(Opening),
    /// A protocol that is not spoken here.
    Unsupported(Version),
}

/// Major and minor number of a protocol version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) major: u16,
    pub(crate) minor: u16,
}

/// What a StartupMessage asks for.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) version: Version,
    /// Names and values in the client's order; UTF-8 is not checked yet.
    pub(crate) parameters: Vec<(Bytes, Bytes)>,
}

/// The newest minor version of protocol 3 that is spoken here.
pub(crate) const NEWEST_MINOR: u16 = 2;

pub(crate) const CANCEL_REQUEST: u32 = 80_877_102;
const SSL_REQUEST: u32 = 80_877_103;
const GSSENC_REQUEST: u32 = 80_877_104;

impl Startup {
    pub(crate) fn decode(frame: Frame) -> Result<Self, Malformed> {
        let mut fields = Fields::new(frame.body);
        match fields.int32()?.cast_unsigned() {
            SSL_REQUEST => fields.end().map(|()| Self::Tls),
            GSSENC_REQUEST => fields.end().map(|()| Self::Gss),
            CANCEL_REQUEST => {
                let process = fields.int32()?.cast_unsigned();
                Ok(Self::Cancel {
                    process,
                    secret: fields.rest(),
                })
            }
            code => {
                let version = Version {
                    major: (code >> 16) as u16,
                    minor: code as u16,
                };
                if version.major != 3 {
                    return Ok(Self::Unsupported(version));
                }
                Ok(Self::Session(Opening {
                    version,
                    parameters: parameters(fields)?,
                }))
            }
        }
    }
}

/// "The message body consists of pairs of parameter name and value strings,
/// with a zero byte as a terminator after the last".
fn parameters(mut fields: Fields) -> Result<Vec<(Bytes, Bytes)>, Malformed> {
    let mut found = Vec::new();
    loop {
        let name = fields.string()?;
        if name.is_empty() {
            return fields.end().map(|()| found);
        }
        found.push((name, fields.string()?));
        if fields.is_empty() {
            return Err(Malformed::NoTerminator);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(body: &[u8]) -> Result<Startup, Malformed> {
        Startup::decode(Frame {
            tag: 0,
            body: Bytes::copy_from_slice(body),
        })
    }

    #[test]
    fn reads_parameters_up_to_the_terminator() {
        let Ok(Startup::Session(opening)) = decode(b"\0\x03\0\0user\0ann\0database\0USER\0\0")
        else {
            panic!("not a StartupMessage")
        };
        assert_eq!(opening.version, Version { major: 3, minor: 0 });
        assert_eq!(opening.parameters.len(), 2);
    }

    #[test]
    fn truncated_packets_are_malformed() {
        for body in [
            &b""[..],
            b"\0\x03",
            b"\0\x03\0\0",
            b"\0\x03\0\0user\0",
            b"\0\x03\0\0user\0ann\0",
        ] {
            assert!(decode(body).is_err(), "{body:?}");
        }
    }

    #[test]
    fn knows_other_protocols_by_their_major_version() {
        assert!(matches!(
            decode(b"\0\x02\0\0"),
            Ok(Startup::Unsupported(Version { major: 2, minor: 0 }))
        ));
        assert!(matches!(decode(b"\x04\xd2\x16\x2f"), Ok(Startup::Tls)));
    }
}

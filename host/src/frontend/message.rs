//! The messages a client sends after startup, decoded.
//!
//! Formats: PostgreSQL manual, "Message Formats".

use bytes::Bytes;

use super::frame::Frame;
use super::read::{Fields, Malformed};
use crate::upstream::{Format, Oid};

/// A decoded message.
#[derive(Debug)]
pub(crate) enum Message {
    Query(Bytes),
    Parse(Parse),
    Bind(Bind),
    Describe(Named),
    Execute(Execute),
    Close(Named),
    Flush,
    Sync,
    Terminate,
    /// FunctionCall: the OID of a function. Its arguments are not looked at.
    FunctionCall(Oid),
    /// CopyData, CopyDone and CopyFail outside of a COPY, which are ignored.
    StrayCopy,
}

#[derive(Debug)]
pub(crate) struct Parse {
    pub(crate) name: Bytes,
    pub(crate) text: Bytes,
    pub(crate) parameter_types: Vec<Oid>,
}

#[derive(Debug)]
pub(crate) struct Bind {
    pub(crate) portal: Bytes,
    pub(crate) statement: Bytes,
    pub(crate) parameter_formats: Formats,
    pub(crate) values: Vec<Option<Bytes>>,
    pub(crate) result_formats: Formats,
}

#[derive(Debug)]
pub(crate) struct Execute {
    pub(crate) portal: Bytes,
    /// 0: no limit.
    pub(crate) row_limit: u32,
}

/// What Describe and Close are about.
#[derive(Debug)]
pub(crate) enum Named {
    Statement(Bytes),
    Portal(Bytes),
}

/// Format codes: "zero to indicate that there are no parameters or that the
/// parameters all use the default format (text); or one, in which case the
/// specified format code is applied to all parameters; or it can equal the
/// actual number of parameters."
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Formats {
    codes: Vec<Format>,
    /// The place and the number of the first code that is neither 0 nor 1.
    unknown: Option<(usize, i16)>,
}

impl Formats {
    /// The same format for all items.
    pub(crate) fn all(format: Format) -> Self {
        Self {
            codes: vec![format],
            unknown: None,
        }
    }

    /// The place and the number of the first code that there is not: PostgreSQL finds it when it
    /// reads or writes a value.
    pub(crate) fn unknown(&self) -> Option<(usize, i16)> {
        self.unknown
    }

    /// The format of the item at `index`.
    pub(crate) fn get(&self, index: usize) -> Format {
        match self.codes.as_slice() {
            [] => Format::Text,
            [one] => *one,
            many => many.get(index).copied().unwrap_or_default(),
        }
    }

    /// Whether the codes suit so many items.
    pub(crate) fn suit(&self, count: usize) -> bool {
        self.codes.len() <= 1 || self.codes.len() == count
    }

    pub(crate) fn len(&self) -> usize {
        self.codes.len()
    }
}

/// Why a frame is not a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum DecodeError {
    /// No such message type.
    UnknownType(u8),
    /// The fields do not fill the body.
    Malformed(Malformed),
    /// Describe or Close, by the name that PostgreSQL's message has for it, is about something that
    /// does not exist.
    Subtype(&'static str, u8),
}

impl From<Malformed> for DecodeError {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl Message {
    pub(crate) fn decode(frame: Frame) -> Result<Self, DecodeError> {
        let mut fields = Fields::new(frame.body);
        let message = match frame.tag {
            b'Q' => Self::Query(fields.string()?),
            b'P' => Self::Parse(parse(&mut fields)?),
            b'B' => Self::Bind(bind(&mut fields)?),
            b'D' => Self::Describe(named(&mut fields, "DESCRIBE")?),
            b'E' => Self::Execute(execute(&mut fields)?),
            b'C' => Self::Close(named(&mut fields, "CLOSE")?),
            b'H' => Self::Flush,
            b'S' => Self::Sync,
            b'X' => Self::Terminate,
            b'F' => return Ok(Self::FunctionCall(fields.int32()?.cast_unsigned())),
            b'd' | b'c' | b'f' => return Ok(Self::StrayCopy),
            tag => return Err(DecodeError::UnknownType(tag)),
        };
        fields.end()?;
        Ok(message)
    }
}

fn parse(fields: &mut Fields) -> Result<Parse, DecodeError> {
    let name = fields.string()?;
    let text = fields.string()?;
    let count = fields.count(4)?;
    let parameter_types = (0..count)
        .map(|_| fields.int32().map(i32::cast_unsigned))
        .collect::<Result<_, _>>()?;
    Ok(Parse {
        name,
        text,
        parameter_types,
    })
}

fn bind(fields: &mut Fields) -> Result<Bind, DecodeError> {
    let portal = fields.string()?;
    let statement = fields.string()?;
    let parameter_formats = formats(fields)?;
    let count = fields.count(4)?;
    let values = (0..count)
        .map(|_| fields.value())
        .collect::<Result<_, _>>()?;
    let result_formats = formats(fields)?;
    Ok(Bind {
        portal,
        statement,
        parameter_formats,
        values,
        result_formats,
    })
}

fn formats(fields: &mut Fields) -> Result<Formats, DecodeError> {
    let count = fields.count(2)?;
    let mut formats = Formats::default();
    for place in 0..count {
        formats.codes.push(match fields.int16()? {
            0 => Format::Text,
            1 => Format::Binary,
            code => {
                formats.unknown.get_or_insert((place, code));
                Format::Text
            }
        });
    }
    Ok(formats)
}

fn execute(fields: &mut Fields) -> Result<Execute, DecodeError> {
    let portal = fields.string()?;
    // "Zero denotes no limit"; the server treats negative ones alike.
    let row_limit = u32::try_from(fields.int32()?).unwrap_or(0);
    Ok(Execute { portal, row_limit })
}

fn named(fields: &mut Fields, message: &'static str) -> Result<Named, DecodeError> {
    let subtype = fields.byte()?;
    let name = fields.string()?;
    match subtype {
        b'S' => Ok(Named::Statement(name)),
        b'P' => Ok(Named::Portal(name)),
        _ => {
            fields.end()?;
            Err(DecodeError::Subtype(message, subtype))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(tag: u8, body: &[u8]) -> Result<Message, DecodeError> {
        Message::decode(Frame {
            tag,
            body: Bytes::copy_from_slice(body),
        })
    }

    #[test]
    fn decodes_a_bind_with_a_null() {
        let body = b"p\0s\0\0\x01\0\x01\0\x02\0\0\0\x01x\xff\xff\xff\xff\0\0";
        let Ok(Message::Bind(bind)) = decode(b'B', body) else {
            panic!("not a Bind")
        };
        assert_eq!(
            (&bind.portal[..], &bind.statement[..]),
            (&b"p"[..], &b"s"[..])
        );
        assert_eq!(bind.values, [Some(Bytes::from_static(b"x")), None]);
        assert_eq!(bind.parameter_formats.get(1), Format::Binary);
        assert_eq!(bind.result_formats.get(7), Format::Text);
    }

    #[test]
    fn refuses_what_does_not_fill_its_frame() {
        for (tag, body, malformed) in [
            (b'Q', &b"no terminator"[..], Malformed::NoTerminator),
            (b'Q', b"two\0texts\0", Malformed::TooLong),
            (b'S', b"x", Malformed::TooLong),
            (b'D', b"", Malformed::NoByte),
            (b'D', b"Zname\0x", Malformed::TooLong),
            (b'P', b"\0select\0\x7f\xff", Malformed::TooShort),
            (b'B', b"\0\0\0\0\0\x01\x7f\xff\xff\xff", Malformed::TooShort),
            (b'E', b"\0\0\0", Malformed::TooShort),
        ] {
            assert_eq!(
                decode(tag, body).unwrap_err(),
                DecodeError::Malformed(malformed),
                "{}",
                tag as char
            );
        }
        assert_eq!(
            decode(b'C', b"Zname\0").unwrap_err(),
            DecodeError::Subtype("CLOSE", b'Z')
        );
        assert_eq!(
            decode(b'!', b"").unwrap_err(),
            DecodeError::UnknownType(b'!')
        );
    }

    #[test]
    fn remembers_a_format_that_there_is_not() {
        let body = b"\0\0\0\x02\0\x01\0\x02\0\0\0\0";
        let Ok(Message::Bind(bind)) = decode(b'B', body) else {
            panic!("not a Bind")
        };
        assert_eq!(bind.parameter_formats.unknown(), Some((1, 2)));
        assert_eq!(bind.result_formats.unknown(), None);
    }
}

//! Takes the fields of a message body one after the other.

use bytes::{Buf, Bytes};

/// What is left of a message body.
pub(crate) struct Fields {
    body: Bytes,
}

/// The body is shorter, or longer, than its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    NoByte,
    TooShort,
    NoTerminator,
    TooLong,
}

impl Malformed {
    /// In the words of PostgreSQL's `pqformat.c`.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::NoByte => "no data left in message",
            Self::TooShort => "insufficient data left in message",
            Self::NoTerminator => "invalid string in message",
            Self::TooLong => "invalid message format",
        }
    }
}

impl Fields {
    pub(crate) fn new(body: Bytes) -> Self {
        Self { body }
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Malformed> {
        self.body.try_get_u8().map_err(|_| Malformed::NoByte)
    }

    pub(crate) fn int16(&mut self) -> Result<i16, Malformed> {
        self.body.try_get_i16().map_err(|_| Malformed::TooShort)
    }

    pub(crate) fn int32(&mut self) -> Result<i32, Malformed> {
        self.body.try_get_i32().map_err(|_| Malformed::TooShort)
    }

    /// A count of fields that follow, each at least `size` bytes long.
    pub(crate) fn count(&mut self, size: usize) -> Result<usize, Malformed> {
        let count = usize::from(self.int16()?.cast_unsigned());
        if count * size > self.body.len() {
            Err(Malformed::TooShort)
        } else {
            Ok(count)
        }
    }

    /// A null-terminated string, without its terminator.
    pub(crate) fn string(&mut self) -> Result<Bytes, Malformed> {
        let end = memchr::memchr(0, &self.body).ok_or(Malformed::NoTerminator)?;
        let text = self.body.split_to(end);
        self.body.advance(1);
        Ok(text)
    }

    /// A value with its length before it; length -1 is NULL.
    pub(crate) fn value(&mut self) -> Result<Option<Bytes>, Malformed> {
        match self.int32()? {
            -1 => Ok(None),
            length => {
                let length = usize::try_from(length).map_err(|_| Malformed::TooShort)?;
                if length > self.body.len() {
                    return Err(Malformed::TooShort);
                }
                Ok(Some(self.body.split_to(length)))
            }
        }
    }

    /// Whatever is left.
    pub(crate) fn rest(self) -> Bytes {
        self.body
    }

    /// Nothing may be left.
    pub(crate) fn end(&self) -> Result<(), Malformed> {
        if self.body.is_empty() {
            Ok(())
        } else {
            Err(Malformed::TooLong)
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.body.is_empty()
    }
}

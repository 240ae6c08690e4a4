//! Frames of the backend, and how a script writes them.

use std::fmt::{self, Display, Formatter};

use anyhow::{Result, ensure};

/// One frame as the backend sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The message type.
    pub tag: u8,
    /// What follows the length.
    pub body: Vec<u8>,
}

impl Frame {
    /// Cuts the first frame off these bytes, if it is complete; with its size.
    ///
    /// # Errors
    /// The length cannot be right.
    pub(super) fn cut(bytes: &[u8]) -> Result<Option<(Self, usize)>> {
        let Some((header, rest)) = bytes.split_first_chunk::<5>() else {
            return Ok(None);
        };
        let [tag, length @ ..] = *header;
        let length = u32::from_be_bytes(length) as usize;
        ensure!(
            length >= 4,
            "a frame `{}` of length {length}",
            char::from(tag)
        );
        let Some(body) = rest.get(..length - 4) else {
            return Ok(None);
        };
        Ok(Some((
            Self {
                tag,
                body: body.to_vec(),
            },
            length + 1,
        )))
    }

    /// The field of an ErrorResponse or NoticeResponse.
    pub fn field(&self, code: u8) -> Option<String> {
        let mut fields = self.body.split(|byte| *byte == 0);
        let field = fields.find_map(|field| field.strip_prefix(&[code]))?;
        Some(String::from_utf8_lossy(field).into_owned())
    }
}

/// As in a script: the manual's name of the message and what a test compares of it.
impl Display for Frame {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut body = Body(&self.body);
        match self.tag {
            b'1' => f.write_str("ParseComplete"),
            b'2' => f.write_str("BindComplete"),
            b'3' => f.write_str("CloseComplete"),
            b'C' => write!(f, "CommandComplete {:?}", body.string()),
            b'D' => body.data_row(f),
            b'd' => match std::str::from_utf8(&self.body) {
                Ok(text) if !text.contains('\0') => write!(f, "CopyData {text:?}"),
                _ => write!(f, "CopyData x{}", hexadecimal(&self.body)),
            },
            b'c' => f.write_str("CopyDone"),
            b'G' => body.copy_response(f, "CopyInResponse"),
            b'H' => body.copy_response(f, "CopyOutResponse"),
            b'E' => self.diagnostic(f, "ErrorResponse"),
            b'I' => f.write_str("EmptyQueryResponse"),
            b'K' => f.write_str("BackendKeyData"),
            b'N' => self.diagnostic(f, "NoticeResponse"),
            b'n' => f.write_str("NoData"),
            b'R' => write!(f, "Authentication {}", body.int32()),
            b'S' => write!(f, "ParameterStatus {}={}", body.string(), body.string()),
            b's' => f.write_str("PortalSuspended"),
            b'T' => body.row_description(f),
            b't' => body.parameter_description(f),
            b'v' => {
                write!(f, "NegotiateProtocolVersion 3.{}", body.int32() & 0xffff)?;
                (0..body.int32()).try_for_each(|_| write!(f, " {}", body.string()))
            }
            b'Z' => write!(f, "ReadyForQuery {}", char::from(body.take(1)[0])),
            tag => write!(f, "{:?} {:02x?}", char::from(tag), self.body),
        }
    }
}

impl Frame {
    fn diagnostic(&self, f: &mut Formatter<'_>, name: &str) -> fmt::Result {
        let field = |code| self.field(code).unwrap_or_default();
        write!(f, "{name} {} {}", field(b'V'), field(b'C'))?;
        // Where in the data of a COPY.
        match self.field(b'W').filter(|text| text.starts_with("COPY ")) {
            Some(context) => write!(f, " [{context}]"),
            None => Ok(()),
        }
    }
}

/// Reads a body from its front; what is missing reads as zero.
struct Body<'a>(&'a [u8]);

impl<'a> Body<'a> {
    fn take(&mut self, count: usize) -> &'a [u8] {
        const NOTHING: &[u8] = &[0; 8];
        let Some((head, tail)) = self.0.split_at_checked(count) else {
            return NOTHING;
        };
        self.0 = tail;
        head
    }

    fn copy_response(&mut self, f: &mut Formatter<'_>, name: &str) -> fmt::Result {
        let format = self.take(1)[0];
        let columns = self.int16();
        let format = if format == 0 { "text" } else { "binary" };
        write!(f, "{name} {format} {columns}")
    }

    fn int16(&mut self) -> i16 {
        let bytes = self.take(2);
        i16::from_be_bytes([bytes[0], bytes[1]])
    }

    fn int32(&mut self) -> i32 {
        let bytes = self.take(4);
        i32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    }

    fn string(&mut self) -> String {
        let end = self
            .0
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(self.0.len());
        let text = String::from_utf8_lossy(self.take(end)).into_owned();
        self.take(1);
        text
    }

    fn data_row(&mut self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("DataRow")?;
        for _ in 0..self.int16() {
            let Ok(length) = usize::try_from(self.int32()) else {
                f.write_str(" null")?;
                continue;
            };
            let value = self.take(length);
            match std::str::from_utf8(value) {
                Ok(text) if !text.contains(|c: char| c.is_control()) => write!(f, " {text:?}")?,
                _ => write!(f, " x{}", hexadecimal(value))?,
            }
        }
        Ok(())
    }

    fn row_description(&mut self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("RowDescription")?;
        for _ in 0..self.int16() {
            let label = self.string();
            let (_table, _column) = (self.int32(), self.int16());
            let (type_oid, _size, _modifier) = (self.int32(), self.int16(), self.int32());
            let format = if self.int16() == 0 { "text" } else { "binary" };
            write!(f, " {label}:{type_oid}:{format}")?;
        }
        Ok(())
    }

    fn parameter_description(&mut self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("ParameterDescription")?;
        for _ in 0..self.int16() {
            write!(f, " {}", self.int32())?;
        }
        Ok(())
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

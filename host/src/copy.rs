//! The formats of COPY: bytes from a client become rows, rows become bytes.
//!
//! PostgreSQL manual, COPY, "File Formats"; what is accepted, and the words of the
//! errors, as in PostgreSQL 15. Pure: no I/O, no SQL.

mod binary;
mod fields;
mod lines;
mod reader;
mod writer;

use bytes::Bytes;

pub(crate) use reader::Reader;
pub(crate) use writer::Writer;

/// A format with its options; the characters are ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Text(Text),
    Csv(Csv),
    Binary,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) delimiter: u8,
    pub(crate) null: Vec<u8>,
    /// What stands for the default of a column.
    pub(crate) default: Option<Vec<u8>>,
    pub(crate) header: Header,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Csv {
    pub(crate) delimiter: u8,
    pub(crate) null: Vec<u8>,
    /// What stands for the default of a column.
    pub(crate) default: Option<Vec<u8>>,
    pub(crate) header: Header,
    pub(crate) quote: u8,
    pub(crate) escape: u8,
    /// For each column.
    pub(crate) force_quote: Vec<bool>,
    pub(crate) force_not_null: Vec<bool>,
    pub(crate) force_null: Vec<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Header {
    None,
    Present,
    Matching,
}

impl Format {
    fn header(&self) -> Header {
        match self {
            Self::Text(text) => text.header,
            Self::Csv(csv) => csv.header,
            Self::Binary => Header::None,
        }
    }
}

/// One row of data from the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Lines count from 1; in the binary format rows do.
    pub(crate) line: u64,
    /// As it was received; empty in the binary format.
    pub(crate) raw: Bytes,
    /// In the text or the binary format of the columns' types; `None` is NULL.
    pub(crate) fields: Vec<Option<Bytes>>,
    /// The fields, by number from 0, in whose place the default of the column was asked for.
    pub(crate) defaulted: Vec<usize>,
}

/// The data is not in its format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CopyError {
    pub(crate) sqlstate: &'static str,
    pub(crate) message: String,
    pub(crate) hint: Option<&'static str>,
    pub(crate) line: u64,
    /// The line, if it is known as a whole.
    pub(crate) raw: Option<Bytes>,
    /// The values that stand before the one that is missing: PostgreSQL reads one after the other,
    /// and what is wrong with one of them it says first (`NextCopyFrom`).
    pub(crate) before: Vec<Option<Bytes>>,
}

impl CopyError {
    fn new(line: u64, message: impl Into<String>) -> Self {
        Self {
            sqlstate: "22P04",
            message: message.into(),
            hint: None,
            line,
            raw: None,
            before: Vec::new(),
        }
    }

    fn in_line(self, raw: &Bytes) -> Self {
        Self {
            raw: Some(raw.clone()),
            ..self
        }
    }
}

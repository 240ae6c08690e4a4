//! The messages the broker sends, written into a buffer.
//!
//! Formats: PostgreSQL manual, "Message Formats".

use std::sync::Arc;

use bytes::{BufMut, BytesMut};

use crate::diagnostic::{Diagnostic, Objects};
use crate::rules::wit_plan::{Instruction, Origin};
use crate::session::transaction::Status;
use crate::upstream::{Format, Oid};

/// A column as RowDescription tells it.
#[derive(Clone, Debug)]
pub(crate) struct ResultColumn {
    pub(crate) label: String,
    pub(crate) type_oid: Oid,
    pub(crate) type_modifier: i32,
    /// The modifier by which values are written, where it is not the one announced: it tells
    /// the digits behind the point of a `numeric`.
    pub(crate) written: Option<i32>,
    /// What the broker makes of the upstream's value, which is a string then.
    pub(crate) computed: Option<Arc<[Instruction]>>,
    /// The column of a table that it shows.
    pub(crate) origin: Option<Origin>,
}

/// Equal are columns whose values look the same, wherever they come from: only what a client can
/// see in its rows must not change under a prepared statement.
impl PartialEq for ResultColumn {
    fn eq(&self, other: &Self) -> bool {
        let Self {
            label,
            type_oid,
            type_modifier,
            written,
            computed,
            origin: _,
        } = self;
        *label == other.label
            && *type_oid == other.type_oid
            && *type_modifier == other.type_modifier
            && *written == other.written
            && *computed == other.computed
    }
}

impl ResultColumn {
    /// The type modifier by which values are written.
    pub(crate) fn written_modifier(&self) -> i32 {
        self.written.unwrap_or(self.type_modifier)
    }
}

/// Writes one message: type byte, length, and what `body` adds.
pub(crate) fn message(out: &mut BytesMut, tag: u8, body: impl FnOnce(&mut BytesMut)) {
    out.put_u8(tag);
    let start = out.len();
    out.put_u32(0);
    body(out);
    // Lengths stay below 4 GiB: every part is bounded by a message or row limit.
    let length = (out.len() - start) as u32;
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

/// Writes a null-terminated string. Labels and texts come from many sources; a
/// zero byte inside one would shift every field after it.
fn string(out: &mut BytesMut, text: &str) {
    out.extend(text.bytes().filter(|byte| *byte != 0));
    out.put_u8(0);
}

pub(crate) fn authentication_ok(out: &mut BytesMut) {
    message(out, b'R', |out| out.put_u32(0));
}

/// What a client is asked before it is let in.
pub(crate) enum Challenge<'a> {
    CleartextPassword,
    /// The names of mechanisms, the preferred first.
    Sasl(&'a [&'a str]),
    SaslContinue(&'a str),
    SaslFinal(&'a str),
}

pub(crate) fn authentication(out: &mut BytesMut, challenge: &Challenge<'_>) {
    message(out, b'R', |out| match challenge {
        Challenge::CleartextPassword => out.put_u32(3),
        Challenge::Sasl(mechanisms) => {
            out.put_u32(10);
            mechanisms.iter().for_each(|name| string(out, name));
            out.put_u8(0);
        }
        Challenge::SaslContinue(data) => {
            out.put_u32(11);
            out.put_slice(data.as_bytes());
        }
        Challenge::SaslFinal(data) => {
            out.put_u32(12);
            out.put_slice(data.as_bytes());
        }
    });
}

pub(crate) fn parameter_status(out: &mut BytesMut, name: &str, value: &str) {
    message(out, b'S', |out| {
        string(out, name);
        string(out, value);
    });
}

pub(crate) fn backend_key_data(out: &mut BytesMut, process: u32, secret: &[u8]) {
    message(out, b'K', |out| {
        out.put_u32(process);
        out.put_slice(secret);
    });
}

/// "Indicates that the server does not support the minor protocol version
/// requested by the client, but does support an earlier version".
pub(crate) fn negotiate_protocol_version(out: &mut BytesMut, minor: u16, unknown: &[String]) {
    message(out, b'v', |out| {
        out.put_u32((3 << 16) | u32::from(minor));
        out.put_u32(unknown.len() as u32);
        unknown.iter().for_each(|name| string(out, name));
    });
}

pub(crate) fn ready_for_query(out: &mut BytesMut, status: Status) {
    message(out, b'Z', |out| out.put_u8(status.indicator()));
}

pub(crate) fn parse_complete(out: &mut BytesMut) {
    message(out, b'1', |_| ());
}

pub(crate) fn bind_complete(out: &mut BytesMut) {
    message(out, b'2', |_| ());
}

pub(crate) fn close_complete(out: &mut BytesMut) {
    message(out, b'3', |_| ());
}

pub(crate) fn no_data(out: &mut BytesMut) {
    message(out, b'n', |_| ());
}

pub(crate) fn portal_suspended(out: &mut BytesMut) {
    message(out, b's', |_| ());
}

pub(crate) fn empty_query_response(out: &mut BytesMut) {
    message(out, b'I', |_| ());
}

pub(crate) fn command_complete(out: &mut BytesMut, tag: &str) {
    message(out, b'C', |out| string(out, tag));
}

pub(crate) fn parameter_description(out: &mut BytesMut, types: &[Oid]) {
    message(out, b't', |out| {
        out.put_u16(types.len() as u16);
        types.iter().for_each(|oid| out.put_u32(*oid));
    });
}

/// `format` tells the format of each column; the description of a statement,
/// whose formats are not known yet, says text.
pub(crate) fn row_description(
    out: &mut BytesMut,
    columns: &[ResultColumn],
    format: impl Fn(usize) -> Format,
) {
    message(out, b'T', |out| {
        out.put_u16(columns.len() as u16);
        for (index, column) in columns.iter().enumerate() {
            string(out, &column.label);
            // Of a column that is none of a table both are 0.
            out.put_u32(column.origin.map_or(0, |origin| origin.table_oid));
            out.put_i16(column.origin.map_or(0, |origin| origin.number));
            out.put_u32(column.type_oid);
            out.put_i16(type_length(column.type_oid));
            out.put_i32(column.type_modifier);
            out.put_u16(match format(index) {
                Format::Text => 0,
                Format::Binary => 1,
            });
        }
    });
}

/// `pg_type.typlen` of the built-in types of fixed length; -1 for all others.
fn type_length(type_oid: Oid) -> i16 {
    match type_oid {
        16 | 18 => 1,
        21 => 2,
        23 | 26 | 28 | 29 | 700 | 1082 | 2278 => 4,
        // regproc and its kin.
        24 | 2202..=2206 | 3734 | 3769 | 4089 | 4096 | 4191 => 4,
        20 | 701 | 790 | 1083 | 1114 | 1184 => 8,
        1266 => 12,
        1186 | 2950 => 16,
        19 => 64,
        705 => -2,
        _ => -1,
    }
}

pub(crate) fn error_response(out: &mut BytesMut, diagnostic: &Diagnostic) {
    message(out, b'E', |out| diagnostic_fields(out, diagnostic));
}

pub(crate) fn notice_response(out: &mut BytesMut, diagnostic: &Diagnostic) {
    message(out, b'N', |out| diagnostic_fields(out, diagnostic));
}

/// Fields as in "Error and Notice Message Fields".
fn diagnostic_fields(out: &mut BytesMut, diagnostic: &Diagnostic) {
    let mut field = |code: u8, text: &str| {
        out.put_u8(code);
        string(out, text);
    };
    field(b'S', diagnostic.severity.as_str());
    field(b'V', diagnostic.severity.as_str());
    field(b'C', &diagnostic.sqlstate);
    field(b'M', &diagnostic.message);
    if let Some(position) = diagnostic.position {
        field(b'P', &position.to_string());
    }
    let none = Objects::default();
    let objects = diagnostic.objects.as_deref().unwrap_or(&none);
    for (code, text) in [
        (b'D', &diagnostic.detail),
        (b'H', &diagnostic.hint),
        (b's', &objects.schema),
        (b't', &objects.table),
        (b'c', &objects.column),
        (b'n', &objects.constraint),
        (b'W', &objects.context),
    ] {
        if let Some(text) = text {
            field(code, text);
        }
    }
    if let Some(routine) = objects.routine {
        field(b'R', routine);
    }
    out.put_u8(0);
}

/// CopyInResponse or CopyOutResponse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CopyResponse {
    In,
    Out,
}

/// "0 indicates the overall COPY format is textual … 1 … binary", then the same
/// for each column.
pub(crate) fn copy_response(
    out: &mut BytesMut,
    response: CopyResponse,
    format: Format,
    columns: usize,
) {
    let tag = match response {
        CopyResponse::In => b'G',
        CopyResponse::Out => b'H',
    };
    let code = u8::from(format == Format::Binary);
    message(out, tag, |out| {
        out.put_u8(code);
        out.put_u16(columns as u16);
        (0..columns).for_each(|_| out.put_u16(u16::from(code)));
    });
}

pub(crate) fn copy_data(out: &mut BytesMut, body: impl FnOnce(&mut BytesMut)) {
    message(out, b'd', body);
}

pub(crate) fn copy_done(out: &mut BytesMut) {
    message(out, b'c', |_| ());
}

/// The fields of one DataRow; `write` adds the value of a column and says
/// whether there is one.
pub(crate) fn data_row<E>(
    out: &mut BytesMut,
    columns: usize,
    mut write: impl FnMut(usize, &mut BytesMut) -> Result<bool, E>,
) -> Result<(), E> {
    let mut result = Ok(());
    message(out, b'D', |out| {
        out.put_u16(columns as u16);
        for index in 0..columns {
            let start = out.len();
            out.put_i32(-1);
            match write(index, out) {
                Ok(true) => {
                    let length = (out.len() - start - 4) as u32;
                    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
                }
                Ok(false) => out.truncate(start + 4),
                Err(error) => {
                    result = Err(error);
                    return;
                }
            }
        }
    });
    result
}

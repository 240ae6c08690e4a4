//! Replies in a client's character set: the texts in those frames that hold any beside rows.

use bytes::{BufMut, Bytes, BytesMut};

use super::Charset;
use crate::frontend::read::{Fields, Malformed};
use crate::frontend::reply::message;
use crate::frontend::rows::frame_end;

/// Behind the label of a column in RowDescription: table, number, type, size, modifier, format.
const BEHIND_LABEL: usize = 18;

/// Replies in UTF-8 in this character set; rows and the data of COPY are in it already.
///
/// What is not in the set is a question mark: an error about an error helps nobody.
pub(crate) fn recoded(replies: &[u8], charset: &Charset) -> BytesMut {
    let mut out = BytesMut::with_capacity(replies.len());
    let mut at = 0;
    while let Some(end) = frame_end(replies, at) {
        let frame = &replies[at..end];
        at = end;
        let has_text = matches!(frame[0], b'E' | b'N' | b'S' | b'T') && !frame.is_ascii();
        let before = out.len();
        if !has_text || rewrite(frame, charset, &mut out).is_err() {
            out.truncate(before);
            out.put_slice(frame);
        }
    }
    out.put_slice(&replies[at..]);
    out
}

fn rewrite(frame: &[u8], charset: &Charset, out: &mut BytesMut) -> Result<(), Malformed> {
    let body = frame.get(5..).ok_or(Malformed::TooShort)?;
    let mut fields = Fields::new(Bytes::copy_from_slice(body));
    let mut written = BytesMut::with_capacity(body.len());
    match frame[0] {
        b'T' => labels(&mut fields, charset, &mut written)?,
        b'S' => {
            string(&mut fields, charset, &mut written)?;
            string(&mut fields, charset, &mut written)?;
        }
        _ => loop {
            let code = fields.byte()?;
            written.put_u8(code);
            if code == 0 {
                break;
            }
            string(&mut fields, charset, &mut written)?;
        },
    }
    message(out, frame[0], |out| out.put_slice(&written));
    Ok(())
}

fn labels(fields: &mut Fields, charset: &Charset, out: &mut BytesMut) -> Result<(), Malformed> {
    let count = fields.count(BEHIND_LABEL + 1)?;
    out.put_u16(u16::try_from(count).map_err(|_| Malformed::TooLong)?);
    for _ in 0..count {
        string(fields, charset, out)?;
        for _ in 0..BEHIND_LABEL {
            out.put_u8(fields.byte()?);
        }
    }
    Ok(())
}

fn string(fields: &mut Fields, charset: &Charset, out: &mut BytesMut) -> Result<(), Malformed> {
    charset.encode_anyhow(&fields.string()?, out);
    out.put_u8(0);
    Ok(())
}

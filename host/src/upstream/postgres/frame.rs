//! Cuts messages of the server off the read buffer, by tag and length.

use bytes::{Bytes, BytesMut};
use postgres_protocol::message::backend::{DATA_ROW_TAG, Header, Message};

use super::fault;
use crate::upstream::UpstreamError;

/// How long a row may be, unless the broker says otherwise.
pub(super) const LONGEST_ROW: usize = 256 * 1024 * 1024;

/// How long any other message may be, even where rows are to be shorter: errors, and descriptions of some thousand
/// columns.
const LONGEST_OTHER: usize = 1024 * 1024;

/// What is longer is no message: PostgreSQL makes none.
const LONGEST_POSSIBLE: usize = 1024 * 1024 * 1024;

/// The tag, which the length does not count.
const TAG: usize = 1;

/// What stands at the front of the buffer.
pub(super) enum Frame {
    /// Complete DataRow messages, and how many they are.
    Rows(Bytes, u64),
    /// Any other message.
    Message(Message),
    /// The beginning of a row of so many bytes, which is longer than it may be. It is still in the buffer, and only it.
    LongRow(usize),
}

/// Cuts off what is complete; `None` if more must be read first. `longest`: how long a row may be.
///
/// # Errors
/// The bytes are no message of the protocol.
pub(super) fn cut(buffer: &mut BytesMut, longest: usize) -> Result<Option<Frame>, UpstreamError> {
    let (end, count) = rows_at_front(buffer, longest)?;
    if count > 0 {
        return Ok(Some(Frame::Rows(buffer.split_to(end).freeze(), count)));
    }
    match front(buffer, longest)? {
        Front::Incomplete => Ok(None),
        Front::LongRow(length) => Ok(Some(Frame::LongRow(length))),
        Front::Complete(_, length) => {
            let message = Message::parse(&mut buffer.split_to(length));
            let message = message.map_err(|error| fault::nonsense(&error.to_string()))?;
            Ok(message.map(Frame::Message))
        }
    }
}

/// Where the complete DataRow messages end, and how many they are.
fn rows_at_front(buffer: &[u8], longest: usize) -> Result<(usize, u64), UpstreamError> {
    let (mut end, mut count) = (0, 0);
    while let Front::Complete(DATA_ROW_TAG, length) = front(&buffer[end..], longest)? {
        end += length;
        count += 1;
    }
    Ok((end, count))
}

/// The first message.
enum Front {
    Incomplete,
    /// Its tag and its length.
    Complete(u8, usize),
    LongRow(usize),
}

fn front(buffer: &[u8], longest: usize) -> Result<Front, UpstreamError> {
    let Some(header) =
        Header::parse(buffer).map_err(|error| fault::nonsense(&error.to_string()))?
    else {
        return Ok(Front::Incomplete);
    };
    let length =
        usize::try_from(header.len()).map_or(usize::MAX, |length| length.saturating_add(TAG));
    let is_row = header.tag() == DATA_ROW_TAG;
    if length > LONGEST_POSSIBLE || (!is_row && length > longest.max(LONGEST_OTHER)) {
        return Err(fault::nonsense(&format!("a message of {length} bytes")));
    }
    Ok(match buffer.len() >= length {
        _ if is_row && length > longest => Front::LongRow(length),
        true => Front::Complete(header.tag(), length),
        false => Front::Incomplete,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_off_together_and_undecoded() {
        let mut buffer =
            BytesMut::from(&b"D\0\0\0\x06\0\0D\0\0\0\x06\0\0C\0\0\0\x0dSELECT 2\0D\0\0"[..]);
        let mut cut = || super::cut(&mut buffer, LONGEST_ROW);
        let Ok(Some(Frame::Rows(frames, 2))) = cut() else {
            panic!("two rows")
        };
        assert_eq!(&frames[..], b"D\0\0\0\x06\0\0D\0\0\0\x06\0\0");
        assert!(matches!(
            cut(),
            Ok(Some(Frame::Message(Message::CommandComplete(_))))
        ));
        assert!(matches!(cut(), Ok(None)));
        assert_eq!(&buffer[..], b"D\0\0");
    }

    #[test]
    fn a_long_row_is_told_behind_those_before_it() {
        let mut buffer = BytesMut::from(&b"D\0\0\0\x06\0\0D\0\0\x10\0\0\x01"[..]);
        let mut cut = || cut(&mut buffer, 100);
        assert!(matches!(cut(), Ok(Some(Frame::Rows(_, 1)))));
        assert!(matches!(cut(), Ok(Some(Frame::LongRow(4097)))));
    }

    #[test]
    fn nonsense_is_an_error_of_the_connection() {
        for bytes in [
            &b"D\0\0\0\x03"[..],
            b"D\x7f\xff\xff\xff",
            b"D\xff\xff\xff\xff",
            b"?\0\0\0\x04",
            b"Z\0\0\0\x04",
        ] {
            let error = cut(&mut BytesMut::from(bytes), LONGEST_ROW)
                .err()
                .expect("it is refused");
            assert_eq!(error.kind, crate::upstream::UpstreamErrorKind::Connection);
        }
    }
}

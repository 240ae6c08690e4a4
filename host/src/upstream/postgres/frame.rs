//! Cuts messages of the server off the read buffer, by tag and length.

use bytes::{Bytes, BytesMut};
use postgres_protocol::message::backend::{DATA_ROW_TAG, Header, Message};

use super::fault;
use crate::upstream::UpstreamError;

/// The longest message that is accepted. IRIS strings end below 4 MB and its
/// rows rarely hold many of that size; a longer message is more likely nonsense,
/// and it would have to be in memory whole.
const MAX_MESSAGE: usize = 256 * 1024 * 1024;

/// The tag, which the length does not count.
const TAG: usize = 1;

/// What stands at the front of the buffer.
pub(super) enum Frame {
    /// Complete DataRow messages, and how many they are.
    Rows(Bytes, u64),
    /// Any other message.
    Message(Message),
}

/// Cuts off what is complete; `None` if more must be read first.
///
/// # Errors
/// The bytes are no message of the protocol.
pub(super) fn cut(buffer: &mut BytesMut) -> Result<Option<Frame>, UpstreamError> {
    let (end, count) = rows_at_front(buffer)?;
    if count > 0 {
        return Ok(Some(Frame::Rows(buffer.split_to(end).freeze(), count)));
    }
    match complete(buffer)? {
        None => Ok(None),
        Some((_, length)) => {
            let message = Message::parse(&mut buffer.split_to(length));
            let message = message.map_err(|error| fault::nonsense(&error.to_string()))?;
            Ok(message.map(Frame::Message))
        }
    }
}

/// Where the complete DataRow messages end, and how many they are.
fn rows_at_front(buffer: &[u8]) -> Result<(usize, u64), UpstreamError> {
    let (mut end, mut count) = (0, 0);
    while let Some((DATA_ROW_TAG, length)) = complete(&buffer[end..])? {
        end += length;
        count += 1;
    }
    Ok((end, count))
}

/// Tag and length of the first message, if all of it is there.
fn complete(buffer: &[u8]) -> Result<Option<(u8, usize)>, UpstreamError> {
    let Some(header) =
        Header::parse(buffer).map_err(|error| fault::nonsense(&error.to_string()))?
    else {
        return Ok(None);
    };
    let length =
        usize::try_from(header.len()).map_or(usize::MAX, |length| length.saturating_add(TAG));
    if length > MAX_MESSAGE {
        return Err(fault::nonsense(&format!("a message of {length} bytes")));
    }
    Ok((buffer.len() >= length).then_some((header.tag(), length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_off_together_and_undecoded() {
        let mut buffer =
            BytesMut::from(&b"D\0\0\0\x06\0\0D\0\0\0\x06\0\0C\0\0\0\x0dSELECT 2\0D\0\0"[..]);
        let Ok(Some(Frame::Rows(frames, 2))) = cut(&mut buffer) else {
            panic!("two rows")
        };
        assert_eq!(&frames[..], b"D\0\0\0\x06\0\0D\0\0\0\x06\0\0");
        assert!(matches!(
            cut(&mut buffer),
            Ok(Some(Frame::Message(Message::CommandComplete(_))))
        ));
        assert!(matches!(cut(&mut buffer), Ok(None)));
        assert_eq!(&buffer[..], b"D\0\0");
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
            let error = cut(&mut BytesMut::from(bytes))
                .err()
                .expect("it is refused");
            assert_eq!(error.kind, crate::upstream::UpstreamErrorKind::Connection);
        }
    }
}

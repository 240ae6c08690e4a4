//! Rows as the broker wants them of a connector: ready for the client.

use bytes::{BufMut, Bytes, BytesMut};

use super::{Event, Output};
use crate::value::{Scalar, ValueError, encode};

/// Complete DataRow messages, one after the other.
///
/// ```
/// use pgiris::upstream::{DataRows, Event, Format, Output};
/// use pgiris::value::Scalar;
///
/// // One column, which was announced as `integer`.
/// let outputs = [Output { type_oid: 23, type_modifier: -1, format: Format::Text }];
/// let mut rows = DataRows::default();
/// rows.push([Some(Scalar::Int(42))], &outputs)?;
/// rows.push([None], &outputs)?;
/// let Some(Event::Rows { count, .. }) = rows.take() else { panic!() };
/// assert_eq!(count, 2);
/// # Ok::<(), pgiris::value::ValueError>(())
/// ```
#[derive(Debug, Default)]
pub struct DataRows {
    frames: BytesMut,
    count: u64,
}

impl DataRows {
    /// Adds one row; nothing is added if that fails. `None` is NULL.
    ///
    /// # Errors
    /// A value cannot be written as the type that was announced, or the row is longer than a message may be.
    pub fn push<'a>(
        &mut self,
        row: impl IntoIterator<Item = Option<Scalar<'a>>>,
        outputs: &[Output],
    ) -> Result<(), ValueError> {
        let start = self.frames.len();
        let written = write_row(row, outputs, &mut self.frames);
        match written {
            Ok(()) => self.count += 1,
            Err(_) => self.frames.truncate(start),
        }
        written
    }

    /// How many bytes they are. Beyond some tens of kilobytes the cost of handing them on does not show any more, while
    /// the client waits for them.
    pub fn bytes(&self) -> usize {
        self.frames.len()
    }

    /// What has been added since the last time, as an event; `None`: nothing.
    pub fn take(&mut self) -> Option<Event> {
        let (frames, count) = self.split()?;
        Some(Event::Rows { frames, count })
    }

    pub(crate) fn split(&mut self) -> Option<(Bytes, u64)> {
        let count = std::mem::take(&mut self.count);
        (count > 0).then(|| (self.frames.split().freeze(), count))
    }
}

fn write_row<'a>(
    row: impl IntoIterator<Item = Option<Scalar<'a>>>,
    outputs: &[Output],
    frames: &mut BytesMut,
) -> Result<(), ValueError> {
    let start = frames.len();
    frames.put_slice(b"D\0\0\0\0");
    let columns = u16::try_from(outputs.len()).map_err(|_| ValueError::row_too_large())?;
    frames.put_u16(columns);
    let mut values = row.into_iter();
    for output in outputs {
        // What is missing at the end is NULL: the message must have as many values as it says.
        write_value(values.next().flatten(), *output, frames)?;
    }
    put_length(frames, start + 1, start + 1)
}

fn write_value(
    value: Option<Scalar<'_>>,
    output: Output,
    frames: &mut BytesMut,
) -> Result<(), ValueError> {
    let Some(value) = value else {
        frames.put_i32(-1);
        return Ok(());
    };
    let start = frames.len();
    frames.put_i32(0);
    encode(
        &value,
        output.type_oid,
        output.type_modifier,
        output.format,
        frames,
    )?;
    put_length(frames, start, start + 4)
}

/// Writes at `at` how many bytes follow from `counted_from`.
fn put_length(frames: &mut BytesMut, at: usize, counted_from: usize) -> Result<(), ValueError> {
    let length =
        i32::try_from(frames.len() - counted_from).map_err(|_| ValueError::row_too_large())?;
    frames[at..at + 4].copy_from_slice(&length.to_be_bytes());
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::upstream::Format;

    pub(in crate::upstream) const BOOL_AND_TEXT: [Output; 2] = [
        Output {
            type_oid: 16,
            type_modifier: -1,
            format: Format::Binary,
        },
        Output {
            type_oid: 25,
            type_modifier: -1,
            format: Format::Text,
        },
    ];

    #[test]
    fn a_row_is_a_complete_message() {
        let mut rows = DataRows::default();
        rows.push([Some(Scalar::Int(1)), None], &BOOL_AND_TEXT)
            .unwrap();
        let (frames, count) = rows.split().unwrap();
        assert_eq!(
            &frames[..],
            b"D\0\0\0\x0f\0\x02\0\0\0\x01\x01\xff\xff\xff\xff"
        );
        assert_eq!(count, 1);
        assert!(rows.take().is_none());
    }

    #[test]
    fn a_row_has_as_many_values_as_it_says() {
        let mut rows = DataRows::default();
        rows.push([Some(Scalar::Int(1))], &BOOL_AND_TEXT).unwrap();
        let (frames, _) = rows.split().unwrap();
        assert_eq!(
            &frames[..],
            b"D\0\0\0\x0f\0\x02\0\0\0\x01\x01\xff\xff\xff\xff"
        );
    }

    #[test]
    fn a_row_that_cannot_be_written_leaves_nothing_behind() {
        let mut rows = DataRows::default();
        let bad = [Some(Scalar::Text("maybe".into())), None];
        assert_eq!(
            rows.push(bad, &BOOL_AND_TEXT).unwrap_err().sqlstate(),
            "22P02"
        );
        assert!(rows.take().is_none());
    }
}

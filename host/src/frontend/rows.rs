//! Reads ready-made DataRow frames, where the broker itself needs their values.

use bytes::Bytes;

use super::read::Fields;

/// Where the frame that starts at `start` ends; `None` if it is not whole.
pub(crate) fn frame_end(frames: &[u8], start: usize) -> Option<usize> {
    let length = frames.get(start + 1..start + 5)?.try_into().ok()?;
    let end = start + 1 + u32::from_be_bytes(length) as usize;
    (end <= frames.len()).then_some(end)
}

/// The values in some DataRow frames; `None` if they are not whole.
pub(crate) fn rows_of(frames: &Bytes) -> Option<Vec<Vec<Option<Bytes>>>> {
    let mut rows = Vec::new();
    let mut rest = frames.clone();
    while !rest.is_empty() {
        let frame = rest.split_to(frame_end(&rest, 0)?);
        let mut fields = Fields::new(frame.get(5..).map(|body| frame.slice_ref(body))?);
        let count = fields.int16().ok()?;
        rows.push(
            (0..count)
                .map(|_| fields.value().ok())
                .collect::<Option<Vec<_>>>()?,
        );
    }
    Some(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_from_their_frames() {
        let frames =
            Bytes::from_static(b"D\0\0\0\x0f\0\x02\0\0\0\x01x\xff\xff\xff\xffD\0\0\0\x06\0\0");
        assert_eq!(
            rows_of(&frames),
            Some(vec![vec![Some(Bytes::from_static(b"x")), None], vec![]])
        );
        assert_eq!(rows_of(&frames.slice(..9)), None);
    }
}

//! Reads the binary format, as `ReceiveCopyBinaryHeader` and `NextCopyFrom` do.

use bytes::{Buf, Bytes, BytesMut};

use super::{CopyError, Row};

/// The eleven bytes that a file begins with.
pub(super) const SIGNATURE: &[u8; 11] = b"PGCOPY\n\xff\r\n\0";

/// Data that was not cut into rows yet.
pub(super) struct Binary {
    data: BytesMut,
    stage: Stage,
    finished: bool,
    rows: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Header,
    /// So much of the header's extension is left.
    Extension(usize),
    Rows,
    /// After the trailer.
    Trailer,
}

impl Binary {
    pub(super) fn new() -> Self {
        Self {
            data: BytesMut::new(),
            stage: Stage::Header,
            finished: false,
            rows: 0,
        }
    }

    pub(super) fn feed(&mut self, data: &[u8]) {
        self.data.extend_from_slice(data);
    }

    pub(super) fn finish(&mut self) {
        self.finished = true;
    }

    pub(super) fn waiting(&self) -> usize {
        self.data.len()
    }

    /// The next row; `None` if more data is needed or there is none.
    pub(super) fn next(&mut self, columns: usize) -> Result<Option<Row>, CopyError> {
        loop {
            match self.stage {
                Stage::Header => {
                    if !self.header()? {
                        return Ok(None);
                    }
                }
                Stage::Extension(left) => {
                    let found = left.min(self.data.len());
                    self.data.advance(found);
                    if found == left {
                        self.stage = Stage::Rows;
                    } else if self.finished {
                        return Err(self.wrong("invalid COPY file header (wrong length)"));
                    } else {
                        self.stage = Stage::Extension(left - found);
                        return Ok(None);
                    }
                }
                Stage::Rows => return self.row(columns),
                Stage::Trailer if self.data.is_empty() => return Ok(None),
                Stage::Trailer => {
                    return Err(self.wrong("received copy data after EOF marker"));
                }
            }
        }
    }

    fn wrong(&self, message: impl Into<String>) -> CopyError {
        CopyError::new(self.rows, message)
    }

    fn header(&mut self) -> Result<bool, CopyError> {
        let known = self.data.len().min(SIGNATURE.len());
        if self.data[..known] != SIGNATURE[..known] {
            return Err(self.wrong("COPY file signature not recognized"));
        }
        if self.data.len() < SIGNATURE.len() + 8 {
            if !self.finished {
                return Ok(false);
            }
            return Err(self.wrong(match self.data.len() {
                0..11 => "COPY file signature not recognized",
                11..15 => "invalid COPY file header (missing flags)",
                _ => "invalid COPY file header (missing length)",
            }));
        }
        self.data.advance(SIGNATURE.len());
        let flags = self.data.get_u32();
        let length = self.data.get_i32();
        if flags & (1 << 16) != 0 {
            return Err(self.wrong("invalid COPY file header (WITH OIDS)"));
        }
        if flags >> 16 != 0 {
            return Err(self.wrong("unrecognized critical flags in COPY file header"));
        }
        let length = usize::try_from(length)
            .map_err(|_| self.wrong("invalid COPY file header (missing length)"))?;
        self.stage = Stage::Extension(length);
        Ok(true)
    }

    fn row(&mut self, columns: usize) -> Result<Option<Row>, CopyError> {
        let Some(count) = self.int16(0) else {
            if self.finished && !self.data.is_empty() {
                return Err(self.wrong("unexpected EOF in COPY data"));
            }
            return Ok(None);
        };
        if count == -1 {
            self.rows += 1;
            self.data.advance(2);
            self.stage = Stage::Trailer;
            return self.next(columns);
        }
        if usize::try_from(count).ok() != Some(columns) {
            self.rows += 1;
            return Err(self.wrong(format!("row field count is {count}, expected {columns}")));
        }
        let Some(end) = self.end_of_row(columns)? else {
            if self.finished {
                self.rows += 1;
                return Err(self.wrong("unexpected EOF in COPY data"));
            }
            return Ok(None);
        };
        self.rows += 1;
        let mut row = self.data.split_to(end).freeze();
        row.advance(2);
        let fields = (0..columns).map(|_| field(&mut row)).collect();
        Ok(Some(Row {
            line: self.rows,
            raw: Bytes::new(),
            fields,
            defaulted: Vec::new(),
        }))
    }

    /// Where the row ends, if it is there as a whole.
    fn end_of_row(&self, columns: usize) -> Result<Option<usize>, CopyError> {
        let mut at = 2;
        for _ in 0..columns {
            let Some(bytes) = self.data.get(at..at + 4) else {
                return Ok(None);
            };
            let length = i32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
            at += 4;
            match length {
                -1 => {}
                0.. => at += length.unsigned_abs() as usize,
                _ => {
                    return Err(CopyError::new(self.rows + 1, "invalid field size"));
                }
            }
        }
        Ok((at <= self.data.len()).then_some(at))
    }

    fn int16(&self, at: usize) -> Option<i16> {
        let bytes = self.data.get(at..at + 2)?;
        Some(i16::from_be_bytes([bytes[0], bytes[1]]))
    }
}

/// The next field of a row that is whole.
fn field(row: &mut Bytes) -> Option<Bytes> {
    let length = row.get_i32();
    let length = usize::try_from(length).ok()?;
    Some(row.split_to(length))
}

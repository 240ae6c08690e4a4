//! Rows that wait: DataRow frames by their number, in memory up to a limit and
//! beyond it in a temporary file.
//!
//! The file is written and read in pieces of some ten kilobytes that the
//! system's page cache takes at once, so this is done without leaving the task.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use bytes::{Bytes, BytesMut};

use super::failure::Failure;
use crate::diagnostic::Diagnostic;
use crate::frontend::rows::frame_end;

/// Rows are put together to chunks of about this size.
const CHUNK: usize = 32 * 1024;

/// Rows, numbered from 0.
pub(crate) struct RowStore {
    chunks: VecDeque<Chunk>,
    /// The newest rows, not yet a chunk.
    tail: BytesMut,
    tail_first: u64,
    rows: u64,
    memory: usize,
    limit: usize,
    file: Option<Spill>,
    /// The chunk that was read last, by its first row.
    read: Option<(u64, Bytes)>,
}

struct Chunk {
    first: u64,
    place: Place,
}

enum Place {
    Memory(Bytes),
    File { offset: u64, length: usize },
}

struct Spill {
    file: File,
    end: u64,
}

/// The temporary file failed.
#[derive(Debug)]
pub(crate) struct SpillError(io::Error);

impl From<io::Error> for SpillError {
    fn from(error: io::Error) -> Self {
        Self(error)
    }
}

impl From<SpillError> for Failure {
    fn from(SpillError(error): SpillError) -> Self {
        tracing::error!(%error, "a temporary file for rows failed");
        Diagnostic::error("58030", "could not keep rows in a temporary file").into()
    }
}

impl RowStore {
    /// `limit`: bytes of rows in memory.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            chunks: VecDeque::new(),
            tail: BytesMut::new(),
            tail_first: 0,
            rows: 0,
            memory: 0,
            limit,
            file: None,
            read: None,
        }
    }

    /// The same where so many rows are gone already.
    pub(crate) fn after(rows: u64, limit: usize) -> Self {
        Self {
            tail_first: rows,
            rows,
            ..Self::new(limit)
        }
    }

    /// Bytes of rows that are not in the file.
    pub(crate) fn memory(&self) -> usize {
        self.memory + self.tail.len()
    }

    /// How many rows there are, forgotten ones included.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// The number of the first row that is not forgotten.
    pub(crate) fn first(&self) -> u64 {
        self.chunks
            .front()
            .map_or(self.tail_first, |chunk| chunk.first)
    }

    /// Whether half of the memory is used up.
    pub(crate) fn is_filling(&self) -> bool {
        self.memory > self.limit / 2
    }

    /// Adds whole frames.
    ///
    /// # Errors
    /// The temporary file cannot be written.
    pub(crate) fn add(&mut self, frames: &[u8], count: u64) -> Result<(), SpillError> {
        self.tail.extend_from_slice(frames);
        self.rows += count;
        if self.tail.len() < CHUNK {
            return Ok(());
        }
        let frames = self.tail.split().freeze();
        let place = if self.memory + frames.len() <= self.limit {
            self.memory += frames.len();
            Place::Memory(frames)
        } else {
            self.spill(&frames)?
        };
        self.chunks.push_back(Chunk {
            first: self.tail_first,
            place,
        });
        self.tail_first = self.rows;
        Ok(())
    }

    fn spill(&mut self, frames: &[u8]) -> io::Result<Place> {
        let spill = match &mut self.file {
            Some(spill) => spill,
            None => self.file.insert(Spill {
                file: tempfile::tempfile()?,
                end: 0,
            }),
        };
        spill.file.seek(SeekFrom::Start(spill.end))?;
        spill.file.write_all(frames)?;
        let offset = spill.end;
        spill.end += frames.len() as u64;
        Ok(Place::File {
            offset,
            length: frames.len(),
        })
    }

    /// Forgets rows below this number, as far as whole chunks consist of such.
    pub(crate) fn forget_before(&mut self, row: u64) {
        while let Some(chunk) = self.chunks.front() {
            let next = self
                .chunks
                .get(1)
                .map_or(self.tail_first, |next| next.first);
            if next > row {
                break;
            }
            if let Place::Memory(frames) = &chunk.place {
                self.memory -= frames.len();
            }
            self.chunks.pop_front();
        }
        if self.chunks.is_empty() {
            // Nothing in the file is needed any more.
            self.file = None;
        }
    }

    /// Some rows from this one on, at most `most`; `None` if there is none.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub(crate) fn piece(
        &mut self,
        row: u64,
        most: u64,
    ) -> Result<Option<(Bytes, u64)>, SpillError> {
        if row >= self.rows || row < self.first() || most == 0 {
            return Ok(None);
        }
        if row >= self.tail_first {
            let (start, end, count) = cut(&self.tail, row - self.tail_first, most);
            let frames = Bytes::copy_from_slice(&self.tail[start..end]);
            return Ok(Some((frames, count)));
        }
        let after = self.chunks.partition_point(|chunk| chunk.first <= row);
        let Some(chunk) = after
            .checked_sub(1)
            .and_then(|index| self.chunks.get(index))
        else {
            return Ok(None);
        };
        let first = chunk.first;
        let frames = match (&chunk.place, &self.read) {
            (Place::Memory(frames), _) => frames.clone(),
            (Place::File { .. }, Some((read, frames))) if *read == first => frames.clone(),
            (Place::File { offset, length }, _) => {
                let (offset, length) = (*offset, *length);
                let frames = self.load(offset, length)?;
                self.read = Some((first, frames.clone()));
                frames
            }
        };
        let (start, end, count) = cut(&frames, row - first, most);
        Ok(Some((frames.slice(start..end), count)))
    }

    fn load(&mut self, offset: u64, length: usize) -> io::Result<Bytes> {
        let spill = self.file.as_mut().ok_or(io::ErrorKind::NotFound)?;
        let mut frames = vec![0; length];
        spill.file.seek(SeekFrom::Start(offset))?;
        spill.file.read_exact(&mut frames)?;
        Ok(frames.into())
    }
}

/// Where at most `most` frames stand after `skipped` others, and how many they are.
fn cut(frames: &[u8], skipped: u64, most: u64) -> (usize, usize, u64) {
    let next = |at: usize| frame_end(frames, at).unwrap_or(frames.len());
    let start = (0..skipped).fold(0, |at, _| next(at));
    let (mut end, mut count) = (start, 0);
    while end < frames.len() && count < most {
        end = next(end);
        count += 1;
    }
    (start, end, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(number: u32) -> Vec<u8> {
        let mut frame = b"D\0\0\0\x08".to_vec();
        frame.extend_from_slice(&number.to_be_bytes());
        frame
    }

    fn filled(rows: u32, limit: usize) -> RowStore {
        let mut store = RowStore::new(limit);
        for number in 0..rows {
            store.add(&frame(number), 1).unwrap();
        }
        store
    }

    fn read(store: &mut RowStore, mut row: u64, mut most: u64) -> Vec<u8> {
        let mut all = Vec::new();
        while let Some((frames, count)) = store.piece(row, most).unwrap() {
            all.extend_from_slice(&frames);
            row += count;
            most -= count;
        }
        all
    }

    #[test]
    fn rows_are_found_by_number_in_memory_and_file() {
        for limit in [0, 64 * 1024, usize::MAX] {
            let mut store = filled(50_000, limit);
            assert_eq!((store.rows(), store.first()), (50_000, 0));
            for (row, most) in [
                (0, 3),
                (3_640, 5),
                (25_000, 10_000),
                (49_998, 9),
                (50_000, 1),
            ] {
                let expected: Vec<u8> = (row..(row + most).min(50_000))
                    .flat_map(|number| frame(number as u32))
                    .collect();
                assert_eq!(
                    read(&mut store, row, most),
                    expected,
                    "{limit} {row} {most}"
                );
            }
        }
    }

    #[test]
    fn forgotten_rows_are_gone_and_the_others_keep_their_numbers() {
        let mut store = filled(50_000, 64 * 1024);
        store.forget_before(40_000);
        assert!(store.first() > 30_000 && store.first() <= 40_000);
        assert_eq!(store.piece(0, 1).unwrap(), None);
        assert_eq!(read(&mut store, 40_000, 1), frame(40_000));
        store.forget_before(50_000);
        assert_eq!(store.rows(), 50_000);
    }
}

//! Writes rows of the stand-in as DataRow messages.

use bigdecimal::BigDecimal;
use bytes::{Buf, Bytes};
use pgiris_sandbox::Value;

use crate::upstream::{DataRows, Output};
use crate::value::{Scalar, ValueError};

/// Rows are handed on in pieces of about this size: large enough that the cost
/// of a hand-over does not show, small enough to wait in memory by the dozen.
const PIECE: usize = 32 * 1024;

/// Tag and length of a message.
const HEADER: usize = 5;

/// Complete DataRow messages, one after the other.
#[derive(Default)]
pub(super) struct Rows(DataRows);

/// Some of them, ready to go.
pub(super) struct Piece {
    pub(super) frames: Bytes,
    pub(super) count: u64,
}

impl Rows {
    /// Adds one row; nothing is added if that fails.
    pub(super) fn push(&mut self, row: &[Value], outputs: &[Output]) -> Result<(), ValueError> {
        self.0.push(row.iter().map(scalar), outputs)
    }

    /// Whether it is time to hand them on.
    pub(super) fn is_full(&self) -> bool {
        self.0.bytes() >= PIECE
    }

    /// What has been added since the last time, if anything.
    pub(super) fn take(&mut self) -> Option<Piece> {
        let (frames, count) = self.0.split()?;
        Some(Piece { frames, count })
    }
}

impl Piece {
    /// Cuts off the first `limit` rows; 0: all.
    pub(super) fn split_to(&mut self, limit: u64) -> Self {
        if limit == 0 || limit >= self.count {
            let count = std::mem::take(&mut self.count);
            return Self {
                frames: std::mem::take(&mut self.frames),
                count,
            };
        }
        let mut end = 0;
        for _ in 0..limit {
            // The length counts itself, not the tag.
            let mut length = &self.frames[end + 1..end + HEADER];
            end += 1 + usize::try_from(length.get_u32()).expect("a frame in memory");
        }
        self.count -= limit;
        Self {
            frames: self.frames.split_to(end),
            count: limit,
        }
    }
}

fn scalar(value: &Value) -> Option<Scalar<'_>> {
    Some(match value {
        Value::Null => return None,
        Value::Integer(value) => Scalar::Int(*value),
        Value::Numeric(value) => Scalar::Numeric(BigDecimal::clone(value)),
        Value::Double(value) => Scalar::Double(*value),
        Value::Varchar(value) => Scalar::Text(value.into()),
        Value::Varbinary(value) => Scalar::Bytes(value.into()),
        Value::Date(value) => Scalar::Date(*value),
        Value::Time(value) => Scalar::Time(*value),
        Value::Timestamp(value) => Scalar::Timestamp(*value),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::data_rows::tests::BOOL_AND_TEXT;

    #[test]
    fn a_piece_is_cut_between_rows() {
        let mut rows = Rows::default();
        for text in ["a", "bcd", "e"] {
            rows.push(
                &[Value::Integer(0), Value::Varchar(text.to_owned())],
                &BOOL_AND_TEXT,
            )
            .unwrap();
        }
        let mut piece = rows.take().unwrap();
        let first = piece.split_to(2);
        assert_eq!((first.count, piece.count), (2, 1));
        assert!(first.frames.ends_with(b"bcd"));
        assert_eq!(piece.frames[0], b'D');
        let rest = piece.split_to(0);
        assert_eq!((rest.count, piece.count, piece.frames.len()), (1, 0, 0));
    }
}

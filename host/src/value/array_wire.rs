//! The binary form of arrays, as `array_recv` reads it.

use pgiris_values::array::MOST_DIMENSIONS;

use super::{Kind, Scalar, ValueError, binary};

/// What stands before the elements.
pub(super) struct Header {
    /// The outermost first.
    pub(super) dimensions: Vec<Dimension>,
    /// There are more than an array may have; they were not read.
    pub(super) is_too_deep: bool,
    kind: Kind,
}

pub(super) struct Dimension {
    pub(super) length: usize,
    pub(super) lower_bound: i32,
}

impl Header {
    /// Takes it off the beginning.
    ///
    /// # Errors
    /// It is cut off, or has a negative number.
    pub(super) fn read(rest: &mut &[u8]) -> Result<Self, ValueError> {
        let count = length(rest)?;
        let _has_nulls = number(rest)?;
        let kind = Kind::of(u32::from_be_bytes(taken(rest)?));
        let is_too_deep = count > MOST_DIMENSIONS;
        let mut dimensions = Vec::new();
        for _ in 0..if is_too_deep { 0 } else { count } {
            dimensions.push(Dimension {
                length: length(rest)?,
                lower_bound: number(rest)?,
            });
        }
        Ok(Self {
            dimensions,
            is_too_deep,
            kind,
        })
    }

    /// Gives the elements of all dimensions in a row, none for NULL.
    ///
    /// # Errors
    /// There are not as many as the dimensions say, or one is none of its type.
    pub(super) fn elements(
        &self,
        bytes: &[u8],
        mut each: impl FnMut(Option<Scalar<'_>>) -> Result<(), ValueError>,
    ) -> Result<(), ValueError> {
        let mut rest = bytes;
        let first = usize::from(!self.dimensions.is_empty());
        let count = self.dimensions.iter().try_fold(first, |count, one| {
            count.checked_mul(one.length).ok_or_else(ValueError::binary)
        })?;
        // Each takes at least the four bytes of its length.
        if count > rest.len() / 4 {
            return Err(ValueError::binary());
        }
        for _ in 0..count {
            match number(&mut rest)? {
                -1 => each(None)?,
                length => {
                    let length = usize::try_from(length).map_err(|_| ValueError::binary())?;
                    let (value, behind) = rest
                        .split_at_checked(length)
                        .ok_or_else(ValueError::binary)?;
                    rest = behind;
                    each(Some(binary::read(self.kind, value)?))?;
                }
            }
        }
        match rest.is_empty() {
            true => Ok(()),
            false => Err(ValueError::binary()),
        }
    }
}

fn taken<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], ValueError> {
    let (value, behind) = rest.split_first_chunk().ok_or_else(ValueError::cut_off)?;
    *rest = behind;
    Ok(*value)
}

fn number(rest: &mut &[u8]) -> Result<i32, ValueError> {
    taken(rest).map(i32::from_be_bytes)
}

fn length(rest: &mut &[u8]) -> Result<usize, ValueError> {
    usize::try_from(number(rest)?).map_err(|_| ValueError::binary())
}

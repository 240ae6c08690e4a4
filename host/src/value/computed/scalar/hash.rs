//! Hashes of texts as PostgreSQL has them (`common/hashfn.c`, after Bob Jenkins's `lookup3`): keys of
//! advisory locks are made of them.

use super::Scalar;
use crate::value::Kind;

pub(super) const SCALARS: &[Scalar] = &[
    Scalar::new("hashtext", 1, |operands| {
        let (_, low) = hash(operands.text(0).as_bytes(), 0);
        Ok(low.cast_signed().to_string())
    }),
    Scalar::new("hashtextextended", 2, |operands| {
        let seed: i64 = operands.integer(1, Kind::Int8)?;
        let (high, low) = hash(operands.text(0).as_bytes(), seed.cast_unsigned());
        let whole = u64::from(high) << 32 | u64::from(low);
        Ok(whole.cast_signed().to_string())
    }),
];

/// Three numbers that are stirred together.
struct Mixed(u32, u32, u32);

impl Mixed {
    fn mix(&mut self) {
        let Self(a, b, c) = self;
        for rotation in [4, 6, 8, 16, 19, 4] {
            *a = a.wrapping_sub(*c) ^ c.rotate_left(rotation);
            *c = c.wrapping_add(*b);
            (*a, *b, *c) = (*b, *c, *a);
        }
    }

    /// The second and the third of them in the end.
    fn finished(mut self) -> (u32, u32) {
        let Self(a, b, c) = &mut self;
        for rotation in [14, 11, 25, 16, 4, 14, 24] {
            *c = (*c ^ *b).wrapping_sub(b.rotate_left(rotation));
            (*a, *b, *c) = (*b, *c, *a);
        }
        // They have changed places once more than there are places.
        (*a, *b)
    }
}

/// The two halves of `hash_bytes_extended`; of the seed 0 the lower one is that of `hash_bytes`.
fn hash(bytes: &[u8], seed: u64) -> (u32, u32) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let start = 0x9e37_79b9_u32.wrapping_add(length).wrapping_add(3_923_095);
    let mut mixed = Mixed(start, start, start);
    if seed != 0 {
        let (high, low) = ((seed >> 32) as u32, seed as u32);
        mixed.0 = mixed.0.wrapping_add(high);
        mixed.1 = mixed.1.wrapping_add(low);
        mixed.mix();
    }
    let mut blocks = bytes.chunks_exact(12);
    for block in &mut blocks {
        add(&mut mixed, block, 0);
        mixed.mix();
    }
    // The lowest byte of the last word is kept for the length.
    add(&mut mixed, blocks.remainder(), 1);
    mixed.finished()
}

/// Adds up to twelve bytes, the lowest first; the third word begins with so many others.
fn add(mixed: &mut Mixed, bytes: &[u8], kept: usize) {
    for (at, byte) in bytes.iter().enumerate() {
        let at = if at < 8 { at } else { at + kept };
        let word = match at / 4 {
            0 => &mut mixed.0,
            1 => &mut mixed.1,
            _ => &mut mixed.2,
        };
        *word = word.wrapping_add(u32::from(*byte) << (8 * (at % 4)));
    }
}

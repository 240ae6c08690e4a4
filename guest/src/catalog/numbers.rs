//! OIDs: the same for the same name after a restart and on every broker.

use std::collections::{HashMap, HashSet};

use crate::wit::Oid;

/// Where OIDs of users' objects begin, which the broker tells enums by; those below belong to PostgreSQL's own objects
/// and to the types of pgvector.
const FIRST: u64 = 20_000;
/// PostgreSQL's clients may hold an OID in a signed number of 32 bits.
const LAST: u64 = i32::MAX as u64;
const SPAN: u64 = LAST - FIRST;

/// Gives out numbers.
#[derive(Default)]
pub(super) struct Numbers {
    used: HashSet<i64>,
    given: HashMap<(&'static str, String, String), i64>,
}

impl Numbers {
    /// The number of an object; objects are asked for in a fixed order, so that one
    /// that must give way to another does so every time.
    pub(super) fn of(&mut self, kind: &'static str, schema: &str, name: &str) -> i64 {
        let key = (kind, schema.to_owned(), name.to_owned());
        if let Some(number) = self.given.get(&key) {
            return *number;
        }
        let mut offset = offset_of(kind, schema, name);
        let mut number = (FIRST + offset) as i64;
        while !self.used.insert(number) {
            offset = (offset + 1) % SPAN;
            number = (FIRST + offset) as i64;
        }
        self.given.insert(key, number);
        number
    }
}

/// The number of a table or view, by its names as clients see them. The catalogue gives it another
/// only where two of a namespace's objects fall on one number: of ten thousand objects that is one
/// namespace in forty.
pub(crate) fn of_table(schema: &str, name: &str) -> Oid {
    (FIRST + offset_of(TABLE, schema, name)) as Oid
}

/// The number of a type that a user made, likewise; those of arrays have `_` before the name.
pub(crate) fn of_type(schema: &str, name: &str) -> Oid {
    (FIRST + offset_of(TYPE, schema, name)) as Oid
}

/// The kind of types.
pub(super) const TYPE: &str = "type";

/// The kind of tables, views and sequences.
pub(super) const TABLE: &str = "class";

fn offset_of(kind: &str, schema: &str, name: &str) -> u64 {
    hash(&[kind, schema, name]) % SPAN
}

/// FNV-1a, 64 bits.
fn hash(parts: &[&str]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for part in parts {
        for byte in part.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_fixed_and_apart() {
        let mut numbers = Numbers::default();
        let table = numbers.of(TABLE, "public", "t");
        assert_eq!(table, i64::from(of_table("public", "t")));
        assert_eq!(table, numbers.of(TABLE, "public", "t"));
        assert_eq!(table, Numbers::default().of(TABLE, "public", "t"));
        let mut seen = HashSet::new();
        for number in 0..60_000 {
            assert!(seen.insert(numbers.of(TABLE, "s", &number.to_string())));
        }
    }
}

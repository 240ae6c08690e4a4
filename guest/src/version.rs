//! What differs between IRIS versions; the defaults are those of the newest one.

use crate::wit::IrisVersion;

pub mod iris_2023_1;
pub mod iris_2024_1;
pub mod iris_2024_3;
pub mod iris_2025_1;

/// How a version limits the rows of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowLimit {
    /// `SELECT TOP n`; no offset.
    Top,
    /// `LIMIT n OFFSET m`, except in subqueries that are ordered.
    Limit,
}

/// Where a version has WITH. None has it in a subquery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommonTables {
    /// Nowhere.
    Nowhere,
    /// Before SELECT.
    BeforeSelect,
    /// Before SELECT, INSERT, UPDATE and DELETE.
    BeforeAny,
}

/// One IRIS version, or several that need the same rules.
pub trait Version: Sync {
    /// The name of the component, as in "iris-2025.1".
    fn name(&self) -> &'static str;

    /// The first version served.
    fn serves_from(&self) -> IrisVersion;

    /// The first version no longer served.
    fn serves_until(&self) -> Option<IrisVersion> {
        None
    }

    /// How rows are limited.
    fn row_limit(&self) -> RowLimit {
        RowLimit::Limit
    }

    /// Where WITH may stand.
    fn common_tables(&self) -> CommonTables {
        CommonTables::BeforeAny
    }

    /// Whether there are vectors.
    fn has_vectors(&self) -> bool {
        true
    }

    /// Whether there is an approximate index of vectors.
    fn has_vector_indexes(&self) -> bool {
        true
    }

    /// Whether `HASHBYTES` exists.
    fn has_hashes(&self) -> bool {
        true
    }

    /// Whether `OFFSET` works without `LIMIT`.
    fn offset_stands_alone(&self) -> bool {
        true
    }
}

//! IRIS 2023.1 up to 2024.1: no WITH and no vectors.

use super::{CommonTables, RowLimit, Version};
use crate::wit::IrisVersion;

/// The rules for IRIS 2023.1.
#[derive(Clone, Copy, Debug)]
pub struct Iris2023_1;

impl Version for Iris2023_1 {
    fn name(&self) -> &'static str {
        "iris-2023.1"
    }

    fn serves_from(&self) -> IrisVersion {
        IrisVersion {
            year: 2023,
            release: 1,
        }
    }

    fn serves_until(&self) -> Option<IrisVersion> {
        Some(IrisVersion {
            year: 2024,
            release: 1,
        })
    }

    fn has_vector_indexes(&self) -> bool {
        false
    }

    fn has_hashes(&self) -> bool {
        false
    }

    fn row_limit(&self) -> RowLimit {
        RowLimit::Top
    }

    fn common_tables(&self) -> CommonTables {
        CommonTables::Nowhere
    }

    fn has_vectors(&self) -> bool {
        false
    }
}

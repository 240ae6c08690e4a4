//! IRIS 2024.1 and 2024.2: WITH before SELECT alone, rows limited by TOP alone.

use super::{CommonTables, RowLimit, Version};
use crate::wit::IrisVersion;

/// The rules for IRIS 2024.1.
#[derive(Clone, Copy, Debug)]
pub struct Iris2024_1;

impl Version for Iris2024_1 {
    fn name(&self) -> &'static str {
        "iris-2024.1"
    }

    fn serves_from(&self) -> IrisVersion {
        IrisVersion {
            year: 2024,
            release: 1,
        }
    }

    fn serves_until(&self) -> Option<IrisVersion> {
        Some(IrisVersion {
            year: 2024,
            release: 3,
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
        CommonTables::BeforeSelect
    }
}

//! IRIS 2024.3 up to 2025.1: rows are limited by TOP alone.

use super::{RowLimit, Version};
use crate::wit::IrisVersion;

/// The rules for IRIS 2024.3.
#[derive(Clone, Copy, Debug)]
pub struct Iris2024_3;

impl Version for Iris2024_3 {
    fn name(&self) -> &'static str {
        "iris-2024.3"
    }

    fn serves_from(&self) -> IrisVersion {
        IrisVersion {
            year: 2024,
            release: 3,
        }
    }

    fn serves_until(&self) -> Option<IrisVersion> {
        Some(IrisVersion {
            year: 2025,
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
}

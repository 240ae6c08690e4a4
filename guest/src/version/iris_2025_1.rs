//! IRIS 2025.1 and, until they need rules of their own, later ones.

use super::Version;
use crate::wit::IrisVersion;

/// The rules for IRIS 2025.1.
#[derive(Clone, Copy, Debug)]
pub struct Iris2025_1;

impl Version for Iris2025_1 {
    fn name(&self) -> &'static str {
        "iris-2025.1"
    }

    fn serves_from(&self) -> IrisVersion {
        IrisVersion {
            year: 2025,
            release: 1,
        }
    }

    /// 2025.1 misreads an `OFFSET` without `LIMIT`; 2025.2 does not.
    fn offset_stands_alone(&self) -> bool {
        false
    }
}

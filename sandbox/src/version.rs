//! The IRIS versions that the stand-in can play.

use std::fmt;

/// An IRIS version; ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// 2023.1
    V2023_1,
    /// 2024.1
    V2024_1,
    /// 2024.3
    V2024_3,
    /// 2025.1
    V2025_1,
}

impl Version {
    /// Every version, oldest first.
    pub const ALL: [Self; 4] = [Self::V2023_1, Self::V2024_1, Self::V2024_3, Self::V2025_1];

    /// The version as InterSystems writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2023_1 => "2023.1",
            Self::V2024_1 => "2024.1",
            Self::V2024_3 => "2024.3",
            Self::V2025_1 => "2025.1",
        }
    }

    /// The version of that name, if it can be played.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|version| version.as_str() == text)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

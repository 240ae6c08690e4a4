//! The IRIS versions that the stand-in can play.

use std::fmt;

/// An IRIS version; ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// 2023.1
    V2023_1,
    /// 2024.1
    V2024_1,
    /// 2024.2
    V2024_2,
    /// 2024.3
    V2024_3,
    /// 2025.1
    V2025_1,
    /// 2025.2
    V2025_2,
    /// 2025.3
    V2025_3,
    /// 2026.1, and what is newer: nothing is known to differ.
    V2026_1,
}

impl Version {
    /// Every version whose rules are known, oldest first.
    pub const ALL: [Self; 8] = [
        Self::V2023_1,
        Self::V2024_1,
        Self::V2024_2,
        Self::V2024_3,
        Self::V2025_1,
        Self::V2025_2,
        Self::V2025_3,
        Self::V2026_1,
    ];

    /// The newest version whose rules are known.
    pub const NEWEST: Self = Self::V2026_1;

    /// The version as InterSystems writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2023_1 => "2023.1",
            Self::V2024_1 => "2024.1",
            Self::V2024_2 => "2024.2",
            Self::V2024_3 => "2024.3",
            Self::V2025_1 => "2025.1",
            Self::V2025_2 => "2025.2",
            Self::V2025_3 => "2025.3",
            Self::V2026_1 => "2026.1",
        }
    }

    /// The rules that a version of that name follows: its own, or those of the
    /// newest known one before it. `None` if it is older than all of them or no `YYYY.N`.
    pub fn parse(text: &str) -> Option<Self> {
        let wanted = year_and_number(text)?;
        Self::ALL
            .into_iter()
            .rev()
            .find(|version| year_and_number(version.as_str()) <= Some(wanted))
    }
}

fn year_and_number(text: &str) -> Option<(u16, u16)> {
    let (year, number) = text.split_once('.')?;
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if year.len() != 4 || !digits(year) || !digits(number) {
        return None;
    }
    Some((year.parse().ok()?, number.parse().ok()?))
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_and_found_by_their_names() {
        assert!(Version::ALL.is_sorted());
        for version in Version::ALL {
            assert_eq!(Version::parse(version.as_str()), Some(version));
        }
        assert_eq!(Version::ALL.last(), Some(&Version::NEWEST));
    }

    #[test]
    fn an_unknown_version_follows_the_newest_rules_before_it() {
        assert_eq!(Version::parse("2026.2"), Some(Version::V2026_1));
        assert_eq!(Version::parse("2031.1"), Some(Version::V2026_1));
        assert_eq!(Version::parse("2023.3"), Some(Version::V2023_1));
        for text in ["2022.1", "2024", "24.1", "2024.x", "", "+024.1"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }
}

//! Finds the version in what IRIS says of itself.

use crate::wit::IrisVersion;

/// The version in the value of `$ZVERSION`, as in
/// `IRIS for UNIX (Ubuntu Server LTS for x86-64) 2025.1 (Build 223U) …`.
pub fn server_version(answer: &str) -> Option<IrisVersion> {
    answer
        .split(|character: char| !(character.is_ascii_digit() || character == '.'))
        .find_map(|word| {
            let mut numbers = word.split('.');
            let year = numbers
                .next()?
                .parse()
                .ok()
                .filter(|year| (2018..2100).contains(year))?;
            let release = numbers.next()?.parse().ok()?;
            Some(IrisVersion { year, release })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_found() {
        let answer = "IRIS for UNIX (Ubuntu Server LTS for x86-64 Containers) 2025.1 (Build 223U) Tue Mar 11 2025 18:23:31 EDT";
        assert_eq!(
            server_version(answer),
            Some(IrisVersion {
                year: 2025,
                release: 1
            })
        );
        assert_eq!(
            server_version("IRIS for Windows (x86-64) 2024.1.2 (Build 398U)"),
            Some(IrisVersion {
                year: 2024,
                release: 1
            })
        );
        assert_eq!(server_version("PostgreSQL 15.5"), None);
        assert_eq!(server_version(""), None);
    }
}

//! Reads the URL of a sandbox.

use std::path::PathBuf;

use pgiris_sandbox::{Options, Storage, Version};

use crate::upstream::url::{UrlError, query_pairs};

/// Every key of the query.
const KEYS: [&str; 2] = ["iris", "log"];

/// `sandbox:[PATH][?iris=VERSION][&log=FILE]`; the path is taken as it stands.
pub(super) fn parse(url: &str) -> Result<Options, UrlError> {
    let rest = url.strip_prefix("sandbox:").unwrap_or(url);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let newest = Version::NEWEST;
    let mut options = Options {
        version: newest,
        storage: match path {
            "" => Storage::Memory,
            path => Storage::File(PathBuf::from(path)),
        },
        statement_log: None,
    };
    for (key, value) in query_pairs(query, &KEYS)? {
        match key.as_str() {
            "iris" => options.version = version(&value)?,
            _ => options.statement_log = Some(PathBuf::from(value)),
        }
    }
    Ok(options)
}

fn version(name: &str) -> Result<Version, UrlError> {
    Version::parse(name).ok_or_else(|| {
        let known: Vec<&str> = Version::ALL
            .iter()
            .map(|version| version.as_str())
            .collect();
        UrlError(format!(
            "the sandbox does not play IRIS \"{name}\"; it plays {}",
            known.join(", ")
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_version_and_log_are_read() {
        let options = parse("sandbox:").unwrap();
        assert_eq!(
            (options.storage, options.statement_log),
            (Storage::Memory, None)
        );
        let options = parse("sandbox:/tmp/some db?iris=2024.1&log=/tmp/a%20b").unwrap();
        assert_eq!(
            options.storage,
            Storage::File(PathBuf::from("/tmp/some db"))
        );
        assert_eq!(options.version, Version::V2024_1);
        assert_eq!(options.statement_log, Some(PathBuf::from("/tmp/a b")));
    }

    #[test]
    fn what_is_unknown_is_refused_with_a_suggestion() {
        let message = |url| parse(url).unwrap_err().to_string();
        assert_eq!(
            message("sandbox:?irs=2024.1"),
            "unknown key \"irs\"; did you mean \"iris\"?"
        );
        assert!(message("sandbox:?iris=2019.1").contains("it plays 2023.1, 2024.1"));
    }
}

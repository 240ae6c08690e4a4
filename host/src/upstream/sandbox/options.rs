//! Reads the URL of a sandbox.

use std::path::PathBuf;

use pgiris_sandbox::{Fault, Options, Storage, Version};

use crate::upstream::url::{UrlError, query_pairs};

/// Every key of the query.
const KEYS: [&str; 3] = ["iris", "log", "fault"];

/// What a URL asks for.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) options: Options,
    /// What is to go wrong, in this order.
    pub(super) faults: Vec<Fault>,
}

/// `sandbox:[PATH][?iris=VERSION][&log=FILE][&fault=FAULT…]`; the path is taken as it stands.
pub(super) fn parse(url: &str) -> Result<Request, UrlError> {
    let rest = url.strip_prefix("sandbox:").unwrap_or(url);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut options = Options::default();
    if !path.is_empty() {
        options.storage = Storage::File(PathBuf::from(path));
    }
    let mut faults = Vec::new();
    for (key, value) in query_pairs(query, &KEYS)? {
        match key.as_str() {
            "iris" => options.version = version(&value)?,
            "fault" => faults.push(fault(&value)?),
            _ => options.statement_log = Some(PathBuf::from(value)),
        }
    }
    Ok(Request { options, faults })
}

fn fault(text: &str) -> Result<Fault, UrlError> {
    let wrong = |error: pgiris_sandbox::FaultSyntaxError| UrlError(error.to_string());
    text.parse().map_err(wrong)
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
        let options = parse("sandbox:").unwrap().options;
        assert_eq!(
            (options.storage, options.statement_log),
            (Storage::Memory, None)
        );
        let options = parse("sandbox:/tmp/some db?iris=2024.1&log=/tmp/a%20b")
            .unwrap()
            .options;
        assert_eq!(
            options.storage,
            Storage::File(PathBuf::from("/tmp/some db"))
        );
        assert_eq!(options.version, Version::V2024_1);
        assert_eq!(options.statement_log, Some(PathBuf::from("/tmp/a b")));
    }

    #[test]
    fn faults_may_be_several() {
        let request = parse("sandbox:?fault=fail:-110*2@UPDATE%20t&fault=drop").unwrap();
        let written: Vec<String> = request.faults.iter().map(Fault::to_string).collect();
        assert_eq!(written, ["fail:-110*2@UPDATE t", "drop"]);
        let message = parse("sandbox:?fault=explode").unwrap_err().to_string();
        assert!(message.starts_with("\"explode\" is no fault"), "{message}");
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

//! Which versions the fence of a block names.

use pgiris_sandbox::Version;

/// Does a block that begins with this line run in `version`? Bounds must all hold;
/// of plain versions one suffices. A name that no version has is a mistake in the file.
pub(crate) fn runs_in(line: &str, version: Version) -> bool {
    let Some(terms) = line.strip_prefix("```iris") else {
        return false;
    };
    let mut listed = None;
    for term in terms.split_whitespace() {
        let holds = if let Some(bound) = term.strip_prefix(">=") {
            version >= named(bound)
        } else if let Some(bound) = term.strip_prefix('<') {
            version < named(bound)
        } else {
            let found = named(term) == version || listed == Some(true);
            listed = Some(found);
            continue;
        };
        if !holds {
            return false;
        }
    }
    listed.unwrap_or(true)
}

fn named(text: &str) -> Version {
    let version = Version::ALL.into_iter().find(|v| v.as_str() == text);
    version.unwrap_or_else(|| panic!("no version is called {text}"))
}

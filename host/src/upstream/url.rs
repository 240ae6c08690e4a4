//! Which connector an upstream's URL asks for.

use std::sync::Arc;

use super::Connector;
use super::postgres::PostgresConnector;

/// A URL that no connector can be made of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UrlError(pub(super) String);

/// The connector for `url`, by its scheme: `postgres://…`, `postgresql://…` and,
/// with the feature `sandbox`, `sandbox:…`.
///
/// Nothing is connected yet; a sandbox's file is opened.
///
/// # Errors
/// The scheme is unknown, a part of the URL is wrong, or the sandbox's file
/// cannot be opened.
pub fn connector(url: &str) -> Result<Arc<dyn Connector>, UrlError> {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme);
    match scheme {
        #[cfg(feature = "sandbox")]
        Some("sandbox") => Ok(Arc::new(super::sandbox::SandboxConnector::open(url)?)),
        #[cfg(not(feature = "sandbox"))]
        Some("sandbox") => Err(UrlError(
            "this build has no sandbox; its feature is called \"sandbox\"".to_owned(),
        )),
        Some("postgres" | "postgresql") => Ok(Arc::new(PostgresConnector::new(url)?)),
        Some(scheme) => {
            let known = ["sandbox", "postgres", "postgresql"];
            Err(UrlError(format!(
                "unknown upstream scheme \"{scheme}\"{}",
                suggestion(scheme, &known)
            )))
        }
        None => Err(UrlError(format!(
            "\"{url}\" is no URL; an upstream is sandbox: or postgres://host:port/"
        ))),
    }
}

/// The keys and values of a URL's query.
///
/// # Errors
/// A key is not one of `known`.
pub(super) fn query_pairs(query: &str, known: &[&str]) -> Result<Vec<(String, String)>, UrlError> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs
        .map(|(key, value)| match known.contains(&key.as_ref()) {
            true => Ok((key.into_owned(), value.into_owned())),
            false => Err(UrlError(format!(
                "unknown key \"{key}\"{}",
                suggestion(&key, known)
            ))),
        })
        .collect()
}

/// What was probably meant, as the end of a message.
fn suggestion(word: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|known| (distance(word, known), known))
        .min();
    match nearest {
        Some((distance, known)) if distance <= 2 => format!("; did you mean \"{known}\"?"),
        _ => format!("; known: {}", known.join(", ")),
    }
}

/// The Levenshtein distance.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (above, left) in left.chars().enumerate() {
        let mut diagonal = above;
        row[0] = above + 1;
        for (column, right) in right.chars().enumerate() {
            let replaced = diagonal + usize::from(left != right);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str) -> String {
        connector(url).err().expect("it is refused").to_string()
    }

    #[test]
    fn an_unknown_scheme_is_refused_with_what_was_probably_meant() {
        assert_eq!(
            refusal("postgre://h/"),
            "unknown upstream scheme \"postgre\"; did you mean \"postgres\"?"
        );
        assert_eq!(
            refusal("mysql://h/"),
            "unknown upstream scheme \"mysql\"; known: sandbox, postgres, postgresql"
        );
        assert_eq!(
            refusal("localhost"),
            "\"localhost\" is no URL; an upstream is sandbox: or postgres://host:port/"
        );
    }

    #[test]
    fn distance_counts_insertions_deletions_and_replacements() {
        assert_eq!(distance("iris", "iris"), 0);
        assert_eq!(distance("irs", "iris"), 1);
        assert_eq!(distance("log", "iris"), 4);
    }
}

//! Reads the URL of a server.

use std::time::Duration;

use url::{Host, Url};

use super::encryption;
use crate::upstream::url::{UrlError, query_pairs};

/// The keys of the query that are not about encryption.
const KEYS: [&str; 3] = ["application_name", "connect_timeout", "keepalives_idle"];

/// A server in the same network answers within milliseconds; one that takes
/// this long will not.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection that waits for a long statement is silent; a server that is gone is noticed two
/// minutes after its last word.
const KEEPALIVES_IDLE: Duration = Duration::from_secs(60);

/// PostgreSQL's port, and that of the known PGWire endpoints.
const PORT: u16 = 5432;

/// Where to connect, and what the URL says of whom.
pub(super) struct Options {
    /// The URL without its secrets.
    pub(super) name: String,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) database: Option<String>,
    pub(super) application_name: String,
    /// For connecting and logging in together.
    pub(super) connect_timeout: Duration,
    /// After how long a silence the server's machine is asked whether it is there.
    pub(super) keepalives_idle: Duration,
}

/// What it says, and what of it is about encryption.
pub(super) fn parse(text: &str) -> Result<(Options, encryption::Options), UrlError> {
    // The text may hold a password: it is not repeated in messages.
    let url = Url::parse(text)
        .map_err(|error| UrlError(format!("the upstream's URL is wrong: {error}")))?;
    let host = match url.host() {
        Some(Host::Domain(name)) if !name.is_empty() => name.to_owned(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        _ => {
            return Err(UrlError(
                "the upstream's URL names no host: postgres://host:port/database".to_owned(),
            ));
        }
    };
    let port = url.port().unwrap_or(PORT);
    let database = decoded(url.path().trim_start_matches('/'))?;
    let mut options = Options {
        name: format!(
            "postgres://{host}:{port}/{}",
            database.as_deref().unwrap_or_default()
        ),
        host,
        port,
        user: decoded(url.username())?,
        password: decoded(url.password().unwrap_or_default())?,
        database,
        application_name: "pgiris".to_owned(),
        connect_timeout: CONNECT_TIMEOUT,
        keepalives_idle: KEEPALIVES_IDLE,
    };
    let known = [&KEYS[..], &encryption::KEYS].concat();
    let mut pairs = query_pairs(url.query().unwrap_or_default(), &known)?;
    let encryption = encryption::Options::take(&mut pairs, &options.host)?;
    for (key, value) in pairs {
        match key.as_str() {
            "application_name" => options.application_name = value,
            "keepalives_idle" => options.keepalives_idle = seconds(&key, &value)?,
            _ => options.connect_timeout = seconds(&key, &value)?,
        }
    }
    Ok((options, encryption))
}

fn seconds(key: &str, value: &str) -> Result<Duration, UrlError> {
    match value.parse() {
        Ok(seconds @ 1..) => Ok(Duration::from_secs(seconds)),
        _ => Err(UrlError(format!(
            "{key} is a number of seconds from 1, not \"{value}\""
        ))),
    }
}

/// A part of a URL without its percent signs; `None` if it is empty.
fn decoded(part: &str) -> Result<Option<String>, UrlError> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = after.get(..2).filter(|_| *first == b'%');
        let escaped = escaped
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() {
            &after[2..]
        } else {
            after
        };
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| UrlError("the upstream's URL is not UTF-8".to_owned()))?;
    Ok((!text.is_empty()).then_some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_read() {
        let options =
            parse("postgres://ann:p%40ss@[::1]:6543/my%20db?connect_timeout=3&application_name=x")
                .unwrap()
                .0;
        assert_eq!((options.host.as_str(), options.port), ("::1", 6543));
        assert_eq!(options.user.as_deref(), Some("ann"));
        assert_eq!(options.password.as_deref(), Some("p@ss"));
        assert_eq!(options.database.as_deref(), Some("my db"));
        assert_eq!(options.connect_timeout, Duration::from_secs(3));
        assert_eq!(options.name, "postgres://::1:6543/my db");
    }

    #[test]
    fn what_is_left_out_is_left_open() {
        let options = parse("postgres://iris.example").unwrap().0;
        assert_eq!(
            (options.host.as_str(), options.port),
            ("iris.example", 5432)
        );
        assert_eq!(
            (options.user, options.password, options.database),
            (None, None, None)
        );
    }

    #[test]
    fn what_is_wrong_is_refused_without_repeating_a_password() {
        let message = |url| parse(url).err().expect("it is refused").to_string();
        assert_eq!(
            message("postgres://h/?connect_timeot=3"),
            "unknown key \"connect_timeot\"; did you mean \"connect_timeout\"?"
        );
        assert_eq!(
            message("postgres://h/?connect_timeout=0"),
            "connect_timeout is a number of seconds from 1, not \"0\""
        );
        assert!(!message("postgres://a:secret@h:99999/").contains("secret"));
        assert!(message("postgres:///db").contains("names no host"));
    }
}

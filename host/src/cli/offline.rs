//! Translations where there is no server: what a component is told then, and how long it takes.

use std::time::Duration;

use pgiris::rules::wit;

/// A text as a client would send it in a Query message.
pub(super) fn request(
    text: impl Into<String>,
    iris: wit::IrisVersion,
    tracing: wit::Tracing,
) -> wit::Request {
    wit::Request {
        text: text.into(),
        offset: 0,
        metadata: Vec::new(),
        protocol: wit::Protocol::Simple,
        parameter_types: Vec::new(),
        context: wit::Context {
            iris,
            user: "_SYSTEM".into(),
            database: "USER".into(),
            settings: Vec::new(),
        },
        tracing,
    }
}

/// The middle of the times that calls took; of none, zero.
pub(super) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

//! Translations where there is no server: what a component is told then.

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

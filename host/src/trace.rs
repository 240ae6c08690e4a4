//! Spans of what an exchange with a client consists of, for who wants to know where its time goes.
//!
//! They have a target of their own, so that they can be had without the log and the log without
//! them. Names are those of OpenTelemetry's semantic conventions for database calls, `otel.…` what
//! `tracing-opentelemetry` makes a span's kind and status of.

use tracing::Span;
use tracing::field::{Empty, display};

use crate::diagnostic::Diagnostic;

/// The target of all of them.
pub(crate) const TARGET: &str = "pgiris::trace";

/// From the first message of a client to ReadyForQuery.
pub(crate) fn exchange(database: &str, user: &str) -> Span {
    tracing::info_span!(
        target: TARGET,
        "exchange",
        otel.kind = "server",
        otel.status_code = Empty,
        db.system.name = "intersystems.iris",
        db.namespace = database,
        user.name = user,
        db.query.text = Empty,
        db.operation.name = Empty,
        db.response.returned_rows = Empty,
        db.response.status_code = Empty,
    )
}

/// A call of the rules, on a text that has no plan yet.
pub(crate) fn translation(rules: &str) -> Span {
    tracing::info_span!(target: TARGET, "translate", pgiris.rules = rules)
}

/// The wait for a connection to the server.
pub(crate) fn connection() -> Span {
    tracing::info_span!(target: TARGET, "lease")
}

/// A statement that the server prepares.
pub(crate) fn preparation() -> Span {
    tracing::info_span!(target: TARGET, "prepare", otel.kind = "client")
}

/// A statement that the server carries out, until its last row has been passed on.
pub(crate) fn execution() -> Span {
    tracing::info_span!(target: TARGET, "execute", otel.kind = "client")
}

/// Notes what CommandComplete says.
pub(crate) fn completed(span: &Span, tag: &str) {
    if span.is_disabled() {
        return;
    }
    // "INSERT 0 5": a word or several, then numbers, of which the last counts rows.
    let words = tag.split(' ');
    let operation: Vec<&str> = words.take_while(|word| !is_number(word)).collect();
    span.record("db.operation.name", operation.join(" "));
    if let Some(rows) = tag
        .rsplit(' ')
        .next()
        .and_then(|rows| rows.parse::<u64>().ok())
    {
        span.record("db.response.returned_rows", rows);
    }
}

/// Notes what ErrorResponse says.
pub(crate) fn failed(span: &Span, diagnostic: &Diagnostic) {
    span.record("otel.status_code", "ERROR");
    span.record("db.response.status_code", display(&diagnostic.sqlstate));
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

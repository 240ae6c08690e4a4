//! Where the log goes, and how it looks.

mod json;

use std::io::IsTerminal;

use tracing::Level;
use tracing_subscriber::filter::{Directive, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use super::traces::Traces;
use crate::cli::config::{LogFormat, LogSettings};
use json::Json;

/// Writes to the standard error, and makes traces if they are wanted. `RUST_LOG` wins over the
/// configured level, and may name modules.
pub(super) fn start(settings: &LogSettings, traces: Option<&Traces>) {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new(settings.level.to_string()));
    // A span that a line of the log would name has no place in traces, nor the other way round.
    let filter = filter.add_directive(no_traces());
    let log = match settings.format {
        LogFormat::Text => tracing_subscriber::fmt::layer()
            .with_ansi(std::io::stderr().is_terminal())
            .with_writer(std::io::stderr)
            .with_filter(filter)
            .boxed(),
        LogFormat::Json => Json.with_filter(filter).boxed(),
    };
    let spans = traces.map(|traces| {
        tracing_opentelemetry::layer()
            .with_tracer(traces.tracer())
            .with_location(false)
            .with_threads(false)
            .with_filter(Targets::new().with_target(TARGET, Level::INFO))
    });
    tracing_subscriber::registry().with(log).with(spans).init();
}

/// The target of the library's spans for traces.
const TARGET: &str = "pgiris::trace";

fn no_traces() -> Directive {
    format!("{TARGET}=off")
        .parse()
        .expect("a target and a level are a directive")
}

//! The interface in short: every type of `wit/plan.wit` and `wit/translator.wit`.

pub use crate::bindings::exports::pgiris::rules::plan::*;
pub use crate::bindings::exports::pgiris::rules::translator::{
    Applied, Context, Example, Guest, Housekeeping, IrisType, IrisVersion, Manifest, PostgresType,
    Protocol, Request, Tracing, Translation, UpstreamError,
};

/// A rule as the manifest lists it.
pub use crate::bindings::exports::pgiris::rules::translator::Rule as ListedRule;

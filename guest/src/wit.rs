//! The interface in short: every type of `wit/plan.wit` and `wit/translator.wit`.

pub use crate::bindings::exports::pgiris::rules::plan::*;
pub use crate::bindings::exports::pgiris::rules::translator::{
    Applied, Context, Counted, Example, FailedStatement, Guest, Housekeeping, IrisType,
    IrisVersion, Manifest, PostgresType, Protocol, Request, Tracing, Translation, UpstreamError,
};

/// The catalogue's side of a component.
pub use crate::bindings::exports::pgiris::rules::catalog::{
    Budget, Guest as CatalogGuest, GuestSnapshot, Session as CatalogSession, Snapshot,
};

/// What takes the constants out of statements.
pub use crate::bindings::exports::pgiris::rules::literals::{
    Guest as LiteralsGuest, Literal, Substituted,
};

/// A rule as the manifest lists it.
pub use crate::bindings::exports::pgiris::rules::translator::Rule as ListedRule;

//! Statements to plans, by WebAssembly components.
//!
//! The life of a component: an [`Engine`] compiles it to a [`Generation`],
//! whose instances translate; a [`Library`] holds the generations in use and
//! picks one for each IRIS version.

mod bindings;
mod budget;
mod cache;
mod catalog;
mod columns;
mod compiled;
mod contents;
mod engine;
mod examples;
mod figures;
mod generation;
mod inquiry;
mod instance;
mod library;
mod literals;
mod past;
mod plan;
mod shelf;
pub mod signature;
mod stamp;
mod translator;
mod trust;
mod wasi;
mod watch;
mod workshop;

pub use bindings::exports::pgiris::rules::plan as wit_plan;
pub use bindings::exports::pgiris::rules::translator as wit;
pub use cache::Facts;
pub(crate) use cache::{Known, Query};
pub(crate) use catalog::{Asker, Snapshot, TextRows};
pub(crate) use columns::{apply_column_rules, postgres_types};
pub use engine::Engine;
pub use figures::{GenerationFigures, RulesFigures};
pub(crate) use generation::Fault;
pub use generation::Generation;
pub(crate) use inquiry::{Endless, Inquiry};
pub use library::Library;
pub(crate) use literals::Substituted;
pub(crate) use plan::slot_of;
pub use plan::{Answer, Forward, Plan, Requirement, Sequence, Step, Translation};
pub use translator::{Client, Question, Rows, ShownColumn, Translator, Turn};

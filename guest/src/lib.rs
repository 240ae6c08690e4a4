//! PostgreSQL SQL in, the SQL of one InterSystems IRIS version out.
//!
//! A plain library for native callers, and by [`component!`] a WebAssembly
//! component. The types of both are those of `wit/`. Nothing here does input or
//! output: every function is a function of its arguments.

#![allow(
    clippy::result_large_err,
    reason = "the error is the interface's own record; refusals are rare"
)]

pub mod bindings;
pub mod version;
pub mod wit;

mod advisory;
mod aggregates;
mod alone;
mod always_generated;
mod arranged;
mod build;
mod casts;
pub mod catalog;
mod classify;
mod column_names;
mod command;
mod comments;
mod common_type;
mod component;
mod computed;
mod computed_count;
mod conditions;
mod conflict_target;
mod constant_value;
mod copies;
mod copy_condition;
mod copy_options;
mod counters;
mod definition;
mod derived;
mod describe;
mod diagnostic;
mod enum_array;
mod enum_table;
mod functions;
mod grouped;
mod groupings;
mod housekeeping;
mod inner;
mod integer_range;
mod interval;
mod isolation;
mod join;
mod kept_text;
mod labels;
mod last_moment;
mod listed_rows;
mod literals;
mod lock_wait;
mod look;
mod map_error;
mod map_types;
mod membership;
mod moment_text;
mod naming;
mod operand_check;
mod operators;
mod order_item;
mod paging;
mod part;
mod pattern;
mod pause;
mod place;
mod placeholder;
mod plans;
mod printer;
mod quantified;
mod raise;
mod reader;
mod refused_place;
mod relations;
mod reserved;
mod row_value;
mod rule;
mod rules;
mod scope;
mod sequences;
mod server_version;
mod signatures;
mod single_row;
mod steps;
mod style;
mod translate;
mod types;
mod typing;
mod untyped;
mod vector;
mod walk;
mod windows;
mod writing;
mod zone;
mod zone_interval;

pub use describe::describe;
pub use literals::substitute;
pub use map_error::map_error;
pub use map_types::map_types;
pub use placeholder::readable;
pub use server_version::server_version;
pub use translate::translate;
pub use version::Version;

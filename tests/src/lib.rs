//! Fixtures of the end-to-end tests: the real broker, a real PostgreSQL, psql, and clients that
//! speak the protocol byte by byte.
//!
//! Nothing here is shared between two tests: each starts what it needs on ports from the operating
//! system, and what a test started ends with it.

mod admin_port;
mod attack;
mod authority;
mod broker;
mod build;
mod client;
mod document;
mod hole;
mod lines;
mod postgres;
mod psql;
mod signal;
mod statement_log;
mod wait;
mod wire;

pub use admin_port::{AdminPort, Answer, metric};
pub use attack::{answers, attack};
pub use authority::{Authority, Identity};
pub use broker::{Broker, Refused, configuration, trusting};
pub use build::{
    binary, compiled_rules, drivers_directory, example, hostile_rules, overlay, python_environment,
    rules_directory, rules_file,
};
pub use client::{Raw, connect};
pub use document::{Block, blocks};
pub use hole::Hole;
pub use postgres::Postgres;
pub use psql::psql;
pub use statement_log::StatementLog;
pub use wait::{DEADLINE, eventually, soak};
pub use wire::{Frame, Script, Transcript, WireClient};

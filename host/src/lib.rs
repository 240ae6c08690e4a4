//! A broker that lets PostgreSQL clients use InterSystems IRIS.
//!
//! Clients speak PostgreSQL's protocol to a [`Broker`]. Each statement becomes
//! a plan by the rules in a WebAssembly component ([`rules`]); the broker
//! carries the plan out on a connection to IRIS ([`upstream`]) and answers as
//! PostgreSQL would. The broker itself never looks into SQL.

pub mod access;
mod admission;
mod broker;
mod cancel;
mod catalog;
mod config;
pub mod console;
mod copy;
mod databases;
mod diagnostic;
mod error;
mod frontend;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod keepalive;
mod lease;
mod line;
pub mod monitor;
mod pool;
mod pools;
pub mod rules;
mod schema;
mod server;
mod session;
pub mod tls;
pub mod upstream;
pub mod value;

pub use broker::Broker;
pub use config::{ClientLimits, Config, LogConfig, PoolLimits, PoolMode, RulesLimits};
pub use databases::{Database, Databases};
pub use diagnostic::{Diagnostic, Objects, Severity};
pub use error::{Error, ErrorKind};
pub use monitor::Monitor;
pub use pool::figures::PoolFigures;
pub use server::Server;

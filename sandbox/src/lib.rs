//! A strict embedded stand-in for InterSystems IRIS SQL.
//!
//! A [`Sandbox`] is one namespace, in memory or in a file, that speaks the SQL
//! of one IRIS [`Version`]. [`Connection`]s are independent processes of it.
//! What is imitated, and how certainly, stands in `sandbox/README.md`.

mod connection;
mod error;
mod types;
mod value;
mod version;

pub use connection::{Completion, Connection, Options, Sandbox, Statement, Storage};
pub use error::SqlError;
pub use types::{Column, SqlType};
pub use value::Value;
pub use version::Version;

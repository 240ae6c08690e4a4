//! A strict embedded stand-in for InterSystems IRIS SQL.
//!
//! A [`Sandbox`] is one namespace, in memory or in a file, that speaks the SQL
//! of one IRIS [`Version`]. [`Connection`]s are independent processes of it.
//! What is imitated, and how certainly, stands in `sandbox/README.md`.

mod administration;
mod alter;
mod ast;
mod binder;
mod catalog;
mod clash;
mod collation;
mod connection;
mod coordinator;
mod datatype;
mod ddl;
mod decimal;
mod error;
mod faults;
mod functions;
mod handle;
mod hnsw;
mod information_schema;
mod instance;
mod isolation;
mod journal;
mod lexer;
mod list;
mod namespace;
mod objectscript;
mod options;
mod parser;
mod plan;
mod privilege;
mod procedure;
mod reserved;
mod run;
mod security;
mod session;
mod statement_log;
mod storage;
mod table_lock;
mod temporal;
mod transaction;
mod trigger;
mod truncate;
mod types;
mod value;
mod vector;
mod version;
mod write;
mod writing;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

pub use connection::{
    Completion, Connection, InterruptHandle, Options, Sandbox, Statement, Storage,
};
pub use error::SqlError;
pub use faults::{Fault, FaultKind, FaultSyntaxError};
pub use types::{Column, Nullable, SqlType};
pub use value::Value;
pub use version::Version;

//! A broker that lets PostgreSQL clients use InterSystems IRIS.
//!
//! Clients speak PostgreSQL's protocol to a [`Broker`]. Each statement becomes
//! a plan by the rules in a WebAssembly component ([`rules`]); the broker
//! carries the plan out on a connection to IRIS ([`upstream`]) and answers as
//! PostgreSQL would. The broker itself never looks into SQL.
//!
//! A broker is put together by [`Broker::builder`], and runs on a listener until a future is done:
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use pgiris::rules::{Engine, Library};
//! use pgiris::{Broker, Config, upstream};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::default();
//! let engine = Engine::new(config.rules.clone())?;
//! let broker = Broker::builder()
//!     .rules(Arc::new(Library::open(&engine, "rules".as_ref())?))
//!     .upstream(upstream::connector("postgres://iris.example:5432/USER")?)
//!     .config(config)
//!     .build()?;
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:5432").await?;
//! broker.run(listener, async { drop(tokio::signal::ctrl_c().await) }).await?;
//! # Ok(())
//! # }
//! ```
//!
//! Its seams are traits: [`Listener`] for where clients come from, [`access::Authenticator`] for who is let in,
//! [`upstream::Connector`] for the way to the database, [`console::Operator`] for the process around it. [`Monitor`] tells
//! what it does. [`rules::Translator`] is the translation alone, for programs that do their own networking.
//!
//! The library installs no logger, reads no environment, never ends the process, and keeps nothing global.

#![deny(clippy::exit, clippy::print_stdout, clippy::print_stderr)]

pub mod access;
mod admission;
mod advisory;
mod broker;
mod cancel;
mod catalog;
mod config;
pub mod console;
mod copy;
mod databases;
mod departure;
mod diagnostic;
mod error;
mod frontend;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod keepalive;
mod lease;
mod line;
mod listener;
pub mod monitor;
mod peers;
mod pool;
mod pools;
pub mod rules;
mod schema;
mod server;
mod session;
pub mod shadow;
pub mod tls;
mod trace;
pub mod upstream;
pub mod value;

pub use broker::{Broker, BrokerBuilder};
pub use config::{
    AdvisoryLocks, ClientLimits, Config, LogConfig, PoolLimits, PoolMode, RulesLimits, ShadowConfig,
};
pub use databases::{Database, Databases};
pub use diagnostic::{Diagnostic, Objects, Severity};
pub use error::{Error, ErrorKind};
pub use listener::{Incoming, Listener};
pub use monitor::Monitor;
pub use pool::figures::PoolFigures;
pub use server::Server;

/// The page for those who embed the library, whose code is compiled with the other examples.
#[cfg(doctest)]
#[doc = include_str!("../../docs/embedding.md")]
pub struct Embedding;

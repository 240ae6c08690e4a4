//! The client's side of the wire: frames in, messages decoded, replies out.
//!
//! Knows PostgreSQL's protocol and nothing of SQL.

pub(crate) mod charset;
pub(crate) mod frame;
pub(crate) mod message;
pub(crate) mod read;
pub(crate) mod reply;
pub(crate) mod rows;
pub(crate) mod startup;
pub(crate) mod transport;

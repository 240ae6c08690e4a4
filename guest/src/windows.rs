//! What IRIS has in place of PostgreSQL's windows.

pub(crate) mod frame;
pub(crate) mod moves;
pub(crate) mod named;
mod split;

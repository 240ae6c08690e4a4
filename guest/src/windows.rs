//! What IRIS has in place of PostgreSQL's windows.

pub(crate) mod frame;
pub(crate) mod moves;
mod split;

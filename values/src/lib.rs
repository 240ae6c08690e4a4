//! The texts of PostgreSQL's documents and arrays: IRIS keeps them as strings, and compares
//! them as they are written, so each value must be written in one way. Names and literals between quotes.
//!
//! The rules read the literals of a statement, the broker the values of its parameters. Both also
//! put moments into the zone of a session, and must choose the same offset.

pub mod array;
pub mod bytes;
pub mod calendar;
pub mod document;
pub mod expression;
pub mod interval;
pub mod json;
pub mod json_path;
pub mod quoting;
pub mod zone;

//! What the benchmarks share: timing, and a table in which each measure stands beside its floor.

mod table;
mod times;

pub use table::{Table, micros, ratio};
pub use times::Times;

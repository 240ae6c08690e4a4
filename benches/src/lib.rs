//! What the benchmarks share: timing, and a table in which each measure stands beside its floor.

mod table;
mod times;

pub use table::{Table, micros, ratio};
pub use times::Times;

use pgiris_rules::wit::{Context, IrisVersion};

/// What the rules, compiled natively, are told of a session.
pub fn native_context() -> Context {
    Context {
        iris: IrisVersion {
            year: 2025,
            release: 1,
        },
        user: "_SYSTEM".to_owned(),
        database: "USER".to_owned(),
        settings: Vec::new(),
    }
}

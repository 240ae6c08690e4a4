//! Window functions: IRIS has them all; the rule `window_frame` gives them PostgreSQL's
//! frames.

use super::{Entry, Fate, Returns};
use crate::types::oid;

pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        &["row_number", "rank", "dense_rank"],
        (0, 0),
        Returns::Type(oid::INT8),
        Fate::Same,
    ),
    Entry::new(
        &["percent_rank", "cume_dist"],
        (0, 0),
        Returns::Type(oid::FLOAT8),
        Fate::Same,
    ),
    Entry::new(&["ntile"], (1, 1), Returns::Type(oid::INT4), Fate::Same),
    Entry::new(&["lag", "lead"], (1, 3), Returns::First, Fate::Same),
    Entry::new(
        &["first_value", "last_value"],
        (1, 1),
        Returns::First,
        Fate::Same,
    ),
    Entry::new(&["nth_value"], (2, 2), Returns::First, Fate::Same),
];

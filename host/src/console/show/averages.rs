//! SHOW STATS_AVERAGES: what passes through each database in a second, and how long it takes.

use std::time::Duration;

use super::{Row, mean, number, text};
use crate::monitor::{DatabaseFigures, Monitor};

/// A row for each database. PgBouncer's averages are of its last period, these of all the time that the broker is there.
pub(super) fn averages(monitor: &Monitor, time: Duration) -> Vec<Row> {
    let pools = monitor.pools();
    let seconds = time.as_secs().max(1);
    let row = |database: DatabaseFigures| {
        let of_it = pools.iter().filter(|pool| pool.database == database.name);
        let waited: Duration = of_it.map(|pool| pool.wait_time).sum();
        vec![
            text(&database.name),
            number(database.transactions / seconds),
            number(database.queries.count / seconds),
            number(database.received / seconds),
            number(database.sent / seconds),
            mean(database.transaction_time, database.transactions),
            mean(database.queries.sum, database.queries.count),
            mean(waited, database.queries.count),
        ]
    };
    monitor.databases().into_iter().map(row).collect()
}

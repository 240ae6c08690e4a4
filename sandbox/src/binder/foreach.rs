//! The rows an aggregate goes over where they are not its group's: `%FOREACH`,
//! `%AFTERHAVING`, and the whole table beside single rows.

use super::Binder;
use super::aggregate_call::Call;
use super::having::{AFTER_HAVING, ROWS};
use super::typed::Typed;
use crate::ast::Aggregate;
use crate::error::Result;

impl Binder<'_> {
    /// The aggregate over the rows that it names, as a subquery unless these are its group's.
    pub(super) fn over_rows(&mut self, aggregate: &Aggregate, call: Call) -> Result<Typed> {
        let rows = if aggregate.after_having {
            AFTER_HAVING
        } else {
            ROWS
        };
        let Some(items) = &aggregate.foreach else {
            let mut typed = call.typed("");
            if self.table_wide || aggregate.after_having {
                typed.sql = format!("(SELECT {}{rows})", typed.sql);
            }
            return Ok(typed);
        };
        let outer = std::mem::replace(&mut self.in_aggregate, true);
        let keys = items.iter().map(|item| self.aggregate_key(item));
        let keys = keys.collect::<Result<Vec<_>>>();
        self.in_aggregate = outer;
        let keys = keys?;
        let mut typed = call.typed("");
        let named = keys
            .iter()
            .enumerate()
            .map(|(n, key)| format!("{key} AS k{n}"));
        // Inside, the tables are those of the subquery; outside, the row's own.
        let same = keys
            .iter()
            .enumerate()
            .map(|(n, key)| format!("k{n} IS {key}"));
        typed.sql = format!(
            "(SELECT a FROM (SELECT {},{} AS a{rows} GROUP BY {}) WHERE {})",
            named.collect::<Vec<_>>().join(","),
            typed.sql,
            keys.join(","),
            same.collect::<Vec<_>>().join(" AND ")
        );
        Ok(typed)
    }
}

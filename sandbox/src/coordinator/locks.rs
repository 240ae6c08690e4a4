//! The lock table: rows and tables, by process. Knows nothing of waiting.

use std::collections::{HashMap, HashSet};

/// How LOCK TABLE locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TableMode {
    Share,
    Exclusive,
}

/// What one process holds of one table.
#[derive(Debug, Default)]
struct Held {
    /// Changed by its open transaction.
    rows: HashSet<i64>,
    /// So many rows that the whole table is locked instead.
    escalated: bool,
    /// By LOCK TABLE, as often as it was said.
    share: u32,
    exclusive: u32,
}

impl Held {
    fn is_empty(&self) -> bool {
        self.rows.is_empty() && !self.escalated && self.share == 0 && self.exclusive == 0
    }
}

/// All locks of a namespace.
#[derive(Debug, Default)]
pub(crate) struct Locks {
    tables: HashMap<String, Vec<(i64, Held)>>,
}

impl Locks {
    fn others(&self, table: &str, job: i64) -> impl Iterator<Item = &(i64, Held)> {
        let all = self.tables.get(table).map(Vec::as_slice);
        all.unwrap_or_default()
            .iter()
            .filter(move |(owner, _)| *owner != job)
    }

    /// Does anybody else hold anything?
    pub(crate) fn contended(&self, job: i64) -> bool {
        let mut all = self.tables.values().flatten();
        all.any(|(owner, _)| *owner != job)
    }

    /// May `job` not change this row?
    pub(crate) fn stops_change(&self, table: &str, row: i64, job: i64) -> bool {
        self.others(table, job).any(|(_, held)| {
            held.escalated || held.share > 0 || held.exclusive > 0 || held.rows.contains(&row)
        })
    }

    /// May `job` not read this row if it reads committed rows only?
    pub(crate) fn stops_read(&self, table: &str, row: i64, job: i64) -> bool {
        self.others(table, job)
            .any(|(_, held)| held.escalated || held.exclusive > 0 || held.rows.contains(&row))
    }

    /// May `job` not lock the table?
    pub(crate) fn stops_table(&self, table: &str, mode: TableMode, job: i64) -> bool {
        self.others(table, job).any(|(_, held)| {
            let writes = held.escalated || held.exclusive > 0 || !held.rows.is_empty();
            writes || mode == TableMode::Exclusive && held.share > 0
        })
    }

    fn held(&mut self, table: &str, job: i64) -> &mut Held {
        if !self.tables.contains_key(table) {
            self.tables.insert(table.to_owned(), Vec::new());
        }
        let all = self.tables.entry(table.to_owned()).or_default();
        let position = match all.iter().position(|(owner, _)| *owner == job) {
            Some(position) => position,
            None => {
                all.push((job, Held::default()));
                all.len() - 1
            }
        };
        &mut all[position].1
    }

    /// Locks rows; past `threshold` the table, unless others hold some of it.
    pub(crate) fn add_rows(
        &mut self,
        table: &str,
        rows: impl Iterator<Item = i64>,
        job: i64,
        threshold: u64,
    ) {
        let alone = self.others(table, job).next().is_none();
        let held = self.held(table, job);
        if held.escalated {
            return;
        }
        for row in rows {
            held.rows.insert(row);
            if alone && held.rows.len() as u64 > threshold {
                held.escalated = true;
                held.rows = HashSet::new();
                return;
            }
        }
    }

    pub(crate) fn add_table(&mut self, table: &str, mode: TableMode, job: i64) {
        let held = self.held(table, job);
        match mode {
            TableMode::Share => held.share = held.share.saturating_add(1),
            TableMode::Exclusive => held.exclusive = held.exclusive.saturating_add(1),
        }
    }

    /// Takes one LOCK TABLE back.
    pub(crate) fn remove_table(&mut self, table: &str, mode: TableMode, job: i64) {
        let held = self.held(table, job);
        match mode {
            TableMode::Share => held.share = held.share.saturating_sub(1),
            TableMode::Exclusive => held.exclusive = held.exclusive.saturating_sub(1),
        }
        self.tidy();
    }

    /// The rows of an ended transaction; table locks stay.
    pub(crate) fn release_transaction(&mut self, job: i64) {
        let own = self.tables.values_mut().flatten();
        for (_, held) in own.filter(|(owner, _)| *owner == job) {
            held.rows = HashSet::new();
            held.escalated = false;
        }
        self.tidy();
    }

    pub(crate) fn release_process(&mut self, job: i64) {
        for all in self.tables.values_mut() {
            all.retain(|(owner, _)| *owner != job);
        }
        self.tidy();
    }

    fn tidy(&mut self) {
        self.tables.retain(|_, all| {
            all.retain(|(_, held)| !held.is_empty());
            !all.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rows_become_a_table_unless_somebody_else_is_there() {
        let mut locks = Locks::default();
        locks.add_rows("t", 1..=3, 1, 3);
        assert!(!locks.stops_change("t", 4, 2) && locks.stops_change("t", 3, 2));
        locks.add_rows("t", 4..=4, 1, 3);
        assert!(locks.stops_change("t", 9, 2) && !locks.stops_change("u", 9, 2));
        locks.release_transaction(1);
        assert!(!locks.contended(2));
        locks.add_rows("t", 1..=1, 2, 3);
        locks.add_rows("t", 2..=9, 1, 3);
        assert!(!locks.stops_change("t", 10, 2));
    }

    #[test]
    fn a_table_lock_outlives_the_transaction() {
        let mut locks = Locks::default();
        locks.add_table("t", TableMode::Share, 1);
        locks.release_transaction(1);
        assert!(locks.stops_change("t", 1, 2) && !locks.stops_read("t", 1, 2));
        assert!(!locks.stops_table("t", TableMode::Share, 2));
        assert!(locks.stops_table("t", TableMode::Exclusive, 2));
        locks.remove_table("t", TableMode::Share, 1);
        assert!(!locks.stops_change("t", 1, 2));
    }
}

//! Random transactions of three connections, each step held against a model.

use std::collections::BTreeMap;
use std::time::Duration;

use pgiris_sandbox::{Connection, SqlError, Storage, Value};

use super::{open, run};

/// Deterministic numbers.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// A row: its unique key and a value.
type Row = (u64, u64);

/// What everybody sees, and who could take what back.
#[derive(Clone, Default)]
struct Model {
    rows: BTreeMap<u64, Row>,
    next: u64,
    transactions: [Option<Transaction>; 3],
}

#[derive(Clone, Default)]
struct Transaction {
    /// Row, and what it was before; oldest first.
    undo: Vec<(u64, Option<Row>)>,
    savepoints: Vec<usize>,
    locked: Vec<u64>,
}

impl Model {
    fn locked(&self, row: u64, me: usize) -> bool {
        let others = self
            .transactions
            .iter()
            .enumerate()
            .filter(|(n, _)| *n != me);
        others
            .filter_map(|(_, transaction)| transaction.as_ref())
            .any(|transaction| transaction.locked.contains(&row))
    }

    /// -110 if the key belongs to a locked row, or did before its transaction; -119 or -120 if it is taken.
    fn check_key(&self, key: u64, row: u64, me: usize, taken: i32) -> Result<(), i32> {
        let holder = self
            .rows
            .iter()
            .find(|(id, (k, _))| *k == key && **id != row);
        if let Some((id, _)) = holder {
            return Err(if self.locked(*id, me) { -110 } else { taken });
        }
        let mut others = self
            .transactions
            .iter()
            .enumerate()
            .filter(|(n, _)| *n != me);
        let freed = others.any(|(_, transaction)| {
            let undo = transaction.iter().flat_map(|transaction| &transaction.undo);
            undo.filter_map(|(id, before)| before.map(|before| (*id, before)))
                .any(|(id, (k, _))| k == key && id != row)
        });
        if freed { Err(-110) } else { Ok(()) }
    }

    fn set(&mut self, row: u64, to: Option<Row>, me: usize) {
        let before = match to {
            Some(to) => self.rows.insert(row, to),
            None => self.rows.remove(&row),
        };
        if let Some(transaction) = &mut self.transactions[me] {
            transaction.undo.push((row, before));
            transaction.locked.push(row);
        }
    }

    fn undo(&mut self, me: usize, down_to: usize) {
        let Some(transaction) = &mut self.transactions[me] else {
            return;
        };
        for (row, before) in transaction.undo.split_off(down_to).into_iter().rev() {
            match before {
                Some(before) => drop(self.rows.insert(row, before)),
                None => drop(self.rows.remove(&row)),
            }
        }
    }

    fn find(&self, key: u64, me: usize) -> Result<Option<u64>, i32> {
        let row = self.rows.iter().find(|(_, (k, _))| *k == key);
        match row {
            Some((id, _)) if self.locked(*id, me) => Err(-110),
            Some((id, _)) => Ok(Some(*id)),
            None => Ok(None),
        }
    }

    /// One step, and its SQL.
    fn step(&mut self, me: usize, random: &mut Random) -> (String, Result<(), i32>) {
        let (key, other, value) = (random.below(8), random.below(8), random.below(100));
        let is_open = self.transactions[me].is_some();
        match random.below(12) {
            0 if !is_open => {
                self.transactions[me] = Some(Transaction::default());
                ("START TRANSACTION".to_owned(), Ok(()))
            }
            0 => {
                self.transactions[me] = None;
                ("COMMIT".to_owned(), Ok(()))
            }
            1 if is_open => {
                self.undo(me, 0);
                self.transactions[me] = None;
                ("ROLLBACK".to_owned(), Ok(()))
            }
            2 if is_open => {
                if let Some(transaction) = &mut self.transactions[me] {
                    transaction.savepoints.push(transaction.undo.len());
                }
                ("SAVEPOINT s".to_owned(), Ok(()))
            }
            3 if is_open => {
                let savepoint = self.transactions[me]
                    .as_mut()
                    .and_then(|transaction| transaction.savepoints.pop());
                self.undo(me, savepoint.unwrap_or(0));
                if savepoint.is_none() {
                    self.transactions[me] = None;
                }
                let result = savepoint.map(drop).ok_or(-375);
                ("ROLLBACK TO SAVEPOINT s".to_owned(), result)
            }
            4 | 5 => {
                let result = self
                    .find(key, me)
                    .map(|row| row.map(|row| self.set(row, None, me)));
                let sql = format!("DELETE FROM t WHERE k = {key}");
                (sql, result.map(drop))
            }
            6 | 7 => {
                let result = self.find(key, me).map(|row| {
                    if let Some(row) = row {
                        self.set(row, Some((key, value)), me);
                    }
                });
                (format!("UPDATE t SET v = {value} WHERE k = {key}"), result)
            }
            8 => {
                let result = self.find(key, me).and_then(|row| {
                    let Some(row) = row else { return Ok(()) };
                    let old = self.rows[&row];
                    self.check_key(other, row, me, -120)?;
                    self.set(row, Some((other, old.1)), me);
                    Ok(())
                });
                (format!("UPDATE t SET k = {other} WHERE k = {key}"), result)
            }
            _ => {
                let row = self.next;
                let result = self.check_key(key, row, me, -119);
                self.next += 1;
                if result.is_ok() {
                    self.set(row, Some((key, value)), me);
                }
                (format!("INSERT INTO t VALUES ({key}, {value})"), result)
            }
        }
    }

    fn seen(&self) -> Vec<Vec<Value>> {
        let mut rows: Vec<Row> = self.rows.values().copied().collect();
        rows.sort_unstable();
        let number = |n: u64| Value::Integer(i64::try_from(n).unwrap());
        rows.into_iter()
            .map(|(k, v)| vec![number(k), number(v)])
            .collect()
    }
}

fn code(result: Result<Vec<Vec<Value>>, SqlError>) -> Result<(), i32> {
    result.map(drop).map_err(|error| error.sqlcode)
}

#[test]
fn any_interleaving_does_what_the_model_does() {
    for seed in 1..=12 {
        let sandbox = open(Storage::Memory);
        let mut reader = sandbox.connect("r").unwrap();
        run(
            &mut reader,
            "CREATE TABLE t (k INTEGER NOT NULL UNIQUE, v INTEGER)",
        )
        .unwrap();
        let mut connections: Vec<Connection> = (0..3)
            .map(|_| {
                let mut connection = sandbox.connect("w").unwrap();
                connection.set_lock_timeout(Duration::ZERO).unwrap();
                connection
            })
            .collect();
        let (mut model, mut random) = (Model::default(), Random(seed * 7919));
        let mut told = String::new();
        for _ in 0..250 {
            let me = usize::try_from(random.below(3)).unwrap();
            let (sql, expected) = model.step(me, &mut random);
            told.push_str(&format!("{me}> {sql}\n"));
            let actual = code(run(&mut connections[me], &sql));
            assert_eq!(actual, expected, "seed {seed}\n{told}");
            // Without a reader now and then, nothing is published between statements.
            if random.below(3) == 0 {
                let rows = run(&mut reader, "SELECT k, v FROM t ORDER BY k").unwrap();
                assert_eq!(rows, model.seen(), "seed {seed}\n{told}");
            }
        }
    }
}

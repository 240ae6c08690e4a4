//! Rows that belong together, in order.

use std::collections::HashMap;
use std::ops::Range;

use crate::rules::wit_plan::{TypedValue, Window};
use crate::value::arranged::distinct::read;
use crate::value::arranged::memory::Memory;
use crate::value::arranged::sorted::key;
use crate::value::arranged::{Row, Stopped};
use crate::value::order::{Comparable, Key, compare};

/// The rows of a partition, in the order of the window; those that are equal in it are peers.
pub(super) struct Partition {
    /// Their numbers among all rows.
    numbers: Vec<usize>,
    /// The first place of each group of peers, and at last the number of rows.
    starts: Vec<usize>,
    /// By place, the number of the group.
    groups: Vec<usize>,
}

/// A row with what it is ordered by.
type Keyed = (Vec<Option<Comparable>>, usize);

/// The partitions of a window, by their first rows.
///
/// # Errors
/// A value is none of its type, or too much is held.
pub(super) fn partitions(
    rows: &[Row],
    window: &Window,
    memory: &Memory,
) -> Result<Vec<Partition>, Stopped> {
    let keys: Vec<Key> = window.order.iter().map(key).collect();
    let values: Vec<TypedValue> = window.order.iter().map(|key| key.value).collect();
    let mut found: HashMap<Vec<Option<Comparable>>, usize> = HashMap::new();
    let mut partitions: Vec<Vec<Keyed>> = Vec::new();
    let mut memory = memory.share();
    for (number, row) in rows.iter().enumerate() {
        let (partition, size_of_partition) = read(&window.partition, row)?;
        let (ordered, size) = read(&values, row)?;
        memory.hold(size + size_of_partition)?;
        let place = *found.entry(partition).or_insert_with(|| {
            partitions.push(Vec::new());
            partitions.len() - 1
        });
        if let Some(partition) = partitions.get_mut(place) {
            partition.push((ordered, number));
        }
    }
    let partitions = partitions.into_iter();
    Ok(partitions.map(|rows| Partition::of(rows, &keys)).collect())
}

impl Partition {
    fn of(mut rows: Vec<Keyed>, keys: &[Key]) -> Self {
        let order = |left: &Keyed, right: &Keyed| compare(keys, &left.0, &right.0);
        rows.sort_by(order);
        let mut starts = vec![0];
        let mut groups = Vec::with_capacity(rows.len());
        for (number, peers) in rows
            .chunk_by(|left, right| order(left, right).is_eq())
            .enumerate()
        {
            groups.resize(groups.len() + peers.len(), number);
            starts.push(groups.len());
        }
        Self {
            numbers: rows.into_iter().map(|(_, number)| number).collect(),
            starts,
            groups,
        }
    }

    pub(super) fn numbers(&self) -> &[usize] {
        &self.numbers
    }

    /// The number of the group in this place.
    pub(super) fn group(&self, position: usize) -> usize {
        self.groups.get(position).copied().unwrap_or_default()
    }

    /// The first place of a group; behind all groups the number of rows.
    pub(super) fn start(&self, group: usize) -> usize {
        let start = self.starts.get(group).copied();
        start.unwrap_or(self.numbers.len())
    }

    /// The places of a row and its peers.
    pub(super) fn peers(&self, position: usize) -> Range<usize> {
        let group = self.group(position);
        self.start(group)..self.start(group + 1)
    }
}

//! Comparisons, the order of rows, and set operations on them.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::plan::{Comparison, Operation, Order};
use crate::value::{Row, Value};

/// A comparison; NULL if a side is.
pub(crate) fn compare(comparison: Comparison, left: &Value, right: &Value) -> Value {
    if left.is_null() || right.is_null() {
        return Value::Null;
    }
    let order = left.order(right);
    let holds = match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterEqual => order.is_ge(),
    };
    holds.into()
}

/// The order of two rows of sort keys.
pub(crate) fn compare_keys(order: &[Order], left: &[Value], right: &[Value]) -> std::cmp::Ordering {
    for (item, (a, b)) in order.iter().zip(left.iter().zip(right)) {
        let outcome = match (a.is_null(), b.is_null()) {
            (true, true) => continue,
            (true, false) if item.nulls_first => std::cmp::Ordering::Less,
            (true, false) => std::cmp::Ordering::Greater,
            (false, true) if item.nulls_first => std::cmp::Ordering::Greater,
            (false, true) => std::cmp::Ordering::Less,
            _ if item.descending => b.order(a),
            _ => a.order(b),
        };
        if outcome.is_ne() {
            return outcome;
        }
    }
    std::cmp::Ordering::Equal
}

pub(crate) fn combine(
    operation: Operation,
    all: bool,
    left: Vec<Row>,
    right: Vec<Row>,
) -> Vec<Row> {
    let mut rows = match operation {
        Operation::Union => {
            let mut rows = left;
            rows.extend(right);
            rows
        }
        Operation::Intersect | Operation::Except => {
            let mut counts: HashMap<Row, usize> = HashMap::new();
            for row in right {
                *counts.entry(row).or_default() += 1;
            }
            let wanted = operation == Operation::Intersect;
            left.into_iter()
                .filter(|row| match counts.get_mut(row) {
                    Some(count) if all && *count == 0 => !wanted,
                    Some(count) => {
                        if all {
                            *count -= 1;
                        }
                        wanted
                    }
                    None => !wanted,
                })
                .collect()
        }
    };
    if !all {
        let mut seen = HashSet::new();
        rows.retain(|row| seen.insert(Rc::clone(row)));
    }
    rows
}

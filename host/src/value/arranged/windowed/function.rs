//! The window functions, as `windowfuncs.c` has them.

use bytes::Bytes;

use super::aggregated;
use super::frame::Frames;
use super::{Memory, Stopped, View};
use crate::rules::wit_plan::Window;
use crate::value::{Scalar, ValueError};

/// What comes of each row of a partition, in order.
type Results = Vec<Option<Bytes>>;

/// A function that is no aggregate function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    RowNumber,
    Rank,
    DenseRank,
    PercentRank,
    CumeDist,
    Ntile,
    Lag,
    Lead,
    FirstValue,
    LastValue,
    NthValue,
}

/// By its name and how many operands it has.
fn find(name: &str, operands: usize) -> Option<Function> {
    Some(match (name, operands) {
        ("row_number", 0) => Function::RowNumber,
        ("rank", 0) => Function::Rank,
        ("dense_rank", 0) => Function::DenseRank,
        ("percent_rank", 0) => Function::PercentRank,
        ("cume_dist", 0) => Function::CumeDist,
        ("ntile", 1) => Function::Ntile,
        ("lag", 1..=3) => Function::Lag,
        ("lead", 1..=3) => Function::Lead,
        ("first_value", 1) => Function::FirstValue,
        ("last_value", 1) => Function::LastValue,
        ("nth_value", 2) => Function::NthValue,
        _ => return None,
    })
}

/// Whether there is such a function, or aggregate function, of these operands.
pub(in crate::value::arranged) fn is_known(window: &Window) -> bool {
    match find(&window.name, window.operands.len()) {
        Some(_) => window.filter.is_none(),
        None => aggregated::is_known(window),
    }
}

/// # Errors
/// A value is none of its type, the function refuses it, or too much is held.
pub(super) fn results(view: View<'_>, memory: &mut Memory) -> Result<Results, Stopped> {
    use Function::{FirstValue, Lag, LastValue, Lead, NthValue, Ntile};
    let Some(function) = find(&view.window.name, view.window.operands.len()) else {
        return aggregated::results(view, memory);
    };
    let all = 0..view.length();
    Ok(match function {
        Ntile => return Ok(ntile(view)?),
        Lag | Lead => {
            let found = all.map(|position| neighbour(view, position, function == Lead));
            found.collect::<Result<_, ValueError>>()?
        }
        FirstValue | LastValue | NthValue => {
            let frames = Frames::new(view)?;
            let found = all.map(|position| of_frame(view, &frames, position, function));
            found.collect::<Result<_, ValueError>>()?
        }
        _ => all
            .map(|position| Some(Bytes::from(ranked(view, position, function))))
            .collect(),
    })
}

/// What depends on the place of a row alone.
#[allow(
    clippy::cast_precision_loss,
    reason = "PostgreSQL divides numbers of rows as double precision, too"
)]
fn ranked(view: View<'_>, position: usize, function: Function) -> String {
    let (peers, rows) = (view.partition.peers(position), view.length());
    let of_rows = |above: usize, below: usize| {
        Scalar::Double(if below == 0 {
            0.0
        } else {
            above as f64 / below as f64
        })
        .to_string()
    };
    match function {
        Function::Rank => (peers.start + 1).to_string(),
        Function::DenseRank => (view.partition.group(position) + 1).to_string(),
        Function::PercentRank => of_rows(peers.start, rows.saturating_sub(1)),
        Function::CumeDist => of_rows(peers.end, rows),
        _ => (position + 1).to_string(),
    }
}

/// `window_ntile`: the first rows of a partition, as many as are left over, are in buckets of one more.
fn ntile(view: View<'_>) -> Result<Results, ValueError> {
    let mut buckets: Option<Buckets> = None;
    let mut results = Results::new();
    for position in 0..view.length() {
        if buckets.is_none() {
            let count = view.whole_operand(position, 0)?;
            buckets = count
                .map(|count| Buckets::new(view.length(), count))
                .transpose()?;
        }
        let bucket = buckets.as_mut().map(Buckets::next);
        results.push(bucket.map(|bucket| Bytes::from(bucket.to_string())));
    }
    Ok(results)
}

/// The bucket of the next row.
struct Buckets {
    bucket: usize,
    rows: usize,
    /// How many rows a bucket has.
    size: usize,
    /// How many buckets have one more than those behind them.
    larger: usize,
}

impl Buckets {
    fn new(rows: usize, count: i64) -> Result<Self, ValueError> {
        let count = usize::try_from(count).ok().filter(|count| *count > 0);
        let count = count.ok_or_else(|| refused("22014", "ntile"))?;
        let (size, larger) = match (rows / count, rows % count) {
            (0, _) => (1, 0),
            (size, 0) => (size, 0),
            (size, larger) => (size + 1, larger),
        };
        Ok(Self {
            bucket: 1,
            rows: 0,
            size,
            larger,
        })
    }

    fn next(&mut self) -> usize {
        if self.rows == self.size {
            if self.bucket == self.larger {
                self.size -= 1;
            }
            self.bucket += 1;
            self.rows = 0;
        }
        self.rows += 1;
        self.bucket
    }
}

fn refused(sqlstate: &'static str, name: &str) -> ValueError {
    let message = format!("argument of {name} must be greater than zero");
    ValueError::refused(sqlstate, message)
}

/// `leadlag_common`
fn neighbour(
    view: View<'_>,
    position: usize,
    is_behind: bool,
) -> Result<Option<Bytes>, ValueError> {
    let by = match view.window.operands.len() {
        1 => Some(1),
        _ => view.whole_operand(position, 1)?,
    };
    let Some(by) = by else {
        return Ok(None);
    };
    let by = if is_behind {
        Some(by)
    } else {
        by.checked_neg()
    };
    let by = by.and_then(|by| isize::try_from(by).ok());
    let there = by.and_then(|by| position.checked_add_signed(by));
    let found = match there.filter(|there| *there < view.length()) {
        Some(there) => view.operand(there, 0),
        None => view.operand(position, 2),
    };
    Ok(found.cloned())
}

fn of_frame(
    view: View<'_>,
    frames: &Frames<'_>,
    position: usize,
    function: Function,
) -> Result<Option<Bytes>, ValueError> {
    let frame = frames.of(position)?;
    let there = match function {
        Function::FirstValue => frame.nth(0),
        Function::LastValue => frame.positions().next_back(),
        _ => match view.whole_operand(position, 1)? {
            None => return Ok(None),
            Some(number) => {
                let number = usize::try_from(number)
                    .ok()
                    .and_then(|one| one.checked_sub(1));
                frame.nth(number.ok_or_else(|| refused("22016", "nth_value"))?)
            }
        },
    };
    Ok(there.and_then(|there| view.operand(there, 0)).cloned())
}
